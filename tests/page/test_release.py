"""A release feels like a release: shake and sound at the press, a blink, and the shot that flies once it is saved."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route

from tests.page.conftest import PHONE, Complaints, Server, until, until_live
from tests.page.listed import SHOT, listed_as
from tests.page.test_words import Shots, running, until_held

pytestmark = pytest.mark.page
STATE = "document.querySelector('#shutter').dataset.state"
# What the page asks of the browser: animations of which elements and properties, sounds, shakes.
FEEL = """
window.felt = { animated: [], sounds: 0, outputs: 0, shaken: [] };
const { animate } = Element.prototype;
Element.prototype.animate = function (frames, timing) {
  felt.animated.push({
    what: this.id || this.className || this.tagName,
    properties: Object.keys(frames),
    position: getComputedStyle(this).position,
    shutter: document.querySelector("#shutter").getBoundingClientRect().toJSON(),
  });
  return animate.call(this, frames, timing);
};
const { start } = AudioBufferSourceNode.prototype;
AudioBufferSourceNode.prototype.start = function (...at) { felt.sounds += 1; start.apply(this, at); };
window.AudioContext = class extends AudioContext { constructor() { super(); felt.outputs += 1; } };
Navigator.prototype.vibrate = (ms) => felt.shaken.push(ms) > 0;
"""
BLINKS = "felt.animated.filter(({ what }) => what === 'blink').length"
PRINTS = "felt.animated.filter(({ what }) => what === 'print')"


class Captures:
    """Answers which captures there are: the shots of this test, with a thumbnail."""

    def __init__(self, page: Page) -> None:
        self.saved: list[dict[str, Any]] = []
        page.route("**/api/captures?*", self._list)

    def save(self, name: str) -> dict[str, Any]:
        self.saved.insert(0, SHOT | {"id": name, "thumbnail_url": f"/static/icon-180.png?{name}"})
        return self.saved[0]

    def _list(self, route: Route) -> None:
        route.fulfill(json=listed_as(self.saved))


@pytest.fixture
def phone(shared_server: Server, open_page: Callable[..., Page]) -> Page:
    return open_live(open_page, shared_server)


def open_live(open_page: Callable[..., Page], server: Server, **options: Any) -> Page:
    page = open_page(server.url, viewport=PHONE, has_touch=True, init_script=FEEL, **options)
    until_live(page)
    until(page, "document.querySelectorAll('.choice-modes input').length === 7")
    return page


def test_a_press_shakes_sounds_and_blinks_and_the_shot_flies_only_when_it_is_saved(phone: Page) -> None:
    shots, captures = Shots(phone), Captures(phone)
    shutter = phone.evaluate("document.querySelector('#shutter').getBoundingClientRect().toJSON()")
    phone.click("#shutter")
    until(phone, f"felt.sounds === 1 && {BLINKS} === 1")
    assert phone.evaluate("felt.shaken") == [15]
    phone.click("#shutter")  # waits: it is exposed later
    until(phone, "felt.shaken.length", 2)
    until_held(phone, shots, 1)
    assert phone.evaluate(f"[felt.sounds, {PRINTS}.length, {STATE}]") == [1, 0, "saving"]
    shots.held[0].fulfill(status=201, json=captures.save("first"))
    until(phone, "felt.sounds", 2)
    until(phone, f"{PRINTS}.length", 1)
    until_held(phone, shots, 2)
    shots.held[1].fulfill(status=201, json=captures.save("second"))
    until(phone, f"{PRINTS}.length", 2)
    until(phone, "document.querySelector('.print') === null")
    for flight in phone.evaluate(PRINTS):
        assert flight["properties"] == ["transform"] and flight["position"] == "fixed"
        assert flight["shutter"] == shutter, "nothing moves to make place for it"
    assert phone.evaluate("document.querySelector('#gallery-thumb').dataset.capture") == "second"


def test_a_shot_that_fails_flies_nowhere(phone: Page, complaints: Complaints) -> None:
    complaints.allow("status of 507")
    shots, captures = Shots(phone), Captures(phone)
    captures.save("of somebody else")
    phone.click("#shutter")
    until_held(phone, shots, 1)
    facts = {"code": "storage_full", "message": "the card is full", "expected": "", "remedy": ""}
    shots.held[0].fulfill(status=507, json={"error": facts})
    until(phone, f"['failed', 'ready'].includes({STATE})")
    phone.click("#gallery-open")  # reads the captures again
    until(phone, "document.querySelector('#gallery-thumb').dataset.capture", "of somebody else")
    assert phone.evaluate(f"{PRINTS}.length") == 0


def test_reduced_motion_has_neither_blink_nor_flight(shared_server: Server, open_page: Callable[..., Page]) -> None:
    phone = open_live(open_page, shared_server, reduced_motion="reduce")
    shots, captures = Shots(phone), Captures(phone)
    phone.click("#shutter")
    until(phone, "felt.sounds", 1)
    until_held(phone, shots, 1)
    shots.held[0].fulfill(status=201, json=captures.save("still"))
    until(phone, "document.querySelector('#gallery-thumb img')?.naturalWidth > 0")
    until(phone, f"['saved', 'ready'].includes({STATE})")
    assert phone.evaluate("felt.animated") == []


def test_the_sound_is_switched_off_for_this_browser_and_on_again(phone: Page) -> None:
    shots = Shots(phone)
    phone.click("#drive-open")
    phone.click("#shutter-sound")
    until(phone, "document.querySelector('#shutter-sound').ariaChecked", "false")
    phone.reload()
    until_live(phone)
    phone.click("#shutter")
    until_held(phone, shots, 1)
    assert phone.evaluate("[felt.sounds, felt.outputs, felt.shaken.length]") == [0, 0, 1]
    phone.click("#drive-open")
    phone.click("#shutter-sound")
    until(phone, "felt.sounds", 1)  # it is played once, to hear what it is
    assert phone.evaluate("document.querySelector('#shutter-sound').ariaChecked") == "true"
    shots.held[0].fulfill(status=201, json=SHOT)
    until(phone, f"['saved', 'ready'].includes({STATE})")


def test_each_exposure_of_a_series_sounds_and_the_sound_can_be_switched_off_meanwhile(phone: Page) -> None:
    captures, progress = Captures(phone), running(mode="interval", phase="waiting")
    phone.route("**/api/drive", lambda route: route.fulfill(json=progress))
    phone.click("#drive-open")
    phone.click(".choice-modes [data-value=interval]")
    phone.click("#shutter")
    until(phone, STATE, "running")
    assert phone.evaluate("[felt.sounds, felt.shaken.length]") == [0, 1], "it waits"
    for taken in (1, 2):
        progress.update(phase="exposing")
        until(phone, "felt.sounds", taken)
        captures.save(f"shot {taken}")
        progress.update(phase="waiting", taken=taken, last=f"shot {taken}")
        until(phone, f"{PRINTS}.length", taken)
    phone.click("#shutter-sound")
    until(phone, "document.querySelector('#shutter-sound').ariaChecked", "false")
    progress.update(phase="exposing")
    captures.save("shot 3")
    progress.update(phase="waiting", taken=3, last="shot 3")
    until(phone, f"{PRINTS}.length", 3)
    assert phone.evaluate("felt.sounds") == 2
    progress.update(state="done", phase="none")
    until(phone, f"['saved', 'ready'].includes({STATE})")


def test_a_picture_that_stands_still_does_not_blink_and_none_flashes_more_than_three_times_a_second(
    phone: Page,
) -> None:
    blinks = phone.evaluate("""async () => {
      const { Release } = await import("/static/shoot/release.js");
      const release = new Release({ values: { shutterSound: false }, set: () => {}, follow: () => {} });
      const blinks = [];
      let now = 1e9;
      performance.now = () => now;
      for (const [live, after] of [[false, 0], [true, 0], [true, 100], [true, 100], [true, 200], [false, 900]]) {
        now += after;
        release.setLive(live);
        release.expose();
        blinks.push(felt.animated.filter(({ what }) => what === "blink").length);
      }
      delete performance.now;
      return blinks;
    }""")
    assert blinks == [0, 1, 1, 1, 2, 2]


def test_the_blink_lies_below_what_tells_the_state_of_the_picture(phone: Page) -> None:
    above = phone.evaluate("""() => {
      const blink = document.querySelector("#blink"), banner = document.querySelector("#banner");
      const order = blink.compareDocumentPosition(banner) & Node.DOCUMENT_POSITION_FOLLOWING;
      const layers = [blink, banner].map((element) => getComputedStyle(element).zIndex);
      return [Boolean(order), ...layers, getComputedStyle(blink).opacity, getComputedStyle(blink).pointerEvents];
    }""")
    assert above == [True, "auto", "auto", "0", "none"]


def test_the_sound_is_short_and_never_clips(phone: Page) -> None:
    loudest, length, end = phone.evaluate("""async () => {
      const { shutterSamples } = await import("/static/shoot/shutter-sound.js");
      const samples = [...shutterSamples(48000)].map(Math.abs);
      return [Math.max(...samples), samples.length, Math.max(...samples.slice(-10))];
    }""")
    assert 0.05 < loudest <= 0.8, "two curtains of 0.5 and 0.3 at most"
    assert length == 4320 and end < 0.005, "it ends in silence"
