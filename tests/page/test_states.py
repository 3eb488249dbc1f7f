"""Every state has its drawing, and after each the picture goes on by itself."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import Page, Route

from tests.page.conftest import CONDITION, Complaints, Server, text, until, until_live, until_painted

pytestmark = pytest.mark.page
WORD = "document.querySelector('#condition-word').textContent"
PICTURE_AGE = "document.querySelector('#banner-age').textContent"
BANNER = """(() => {
  const words = (id) => document.getElementById(id).textContent;
  return {
    title: words("banner-title"),
    message: words("banner-message"),
    remedy: words("banner-remedy"),
    mark: words("condition-word"),
  };
})()"""


def saturation(page: Page) -> float:
    """Mean spread of the channels of the middle of the picture: 0 is grey."""
    from PIL import Image

    with Image.open(io.BytesIO(page.locator("#picture").screenshot())) as image:
        pixels = np.asarray(image.convert("RGB")).astype(int)
    height = pixels.shape[0]
    edge = pixels[: height // 8]  # above the banner
    return float((edge.max(axis=2) - edge.min(axis=2)).mean())


class Hold:
    """Keeps the frames' requests waiting until it lets them go."""

    def __init__(self, page: Page) -> None:
        self._held: list[Route] = []
        self._holding = True
        page.route("**/api/viewfinder/frame*", self._take)

    def _take(self, route: Route) -> None:
        if self._holding:
            self._held.append(route)
        else:
            route.continue_()

    def let_go(self) -> None:
        self._holding = False
        for route in self._held:
            route.continue_()


def test_before_the_first_frame_it_says_starting(shared_server: Server, open_page: Callable[..., Page]) -> None:
    page = open_page("about:blank")
    hold = Hold(page)
    page.goto(shared_server.url)
    until(page, CONDITION, "starting")
    assert text(page, "#condition-word") == "STARTING"
    assert page.locator("#banner").is_visible()
    hold.let_go()
    until_live(page)
    assert page.locator("#banner").is_hidden()


def test_frames_that_do_not_come_make_the_picture_late_and_its_age_counts(live_page: Page) -> None:
    hold = Hold(live_page)
    until(live_page, f"({CONDITION}) === 'late' && {WORD} === 'LATE'")  # a frame may still be on its way
    first = until(live_page, PICTURE_AGE)
    until(live_page, f"{PICTURE_AGE} !== {first!r}")
    hold.let_go()
    until_live(live_page)


def test_a_late_picture_of_a_busy_computer_says_that_the_camera_is_slow(live_page: Page) -> None:
    status = live_page.evaluate("fetch('/api/status').then((answer) => answer.json())")
    busy = {**status, "state": "live", "message": "the camera is slow: its computer is busy"}
    live_page.route("**/api/status", lambda route: route.fulfill(json=busy))
    hold = Hold(live_page)
    until(live_page, f"({BANNER}).title === 'The camera is slow: its computer is busy' && {WORD} === 'LATE'")
    hold.let_go()
    live_page.unroute("**/api/status")
    until_live(live_page)


def test_a_server_that_went_away_greys_the_picture_and_comes_back_on_the_same_port(
    make_server: Callable[..., Server], open_page: Callable[..., Page], complaints: Complaints
) -> None:
    complaints.allow("ERR_CONNECTION_REFUSED")
    complaints.allow("ERR_EMPTY_RESPONSE")
    complaints.allow("ERR_CONNECTION_RESET")
    complaints.allow("ERR_INCOMPLETE_CHUNKED_ENCODING")
    complaints.allow("ERR_CONTENT_LENGTH_MISMATCH")
    server = make_server()
    page = open_page(server.url)
    until_live(page)
    until_painted(page, 2)
    colourful = saturation(page)
    server.kill()
    until(page, CONDITION, "gone")
    assert "Server gone, reconnecting" in text(page, "#banner-title")
    assert "old" in text(page, "#banner-age")
    until(page, f"document.querySelector('#app').dataset.condition === 'gone' && {PICTURE_AGE} !== ''")
    assert saturation(page) < 0.25 * colourful
    painted = page.evaluate("window.hqcam.viewfinder.stats.painted")
    server.start()
    until(page, f"({CONDITION}) === 'live' && window.hqcam.viewfinder.stats.painted > {painted + 2}")
    assert saturation(page) > 0.5 * colourful


def test_a_lost_camera_is_shown_with_its_remedy_and_comes_back(
    make_server: Callable[..., Server], open_page: Callable[..., Page]
) -> None:
    # Again and again: on a busy machine the first time may be over before the page has shown a picture.
    server = make_server("--fault", ",".join(f"unplug@{start}s+10s" for start in range(4, 300, 30)))
    page = open_page(server.url)
    until_live(page, deadline_s=60)
    until(page, CONDITION, "lost")
    # In one look, because the condition can change between two.
    words = page.evaluate(BANNER)
    assert words["title"] == "Camera lost", words
    assert words["message"] and words["remedy"], words
    assert words["mark"] == "CAMERA LOST", words
    until(page, f"({BANNER}).message.includes('unplugged')")
    age = page.evaluate(PICTURE_AGE)
    until(page, f"{PICTURE_AGE} !== {age!r}")
    assert saturation(page) < 2
    until_live(page, deadline_s=60)
    assert page.locator("#banner").is_hidden()


def test_someone_without_access_is_led_to_the_code(live_page: Page, complaints: Complaints) -> None:
    complaints.allow("status of 401")
    error = {"code": "access_needed", "message": "this camera needs its access code", "expected": "", "remedy": ""}
    live_page.route("**/api/viewfinder/frame*", lambda route: route.fulfill(status=401, json={"error": error}))
    live_page.wait_for_url("**/access")
    assert live_page.locator("#code").is_visible()
