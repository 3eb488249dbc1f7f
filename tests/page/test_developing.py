"""The camera makes pictures in the background: asked for in the viewer and among the captures, followed, opened."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.page.conftest import PHONE, Server, until, until_live
from tests.page.sizes import SIZES, not_whole
from tests.page.test_axe import assert_sound
from tests.page.test_controls import ask
from tests.page.test_viewer import open_newest, shoot

pytestmark = pytest.mark.page
ROW = "#viewer-jobs .job"


def test_a_raw_file_is_developed_from_the_viewer(
    make_server: Callable[..., Server], open_page: Callable[..., Page]
) -> None:
    server = make_server()
    newest = shoot(server)
    page = open_page(server.url, viewport=PHONE, has_touch=True)
    until_live(page)
    open_newest(page, newest)
    page.keyboard.press("d")
    until(page, "document.querySelector('#develop').open")
    page.check("[data-develop=crop] input[value='1:1']")
    page.check("[data-develop=white_balance] input[value=kelvin]")
    page.fill("[data-develop=kelvin] input", "4000")
    page.click("#develop summary")
    for name, size in SIZES.items():
        page.set_viewport_size(size)
        assert not_whole(page, "#develop") == [], name
    page.set_viewport_size(PHONE)
    assert_sound(page, "the dialog of developing")
    page.click("#develop .task-begin")
    until(page, f"document.querySelector('{ROW}')?.dataset.state === 'done'")
    made = ask(server, "captures?limit=1")["captures"][0]["files"][-1]
    assert made["kind"] == "developed_jpeg" and page.get_attribute(f"{ROW} a", "href") == made["url"]
    until(page, "document.querySelectorAll('#viewer-files a').length", 3)
    assert (
        page.evaluate("(async (url) => (await createImageBitmap(await (await fetch(url)).blob())).width)", made["url"])
        == 3040
    )
    assert_sound(page, "a job that is done")
    assert not_whole(page, "#viewer-jobs") == []

    page.keyboard.press("Escape")
    page.reload()
    until_live(page)
    page.click("#gallery-open")
    until(page, "document.querySelector('#gallery-jobs .job')?.dataset.state === 'done'")
    page.click("#gallery-select")
    page.click(".gallery-item")
    page.click("#gallery-make")
    page.check("[data-develop=format] input[value=tiff]")
    page.click("#develop .task-begin")
    until(page, "document.querySelectorAll('#gallery-jobs .job').length", 2)
    page.click("#gallery-jobs .job:first-child button")
    until(page, "!document.querySelector('#gallery-jobs .job[data-state=running]')")
    page.click("#gallery-jobs .job:last-child button")
    until(page, "document.querySelectorAll('#gallery-jobs .job').length <= 1")
