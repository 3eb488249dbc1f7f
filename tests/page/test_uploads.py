"""Other places in the captures' sheet: one is tried out and added, sends, is paused, and removed with a way back."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from helpers import eventually
from upload_servers import serving

from tests.page.conftest import PHONE, Complaints, Server, until, until_live
from tests.page.sizes import not_whole

if TYPE_CHECKING:
    from playwright.sync_api import Page

STATE = '() => document.querySelector(".upload")?.dataset.state ?? ""'


def test_a_place_is_added_sends_pauses_and_goes(
    open_page: Callable[..., Page], shared_server: Server, complaints: Complaints
) -> None:
    page = open_page(shared_server.url, viewport=PHONE)
    until_live(page)
    with serving(user="Basic YWRhOlp1ZjRsbA==") as cloud:
        page.click("#gallery-open")
        page.click("#send-open")
        page.click("[data-upload=add]")
        assert not_whole(page, "#send-settings") == []
        page.fill(".upload-form input[maxlength]", "NAS")
        page.fill(".upload-form input[inputmode=url]", f"http://127.0.0.1:{cloud.port}/")
        page.fill(".upload-form input[type=password]", "wrong")
        complaints.allow("502")
        page.click(".upload-form [type=submit]")
        page.locator(".upload-form .upload-problem", has_text="does not know this user").wait_for()
        page.fill(".upload-form label:has-text('User') input", "ada")
        page.fill(".upload-form input[type=password]", "Zuf4ll")
        page.click(".upload-form [role=switch]:has-text('there already')")
        shot = page.request.post(f"{shared_server.url}api/captures", data={}).json()["id"]
        page.click(".upload-form [type=submit]")
        page.locator(".upload b", has_text="NAS").wait_for()
        until(page, f"({STATE})() === 'done'")
        assert not_whole(page, "#send-settings") == []
        there = {path.name: path.read_bytes() for path in shared_server.output.rglob(f"{shot}.[dj]*g")}
        assert there.items() <= {name.rpartition("/")[2]: data for name, data in cloud.whole.items()}.items()
        page.click(".upload [data-does=pause]")
        until(page, f"({STATE})() === 'paused'")
        page.click(".upload [data-does=remove]")
        until(page, f"({STATE})() === ''")
        page.click(".toast-undo")
        until(page, f"({STATE})() === 'paused'")
        page.click(".upload [data-does=remove]")
        address = f"{shared_server.url}api/uploads"
        eventually(lambda: page.request.get(address).json()["destinations"] == [], "it is removed")
