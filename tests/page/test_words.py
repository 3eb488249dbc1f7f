"""What the page says of a press is true: on the shutter, in the messages, in the units of whoever asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route

from tests.page.conftest import (
    NEXT_PAINT,
    PHONE,
    Complaints,
    Server,
    press_until_asked,
    until,
    until_live,
    until_said,
)
from tests.page.listed import SHOT, listed_as
from tests.page.sizes import SIZES

pytestmark = pytest.mark.page
STATE = "document.querySelector('#shutter').dataset.state"
WORD = "document.querySelector('#shutter-word').textContent"


@pytest.fixture
def phone(shared_server: Server, open_page: Callable[..., Page]) -> Page:
    page = open_page(shared_server.url, viewport=PHONE, has_touch=True)
    until_live(page)
    until(page, "document.querySelectorAll('.choice-modes input').length === 7")
    return page


class Shots:
    """Holds every shot that is asked for until the test answers it."""

    def __init__(self, page: Page) -> None:
        self.held: list[Route] = []
        page.route("**/api/captures", self._take)

    def _take(self, route: Route) -> None:
        if route.request.method == "POST":
            self.held.append(route)
        else:
            route.continue_()


def until_held(page: Page, shots: Shots, count: int) -> None:
    while len(shots.held) < count:
        page.evaluate(NEXT_PAINT)  # meanwhile requests come in; pytest's time limit ends a test that waits in vain


def test_presses_while_a_shot_is_saved_wait_and_one_too_many_is_refused_in_words(phone: Page) -> None:
    shots = Shots(phone)
    phone.click("#shutter")
    until(phone, WORD, "saving…")
    for waiting in (1, 2, 3):
        phone.click("#shutter")
        until(phone, WORD, f"saving, {waiting} to go")
    phone.click("#shutter")
    refusal = until_said(phone, "3 presses wait already", kind="caution")
    assert not refusal["text"].startswith("✓"), "a refusal carries no tick"
    for taken in (1, 2, 3, 4):
        until_held(phone, shots, taken)
        until(phone, WORD, f"saving, {4 - taken} to go" if taken < 4 else "saving…")
        shots.held[taken - 1].fulfill(status=201, json=SHOT)
    until(phone, f"['saved', 'ready'].includes({STATE})")
    assert len(shots.held) == 4, "one for each press that was taken on"


def test_a_shot_that_fails_drops_the_presses_that_wait_and_says_so(phone: Page, complaints: Complaints) -> None:
    complaints.allow("status of 507")
    shots = Shots(phone)
    phone.click("#shutter")
    phone.click("#shutter")
    until(phone, WORD, "saving, 1 to go")
    facts = {"code": "storage_full", "message": "the card is full", "expected": "", "remedy": "run `hqcam doctor`"}
    until_held(phone, shots, 1)
    shots.held[0].fulfill(status=507, json={"error": facts})
    until(phone, f"['failed', 'ready'].includes({STATE})")
    said = until_said(phone, "the card is full", kind="error")
    assert "1 more press is dropped" in said["text"] and "run hqcam doctor" in said["text"]
    assert "<code>hqcam doctor</code>" in said["html"]


@pytest.mark.parametrize("size", SIZES)
def test_equal_errors_are_one_message_that_counts(
    size: str, shared_server: Server, open_page: Callable[..., Page]
) -> None:
    page = open_page(shared_server.url, viewport=SIZES[size], has_touch=True)
    until_live(page)
    toasts = page.evaluate("""async () => {
      const { showError, showNote } = await import("/static/page/toast.js");
      for (let i = 0; i < 3; i++) showError({ message: "no card", expected: "", remedy: "put `one` in" });
      showNote("no card");
      const all = [...document.querySelectorAll(".toast")].filter((toast) => toast.textContent.includes("no card"));
      return all.map((toast) => [toast.dataset.kind, toast.querySelector(".toast-times")?.textContent ?? ""]);
    }""")
    assert toasts == [["error", "3×"], ["note", ""]]


def running(**changes: Any) -> dict[str, Any]:
    progress: dict[str, Any] = {
        "state": "running", "id": "b", "mode": "bulb", "phase": "none", "phase_s": 0, "phase_left_s": 0, "taken": 0,
        "total": None, "left_s": None, "missed": 0, "missed_why": {}, "doubtful": 0, "last": "",
        "message": "", "error": None,
    }  # fmt: skip
    return progress | changes


def test_a_long_exposure_says_that_its_end_keeps_nothing_and_asks_before(phone: Page) -> None:
    progress, asked = running(), []

    def answer(route: Route) -> None:
        asked.append(route.request.method)
        if route.request.method == "DELETE":
            progress.update(state="cancelled")
        route.fulfill(json=progress)

    phone.route("**/api/drive", answer)
    phone.click("#drive-open")
    phone.click(".choice-modes [data-value=bulb]")
    phone.click("#drive-sheet .sheet-close")
    phone.click("#shutter")
    until(phone, STATE, "running")
    until(phone, WORD, "starting…")
    progress.update(phase="exposing", phase_s=600, phase_left_s=500, total=1)
    until(phone, f"{WORD}.startsWith('8 min')")
    assert phone.get_attribute("#shutter", "aria-label") == "End without a picture"
    assert phone.text_content("#drive-end") == "End without a picture"
    phone.click("#shutter")
    until_said(phone, "Press again to end the exposure without a picture", kind="caution")
    assert "DELETE" not in asked
    press_until_asked(phone, asked, "DELETE")
    until_said(phone, "Long exposure ended, no picture was taken", kind="caution")
    phone.unroute("**/api/drive")


def test_a_shutter_without_a_camera_does_not_say_ready(
    make_server: Callable[..., Server], open_page: Callable[..., Page]
) -> None:
    server = make_server("--fault", ",".join(f"unplug@{start}s+10s" for start in range(4, 300, 30)))
    page = open_page(server.url, viewport=PHONE)
    until(page, "document.querySelector('#app').dataset.condition === 'lost' && " + f"{WORD} === 'no camera'")
    until(page, "document.querySelector('#app').dataset.condition === 'live' && " + f"{WORD} === 'ready'")


def test_before_the_first_shot_the_room_is_told_as_the_least_that_fits(phone: Page) -> None:
    listed: dict[str, Any] = listed_as([]) | {"shots_left": 3080}
    phone.route("**/api/captures?*", lambda route: route.fulfill(json=listed))
    phone.reload()
    until_live(phone)
    until(phone, "document.querySelector('#shots-left').textContent", ">3000")
    listed |= {"captures": [SHOT], "total": 1, "shots_left": 3768}
    phone.click("#gallery-open")
    until(phone, "document.querySelector('#shots-left').textContent", "3768")


def test_an_iso_out_of_range_is_answered_in_iso(phone: Page) -> None:
    phone.click("#cell-iso")
    until(phone, "!document.querySelector('#panel-iso .dial-figure').disabled")
    before = phone.input_value("#panel-iso .dial-auto + .dial-step + .dial-figure")
    phone.fill("#panel-iso .dial-figure", "ISO 25600")
    phone.keyboard.press("Enter")
    said = until_said(phone, "ISO 25600 is out of range", kind="error")["text"]
    assert "ISO 100 to 2226" in said and "gain" not in said
    assert phone.input_value("#panel-iso .dial-figure") != "ISO 25600" and before != ""
    phone.click("#cell-shutter")
