"""The graph shown large: in two taps, with scale lines and values at a finger, moved, closed; and nothing jumps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.page.conftest import PHONE, Server, until, until_live
from tests.page.sizes import SIZES, not_whole
from tests.page.test_controls import detecting, until_has

pytestmark = pytest.mark.page
GRAPHS = "window.hqcam.viewfinder.graphs"
PLOT = "#large-graph-plot"
VALUES = "document.querySelector('#large-graph-values').textContent"
GRAPH = "JSON.parse(localStorage.getItem('hqcam.paint.1') ?? '{}').graph ?? 'histogram'"
BOXES = """() => Object.fromEntries(['#stage', '#readout', '.panels', '.scopes', '#histogram', '.chips', '#shutter']
  .map((name) => [name, document.querySelector(name).getBoundingClientRect().toJSON()]))"""


@pytest.fixture
def server(shared_server: Server) -> Iterator[Server]:
    on = {"histogram": True, "raw_histogram": True, "waveform": "off", "vectorscope": False, "focus_score": True}
    with detecting(shared_server, on):
        yield shared_server


@pytest.fixture
def page(server: Server, open_page: Callable[..., Page]) -> Page:
    return opened(server, open_page, PHONE)


def opened(server: Server, open_page: Callable[..., Page], viewport: dict[str, int]) -> Page:
    page = open_page(server.url, viewport=viewport, has_touch=True)
    until_live(page)
    until(page, "document.querySelector('#chip-histogram').ariaPressed", "true")
    return page


def choose(page: Page, graph: str) -> None:
    page.click(f"#large-graph label[data-value={graph}]")
    until(page, GRAPH, graph)


def box_of(page: Page, selector: str) -> dict[str, float]:
    box = page.locator(selector).bounding_box()
    assert box is not None
    return {**box}


def test_two_taps_lead_to_a_large_waveform_with_ire_lines(page: Page, server: Server) -> None:
    small = box_of(page, "#histogram")
    page.click("#histogram")
    page.click("#large-graph label[data-value=waveform]")
    until(page, f"{GRAPHS}.waveform !== null && document.querySelector('#large-graph-off').hidden")
    until_has(server, "assists", waveform="luma")
    until(page, "document.querySelectorAll('.graph-mark[data-side=left]').length === 5")
    assert page.locator(".graph-mark").all_inner_texts() == ["0", "25", "50", "75", "100"]
    large = box_of(page, PLOT)
    assert large["height"] > 1.3 * small["height"] and large["width"] > 1.5 * small["width"]
    for mark, ire in zip(page.locator(".graph-mark").all(), (0, 25, 50, 75, 100), strict=True):
        place = mark.bounding_box()
        assert place is not None
        middle = place["y"] + place["height"] / 2
        assert middle == pytest.approx(large["y"] + (1 - ire / 100) * large["height"], abs=2)
    assert page.locator("#shutter").is_visible() and box_of(page, "#large-graph")["y"] >= 0


@pytest.mark.parametrize(
    ("graph", "part", "says"),
    [
        ("histogram", "histogram", "of pixels"),
        ("raw", "raw", "EV below clipping"),
        ("waveform", "waveform", "column at"),
        ("parade", "waveform", "column at"),
        ("vectorscope", "vectorscope", "saturation"),
    ],
)
def test_a_finger_reads_each_graph(page: Page, graph: str, part: str, says: str) -> None:
    page.click("#histogram")
    choose(page, graph)
    until(page, f"{GRAPHS}.{part} !== null && {VALUES}.includes('{says}')")
    plot = box_of(page, PLOT)
    page.mouse.move(plot["x"] + 0.25 * plot["width"], plot["y"] + 0.2 * plot["height"])
    page.mouse.down()
    page.mouse.move(plot["x"] + 0.5 * plot["width"], plot["y"] + 0.75 * plot["height"])
    page.mouse.up()
    marked = page.locator(PLOT).evaluate(
        "({ style }) => ['--x', '--y'].map((n) => parseFloat(style.getPropertyValue(n)))"
    )
    assert marked == [pytest.approx(50, abs=1), pytest.approx(75, abs=1)]
    assert says in page.evaluate(VALUES)


HISTOGRAM = """async () => {
  const { valuesAt } = await import('/static/tools/graph-values.js');
  const luma = new Uint16Array(256);
  luma[0] = 100; luma[128] = 250; luma[255] = 650;
  const red = new Uint16Array(105), green = new Uint16Array(105), blue = new Uint16Array(105);
  red[104] = 1; red[0] = 3; green[80] = 5; blue[80] = 1; blue[79] = 1;
  const cells = new Uint8Array(2 * 64);
  cells[(63 - 10) * 2 + 1] = 5; cells[(63 - 31) * 2 + 1] = 9; // column 1: levels 10 and 31 of 64
  const graphs = { histogram: { luma, sampled: 1000 }, raw: { red, green, blue },
                   waveform: { shape: [1, 64, 2], cells }, vectorscope: { shape: [64, 64], cells } };
  return [
    valuesAt('histogram', graphs, { x: 128.5 / 256, y: 0 }, 256),
    valuesAt('histogram', graphs, { x: 1, y: 0 }, 256),
    valuesAt('raw', graphs, { x: 80.5 / 104 * (1 - 6 / 300), y: 0 }, 300),
    valuesAt('raw', graphs, { x: 1, y: 0 }, 300),
    valuesAt('waveform', graphs, { x: 0.75, y: 0.3 }, 300),
    valuesAt('waveform', graphs, { x: 0.1, y: 1 }, 300),
    valuesAt('vectorscope', graphs, { x: 0.5, y: 0.25 }, 300),
    valuesAt('histogram', { ...graphs, histogram: null }, { x: 0, y: 0 }, 256),
  ];
}"""


def test_the_values_are_those_that_were_counted(live_page: Page) -> None:
    assert live_page.evaluate(HISTOGRAM) == [
        "50 IRE (code 128): 25 % of pixels, 90 % from here up",
        "100 IRE (code 255): 65 % of pixels, 65 % from here up",
        "2.9 EV below clipping: R 0, G 100, B 50 % of samples",
        "clipped: R 25, G 0, B 0 % of samples",
        "70 IRE, column at 75 %, the picture there 16 to 50 IRE",
        "0 IRE, column at 25 %",
        "hue at 90°, saturation 50 %",
        "",
    ]


def test_keys_open_it_move_the_reading_and_close_it(page: Page) -> None:
    page.focus("#histogram")
    page.keyboard.press("Enter")
    assert page.locator("#large-graph").is_visible()
    assert page.evaluate("document.activeElement.id") == "large-graph-plot"
    until(page, f"{VALUES}.startsWith('50 IRE')")
    before = ask_focus(page)
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    until(page, f"{VALUES}.startsWith('56 IRE')")
    heard = page.locator(PLOT).evaluate("""(plot) => {
      plot.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowLeft', shiftKey: true, bubbles: true }));
      return document.querySelector('#announcer').textContent;
    }""")
    assert heard.startswith("44 IRE"), "who hears the page hears the value"
    until(page, f"{VALUES}.startsWith('44 IRE')")
    assert ask_focus(page) == before, "the arrows turned no focus"
    page.keyboard.press("Escape")
    assert page.locator("#large-graph").is_hidden()
    assert page.evaluate("document.activeElement.id") == "histogram"
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("v")
    assert page.locator("#large-graph").is_visible()
    page.keyboard.press("v")
    until(page, "document.querySelector('#large-graph').hidden")
    until(page, "document.activeElement === document.body")  # the space bar shoots, as before


def ask_focus(page: Page) -> Any:
    return page.evaluate("fetch('/api/controls').then((answer) => answer.json()).then(({ focus_m }) => focus_m)")


def test_back_closes_it_and_stays_on_the_page(page: Page) -> None:
    page.click("#histogram")
    page.evaluate("history.back()")
    until(page, "document.querySelector('#large-graph').hidden")
    page.click("#histogram")
    last = page.evaluate("history.state.opened")
    page.click("#drive-open")  # a sheet takes its place, and its Back
    assert page.locator("#large-graph").is_hidden() and page.locator("#drive-sheet").is_visible()
    until(page, f"history.state?.opened > {last}")  # the browser may still be going back
    page.evaluate("history.back()")
    until(page, "document.querySelector('#drive-sheet').hidden")
    assert page.evaluate("location.pathname") == "/"


def test_its_grip_moves_it_within_the_page(page: Page) -> None:
    page.click("#histogram")
    home = box_of(page, "#large-graph")
    grip = box_of(page, "#large-graph-grip")
    x, y = grip["x"] + 20, grip["y"] + 20
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y - 30)
    page.mouse.move(x, y - 120)
    page.mouse.up()
    assert box_of(page, "#large-graph")["y"] == pytest.approx(home["y"] - 120, abs=1)
    page.click("#large-graph-grip")
    assert box_of(page, "#large-graph") == home, "a tap puts it back"
    page.click("#large-graph-grip")
    assert box_of(page, "#large-graph")["y"] == pytest.approx(0, abs=1), "and up"
    page.set_viewport_size({"width": 844, "height": 390})
    until(
        page,
        """(({ top, bottom, left, right }) => top >= 0 && left >= 0 && bottom <= innerHeight && right <= innerWidth)(
      document.querySelector('#large-graph').getBoundingClientRect())""",
    )


@pytest.mark.parametrize("size", SIZES)
def test_at_every_size_it_is_whole_and_the_shutter_free(
    size: str, server: Server, open_page: Callable[..., Page]
) -> None:
    page = opened(server, open_page, SIZES[size])
    if page.locator("#histogram").is_hidden():
        page.keyboard.press("v")
    else:
        page.click("#histogram")
    until(page, f"{VALUES}.includes('IRE')")
    assert not_whole(page, "#large-graph") == []
    graph, shutter = box_of(page, "#large-graph"), box_of(page, "#shutter")
    below = graph["y"] + graph["height"] <= shutter["y"] + 1
    beside = graph["x"] + graph["width"] <= shutter["x"] + 1
    assert below or beside
    assert graph["height"] <= 0.55 * SIZES[size]["height"], "the lower half at most"
    assert box_of(page, PLOT)["height"] >= 80


@pytest.mark.parametrize("size", ["390x844", "673x841", "768x1024", "1440x900"])
def test_no_panel_moves_anything_else(size: str, server: Server, open_page: Callable[..., Page]) -> None:
    width, height = map(int, size.split("x"))
    page = opened(server, open_page, {"width": width, "height": height})
    seen = {}
    for panel in ("shutter", "iso", "ev", "wb", "focus"):
        if page.get_attribute(f"#cell-{panel}", "aria-selected") != "true":
            page.click(f"#cell-{panel}")
        until(page, f"!document.querySelector('#panel-{panel}').hidden")
        seen[panel] = page.evaluate(BOXES)
    assert all(boxes == seen["shutter"] for boxes in seen.values())
    page.click("#histogram")
    assert page.evaluate(BOXES) == seen["shutter"], "nor does the large graph"
