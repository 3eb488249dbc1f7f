"""How many taps the usual things take, on every screen. A press that is held counts as one; a scroll is none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.page.conftest import Server, until, until_live
from tests.page.fingers import Fingers
from tests.page.sizes import SIZES
from tests.page.test_controls import ask, until_has
from tests.page.test_display import HIDDEN_LAYERS, OVER_PICTURE, SEEN
from tests.page.test_gestures import FOCUSED

pytestmark = pytest.mark.page
AUTOMATIC = {"exposure_us": None, "gain": None, "ev": 0, "metering": "centre", "ae_lock": False}
THUMB_PX = 18  # of a slider, base.css
ISO_400 = 6  # of the steps 100 125 160 200 250 320 400
LOOK = "JSON.parse(localStorage.getItem('hqcam.paint.1') ?? '{}')"


@dataclass
class Hand:
    """A finger that counts what it does, and finds only what is in sight or can be scrolled to."""

    page: Page
    taps: int = 0

    def tap(self, selector: str, *, at: float = 0.5) -> None:
        """Tap at a share of the element's width."""
        found = self.page.locator(selector)
        found.scroll_into_view_if_needed()
        box = found.bounding_box()
        assert box
        found.tap(position={"x": at * box["width"], "y": box["height"] / 2})
        self.taps += 1

    def hold(self, selector: str, until_seen: str) -> None:
        fingers = Fingers(self.page)
        fingers.touch("touchStart", (0.5, 0.5), on=selector)
        until(self.page, until_seen)
        fingers.touch("touchEnd", after_ms=900)
        self.taps += 1


@pytest.fixture(params=SIZES)
def hand(request: pytest.FixtureRequest, shared_server: Server, open_page: Callable[..., Page]) -> Any:
    """A browser that comes for the first time, after its gestures were shown, and a camera as it is started."""
    ask(shared_server, "controls", AUTOMATIC)
    ask(shared_server, "assists", {"peaking": True, "zebra_high": True, "clipping": True, "histogram": True})
    page = open_page(shared_server.url, viewport=SIZES[request.param], has_touch=True, is_mobile=True)
    until_live(page)
    until(page, "document.querySelector('#panel-iso .dial-slider').max > 0")
    until(page, "document.querySelector('#chip-peaking').ariaPressed", "true")
    yield Hand(page)
    ask(shared_server, "controls", AUTOMATIC)
    ask(shared_server, "assists", {"peaking": True})


def test_iso_400_takes_two(hand: Hand, shared_server: Server) -> None:
    hand.tap("#cell-iso")
    until(hand.page, "!document.querySelector('#panel-iso').hidden")
    slider = hand.page.locator("#panel-iso .dial-slider")
    box, last = slider.bounding_box(), float(slider.get_attribute("max") or 0)
    assert box and box["width"] / last > 20, "a finger hits one step of it"
    hand.tap("#panel-iso .dial-slider", at=(THUMB_PX / 2 + (box["width"] - THUMB_PX) * ISO_400 / last) / box["width"])
    until_has(shared_server, "controls", gain=4)
    assert hand.taps <= 2


def test_peaking_off_and_on_takes_one_each_and_all_overlays_off_one(hand: Hand) -> None:
    for pressed in ("false", "true"):
        hand.tap("#chip-peaking")
        until(hand.page, "document.querySelector('#chip-peaking').ariaPressed", pressed)
    assert hand.taps <= 2
    hand.tap("#display")
    until(hand.page, "document.documentElement.dataset.display", "clean")
    assert hand.page.evaluate(SEEN, OVER_PICTURE) == []
    assert hand.page.evaluate(HIDDEN_LAYERS) == ["peaking", "zebra", "clipping"]
    assert hand.taps <= 3


def test_a_large_waveform_takes_two(hand: Hand, shared_server: Server) -> None:
    small = "#histogram" if hand.page.is_visible("#histogram") else "#chip-histogram"  # a panel has its place
    hand.tap(small)
    hand.tap("#large-graph label[data-value=waveform]")
    until(hand.page, f"{LOOK}.graph === 'waveform' && document.querySelector('#large-graph-off').hidden")
    assert hand.page.is_visible("#large-graph") and hand.taps <= 2
    ask(shared_server, "assists", {"waveform": "off"})


def test_the_colour_of_peaking_takes_two(hand: Hand) -> None:
    hand.hold("#chip-peaking", f"({FOCUSED}) === 'Focus peaking'")
    hand.tap(".choice-colours [data-value=green]")
    until(hand.page, f"{LOOK}.peakingColour", "green")
    assert hand.taps <= 2


def test_metering_takes_two(hand: Hand, shared_server: Server) -> None:
    hand.tap("#cell-ev")
    hand.tap("#panel-ev [data-value=matrix]")
    until_has(shared_server, "controls", metering="matrix")
    assert hand.taps <= 2


def test_guides_take_two(hand: Hand) -> None:
    hand.tap("#assists-open")
    hand.tap("[data-guide=lines] [data-value=thirds]")
    until(hand.page, f"{LOOK}.guideLines", "thirds")
    assert hand.page.evaluate("document.querySelector('#guides').checkVisibility()")
    assert hand.taps <= 2


MIDDLE = """() => {
  const { width, height } = document.querySelector("#viewer-place").getBoundingClientRect();
  const { naturalWidth, naturalHeight } = document.querySelector("#viewer-picture");
  const whole = Math.min(width / naturalWidth, height / naturalHeight);
  const { a, e, f } = new DOMMatrix(getComputedStyle(document.querySelector("#viewer-moved")).transform);
  return { scale: a, x: 0.5 - e / (naturalWidth * whole * a), y: 0.5 - f / (naturalHeight * whole * a) };
}"""
"""Which place of the picture is in the middle of the screen, as shares of its sides."""


def test_the_last_shot_at_its_pixels_where_it_was_focused_takes_two(hand: Hand, shared_server: Server) -> None:
    ask(shared_server, "assists", {"focus_x": 0.4, "focus_y": 0.6})
    until_has(shared_server, "assists", focus_x=0.4, focus_y=0.6)
    before = ask(shared_server, "captures")["total"]
    hand.page.keyboard.press(" ")
    until_has(shared_server, "captures", total=before + 1)
    newest = ask(shared_server, "captures?limit=1")["captures"][0]["id"]
    until(hand.page, "document.querySelector('#gallery-thumb').dataset.capture", newest)
    hand.taps += 2
    Fingers(hand.page).stroke((0.3, 0.8), (0.32, 0.3), ms=150)
    until(hand.page, "document.querySelector('#viewer').dataset.picture === 'shown'")
    hand.page.click("#viewer-pixels")  # the stroke's times are ahead of the clock: a tap would be before them, and none
    until(hand.page, "document.querySelector('#viewer-picture').naturalWidth", 4056)
    found = hand.page.evaluate(MIDDLE)
    assert found["scale"] > 1.5 and (found["x"], found["y"]) == pytest.approx((0.4, 0.6), abs=0.01)
    assert hand.taps <= 2
    ask(shared_server, "assists", {"focus_x": 0.5, "focus_y": 0.5})
