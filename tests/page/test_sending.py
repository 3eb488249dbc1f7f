"""New shots come to the phone by themselves: whole, once, over cut links and reloads; and one is shared."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Download, Page, Route

from device.captures.storage import Storage
from tests.page.conftest import PHONE, Complaints, Server, until, until_live
from tests.page.sizes import not_whole
from tests.page.test_axe import assert_sound
from tests.page.test_gallery import picture

pytestmark = pytest.mark.page
QUEUE = "JSON.parse(localStorage.getItem('hqcam.sent.1') ?? '{}')"
START = datetime(2026, 11, 27, 12, tzinfo=UTC)
FILE_BYTES = 40_000
PICTURE = picture(START)


@pytest.fixture
def card(shared_server: Server) -> Callable[[], dict[str, bytes]]:
    """Saves a shot of random bytes, as another process on the camera would; gives its files by name."""
    storage, taken = Storage(shared_server.output), random.randrange(10**6)

    def shoot() -> dict[str, bytes]:
        nonlocal taken
        taken += 1
        files = {".jpg": PICTURE + os.urandom(FILE_BYTES), ".dng": os.urandom(FILE_BYTES)}
        capture = storage.save(
            START + timedelta(milliseconds=taken), {suffix: [data] for suffix, data in files.items()}
        )
        return {f"{capture.id}{suffix}": data for suffix, data in files.items()}

    return shoot


class Arrived:
    """What a browser was given to save."""

    def __init__(self, page: Page) -> None:
        self.downloads: list[Download] = []
        page.on("download", lambda download: self.downloads.append(download))

    def files(self, folder: Path) -> list[tuple[str, bytes]]:
        found = []
        for number, download in enumerate(self.downloads):
            path = folder / str(number)
            download.save_as(path)
            found.append((download.suggested_filename, path.read_bytes()))
        return found


# The link of a phone at the end of the garden: it drops some requests, and breaks off some answers anywhere.
CUT_LINK = """
const asked = window.fetch;
window.fetch = async (url, options) => {
  const cuts = Number(localStorage.getItem("cuts") ?? 0);
  if (cuts <= 0 || !/captures[/].+[.](jpg|dng)/.test(url)) return asked(url, options);
  localStorage.setItem("cuts", String(cuts - 1));
  if (Math.random() < 0.3) throw new TypeError("no link");
  const answer = await asked(url, options);
  const data = new Uint8Array(await answer.arrayBuffer());
  let pulls = 0;
  const body = new ReadableStream({ pull(controller) {
    pulls += 1;
    if (pulls === 1) controller.enqueue(data.slice(0, 1 + Math.random() * (data.length - 1)));
    else controller.error(new TypeError("the link broke off"));
  } }, { highWaterMark: 0 });
  return new Response(body, { status: answer.status, headers: answer.headers });
};
"""
CUTS = 12


def switch_on(page: Page, files: str = "raw+jpeg") -> None:
    page.click("#gallery-open")
    page.click("#send-open")
    page.click(f"[data-send=files] [data-value='{files}']")
    until(page, f"({QUEUE}).since >= 0")


def test_new_shots_arrive_whole_and_once_over_a_link_that_is_cut_and_a_reload(
    shared_server: Server, open_page: Callable[..., Page], card: Callable[[], dict[str, bytes]],
    tmp_path: Path,
) -> None:  # fmt: skip
    before, resumed = card(), list[str]()
    page = open_page(shared_server.url, viewport=PHONE, accept_downloads=True, init_script=CUT_LINK)
    page.on("request", lambda request: resumed.append(request.url) if "range" in request.headers else None)
    until_live(page)
    arrived = Arrived(page)
    switch_on(page)
    assert not_whole(page, "#send-settings") == []
    assert_sound(page, "what is sent to this phone")
    files: dict[str, bytes] = {}
    page.evaluate(f"localStorage.setItem('cuts', {CUTS})")
    for _ in range(4):
        files.update(card())
    until(page, f"({QUEUE}).sent >= 2 && ({QUEUE}).waiting.length > 0")
    page.reload()  # in the middle of one
    until_live(page)
    files.update(card())
    until(page, f"({QUEUE}).sent === 10 && ({QUEUE}).waiting.length === 0")
    while len(arrived.downloads) < 10:
        page.wait_for_event("download")
    got = arrived.files(tmp_path)
    assert sorted(name for name, _ in got) == sorted(files) and not set(before) & {name for name, _ in got}
    assert dict(got) == files
    assert resumed and page.evaluate("localStorage.getItem('cuts')") == "0", "a file goes on where it broke off"
    kinds = [name.rpartition(".")[2] for name, _ in got[:4]]
    assert kinds.count("jpg") >= 3, "raw files come behind the pictures"
    page.click("#gallery-open")
    until(page, "document.querySelector('#send-says').textContent", "10 files sent to this device")


# Over plain http there are no locks, and a phone lets a page in the background stand still.
STANDS_STILL = """
Object.defineProperty(Navigator.prototype, "locks", { value: undefined });
const asIs = window.setInterval;
if (sessionStorage.getItem("still"))
  window.setInterval = (...timer) => (new Error().stack.includes("turns.js") ? 0 : asIs(...timer));
"""


def test_two_pages_of_one_browser_save_a_shot_once_also_when_one_stands_still(
    shared_server: Server, open_page: Callable[..., Page], card: Callable[[], dict[str, bytes]], tmp_path: Path
) -> None:
    first = open_page(
        shared_server.url, viewport=PHONE, accept_downloads=True,
        init_script=f"sessionStorage.setItem('still', '1'); {STANDS_STILL}",
    )  # fmt: skip
    until_live(first)
    switch_on(first, "jpeg")
    held: list[Route] = []
    first.route("**/api/captures/*/*.jpg", lambda route: held.append(route))
    with first.expect_request("**/api/captures/*/*.jpg"):
        files = card()
    second = first.context.new_page()
    second.add_init_script(STANDS_STILL)
    arrived = [Arrived(first), Arrived(second)]
    second.goto(shared_server.url)
    until(second, f"({QUEUE}).sent", 1)  # its turn came, because the first one let its own end
    held[0].continue_()
    first.unroute("**/api/captures/*/*.jpg")
    until(first, f"({QUEUE}).waiting.length", 0)
    files.update(card())
    until(first, f"({QUEUE}).sent", 2)
    while sum(len(one.downloads) for one in arrived) < 2:
        second.evaluate("0")  # which lets the browser's events come in
    for page in (first, second):
        until(page, "indexedDB.databases().then((all) => all.length)", 1)
        page.close()
    got = [pair for number, one in enumerate(arrived) for pair in one.files(tmp_path / str(number))]
    assert sorted(got) == sorted(item for item in files.items() if item[0].endswith(".jpg"))


def test_a_file_with_another_checksum_is_never_handed_over(
    shared_server: Server, open_page: Callable[..., Page], card: Callable[[], dict[str, bytes]], tmp_path: Path
) -> None:
    page = open_page(shared_server.url, viewport=PHONE, accept_downloads=True)
    until_live(page)
    arrived = Arrived(page)
    wrong = 0

    def damage(route: Route) -> None:
        nonlocal wrong
        answer = route.fetch()
        wrong += 1
        body = answer.body()
        route.fulfill(response=answer, body=body if wrong > 2 else body[:-1] + bytes([body[-1] ^ 1]))

    page.route("**/api/captures/*/*.jpg", damage)
    switch_on(page, "jpeg")
    files = card()
    until(page, f"({QUEUE}).sent", 1)
    while not arrived.downloads:
        page.wait_for_event("download")
    assert wrong == 3 and arrived.files(tmp_path) == [item for item in files.items() if item[0].endswith(".jpg")]


def test_what_waits_can_be_stopped_and_what_is_gone_is_left_out(
    shared_server: Server, open_page: Callable[..., Page], card: Callable[[], dict[str, bytes]], complaints: Complaints
) -> None:
    complaints.allow("Failed to load resource")
    page = open_page(shared_server.url, viewport=PHONE, accept_downloads=True)
    until_live(page)
    arrived = Arrived(page)
    page.route("**/api/captures/*/*.*", lambda route: route.fulfill(status=404, json={}))
    switch_on(page)
    since = page.evaluate(f"({QUEUE}).since")
    card()
    until(page, f"({QUEUE}).since > {since} && ({QUEUE}).waiting.length === 0 && ({QUEUE}).sent === 0")
    page.unroute("**/api/captures/*/*.*")
    page.route("**/api/captures/*/*.*", lambda route: route.abort())
    card()
    until(page, "document.querySelector('#send-says').textContent", "Waiting for the camera; 2 files left")
    page.click("#send-stop")
    until(page, f"({QUEUE}).waiting.length", 0)
    until(page, "!document.querySelector('#send-progress').checkVisibility()")
    assert arrived.downloads == []


SHARED = """
navigator.canShare = () => true;
navigator.share = async ({ files: [file] }) => {
  window.asks = (window.asks ?? 0) + 1;
  if (window.asks === 1) throw new DOMException("tap", "NotAllowedError");
  window.shared = { name: file.name, type: file.type, bytes: file.size };
};
"""


def test_a_picture_is_shared_as_this_phone_wants_it(shared_server: Server, open_page: Callable[..., Page]) -> None:
    page = open_page(shared_server.url, viewport=PHONE, init_script=SHARED)
    until_live(page)
    page.keyboard.press(" ")
    until(page, "document.querySelector('#shutter').dataset.state", "saved")
    page.click("#gallery-open")
    page.click("#send-open")
    page.click("[data-send=size] [data-value='1080']")
    page.locator(".gallery-item a").first.click()
    until(page, "document.querySelector('#viewer').dataset.picture === 'shown'")
    taken = page.inner_text("#viewer-name")
    assert page.locator("#viewer-files a").nth(1).get_attribute("download") == f"{taken}_1080.jpg"
    says = "document.querySelector('#viewer-says').textContent"
    page.click("#viewer-share")
    until(page, says, "Ready to be shared: tap once more")
    page.click("#viewer-share")
    until(page, says, "Shared")
    shared = page.evaluate("shared")
    assert (shared["name"], shared["type"]) == (f"{taken}_1080.jpg", "image/jpeg") and shared["bytes"] > 10_000
