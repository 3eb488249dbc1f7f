"""The camera makes pictures in the background: asked for in the viewer and among the captures, followed, opened."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.page.conftest import PHONE, Server, until, until_live
from tests.page.sizes import SIZES, not_whole
from tests.page.test_axe import assert_sound
from tests.page.test_controls import ask
from tests.page.test_gallery import START, Card, open_gallery
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


def test_a_series_becomes_a_film_and_a_sheet(
    make_server: Callable[..., Server], open_page: Callable[..., Page]
) -> None:
    server = make_server()
    card = Card(server)
    series = card.begin("interval")
    frames = card.shoot(5, series=series)
    series.end("done", START)
    page = open_gallery(open_page, server, [frames[-1]], has_touch=True)
    page.click(".gallery-item button")
    until(page, "document.querySelectorAll('.gallery-item').length", 5)
    assert not_whole(page, "#gallery-tasks") == []
    page.click("#gallery-film")
    page.check("#of-series [data-film=size] input[value=original]")
    for name, size in SIZES.items():
        page.set_viewport_size(size)
        assert not_whole(page, "#of-series") == [], name
    page.set_viewport_size(PHONE)
    assert_sound(page, "the dialog of a film")
    page.click("#of-series .task-begin")
    until(page, "document.querySelector('#gallery-jobs .job')?.dataset.state === 'done'")

    page.click("#gallery-film")
    until(page, "document.querySelectorAll('#of-series .task-made a').length", 1)
    page.check("#of-series [data-make] input[value=sheet]")
    page.click("#of-series .task-begin")
    until(page, "document.querySelectorAll('#gallery-jobs .job[data-state=done]').length", 2)
    made = {file["name"]: file["url"] for file in ask(server, f"drive/{series.id}/files")["files"]}
    assert list(made) == [f"{series.id}.mp4", f"{series.id}_sheet.jpg"]
    kinds = page.evaluate(
        "async (urls) => Promise.all(urls.map(async (url) => (await (await fetch(url)).blob()).type))",
        list(made.values()),
    )
    assert kinds == ["video/mp4", "image/jpeg"]
    page.keyboard.press("Escape")
    until(page, "document.querySelectorAll('.gallery-item').length", 1)  # the sheet is no capture
