"""Taking pictures from the page."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route

from tests.page.conftest import PHONE, Complaints, Server, text, until, until_live
from tests.page.listed import SHOT, listed_as

pytestmark = pytest.mark.page
SHUTTER_STATE = "document.querySelector('#shutter').dataset.state"
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
    assert page.get_attribute(".gallery-item a", "href") == f"/api/captures/{new[0][:-4]}/{new[1]}"
    page.click(".gallery-item a")
    links = page.locator("#viewer-files a.download")
    assert [text.split()[0] for text in links.all_text_contents()] == ["DNG", "JPEG"]
    assert text(page, "#viewer .gallery-audit") == "✓ read back and sound"
    assert int(text(page, "#shots-left").lstrip(">")) > 0
    with page.expect_download() as download:
        links.nth(1).click()
    assert download.value.suggested_filename == new[1]
    until(page, SHUTTER_STATE, "ready")


def test_what_is_wrong_with_a_file_is_marked_on_its_thumbnail_and_said_with_the_picture(live_page: Page) -> None:
    finding = "DNG tones: 901 tonal levels, 86% of them without neighbours: not the sensor's own samples"
    capture = {**SHOT, "audit": {"verdict": "fault", "findings": [finding]}}
    found = listed_as([capture, {**capture, "id": "b", "audit": None}])
    live_page.route("**/api/captures?*", lambda route: route.fulfill(json=found))
    live_page.reload()
    until_live(live_page)
    live_page.click("#gallery-open")
    until(live_page, NEWEST, "a")
    first, second = (live_page.locator(".gallery-item").nth(index) for index in (0, 1))
    assert first.locator(".gallery-badge").all_text_contents() == ["✗"]
    assert second.locator(".gallery-badge").count() == 0
    first.locator(".gallery-link").click()
    assert text(live_page, "#viewer .gallery-audit") == "✗ not sound"
    assert live_page.locator("#viewer .gallery-finding").all_text_contents() == [finding]


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
