"""The exposure tools in the page: each on and off, its figures and legend against the API, expose-to-the-right."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from helpers import eventually
from PIL import Image
from playwright.sync_api import Page

from tests.page.conftest import DEADLINE_S, PHONE, Server, text, until, until_live, until_painted
from tests.page.test_controls import ask, until_has

pytestmark = pytest.mark.page
FRAME = "window.hqcam.viewfinder.frame"
GRAPHS = "window.hqcam.viewfinder.graphs"
AUTOMATIC = {"exposure_us": None, "gain": None, "ev": 0, "ae_lock": False, "awb": "auto", "f_number": 2.8}
INK = """() => {
  const canvas = document.querySelector('#histogram-canvas');
  const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
  return data.filter((value, i) => i % 4 === 3 && value > 60).length;
}"""


@pytest.fixture
def page(shared_server: Server, open_page: Callable[..., Page]) -> Iterator[Page]:
    """A phone on a camera with everything automatic; the assists are put back."""
    before = ask(shared_server, "assists")
    ask(shared_server, "controls", AUTOMATIC)
    on = {"histogram": True, "raw_histogram": True, "clipping": True}
    ask(shared_server, "assists", {**on, "waveform": "off", "vectorscope": False, "spot": False})
    page = open_page(shared_server.url, viewport=PHONE, has_touch=True)
    until_live(page)
    until(page, "document.querySelector('#chip-histogram').ariaPressed", "true")
    yield page
    ask(shared_server, "assists", before)
    ask(shared_server, "controls", AUTOMATIC)


def show_graph(page: Page, name: str) -> None:
    page.locator(f"[data-graph] label[data-value={name}] input").evaluate("(input) => input.click()")


def test_a_key_leads_through_the_graphs_and_switches_on_what_each_needs(page: Page, shared_server: Server) -> None:
    seen = []
    for _ in range(6):
        page.keyboard.press("g")
        seen.append(f"{text(page, '#graph-title')} {text(page, '#histogram-scale')}".strip())
    assert seen == ["Histogram log", "Raw histogram", "Waveform luma", "RGB parade", "Vectorscope", "Histogram linear"]
    until(page, f"{GRAPHS}.histogram !== null && {GRAPHS}.waveform === null && {GRAPHS}.vectorscope === null")
    until_has(shared_server, "assists", waveform="off", vectorscope=False, histogram=True)


@pytest.mark.parametrize(
    ("graph", "part", "shape"),
    [
        ("raw", "raw", None),
        ("waveform", "waveform", [1, 64, 127]),
        ("parade", "waveform", [3, 64, 43]),
        ("vectorscope", "vectorscope", [64, 64]),
    ],
)
def test_each_graph_is_drawn_and_a_chip_switches_it_off_and_on(
    page: Page, graph: str, part: str, shape: list[int] | None
) -> None:
    show_graph(page, graph)
    until(page, f"{GRAPHS}.{part} !== null && document.querySelector('#histogram-off').hidden")
    if shape is not None:
        until(page, f"JSON.stringify({GRAPHS}.{part}.shape)", str(shape).replace(" ", ""))
    until_painted(page)
    assert page.evaluate(INK) > 300
    page.click("#chip-histogram")
    until(page, f"{GRAPHS}.{part} === null")
    until(page, "!document.querySelector('#histogram-off').hidden")
    assert text(page, "#chip-histogram .chip-note") == "off"
    page.click("#chip-histogram")
    until(page, f"{GRAPHS}.{part} !== null")


def test_the_raw_histogram_counts_what_the_header_promises(page: Page) -> None:
    totals = page.evaluate(f"""() => {{
      const sum = (a) => a.reduce((x, y) => x + y, 0);
      const {{ red, green, blue }} = {GRAPHS}.raw;
      const part = {FRAME}.graphs.parts.find((p) => p.name === 'raw_histogram');
      return [red.length, sum(red), sum(green), sum(blue), part.most];
    }}""")
    bins, red, green, blue, most = totals
    assert bins == 105 and red == blue == 24130 and green == most == 2 * red


def test_a_tap_exposes_to_the_right_by_compensation_while_exposure_is_automatic(
    page: Page, shared_server: Server
) -> None:
    ask(shared_server, "assists", {"ettr_tolerance_percent": 2.0})
    until(page, "document.querySelector('#ettr').dataset.state === 'room'")
    page.click("#ettr")
    until(page, f"Math.abs({FRAME}.readings.raw_exposure.ettr_ev ?? 9) < 0.15")
    eventually(lambda: ask(shared_server, "controls")["ev"] != 0, "the camera is asked for it", DEADLINE_S)
    ask(shared_server, "assists", {"ettr_tolerance_percent": 0.1})


def test_a_tap_sets_the_shutter_where_exposure_is_manual(page: Page, shared_server: Server) -> None:
    ask(shared_server, "assists", {"ettr_tolerance_percent": 2.0})
    ask(shared_server, "controls", {"exposure_us": 2000, "gain": 1})
    until(page, f"{FRAME}.exposure.ae_state === 'off' && Math.abs({FRAME}.exposure.exposure_us - 2000) < 40")
    until(page, "document.querySelector('#panel-shutter .dial-auto').ariaPressed", "false")
    until(page, "document.querySelector('#ettr').dataset.state === 'room'")
    room = page.evaluate(f"{FRAME}.readings.raw_exposure.ettr_ev")
    page.click("#ettr")
    until(page, f"Math.abs({FRAME}.exposure.exposure_us / {2000 * 2**room} - 1) < 0.05")
    until(page, f"Math.abs({FRAME}.readings.raw_exposure.ettr_ev ?? 9) < 0.05 || {FRAME}.readings.raw_exposure.over")
    ask(shared_server, "assists", {"ettr_tolerance_percent": 0.1})


def test_over_takes_one_ev_back_and_dark_waits(page: Page, shared_server: Server) -> None:
    ask(shared_server, "controls", {"exposure_us": 100000, "gain": 4})
    until(page, "document.querySelector('#ettr').dataset.state === 'over'")
    until(page, "document.querySelector('#panel-shutter .dial-auto').ariaPressed", "false")
    assert text(page, "#ettr-figure") == "too bright"
    page.click("#ettr")
    until(page, f"Math.abs({FRAME}.exposure.exposure_us - 50000) < 600")


def test_the_spot_follows_a_tap_and_reads_what_the_api_says(page: Page, shared_server: Server) -> None:
    page.click("#chip-spot")
    until(page, f"{FRAME}.readings.spot !== null && !document.querySelector('#spot').hidden")
    focus = ask(shared_server, "assists")["focus_x"]
    box = page.locator("#picture").bounding_box()
    assert box is not None
    page.touchscreen.tap(box["x"] + 0.25 * box["width"], box["y"] + 0.75 * box["height"])
    place = {"spot_x": pytest.approx(0.25, abs=0.01), "spot_y": pytest.approx(0.75, abs=0.01)}
    assists = until_has(shared_server, "assists", **place)
    until(page, f"{FRAME}.readings.spot.raw.clipped_percent === 0")
    assert assists["focus_x"] == focus, "the focus area stays while the spot is on"
    mark = page.locator("#spot").bounding_box()
    assert mark is not None
    assert mark["x"] + mark["width"] / 2 == pytest.approx(box["x"] + assists["spot_x"] * box["width"], abs=2)
    shown, wanted = page.evaluate(f"""async () => {{
      const m = await import('/static/tools/spot-meter.js');
      const now = {FRAME};
      return [document.querySelector('#spot-figures').textContent, m.spotText(now.readings.spot)];
    }}""")
    assert shown == wanted and "IRE" in shown
    page.click("#chip-spot")
    until(page, "document.querySelector('#spot').hidden && document.querySelector('#spot-figures').hidden")


@pytest.mark.parametrize("scale", ["ire", "stops"])
def test_false_colours_are_painted_and_the_legend_is_the_cameras(page: Page, shared_server: Server, scale: str) -> None:
    bands: list[dict[str, Any]] = ask(shared_server, "false-colour")[scale]
    page.locator(f"[data-false-scale] label[data-value={scale}] input").evaluate("(input) => input.click()")
    page.click("#chip-false")
    until(page, "!document.querySelector('#false-legend').hidden")
    legend = page.evaluate("""[...document.querySelectorAll('.false-band')].map((band) =>
      [band.title, band.querySelector('b').textContent, band.style.backgroundColor])""")
    assert legend == [[b["name"], f"{b['from_ire']:.0f}", "rgb({}, {}, {})".format(*b["rgb"])] for b in bands]
    page.click("#chip-peaking")
    until(page, "document.querySelector('#chip-peaking').ariaPressed", "false")
    until_painted(page, 4)
    colours = [tuple(b["rgb"]) for b in bands]
    box = page.locator("#picture").bounding_box()
    assert box is not None
    with Image.open(io.BytesIO(page.screenshot(clip=box))) as shot:  # type: ignore[arg-type]
        for x, y in ((0.5, 0.97), (0.05, 0.6), (0.65, 0.55)):
            assert shot.convert("RGB").getpixel((int(x * shot.width), int(y * shot.height))) in colours
    page.click("#chip-peaking")
    page.click("#chip-false")
    until(page, "document.querySelector('#false-legend').hidden")


def test_shadows_and_the_zebras_channel_are_set_in_the_sheet(page: Page, shared_server: Server) -> None:
    page.click("#assists-open")
    page.click("[data-tab=clipping]")
    page.click("[data-assist=raw_shadow][role=switch]")
    until(page, "document.querySelector('[data-assist=raw_shadow]').ariaChecked", "true")
    page.click("[data-tab=zebra]")
    page.locator("[data-assist=zebra_high_channel] label[data-value=red] input").check(force=True)
    ask(shared_server, "controls", {"exposure_us": 100, "gain": 1})
    until(page, f"{FRAME}.overlay.layers.includes('raw_shadow')")
    until(page, f"{FRAME}.readings.raw_exposure.shadow_percent > 0")
    until(page, "document.querySelector('[data-assist=zebra_high_channel] input:checked').value", "red")
    until_has(shared_server, "assists", zebra_high_channel="red")


def test_guides_are_drawn_over_the_picture_and_kept_by_this_browser(page: Page) -> None:
    for kind, value in (("lines", "thirds"), ("mask", "16:9")):
        choice = page.locator(f"[data-guide={kind}] label[data-value='{value}'] input")
        choice.evaluate("(input) => input.click()")
    until(page, "!document.querySelector('#guides').hidden")
    page.reload()
    until_live(page)
    until(page, "!document.querySelector('#guides').hidden")
    guides, picture = (page.locator(f"#{name}").bounding_box() for name in ("guides", "picture"))
    assert guides == pytest.approx(picture, abs=1)
    alpha = page.evaluate("""() => {
      const c = document.querySelector('#guides');
      const { data } = c.getContext('2d').getImageData(0, 0, c.width, c.height);
      const at = (x, y) => data[4 * (Math.floor(y * c.height) * c.width + Math.floor(x * c.width)) + 3];
      return [at(0.5, 0.05), at(0.5, 0.5)];
    }""")
    assert alpha[0] > 150 and alpha[1] == 0, "masked above, clear between the lines"
    page.locator("[data-guide=mask] label[data-value=none] input").evaluate("(input) => input.click()")
    page.locator("[data-guide=lines] label[data-value=none] input").evaluate("(input) => input.click()")
    until(page, "document.querySelector('#guides').hidden")


def test_without_raw_the_page_says_display_only(
    make_server: Callable[..., Server], open_page: Callable[..., Page], picture_folder: Any
) -> None:
    server = make_server("--camera", f"replay:{picture_folder}")
    page = open_page(server.url, viewport=PHONE, has_touch=True)
    until_live(page)
    show_graph(page, "raw")
    until(page, "document.querySelector('#histogram-off').textContent", "display only: no raw while live")
    until(page, "document.querySelector('#ettr-figure').textContent", "display only")
    assert page.locator("#ettr").is_disabled()
    page.click("#chip-spot")
    until(page, "document.querySelector('#spot-figures').textContent.startsWith('display only')")
