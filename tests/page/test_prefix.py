"""The page behind a reverse proxy, under a path: let in, live in a worker, shooting, downloading, reading the help."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
from collections.abc import Callable

import pytest
from playwright.sync_api import Page
from reverse_proxy import proxied

from tests.page.conftest import DEADLINE_S, Complaints, Server, until, until_live
from web.access.guesses import GUESSES

pytestmark = pytest.mark.page
SHUTTER_STATE = "document.querySelector('#shutter').dataset.state"


def test_behind_a_proxy_under_a_path_everything_works(
    make_server: Callable[..., Server], open_page: Callable[..., Page], complaints: Complaints
) -> None:
    server = make_server("--host", "0.0.0.0")
    code = re.findall(r"access code: (\w+)", server.log.read_text())[-1]
    with proxied(server.port, "/cam") as address:
        page = open_page(f"{address}/")
        assert page.url == f"{address}/access"
        page.fill("#code", code)
        page.click("#enter")
        page.wait_for_url(f"{address}/")
        until_live(page)
        assert page.evaluate("window.hqcam.viewfinder.place ?? 'worker'") == "worker"
        assert page.evaluate("getComputedStyle(document.body).margin") == "0px", "styled"
        page.keyboard.press(" ")
        until(page, SHUTTER_STATE, "saved")
        until(page, "document.querySelector('#gallery-thumb img')?.naturalWidth > 0")
        page.click("#gallery-open")
        page.locator(".gallery-link").first.click()
        link = page.locator("#viewer-files a.download").nth(1)
        with page.expect_download() as download:
            link.click()
        assert download.value.suggested_filename.endswith(".jpg")
        assert {cookie["path"] for cookie in page.context.cookies()} == {"/cam/"}
        page.goto(f"{address}/help/raw-files")
        page.click("text=Viewfinder")
        page.wait_for_url(f"{address}/")
        until_live(page)
        complaints.allow("status of 401")
        page.context.clear_cookies()
        page.wait_for_url(f"{address}/access")  # the next frame is refused, and the page asks for the code
        page.goto("about:blank")


def test_who_has_the_code_gets_in_while_someone_guesses_through_the_same_proxy(
    make_server: Callable[..., Server], open_page: Callable[..., Page], complaints: Complaints
) -> None:
    complaints.allow("status of 429")
    server = make_server("--host", "0.0.0.0")
    code = re.findall(r"access code: (\w+)", server.log.read_text())[-1]
    with proxied(server.port, "/cam") as address:
        page = open_page(f"{address}/")
        refused = set()
        for guess in range(GUESSES + 2):
            body = json.dumps({"code": f"WRONG{guess}"}).encode()
            post = urllib.request.Request(f"{address}/api/access", body, {"Content-Type": "application/json"})
            with pytest.raises(urllib.error.HTTPError) as error:
                urllib.request.urlopen(post, timeout=DEADLINE_S)
            with error.value:
                refused.add(error.value.code)
        assert refused == {401, 429}
        page.fill("#code", code)
        page.click("#enter")
        until(page, "document.querySelector('#access-error').textContent.includes('trying again')")
        page.wait_for_url(f"{address}/")
        page.goto("about:blank")


@pytest.mark.parametrize("strips", [True, False])
def test_with_a_base_path_the_proxy_need_not_tell_it(strips: bool, make_server: Callable[..., Server]) -> None:
    server = make_server("--base-path", "/cam")
    assert f"hqcam is at http://127.0.0.1:{server.port}/cam/" in server.log.read_text()
    with proxied(server.port, "/cam", strips=strips, tells=False) as address:
        post = urllib.request.Request(f"{address}/api/captures", b"{}", {"Content-Type": "application/json"})
        with urllib.request.urlopen(post, timeout=DEADLINE_S) as answer:
            shot = json.load(answer)
        origin = address.removesuffix("/cam")
        for url in (
            *(file["url"] for file in shot["files"]),
            shot["thumbnail_url"],
            "/cam/api/viewfinder/frame?after=0",
        ):
            with urllib.request.urlopen(origin + url, timeout=DEADLINE_S) as answer:
                assert answer.status == 200 and answer.read(2)
