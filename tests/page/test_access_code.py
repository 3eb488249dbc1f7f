"""The page that asks for the access code fits every screen, and tells an owner where the code is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page

from tests.page.conftest import Complaints, Server, free_port, text, until, until_live
from tests.page.sizes import SIZES, not_whole

pytestmark = pytest.mark.page


@pytest.fixture(scope="module")
def guarded_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("guarded"), free_port(), ("--host", "0.0.0.0"))
    server.start()
    yield server
    server.stop()


@pytest.mark.parametrize("size", SIZES)
def test_the_form_and_its_error_are_whole_and_in_sight(
    size: str, guarded_server: Server, open_page: Callable[..., Page], complaints: Complaints
) -> None:
    complaints.allow("status of 401")
    page = open_page(guarded_server.url, viewport=SIZES[size], has_touch=True, is_mobile=True)
    page.route("**/api/access", lambda route: route.fulfill(status=401, json={"error": WRONG}))
    assert page.url.endswith("/access")
    assert page.evaluate("[innerWidth, document.documentElement.scrollWidth]") == [SIZES[size]["width"]] * 2
    page.fill("#code", "W" * 12)
    page.click("#enter")
    until(page, "document.querySelector('#access-error').textContent !== ''")
    view = SIZES[size]
    for part in ("#code", "#enter", "#access-error"):
        box = page.locator(part).bounding_box()
        assert box and box["x"] >= 0 and box["x"] + box["width"] <= view["width"], f"{part} is cut off: {box}"
        assert box["y"] >= 0 and box["y"] + box["height"] <= view["height"], f"{part} is out of sight: {box}"
    assert not_whole(page, "main") == []
    said = text(page, "#access-error")
    assert "hqcam address" in said and "`" not in said
    assert page.text_content("#access-error code") == "hqcam address"
    for way in ("hqcam address", "hqcam serve", "owner"):
        assert way in text(page, ".access-ways")


WRONG = {
    "code": "bad_code",
    "message": "that is not the access code",
    "expected": "",
    "remedy": "run `hqcam address` on the camera to see it",
}


def test_the_code_that_serve_prints_opens_the_viewfinder(
    guarded_server: Server, open_page: Callable[..., Page], complaints: Complaints
) -> None:
    complaints.allow("status of 401")
    page = open_page(f"{guarded_server.url}?lens=rpi-16-1.4-c")  # as the label of a lens's cap has it
    page.fill("#code", "WRONG")
    page.keyboard.press("Enter")
    until(page, "document.querySelector('#access-error').textContent", f"{WRONG['message']} — {REMEDY}")
    page.fill("#code", re.findall(r"access code: (\w+)", guarded_server.log.read_text())[-1])
    page.keyboard.press("Enter")
    page.wait_for_url(f"{guarded_server.url}**")
    until_live(page)
    until(page, "document.querySelector('#lens-model').textContent", "16 mm Telephoto Lens C")
    until(page, "location.search", "")
    page.goto("about:blank")


REMEDY = WRONG["remedy"].replace("`", "")
