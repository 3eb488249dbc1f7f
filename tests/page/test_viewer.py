"""One capture, full screen: from the captures and after a shot; turned, enlarged, judged and deleted."""

from __future__ import annotations

import urllib.request
from collections.abc import Callable

import pytest
from helpers import eventually
from playwright.sync_api import Page

from tests.page.conftest import (
    DEADLINE_S,
    DESKTOP,
    PHONE,
    Complaints,
    Server,
    until,
    until_live,
)
from tests.page.sizes import SIZES, not_whole
from tests.page.test_axe import assert_sound
from tests.page.test_controls import ask
from tests.page.test_gallery import LEAVE, LONG_UNDO

pytestmark = pytest.mark.page
OPEN = "document.querySelector('#viewer').open"
NAME = "document.querySelector('#viewer-name').textContent"
SHOWN = "document.querySelector('#viewer').dataset.picture === 'shown'"
SOURCE = "document.querySelector('#viewer-picture').src"
PREVIEWS = "performance.getEntriesByType('resource').filter(({ name }) => name.includes('/preview?of=')).length"
WIDTH = "document.querySelector('#viewer-picture').naturalWidth"
SCALE = "new DOMMatrix(getComputedStyle(document.querySelector('#viewer-moved')).transform).a"
LISTED = "[...document.querySelectorAll('.gallery-item')].map((item) => item.dataset.capture)"
FULL_WIDTH, FIRST_WIDTH = 4056, 2048


# Ways of a finger over the picture, all at once: no tap is late on a machine that is.
TOUCH = """(ways) => {
  const place = document.querySelector("#viewer-place");
  place.setPointerCapture = () => {};
  const send = (type, [clientX, clientY], pointerId, isPrimary) => {
    const finger = { clientX, clientY, pointerId, isPrimary, pointerType: "touch", bubbles: true };
    place.dispatchEvent(new PointerEvent(type, finger));
  };
  for (const fingers of ways) {
    for (const [n, [from]] of fingers.entries()) send("pointerdown", from, n, n === 0);
    for (const [n, [, to]] of fingers.entries()) send("pointermove", to, n, n === 0);
    for (const [n, [, to]] of fingers.entries()) send("pointerup", to, n, n === 0);
  }
}"""
TAP = [[[100, 400], [100, 400]]]
LEFT, RIGHT = [[[300, 400], [100, 410]]], [[[100, 400], [300, 410]]]
APART = [[[150, 400], [150, 400]], [[250, 400], [350, 400]]]


def shoot(server: Server) -> str:
    request = urllib.request.Request(f"{server.url}api/captures", b"{}", {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=DEADLINE_S) as answer:
        assert answer.status == 201
    newest: str = ask(server, "captures?limit=1")["captures"][0]["id"]
    return newest


def open_newest(page: Page, newest: str) -> list[str]:
    """Open the newest capture from the list of captures; gives the ids that are listed, the newest first."""
    page.click("#gallery-open")
    until(page, f"({LISTED})[0]", newest)
    page.click(".gallery-item a")
    until(page, f"{OPEN} && {SHOWN}")
    listed: list[str] = page.evaluate(LISTED)
    return listed


def test_captures_are_looked_through_full_screen(shared_server: Server, open_page: Callable[..., Page]) -> None:
    ids = [shoot(shared_server) for _ in range(2)]
    page = open_page(shared_server.url, viewport=PHONE, has_touch=True)
    until_live(page)
    listed = open_newest(page, ids[1])
    assert page.evaluate(NAME) == ids[1] and listed[:2] == ids[::-1]
    assert page.evaluate(WIDTH) == FIRST_WIDTH, "the first has the pixels of a screen"
    assert page.is_disabled("#viewer-before")
    page.keyboard.press("ArrowRight")
    until(page, NAME, ids[0])
    until(page, SHOWN)
    page.click("#viewer-before")
    until(page, NAME, ids[1])
    until(page, SHOWN)
    page.click("#viewer-marks")
    until(page, "document.querySelector('#viewer-graph').checkVisibility()")
    share = page.evaluate("document.querySelector('#viewer-clipped-share').textContent")
    assert share.startswith("JPEG clipped: ") and 0 <= float(share.split()[2]) < 100
    for name, size in {**SIZES, "desktop": DESKTOP}.items():
        page.set_viewport_size(size)  # type: ignore[arg-type]
        until(
            page, f"innerWidth === {size['width']} && document.querySelector('#viewer').clientWidth === {size['width']}"
        )
        assert not_whole(page, "#viewer") == [], name
    assert_sound(page, "a capture, full screen")
    page.click("#viewer-marks")
    page.keyboard.press("Escape")
    until(page, f"!{OPEN}")
    assert page.locator("#gallery-sheet").is_visible(), "it closes to where it was opened"
    page.evaluate("history.back()")
    until(page, "!document.querySelector('#gallery-sheet').checkVisibility()")


def test_two_taps_show_its_pixels_and_a_swipe_the_next(shared_server: Server, open_page: Callable[..., Page]) -> None:
    ids = [shoot(shared_server) for _ in range(2)]
    page = open_page(shared_server.url, viewport=PHONE, has_touch=True)
    until_live(page)
    open_newest(page, ids[1])
    page.evaluate(TOUCH, [TAP, TAP])
    until(page, WIDTH, FULL_WIDTH)
    assert page.evaluate(SCALE) > 2
    before = page.evaluate("document.querySelector('#viewer-moved').style.transform")
    page.evaluate(TOUCH, [LEFT])
    assert page.evaluate(NAME) == ids[1], "a finger on a large picture moves it"
    assert page.evaluate("document.querySelector('#viewer-moved').style.transform") != before
    page.keyboard.press("0")
    assert page.evaluate(SCALE) == 1
    page.evaluate(TOUCH, [APART])
    assert page.evaluate(SCALE) == pytest.approx(2, rel=0.01)
    page.keyboard.press("0")
    page.evaluate(TOUCH, [LEFT])
    until(page, NAME, ids[0])
    page.evaluate(TOUCH, [RIGHT])
    until(page, NAME, ids[1])


def test_a_shot_is_shown_as_long_as_one_likes_and_can_be_deleted(
    shared_server: Server, open_page: Callable[..., Page]
) -> None:
    page = open_page(shared_server.url, viewport=PHONE, init_script=LONG_UNDO)
    until_live(page)
    assert not page.evaluate(OPEN)
    page.click("#drive-open")
    page.click("[data-review] [data-value=hold]")
    page.click("#drive-sheet .sheet-close")
    page.click("#shutter")
    until(page, f"{OPEN} && {SHOWN}")
    until(page, f"{SOURCE}.endsWith('.jpg?size=2048')")
    assert page.evaluate(PREVIEWS) == 1, "what the raw file holds is shown first: it costs the camera nothing"
    taken = page.evaluate(NAME)
    page.click("#viewer-delete")
    until(page, "document.querySelector('#viewer-waiting').checkVisibility()")
    page.click("#viewer-undo")
    until(page, NAME, taken)
    assert taken in ids_on(shared_server), "it was out of sight, and never deleted"
    page.click("#viewer-delete")
    page.evaluate(LEAVE)  # who leaves meanwhile has deleted it
    eventually(lambda: taken not in ids_on(shared_server), "it is deleted")


def test_a_shot_whose_preview_is_not_to_be_had_is_shown_from_its_jpeg(
    shared_server: Server, open_page: Callable[..., Page], complaints: Complaints
) -> None:
    page = open_page(shared_server.url, viewport=PHONE, init_script=LONG_UNDO)
    complaints.allow("Failed to load resource")
    page.route("**/preview?*", lambda route: route.abort())
    until_live(page)
    page.click("#drive-open")
    page.click("[data-review] [data-value=hold]")
    page.click("#drive-sheet .sheet-close")
    page.click("#shutter")
    until(page, f"{OPEN} && {SHOWN} && {SOURCE}.endsWith('.jpg?size=2048')")


def ids_on(server: Server) -> list[str]:
    return [capture["id"] for capture in ask(server, "captures?limit=1000")["captures"]]


COUNT = """async () => {
  const { countMarks } = await import("/static/shoot/picture-marks.js");
  const pixels = new ImageData(new Uint8ClampedArray([
    0, 10, 20, 255, 253, 10, 20, 255, 254, 10, 20, 255, 0, 10, 255, 255]), 2, 2);
  const { bins, clipped, clippedShare } = countMarks(pixels);
  const counted = bins.map((counts) => [...counts.entries()].filter(([, count]) => count > 0));
  return { counted, share: clippedShare, marked: [...clipped.data].filter((_, i) => i % 4 === 3) };
}"""


def test_histogram_and_clipped_pixels_are_counted(
    shared_server: Server, open_page: Callable[..., Page], complaints: Complaints
) -> None:
    complaints.allow("favicon.ico")  # a picture alone names no icon
    page = open_page(f"{shared_server.url}static/icon.svg")
    counted = page.evaluate(COUNT)
    assert counted["counted"] == [[[0, 2], [253, 1], [254, 1]], [[10, 4]], [[20, 3], [255, 1]]]
    assert counted["share"] == 0.5 and counted["marked"] == [0, 0, 255, 255]
