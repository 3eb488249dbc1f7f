"""The page offers the time of its phone to a camera whose clock is not synchronised and shows another one."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route

from tests.page.conftest import DEADLINE_S, NEXT_PAINT, PHONE, Server, until, until_live, until_said

pytestmark = pytest.mark.page
OFFERED = "!document.querySelector('#clock-offer').hidden"
TEXT = "document.querySelector('#clock-text').textContent"
DAY_MS = 86_400_000


class CameraClock:
    """Answers for the camera's clock: how far it is ahead, and from where it is known."""

    def __init__(self, server: Server, page: Page, ahead_ms: float, source: str = "unknown") -> None:
        self.ahead_ms, self.source, self.answers = ahead_ms, source, 0
        with urllib.request.urlopen(f"{server.url}api/status", timeout=DEADLINE_S) as answer:
            self.status = json.load(answer)
        self.told: list[dict[str, Any]] = []
        self.wrong, self.portion = 0, 2
        page.route("**/api/status", self._status)
        page.route("**/api/clock", self._clock)
        page.route("**/api/clock/corrections", self._corrections)

    def _time(self) -> dict[str, Any]:
        unix_ms = time.time() * 1000 + self.ahead_ms
        return {"unix_ms": unix_ms, "synchronised": self.source == "synchronised", "source": self.source}

    def _status(self, route: Route) -> None:
        self.answers += 1
        route.fulfill(json={**self.status, "clock": self._time()})

    def _clock(self, route: Route) -> None:
        self.told.append(route.request.post_data_json)
        self.ahead_ms, self.source = 0.0, "told"
        route.fulfill(json=self._time())

    def _corrections(self, route: Route) -> None:
        changed = min(self.portion, self.wrong) if route.request.method == "POST" else 0
        self.wrong -= changed
        route.fulfill(json={"changed": changed, "left": self.wrong, "skipped": []})

    def until_asked(self, page: Page, times: int) -> None:
        """Wait until the page has had so many more answers."""
        wanted = self.answers + times + 1  # the last one may not have been read
        while self.answers < wanted:  # pytest's time limit ends a test that waits in vain
            page.evaluate(NEXT_PAINT)


@pytest.fixture
def page(shared_server: Server, open_page: Callable[..., Page]) -> Page:
    return open_page("about:blank", viewport=PHONE)


def test_the_time_of_the_phone_is_offered_and_taken(shared_server: Server, page: Page) -> None:
    clock = CameraClock(shared_server, page, -3 * DAY_MS)
    page.goto(shared_server.url)
    until_live(page)
    until(page, OFFERED)
    assert page.evaluate(TEXT) == "The camera's clock is 3 days behind this phone's, and is not synchronised."
    page.click("#clock-take")
    until_said(page, "goes by this phone's time now")
    until(page, f"!({OFFERED})")
    (told,) = clock.told
    assert set(told) == {"unix_ms"} and abs(told["unix_ms"] - time.time() * 1000) < DAY_MS
    clock.until_asked(page, 1)
    assert not page.evaluate(OFFERED)


def test_pictures_that_were_taken_before_are_corrected_at_a_tap(shared_server: Server, page: Page) -> None:
    clock = CameraClock(shared_server, page, -3 * DAY_MS)
    clock.wrong = 5
    page.goto(shared_server.url)
    until(page, OFFERED)
    page.click("#clock-take")
    until(page, TEXT, "5 pictures were taken before, with a wrong time.")
    assert page.evaluate(OFFERED) and page.inner_text("#clock-take") == "Correct the time"
    page.click("#clock-take")
    until_said(page, "5 pictures were corrected")
    until(page, f"!({OFFERED})")
    assert clock.wrong == 0 and len(clock.told) == 1


def test_an_offer_that_is_declined_does_not_come_again(shared_server: Server, page: Page) -> None:
    clock = CameraClock(shared_server, page, 5 * DAY_MS)
    page.goto(shared_server.url)
    until(page, OFFERED)
    assert page.evaluate(TEXT).startswith("The camera's clock is 5 days ahead of this phone's")
    page.click("#clock-decline")
    clock.until_asked(page, 2)
    assert not page.evaluate(OFFERED) and clock.told == []


@pytest.mark.parametrize(("ahead_ms", "source"), [(0, "unknown"), (-3 * DAY_MS, "synchronised"), (-3 * DAY_MS, "told")])
def test_nothing_is_offered_where_the_clock_is_right_or_known(
    shared_server: Server, page: Page, ahead_ms: float, source: str
) -> None:
    clock = CameraClock(shared_server, page, ahead_ms, source)
    page.goto(shared_server.url)
    clock.until_asked(page, 2)
    assert not page.evaluate(OFFERED)


def test_pictures_of_an_earlier_start_get_the_time_of_one_of_them_and_their_first_times_back(
    shared_server: Server, page: Page
) -> None:
    asked: list[tuple[str, str, Any]] = []
    start = {"shot": "hqcam_1", "taken_at": "1970-01-01T00:10:00+00:00", "captures": 3, "corrected": False}
    left = [2, 0, 0]

    def corrections(route: Route) -> None:
        asked.append((route.request.method, route.request.url.partition("?")[2], route.request.post_data_json))
        start["corrected"] = route.request.method == "POST"
        route.fulfill(json={"changed": 1 if left[0] else 2, "left": left.pop(0), "skipped": []})

    page.route("**/api/clock/earlier", lambda route: route.fulfill(json={"starts": [start]}))
    page.route("**/api/clock/corrections*", corrections)
    page.route("**/thumbnail", lambda route: route.fulfill(status=204))
    page.goto(shared_server.url)
    until_live(page)
    page.click("#assists-open")
    page.click("[data-tab=times]")
    row = page.locator("[data-shot=hqcam_1]")
    assert row.locator("p").inner_text().startswith("3 pictures, the last: Jan 1, 1970")
    row.locator("button").click()
    assert not asked, "no time was said yet"
    row.locator("input").fill("2026-11-20T21:45:30")
    row.locator("button").click()
    until_said(page, "3 pictures were corrected")
    until(page, "document.querySelector('[data-shot] button').textContent", "Give back the first times")
    expected = page.evaluate("new Date('2026-11-20T21:45:30').toISOString()")
    assert asked == [("POST", "", {"shot": "hqcam_1", "taken_at": expected})] * 2
    row.locator("button").click()
    until(page, "document.querySelector('[data-shot] button').textContent", "Correct the time")
    assert asked[2][:2] == ("DELETE", "shot=hqcam_1")
