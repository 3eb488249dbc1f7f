"""What a phone does besides showing a page: its Back, two fingers, and falling asleep."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.page.conftest import PHONE, Server, until, until_live, until_said
from tests.page.fingers import Fingers
from tests.page.sizes import SIZES
from tests.page.test_controls import ask
from tests.page.test_focus import AREA, until_asked

pytestmark = pytest.mark.page
OPEN = "[...document.querySelectorAll('.sheet:not([hidden])')].map((sheet) => sheet.id)"
NO_WAKE_LOCK = "delete Navigator.prototype.wakeLock;"  # as over plain http
SCREEN = "document.querySelector('#screen-kind').textContent"


@pytest.mark.parametrize("size", SIZES)
def test_back_closes_the_sheet_and_then_leaves(
    size: str, shared_server: Server, open_page: Callable[..., Page]
) -> None:
    page = open_page("about:blank", viewport=SIZES[size], has_touch=True)
    page.goto(shared_server.url)
    until_live(page)
    for opener in ("assists", "gallery", "drive"):
        page.click(f"#{opener}-open")
        until(page, f"{OPEN}.join()", f"{opener}-sheet")
        page.evaluate("history.back()")
        until(page, f"{OPEN}.length === 0")
        assert page.get_attribute(f"#{opener}-open", "aria-expanded") == "false"
    page.click("#gallery-open")
    page.click("#drive-open")  # one takes the other's place
    last = page.evaluate("history.state.opened")
    page.click("#drive-sheet .sheet-close")
    page.click("#help-open")  # at once: the browser may still be going back
    until(page, "document.querySelector('#help').open")
    until(page, f"history.state?.opened > {last}")
    page.evaluate("history.back()")
    until(page, "!document.querySelector('#help').open")
    page.click("#gallery-open")
    page.keyboard.press("Escape")
    until(page, f"{OPEN}.length === 0 && history.state === null")
    page.evaluate("setTimeout(() => history.back())")
    page.wait_for_url("about:blank")


def test_two_fingers_do_not_move_the_focus_area_and_one_does(
    shared_server: Server, open_page: Callable[..., Page]
) -> None:
    ask(shared_server, "assists", {"focus_x": 0.5, "focus_y": 0.5, "focus_size": 0.2, "focus_score": True})
    page = open_page(shared_server.url, viewport=PHONE, has_touch=True)
    until_live(page)
    until(page, "!document.querySelector('#focus-area').hidden")
    before = page.evaluate(AREA)
    asked = []
    page.on("request", lambda request: asked.append(request) if request.method == "PATCH" else None)
    touch = Fingers(page).touch
    touch("touchStart", (0.3, 0.3))
    touch("touchStart", (0.3, 0.3), (0.7, 0.7))
    for step in range(1, 6):
        touch("touchMove", (0.3 - 0.03 * step, 0.3), (0.7 - 0.03 * step, 0.7))
    touch("touchEnd")
    assert page.evaluate(AREA) == before and asked == [], "two fingers side by side (for a pinch see test_gestures.py)"
    touch("touchStart", (0.3, 0.3))
    for step in range(1, 4):
        touch("touchMove", (0.3 - 0.05 * step, 0.3))
    touch("touchStart", (0.15, 0.3), (0.7, 0.7))
    touch("touchMove", (0.1, 0.3), (0.8, 0.7))
    touch("touchEnd")
    until(page, f"JSON.stringify({AREA})", page.evaluate("JSON.stringify", before))
    until_asked(shared_server, focus_x=0.5, focus_y=0.5)
    touch("touchStart", (0.3, 0.4))
    touch("touchEnd")
    until_asked(shared_server, focus_x=0.3, focus_y=0.4)
    ask(shared_server, "assists", {"focus_x": 0.5, "focus_y": 0.5, "focus_size": 0.5})


def test_without_a_wake_lock_a_silent_video_keeps_the_screen_on(
    shared_server: Server, open_page: Callable[..., Page]
) -> None:
    page = open_page(shared_server.url, viewport=PHONE, has_touch=True, init_script=NO_WAKE_LOCK)
    until_live(page)
    until(page, SCREEN, "kept on by a silent video")
    until(
        page, "(({muted, paused, currentTime}) => muted && !paused && currentTime > 0)(document.querySelector('video'))"
    )
    box = page.locator("video").bounding_box()
    assert box and box["y"] + box["height"] <= PHONE["height"], "in sight, or browsers do not count it"


def test_where_the_screen_cannot_be_kept_on_the_page_says_so_after_a_touch(
    shared_server: Server, open_page: Callable[..., Page]
) -> None:
    never = "HTMLMediaElement.prototype.play = () => Promise.reject(new DOMException('no', 'NotAllowedError'));"
    page = open_page(shared_server.url, viewport=PHONE, has_touch=True, init_script=NO_WAKE_LOCK + never)
    until_live(page)
    accused = "window.said.some(({ text }) => text.includes('keep the screen on'))"
    assert page.evaluate(accused) is False, "a browser that waits for a touch is not accused"
    page.click("#cell-iso")
    until_said(page, "keep the screen on", kind="caution")
    assert page.evaluate(SCREEN) == "sleeps as usual" and page.locator("video").count() == 0
    page.click("#cell-shutter")
