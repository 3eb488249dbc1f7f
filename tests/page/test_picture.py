"""What is painted: picture, overlays, figures."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import Page, Route

from tests.page.conftest import PAINTED, PHONE, Server, text, until, until_live, until_painted, watch_elsewhere

pytestmark = pytest.mark.page
FRAME = "window.hqcam.viewfinder.frame"
LOSE_CONTEXT = """() => {
  const context = document.querySelector('#picture').getContext('webgl2');
  window.lost = context.getExtension('WEBGL_lose_context');
  window.lost.loseContext();
}"""
HIDE = """(hidden) => {
  Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });
  document.dispatchEvent(new Event('visibilitychange'));
}"""
# Who paints: Chromium here has WebGL in software only, which the page would not choose by itself.
WEBGL2, PLAIN = "?paint=webgl2", "?paint=2d"
WEBGL2_HERE = "?paint=webgl2,page"


def pixels(png: bytes) -> np.ndarray:
    """A screenshot's: (H, W, 3) uint8."""
    from PIL import Image

    with Image.open(io.BytesIO(png)) as image:
        return np.asarray(image.convert("RGB"))


def picture(page: Page) -> np.ndarray:
    """What is on the canvas: (H, W, 3) uint8."""
    return pixels(page.locator("#picture").screenshot())


def magenta_pixels(page: Page) -> int:
    red, green, blue = np.moveaxis(picture(page).astype(int), 2, 0)
    return int(np.count_nonzero((red > 230) & (green < 60) & (blue > 220)))


def use_magenta_peaking(page: Page) -> None:
    """A colour that the scene has not, so that lit pixels can be counted."""
    page.locator("#assists-body label[data-value=magenta] input").check(force=True)


def test_it_paints_one_frame_after_the_other_and_the_picture_is_not_black(live_page: Page) -> None:
    until_painted(live_page, 5)
    seen = picture(live_page)
    assert seen.mean() > 20
    assert seen.std() > 10


def test_stats_say_what_was_painted_and_how_old_it_was(live_page: Page) -> None:
    until_painted(live_page, 5)
    stats = live_page.evaluate("window.hqcam.viewfinder.stats")
    assert stats["painted"] >= 5
    assert 0 < stats["ageMs"]["median"] <= stats["ageMs"]["p95"] <= stats["ageMs"]["max"]
    marks = live_page.evaluate("performance.getEntriesByName('hqcam:painted').map((m) => m.detail)")
    assert len(marks) == 1, "old marks are cleared"
    assert marks[0]["seq"] > 0


def test_a_closer_focus_moves_the_peaking(live_page: Page) -> None:
    use_magenta_peaking(live_page)
    live_page.click("#cell-focus")
    counts = []
    for metres in ("0.2", "2"):
        live_page.fill("#panel-focus .dial:first-child .dial-figure", metres)
        live_page.press("#panel-focus .dial:first-child .dial-figure", "Enter")
        until(live_page, f"Math.abs({FRAME}.lens.focus_m - {metres}) < 0.01")
        until(live_page, f"({PAINTED}) > {live_page.evaluate(PAINTED) + 1}")
        counts.append((magenta_pixels(live_page), live_page.evaluate(f"{FRAME}.readings.focus_score")))
    (lit_defocused, score_defocused), (lit_focused, score_focused) = counts
    assert lit_focused > 2 * lit_defocused + 100
    assert score_focused > score_defocused


def test_the_read_out_shows_what_the_frame_was_exposed_with(live_page: Page) -> None:
    frame = live_page.evaluate(FRAME)
    assert frame["simulated"] is True
    assert text(live_page, "#source") == "SIMULATED"
    until(live_page, "document.querySelector('#cell-iso .cell-value').textContent", str(frame["exposure"]["iso"]))
    assert text(live_page, "#cell-shutter .cell-value").startswith("1/")
    assert text(live_page, "#cell-wb .cell-value").endswith("K")
    assert "2028×1520" in text(live_page, "#mode")
    until(live_page, "Number(document.querySelector('#age').textContent) > 0")


def test_clipping_and_focus_score_are_figures(live_page: Page) -> None:
    until_painted(live_page)
    for channel in ("red", "green", "blue"):
        assert text(live_page, f"#clip-{channel}") != "—"
    assert float(text(live_page, "#score-figure")) > 0
    assert text(live_page, "#score-best") != "best —"


def test_the_histogram_is_drawn_and_a_key_changes_its_scale(live_page: Page) -> None:
    drawn = """() => {
      const canvas = document.querySelector('#histogram-canvas');
      const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
      return data.filter((value, i) => i % 4 === 3 && value > 60).length;
    }"""
    assert live_page.evaluate(drawn) > 500
    assert text(live_page, "#histogram-scale") == "linear"
    live_page.keyboard.press("g")
    assert text(live_page, "#histogram-scale") == "log"


def test_stripes_move_only_while_motion_is_welcome(shared_server: Server, open_page: Callable[..., Page]) -> None:
    shifts = """async () => {
      const { UNIFORMS } = await import('/static/paint/webgl-shader.js');
      const seen = new Set();
      const gl = WebGL2RenderingContext.prototype;
      const original = gl.uniform1f;
      const names = new Map();
      const locate = gl.getUniformLocation;
      window.shifts = seen;
      gl.uniform1f = function (location, value) { seen.add(value); return original.call(this, location, value); };
    }"""
    distinct: dict[str, int] = {}
    for motion in ("no-preference", "reduce"):
        page = open_page(shared_server.url + WEBGL2_HERE, reduced_motion=motion)
        until_live(page)
        page.evaluate(shifts)
        until_painted(page, 6)
        distinct[motion] = page.evaluate("window.shifts.size")
    # Without motion only the constant uniforms are seen: pixel ratio, opacity, frozen, and a shift of 0.
    assert distinct["reduce"] <= 3 < distinct["no-preference"]


def test_a_lost_graphics_context_comes_back(shared_server: Server, open_page: Callable[..., Page]) -> None:
    page = open_page(shared_server.url + WEBGL2_HERE)
    until_live(page)
    page.evaluate(LOSE_CONTEXT)
    painted = page.evaluate(PAINTED)
    page.evaluate("() => window.lost.restoreContext()")
    until(page, f"({PAINTED}) > {painted + 2}")
    assert picture(page).mean() > 20


@pytest.mark.parametrize(
    ("who", "words"),
    [("", "2d, worker"), (PLAIN + ",page", "2d, page"), (WEBGL2, "webgl2, worker"), (WEBGL2_HERE, "webgl2, page")],
)
def test_whoever_paints_the_picture_and_its_ink_are_there(
    who: str, words: str, shared_server: Server, open_page: Callable[..., Page]
) -> None:
    page = open_page(shared_server.url + who, viewport=PHONE)
    until(page, "document.querySelector('#painter-kind').textContent", words)
    until_live(page)
    page.evaluate("localStorage.setItem('hqcam.paint.1', JSON.stringify({peakingColour: 'magenta'}))")
    page.reload()
    until_live(page)
    until(page, f"{FRAME}.overlay.layers.includes('peaking')")
    assert picture(page).mean() > 20
    assert magenta_pixels(page) > 20


def test_hiding_the_page_stops_the_pull_and_showing_it_goes_on(live_page: Page, shared_server: Server) -> None:
    live_page.evaluate(HIDE, True)
    until(live_page, "performance.clearResourceTimings() ?? true")
    page_is_quiet = "performance.getEntriesByType('resource').filter((e) => e.name.includes('frame?')).length"
    watch_elsewhere(shared_server, frames=10)
    assert live_page.evaluate(page_is_quiet) <= 1, "at most the request that was cut off"
    live_page.evaluate(HIDE, False)
    until_painted(live_page, 2)


def test_a_battery_is_shown_where_the_camera_has_one_and_stands_out_when_it_is_low(live_page: Page) -> None:
    seen: dict[str, object] = {"battery": None}

    def answer(route: Route) -> None:
        said = route.fetch()
        route.fulfill(response=said, json=said.json() | seen)

    live_page.route("**/api/status", answer)
    battery = "document.querySelector('#battery')"
    until(live_page, f"{battery}.hidden")
    cases = ((87, False, "▮ 87 %", "false"), (9, False, "▮ 9 %", "true"), (9, True, "⚡ 9 %", "false"))
    for percent, charging, shown, low in cases:
        seen["battery"] = {"percent": percent, "charging": charging}
        until(live_page, f"{battery}.innerText", shown)
        assert live_page.get_attribute("#battery", "data-low") == low
    live_page.unroute_all(behavior="ignoreErrors")
