"""The page leads to the right back focus: which way, how far, why not, and when to stop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route

from tests.page.conftest import PHONE, Server, text, until, until_answered, until_live

pytestmark = pytest.mark.page
GROUP = "document.querySelector('#back-focus')"
BUTTONS = f"[...{GROUP}.querySelectorAll('button')].filter((one) => !one.hidden).map((one) => one.textContent)"
STATE = f"{GROUP}.querySelector('[role=status]').textContent"
BEGIN, MEASURE, TURNED, AGAIN = "Set the back focus", "Measure the target", "It is turned: measure", "Measure again"
END, CLOSE, SIMULATED = "End the guide", "Close the guide", "Turn the simulated ring"
STANDS = """(async () => {
  const read = async (path) => (await fetch(path)).json();
  const [set, camera] = await Promise.all([read("/api/controls"), read("/api/camera")]);
  return set.focus_m ?? camera.limits.focus_m.default;
})()"""
CLIPPED = {
    "code": "spectrum_refused",
    "message": "the target is clipped",
    "expected": "all of it below clipping",
    "remedy": "expose less",
    "why": "clipped",
}


def advice(turns: int, move_um: float | None, place_um: float | None = None, *, right: bool = False) -> dict[str, Any]:
    place = None if place_um is None else {"um": place_um, "sigma_um": 3.2}
    degrees = abs(move_um or 0) / 1000 / 0.5 * 360
    return {"turns": turns, "place": place, "move_um": move_um, "right": right, "scale": 1.0, "degrees": degrees}


class Camera:
    """Answers for a camera whose lens is turned by hand."""

    def __init__(self, page: Page) -> None:
        self.asked: list[tuple[str, Any]] = []
        self.now: dict[str, Any] = dict(state="idle", done=0, what="", advice=None, error=None, setup=None, tilt=None)
        page.route("**/api/backfocus", self._answer)

    def _answer(self, route: Route) -> None:
        method = route.request.method
        if method != "GET":
            self.asked.append((method, route.request.post_data_json))
            if method == "DELETE":
                self.now |= dict(state="idle", advice=None, error=None)
            else:
                self.now |= dict(state="measuring", done=1, what="taking two frames", error=None)
        known = {"possible": True, "by_itself": False, "known_f_number": 2.8, "of": 3, "turns_most": 8}
        route.fulfill(json=known | self.now)


def press(page: Page, button: str) -> None:
    page.click(f"#back-focus button:has-text({button!r})")


def opened(page: Page) -> None:
    page.click("#assists-open")
    page.click("[data-tab=calibration]")
    until(page, BUTTONS, [BEGIN])


@pytest.fixture
def page(shared_server: Server, open_page: Callable[..., Page]) -> Page:
    page = open_page(shared_server.url, viewport=PHONE)
    until_live(page)
    return page


def test_the_page_says_which_way_how_far_why_not_and_when_to_stop(page: Page) -> None:
    camera = Camera(page)
    opened(page)
    press(page, BEGIN)
    until(page, BUTTONS, [MEASURE, END])
    press(page, END)
    until(page, BUTTONS, [BEGIN])
    assert not camera.asked
    press(page, BEGIN)
    assert page.get_attribute("#back-focus input[placeholder^='f/']", "placeholder") == "f/2.8"
    page.fill("#back-focus label:has-text('Distance of the target') input", "1,5")
    page.fill("#back-focus label:has-text('Thread of the ring') input", "0.5")
    press(page, MEASURE)
    until(page, STATE, "taking two frames")
    until(page, BUTTONS, [END])
    assert page.evaluate(f"{GROUP}.querySelector('progress').value") == 1
    camera.now |= dict(state="waiting", advice=advice(0, 60))
    until(page, BUTTONS, [TURNED, END])
    assert text(page, "#back-focus [role=status]").endswith("goes out, away from the sensor: 60 µm, 43°")
    assert "The first turn tells the side." in text(page, "#back-focus")
    page.fill("#back-focus label:has-text('moved otherwise') input", "-30")
    press(page, TURNED)
    until(page, BUTTONS, [END])
    camera.now |= dict(state="waiting", error=CLIPPED)
    until(page, BUTTONS, [AGAIN, END])
    assert text(page, "#back-focus [role=alert]") == "the target is clipped. expose less"
    press(page, AGAIN)
    until(page, BUTTONS, [END])
    camera.now |= dict(state="waiting", advice=advice(1, -41.6, 41.6))
    until(page, BUTTONS, [TURNED, END])
    assert text(page, "#back-focus [role=status]").endswith("goes in, towards the sensor: 42 µm, 30°")
    assert "42 µm too far from the sensor, give or take 3. Turns so far: 1 of at most 8." in text(page, "#back-focus")
    press(page, TURNED)
    until(page, BUTTONS, [END])
    tilt = {"right": {"um": 40.3, "sigma_um": 3.1}, "bottom": {"um": -2.2, "sigma_um": 3.1}}
    camera.now |= dict(state="right", advice=advice(2, None, -0.4, right=True), tilt=tilt)
    until(page, BUTTONS, [CLOSE])
    assert text(page, "#back-focus [role=status]") == "It is right: lock the ring."
    assert "is +40 ± 3 µm farther from the lens than the left, the bottom −2 ± 3 µm" in text(page, "#back-focus")
    press(page, CLOSE)
    until(page, BUTTONS, [BEGIN])
    moves = [{"moved_um": -30}, {"moved_um": -30}, {}]  # what is typed stays until it was measured
    setup = {"distance_m": 1.5, "f_number": None, "pitch_mm": 0.5}
    assert camera.asked == [("POST", setup), *(("PUT", move) for move in moves), ("DELETE", {})]


def test_another_page_sees_that_it_is_begun_and_may_end_it(
    page: Page, shared_server: Server, open_page: Callable[..., Page]
) -> None:
    opened(page)
    press(page, BEGIN)
    focus_m = page.evaluate(STANDS)  # it stays as it is
    page.fill("#back-focus label:has-text('Distance of the target') input", str(focus_m))
    press(page, MEASURE)
    until(page, f"{BUTTONS}.includes({END!r})")
    until_answered(page)
    other = open_page(shared_server.url, viewport=PHONE)
    until_live(other)
    other.click("#assists-open")
    other.click("[data-tab=calibration]")
    until(other, f"{BUTTONS}.length === 2 && {BUTTONS}[1] === {END!r}")  # it was measured
    assert other.evaluate(f"{BUTTONS}[0]") in (SIMULATED, AGAIN)
    press(other, END)
    until(page, BUTTONS, [BEGIN])
    until_answered(other)
    until_live(page)
