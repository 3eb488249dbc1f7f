"""Taking pictures from the page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, Route

from device.captures.storage import Storage
from tests.page.conftest import PHONE, Complaints, Server, text, until, until_live, until_said
from tests.page.test_words import SHOT

pytestmark = pytest.mark.page
SHUTTER_STATE = "document.querySelector('#shutter').dataset.state"
SHOWN = "[...document.querySelectorAll('.gallery-item')].map((item) => item.dataset.capture)"
FOCUSED = "document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent"
NEWEST = "document.querySelector('.gallery-item')?.dataset.capture ?? ''"


@pytest.mark.parametrize("press", ["button", "space"])
def test_a_press_saves_files_and_the_gallery_shows_them(
    press: str, shared_server: Server, open_page: Callable[..., Page]
) -> None:
    page = open_page(shared_server.url, viewport=PHONE)
    until_live(page)
    before = {path.name for path in shared_server.output.rglob("*.[dj]*g")}
    if press == "button":
        page.click("#shutter")
    else:
        page.keyboard.press(" ")
    until(page, f"['saving', 'saved'].includes({SHUTTER_STATE})")
    until(page, SHUTTER_STATE, "saved")
    new = sorted(path.name for path in shared_server.output.rglob("*.[dj]*g") if path.name not in before)
    assert [name.rsplit(".", 1)[1] for name in new] == ["dng", "jpg"]
    until(page, "document.querySelector('#gallery-thumb img')?.naturalWidth > 0")
    page.click("#gallery-open")
    until(page, f"{NEWEST} === '{new[0].rsplit('.', 1)[0]}'")
    assert page.get_attribute(".gallery-item a", "href") == f"/api/captures/{new[0][:-4]}/{new[1]}", (
        "tap to see all of it"
    )
    links = page.locator(".gallery-item").first.locator("a.download")
    assert [text.split()[0] for text in links.all_text_contents()] == ["DNG", "JPEG"]
    assert page.locator(".gallery-item").first.locator(".gallery-audit").text_content() == "✓ read back and sound"
    assert int(text(page, "#shots-left").lstrip(">")) > 0
    with page.expect_download() as download:
        links.nth(1).click()
    assert download.value.suggested_filename == new[1]
    until(page, SHUTTER_STATE, "ready")


def test_a_capture_is_deleted_after_a_question(
    make_server: Callable[..., Server], open_page: Callable[..., Page]
) -> None:
    server = make_server()
    page = open_page(server.url, viewport=PHONE)
    until_live(page)
    for taken in (1, 2):
        page.keyboard.press(" ")
        until(page, SHUTTER_STATE, "saved")
        until(page, f"{SHOWN}.length", taken)
    newest, oldest = page.evaluate(SHOWN)
    page.click("#gallery-open")
    page.click(f"[data-capture='{newest}'] .gallery-delete")
    until(page, FOCUSED, "Keep")
    page.keyboard.press("Escape")
    until(page, FOCUSED, f"Delete {newest}")
    assert page.is_visible("#gallery-sheet") and page.evaluate(SHOWN) == [newest, oldest]
    page.keyboard.press("Delete")
    until(page, FOCUSED, "Keep")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    until(page, SHOWN, [oldest])
    until(page, FOCUSED, f"Delete {oldest}")
    until_said(page, f"Deleted {newest}")
    left = {path.name.split(".")[0] for path in server.output.rglob("*.*") if path.is_file()}
    assert left - {""} == {oldest}, "and the hidden file that keeps the order"


@pytest.fixture
def gallery(make_server: Callable[..., Server], open_page: Callable[..., Page]) -> tuple[Page, str, Storage]:
    """The open gallery, the one capture that it shows, and the same folder as the command line has it."""
    server = make_server()
    page = open_page(server.url, viewport=PHONE)
    until_live(page)
    page.keyboard.press(" ")
    until(page, f"{SHOWN}.length", 1)
    (own,) = page.evaluate(SHOWN)
    page.click("#gallery-open")
    return page, own, Storage(server.output)


def test_a_capture_of_another_client_appears_by_itself(gallery: tuple[Page, str, Storage]) -> None:
    page, own, beside = gallery
    taken = [beside.save(datetime(1970, 1, 1, tzinfo=UTC), {".dng": [b"x"]}).id for _ in range(60)]
    until(page, f"{SHOWN}.slice(0, 50)", taken[:-51:-1])
    until(page, "document.querySelector('.gallery-more button').textContent", "Show more of 11")
    page.click(".gallery-more button")
    until(page, SHOWN, [*taken[::-1], own])
    beside.delete(taken[-1])
    until(page, SHOWN, [*taken[-2::-1], own])
    assert page.locator(".gallery-more").count() == 0


def test_a_capture_that_appears_disturbs_no_question(gallery: tuple[Page, str, Storage]) -> None:
    page, own, beside = gallery
    page.click(f"[data-capture='{own}'] .gallery-delete")
    until(page, FOCUSED, "Keep")
    other = beside.save(datetime(1970, 1, 1, tzinfo=UTC), {".dng": [b"x"]}).id
    until(page, SHOWN, [other, own])
    assert page.evaluate(FOCUSED) == "Keep"


def test_a_verdict_that_comes_late_disturbs_no_question(live_page: Page) -> None:
    found = {"captures": [SHOT], "free_bytes": 1, "shots_left": 1}
    live_page.route("**/api/captures?*", lambda route: route.fulfill(json=found))
    live_page.reload()
    until_live(live_page)
    live_page.click("#gallery-open")
    until(live_page, NEWEST, "a")
    live_page.click(".gallery-delete")
    until(live_page, FOCUSED, "Keep")
    late = {**SHOT, "audit": {"verdict": "ok", "findings": []}}
    found["captures"] = [{**SHOT, "id": "b"}, late]
    live_page.evaluate("document.querySelector('#gallery-open').click()")
    live_page.evaluate("document.querySelector('#gallery-open').click()")
    until(live_page, SHOWN, ["b", "a"])
    assert live_page.locator("[data-capture=a] .gallery-sure").is_visible(), "it asks still"
    live_page.click("[data-capture=a] .gallery-links button")
    assert live_page.locator(".gallery-sure").count() == 0


def test_what_is_wrong_with_a_file_is_said_beside_its_thumbnail(live_page: Page) -> None:
    finding = "DNG tones: 901 tonal levels, 86% of them without neighbours: not the sensor's own samples"
    capture = {**SHOT, "audit": {"verdict": "fault", "findings": [finding]}}
    found = {"captures": [capture, {**capture, "id": "b", "audit": None}], "free_bytes": 1, "shots_left": 1}
    live_page.route("**/api/captures?*", lambda route: route.fulfill(json=found))
    live_page.reload()
    until_live(live_page)
    live_page.click("#gallery-open")
    until(live_page, NEWEST, "a")
    first, second = (live_page.locator(".gallery-item").nth(index) for index in (0, 1))
    assert first.locator(".gallery-audit").text_content() == "✗ not sound"
    assert first.locator(".gallery-finding").all_text_contents() == [finding]
    assert second.locator(".gallery-audit").count() == 0


def test_a_shot_that_fails_says_why_and_what_to_do(live_page: Page, complaints: Complaints) -> None:
    complaints.allow("status of 507")
    facts = {"code": "storage_full", "message": "the card is full", "expected": "", "remedy": "delete some captures"}
    body = {"error": facts}

    def refuse(route: Route) -> None:
        if route.request.method == "POST":
            route.fulfill(status=507, json=body)
        else:
            route.continue_()

    live_page.route("**/api/captures*", refuse)
    live_page.click("#shutter")
    until(live_page, SHUTTER_STATE, "failed")
    assert "the card is full" in text(live_page, ".toast[data-kind=error]")
    assert "delete some captures" in text(live_page, ".toast[data-kind=error]")
    until(live_page, SHUTTER_STATE, "ready")
