"""The captures: by day, a series as one, filtered, selected, deleted with a way back; thousands of them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from helpers import eventually
from PIL import Image
from PIL.ExifTags import IFD, Base
from playwright.sync_api import Page

from device.captures.capture import Capture
from device.captures.shot_audit import Audit, write_record
from device.captures.stars import set_star
from device.captures.storage import Storage
from device.drive.manifest import Manifest
from tests.page.conftest import DESKTOP, PHONE, Server, until, until_live
from tests.page.sizes import SIZES, not_whole
from tests.page.test_axe import assert_sound
from tests.page.test_controls import ask

pytestmark = pytest.mark.page
LISTED = "[...document.querySelectorAll('.gallery-item')].map((item) => item.dataset.capture)"
COUNTED = "document.querySelector('#gallery-count').textContent"
FOCUSED = "document.activeElement.closest('[data-capture]')?.dataset.capture ?? document.activeElement.id"
VIEWER = "document.querySelector('#viewer').open"
FILMED = """
window.filmed = [];
addEventListener("DOMContentLoaded", () => new MutationObserver(() => {
  const says = document.querySelector("#viewer-says").textContent;
  if (says.includes(" of ") && filmed.at(-1) !== says) filmed.push(says);
}).observe(document.querySelector("#viewer-says"), { childList: true, characterData: true, subtree: true }));
"""
# What is deleted can be had back for as long as a test likes, on a machine of any speed; who leaves the page ends it.
LONG_UNDO = """
const later = window.setTimeout;
window.setTimeout = (does, ms, ...more) => later(does, ms === 8000 ? 3_600_000 : ms, ...more);
"""
LEAVE = "dispatchEvent(new Event('pagehide'))"
START = datetime(2026, 11, 27, 12, tzinfo=UTC)


def picture(taken_at: datetime) -> bytes:
    exif = Image.Exif()
    exif.get_ifd(IFD.Exif)[Base.DateTimeOriginal] = f"{taken_at:%Y:%m:%d %H:%M:%S}"
    out = io.BytesIO()
    Image.new("RGB", (64, 48), (90, 120, 40)).save(out, "JPEG", exif=exif)
    return out.getvalue()


class Card:
    """The captures of a server, written as another process on the camera would."""

    def __init__(self, server: Server) -> None:
        self.storage = Storage(server.output)
        self._taken = 0

    def shoot(self, number: int = 1, *, series: Manifest | None = None, raw: bool = False, day: int = 0) -> list[str]:
        """Save captures; give their ids, the first one first."""
        return [self._shoot(series, raw, day).id for _ in range(number)]

    def _shoot(self, series: Manifest | None, raw: bool, day: int) -> Capture:
        self._taken += 1
        at = START + timedelta(days=day, seconds=self._taken)
        capture = self.storage.save(at, {".jpg": [picture(at)], **({".dng": [b"x"]} if raw else {})})
        if series is not None:
            write_record(Audit(()), capture, series=series.place)
            series.add({"n": len(series.frames) + 1, "id": capture.id, "taken_at": at.isoformat()})
        return capture

    def begin(self, mode: str) -> Manifest:
        return Manifest.begin(self.storage.root, mode, {}, START, {})

    @property
    def ids(self) -> list[str]:
        """What is there, newest first."""
        return [capture.id for capture in self.storage.list()]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Server:
    """One for all tests here; each begins with an empty card."""
    from tests.page.conftest import free_port

    return Server(tmp_path_factory.mktemp("gallery"), free_port())


@pytest.fixture(scope="module", autouse=True)
def running(server: Server) -> object:
    server.start()
    yield
    server.stop()


@pytest.fixture
def card(server: Server) -> Card:
    card = Card(server)
    for one in card.ids:
        card.storage.delete(one)
    return card


def open_gallery(open_page: Callable[..., Page], server: Server, ids: list[str], **options: object) -> Page:
    page = open_page(server.url, **{"viewport": PHONE, **options})
    until_live(page)
    page.click("#gallery-open")
    until(page, LISTED, ids)
    return page


def until_on(card: Card, ids: list[str]) -> None:
    eventually(lambda: card.ids == ids, f"{ids} are there")


def test_captures_stand_by_day_and_a_series_is_one_that_opens_and_plays(
    server: Server, card: Card, open_page: Callable[..., Page]
) -> None:
    (older,) = card.shoot(day=-1)
    series = card.begin("interval")
    frames = card.shoot(5, series=series, raw=True)
    series.end("done", START)
    (newest,) = card.shoot()
    page = open_gallery(open_page, server, [newest, frames[-1], older], init_script=FILMED)
    days = page.locator(".gallery-day").all_text_contents()
    assert days == ["Nov 27, 2026", "Nov 26, 2026"]
    assert page.locator(".gallery-badge[data-kind=series]").all_text_contents() == ["▤ 5"]
    for name, size in {**SIZES, "desktop": DESKTOP}.items():
        page.set_viewport_size(size)  # type: ignore[arg-type]
        until(page, f"innerWidth === {size['width']}")
        assert not_whole(page, "#gallery-sheet") == [], name
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    assert_sound(page, "captures")
    page.click("[data-series] .gallery-link")
    until(page, LISTED, frames[::-1])
    assert page.inner_text("#gallery-title") == "Interval, 5 shots"
    page.locator(".gallery-link").first.click()
    until(page, VIEWER)
    page.click("#viewer-play")
    until(page, "filmed", [f"{n} of 5" for n in range(1, 6)])
    until(page, "document.querySelector('#viewer-play').ariaPressed", "false")
    assert_sound(page, "a shot of a series")
    page.keyboard.press("Escape")
    until(page, f"!{VIEWER}")
    page.keyboard.press("Escape")  # from the series to all of them
    until(page, LISTED, [newest, frames[-1], older])
    assert page.is_visible("#gallery-sheet")


def test_what_others_take_and_delete_is_seen_wherever_one_is(
    server: Server, card: Card, open_page: Callable[..., Page]
) -> None:
    first = card.shoot(70)[::-1]  # more than are read at once
    page = open_page(server.url, viewport=PHONE)
    until_live(page)
    page.click("#gallery-open")
    until(page, f"({LISTED}).slice(0, 20)", first[:20])
    page.evaluate("document.querySelector('#gallery').scrollTo(0, 1e6)")
    until(page, f"({LISTED}).slice(-5)", first[-5:])
    (newer,) = card.shoot()
    card.storage.delete(first[-1])
    until(page, f"({LISTED}).slice(-5)", first[-6:-1])
    page.evaluate("document.querySelector('#gallery').scrollTo(0, 0)")
    until(page, f"({LISTED}).slice(0, 20)", [newer, *first[:19]])


def test_only_what_is_near_is_in_the_document(server: Server, card: Card, open_page: Callable[..., Page]) -> None:
    (oldest,) = card.shoot()
    page = open_gallery(open_page, server, [oldest])
    ids = [*card.shoot(399)[::-1], oldest]  # where all was in one part
    until(page, f"({LISTED}).slice(0, 9)", ids[:9])
    end = "document.querySelector('#gallery').scrollTo(0, 1e7)"
    # Scrolled again at each look: the list may still grow, and the oldest has been in it from the start.
    until(page, f"{end}; ({LISTED}).at(-1) === {ids[-1]!r} && !({LISTED}).includes({ids[0]!r})")
    assert page.evaluate("document.querySelectorAll('.gallery-part').length") >= 3
    assert page.evaluate("document.querySelectorAll('.gallery-item').length") < 300
    page.evaluate("document.querySelector('#gallery').scrollTo(0, 0)")
    until(page, f"({LISTED}).slice(0, 9)", ids[:9])


def test_filters_show_what_they_keep(server: Server, card: Card, open_page: Callable[..., Page]) -> None:
    (plain,), (raw,) = card.shoot(), card.shoot(raw=True)
    for name in ("two words.jpg", "<b>new\nline.dng"):
        (card.storage.root / name).write_bytes(b"somebody's")
    set_star(card.storage.get(plain).files[0].path, True)
    page = open_gallery(open_page, server, [raw, plain])
    assert page.locator(f"[data-capture={plain}] .gallery-badge").all_text_contents() == ["★"]
    page.click("#gallery-others summary")  # Playwright: only where it is in sight and under nothing
    assert page.locator("#gallery-others summary").inner_text() == "Other files in the folder: 2"
    assert page.locator("#gallery-others li").all_inner_texts() == [r"<b>new\nline.dng 1 kB", "two words.jpg 1 kB"]
    page.click("#gallery-others summary")
    page.select_option("#gallery-only", "starred")
    until(page, LISTED, [plain])
    page.select_option("#gallery-only", "raw")
    until(page, LISTED, [raw])
    page.locator(".gallery-link").first.click()
    until(page, VIEWER)
    page.click("#viewer-star")
    until(page, "document.querySelector('#viewer-star').ariaPressed", "true")
    page.keyboard.press("Escape")
    until(page, f"!{VIEWER}")
    page.select_option("#gallery-only", "starred")
    until(page, LISTED, [raw, plain])
    page.locator(f"[data-capture={plain}] .gallery-link").click()
    until(page, VIEWER)
    page.keyboard.press("s")
    until(page, "document.querySelector('#viewer-star').ariaPressed", "false")
    page.keyboard.press("Escape")
    until(page, LISTED, [raw])
    assert ask(server, "captures?only=starred")["captures"][0]["id"] == raw


def test_many_are_selected_by_taps_downloaded_and_deleted(
    server: Server, card: Card, open_page: Callable[..., Page]
) -> None:
    series = card.begin("bracket")
    frames = card.shoot(3, series=series)
    series.end("done", START)
    singles = card.shoot(3, raw=True)[::-1]
    page = open_gallery(open_page, server, [*singles, frames[-1]], has_touch=True, init_script=LONG_UNDO)
    page.click("#gallery-select")
    assert page.is_disabled("#gallery-zip")
    page.click(f"[data-capture={singles[0]}] .gallery-check")
    until(page, f"{COUNTED}.startsWith('1 selected')")
    page.click("[data-series] .gallery-check")
    until(page, f"{COUNTED}.startsWith('4 selected')")
    page.click("[data-series] .gallery-check")
    until(page, f"{COUNTED}.startsWith('1 selected')")
    assert not page.evaluate(VIEWER), "a tap selects while captures are selected"
    page.click("#gallery-all")
    until(page, f"{COUNTED}.startsWith('6 selected')")
    for name, size in SIZES.items():
        page.set_viewport_size(size)  # type: ignore[arg-type]
        until(page, f"innerWidth === {size['width']}")
        assert not_whole(page, "#gallery-tasks") == [], name
    assert_sound(page, "captures are selected")
    with page.expect_download() as download:
        page.click("#gallery-zip")
    with zipfile.ZipFile(download.value.path()) as found:
        assert found.testzip() is None
        files = [f"{one}.jpg" for one in [*frames, *singles]] + [f"{one}.dng" for one in singles]
        assert sorted(found.namelist()) == sorted(files)
    page.click("#gallery-all")
    until(page, f"{COUNTED}.startsWith('0 selected')")
    for one in singles[1:]:
        page.click(f"[data-capture={one}] .gallery-check")
    until(page, f"{COUNTED}.startsWith('2 selected')")
    page.click("#gallery-remove")
    until(page, LISTED, [singles[0], frames[-1]])
    assert card.ids == [*singles, *frames[::-1]], "for a while they are on the card still"
    page.evaluate(LEAVE)
    until_on(card, [singles[0], *frames[::-1]])
    until(page, LISTED, [singles[0], frames[-1]])


DRAW = """([from, to, type, held]) => {
  const middle = (id) => {
    const { left, top, width, height } = document.querySelector(`[data-capture=${id}]`).getBoundingClientRect();
    return { clientX: left + width / 2, clientY: top + height / 2 };
  };
  const list = document.querySelector("#gallery");
  list.setPointerCapture = () => {};
  const send = (kind, place) => document.elementFromPoint(place.clientX, place.clientY).dispatchEvent(
    new PointerEvent(kind, { ...place, pointerId: 1, isPrimary: true, pointerType: type, bubbles: true }));
  const [a, b] = [middle(from), middle(to)];
  const half = { clientX: (a.clientX + b.clientX) / 2, clientY: a.clientY };
  if (held !== "second") send("pointerdown", a);
  if (held === "first") return;
  for (const place of [half, b]) send("pointermove", place);
  send("pointerup", b);
}"""


def test_many_are_selected_by_drawing_over_them(server: Server, card: Card, open_page: Callable[..., Page]) -> None:
    ids = card.shoot(6)[::-1]
    page = open_gallery(open_page, server, ids, has_touch=True)
    selecting = "document.querySelector('#gallery-select').ariaPressed"
    page.evaluate(DRAW, [ids[0], ids[2], "touch", "first"])
    until(page, selecting, "true")  # it stays on one until that is selected
    until(page, f"{COUNTED}.startsWith('1 selected')")
    page.evaluate(DRAW, [ids[0], ids[2], "touch", "second"])
    until(page, f"{COUNTED}.startsWith('3 selected')")
    page.click("#gallery-all")
    until(page, f"{COUNTED}.startsWith('6 selected')")
    page.click("#gallery-all")
    page.evaluate(DRAW, [ids[1], ids[2], "mouse", ""])
    until(page, f"{COUNTED}.startsWith('2 selected')")
    page.evaluate(DRAW, [ids[0], ids[3], "touch", ""])  # up and down is for scrolling
    page.keyboard.press("Escape")
    until(page, selecting, "false")
    assert page.is_visible("#gallery-sheet")


def test_what_is_deleted_can_be_had_back_and_the_keyboard_does_it_all(
    server: Server, card: Card, open_page: Callable[..., Page]
) -> None:
    ids = card.shoot(5)[::-1]
    page = open_gallery(open_page, server, ids, init_script=LONG_UNDO)
    page.focus(f"[data-capture={ids[0]}] .gallery-link")
    moves = {"ArrowRight": 1, "ArrowDown": 4, "ArrowLeft": 3, "ArrowUp": 0, "End": 4, "Home": 0}
    for key, focused in moves.items():
        page.keyboard.press(key)
        assert page.evaluate(FOCUSED) == ids[focused], key
    page.keyboard.press("Delete")
    until(page, LISTED, ids[1:])
    assert page.evaluate(FOCUSED) == ids[1], "the next one has the focus"
    page.click(".toast-undo")
    until(page, LISTED, ids)
    assert card.ids == ids
    page.focus(f"[data-capture={ids[1]}] .gallery-link")
    page.keyboard.press("Delete")
    until(page, LISTED, [ids[0], *ids[2:]])
    page.keyboard.press("Delete")  # the first goes at once: only the last can be had back
    until(page, LISTED, [ids[0], *ids[3:]])
    until_on(card, [ids[0], *ids[2:]])
    page.keyboard.press("Enter")
    until(page, VIEWER)
    page.evaluate(LEAVE)
    until_on(card, [ids[0], *ids[3:]])


def test_what_cannot_be_deleted_comes_back_and_says_why(
    server: Server, card: Card, open_page: Callable[..., Page]
) -> None:
    ids = card.shoot(2)[::-1]
    page = open_gallery(open_page, server, ids)
    facts = {"code": "storage_error", "message": "the card is read-only", "expected": "", "remedy": ""}
    failed = {"failed": [{"id": ids[0], "error": facts}]}
    page.route("**/api/captures/delete", lambda route: route.fulfill(json=failed))
    page.focus(f"[data-capture={ids[0]}] .gallery-link")
    page.keyboard.press("Delete")
    until(page, LISTED, ids[1:])
    until(page, "window.said.some(({ text }) => text.includes('the card is read-only'))")
    until(page, LISTED, ids)
