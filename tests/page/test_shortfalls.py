"""Whatever falls short of what was asked for is said on the page: of a shot, in the gallery, and of a series.

The words are those of the audit and of the manifest, as `tests/cli/test_as_asked.py` has them from real commands.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route

from tests.page.conftest import PHONE, Server, press_until_asked, text, until, until_live, until_said
from tests.page.listed import SHOT, listed_as

pytestmark = pytest.mark.page
FINDINGS = {
    "clamped": "DNG exposure: asked for 3.1e-05 s, delivered 0.000114 s",
    "capped": "DNG exposure: 4.20 EV less than asked for",
    "overexposed": "DNG levels: all of it is overexposed",
    "late": "DNG time: 4.00 s later than planned",
    "clock": "DNG clock: it was set forward by 3 days, 0:00:00 since the shot before",
    "power": "DNG power: under-voltage of the supply",
}
"""One of each kind of shortfall of a shot."""
SERIES = {
    "state": "running", "id": "s", "mode": "timer", "phase": "waiting", "phase_s": 0, "phase_left_s": 0, "taken": 1,
    "total": 3, "left_s": None, "missed": 0, "missed_why": {}, "doubtful": 0, "last": "", "message": "", "error": None,
}  # fmt: skip
ROOM = {"code": "storage_full", "message": "0 MB are free", "expected": "at least 24 MB", "remedy": "free some space"}
NOT_READY, OFF = "the camera was not ready in time", "hqcam was not running"


@pytest.fixture
def page(shared_server: Server, open_page: Callable[..., Page]) -> Page:
    page = open_page(shared_server.url, viewport=PHONE)
    until_live(page)
    return page


@pytest.mark.parametrize("finding", FINDINGS.values(), ids=FINDINGS)
def test_what_a_shot_falls_short_in_is_said_at_once_and_stands_beside_its_thumbnail(page: Page, finding: str) -> None:
    shot, asked = {**SHOT, "audit": {"verdict": "warning", "findings": [finding]}}, list[str]()

    def answer(route: Route) -> None:
        asked.append(route.request.method)
        if route.request.method == "POST":
            route.fulfill(json=shot, status=201)
        else:
            route.fulfill(json=listed_as([shot]))

    page.route("**/api/captures*", answer)
    press_until_asked(page, asked, "POST")
    until_said(page, finding, kind="caution")
    page.click("#gallery-open")
    until(page, "document.querySelector('.gallery-badge')?.textContent ?? ''", "!")
    page.click(".gallery-link")
    until(page, "document.querySelector('#viewer .gallery-finding')?.textContent ?? ''", finding)
    assert text(page, "#viewer .gallery-audit") != ""


@pytest.mark.parametrize(
    ("changes", "running", "ended", "kind"),
    [
        ({"missed": 2, "missed_why": {NOT_READY: 2}, "message": NOT_READY}, f"1 of 3 saved · 2 missed ({NOT_READY})",
         f"1 shot saved, 2 missed ({NOT_READY})", "caution"),
        ({"missed": 3, "missed_why": {OFF: 2, NOT_READY: 1}}, f"1 of 3 saved · 3 missed (2: {OFF}; 1: {NOT_READY})",
         f"1 shot saved, 3 missed (2: {OFF}; 1: {NOT_READY})", "caution"),
        ({"missed": 1}, "1 of 3 saved · 1 missed", "1 shot saved, 1 missed", "caution"),
        ({"doubtful": 1, "message": "4 EV out of reach"}, "1 of 3 saved · 4 EV out of reach",
         "1 shot saved, see what was found of 1", "caution"),
        ({"error": ROOM}, "1 of 3 saved", "0 MB are free", "error"),
        ({}, "1 of 3 saved", "1 shot saved", "note"),
    ],
    ids=["late", "off", "unknown", "exposure", "room", "as asked"],
)  # fmt: skip
def test_a_series_says_what_it_falls_short_in_and_why(
    page: Page, changes: dict[str, Any], running: str, ended: str, kind: str
) -> None:
    progress, asked = {**SERIES, **changes, "error": None}, list[str]()

    def answer(route: Route) -> None:
        asked.append(route.request.method)
        route.fulfill(json=progress)

    page.route("**/api/drive", answer)
    page.click("#drive-open")
    page.click(".choice-modes [data-value=timer]")
    press_until_asked(page, asked, "POST")
    until(page, "document.querySelector('#drive-progress').textContent", running)
    progress.update(state="failed" if changes.get("error") else "done", error=changes.get("error"))
    until_said(page, ended, kind=kind)
