"""The lens: its plate on the picture and its sheet, by finger and by keyboard, on every screen."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from helpers import eventually
from playwright.sync_api import Page

from tests.page.conftest import DEADLINE_S, DESKTOP, Complaints, Server, until, until_live
from tests.page.sizes import SIZES, TARGET_PX, not_whole
from tests.page.test_axe import assert_sound
from tests.page.test_controls import ask
from tests.page.test_undo import taken_back

pytestmark = pytest.mark.page
KIT = "rpi-16-1.4-c"  # the focal length that the simulated lens has: it is not painted anew
PLATE = "document.querySelector('.lens-plate').innerText.split('\\n').join(' | ')"
ROWS = "[...document.querySelectorAll('#lens-list .lens-pick')].map((row) => row.dataset.lens)"
MINE = "me-pinhole"
ON_TOP = """() => {
  const box = document.querySelector("#lens-open").getBoundingClientRect();
  const met = document.elementFromPoint((box.left + box.right) / 2, (box.top + box.bottom) / 2);
  const inside = box.left >= 0 && box.top >= 0 && box.right <= innerWidth && box.bottom <= innerHeight;
  return [inside && Boolean(met?.closest("#lens-open")), Math.min(box.width, box.height)];
}"""


@pytest.fixture
def server(shared_server: Server) -> Iterator[Server]:
    """The shared server without a chosen lens; as it was, afterwards."""
    ask(shared_server, "lens", {"id": None})
    ask(shared_server, "controls", {"f_number": 2.8, "focal_mm": None})
    yield shared_server
    ask(shared_server, "lens", {"id": None})
    ask(shared_server, "controls", {"f_number": 2.8, "focal_mm": None})
    gone = urllib.request.Request(f"{shared_server.url}api/lens/profiles/{MINE}", method="DELETE")
    with suppress(urllib.error.HTTPError):
        urllib.request.urlopen(gone, timeout=DEADLINE_S).close()


def chosen(server: Server) -> Any:
    return ask(server, "lens")["chosen"]


def test_one_tap_opens_the_lenses_on_every_screen_and_all_of_the_sheet_can_be_reached(
    server: Server, open_page: Callable[..., Page]
) -> None:
    page = open_page(server.url, has_touch=True)
    until_live(page)
    until(page, f"{ROWS}.length > 20")
    ask(server, "lens", {"id": KIT, "f_number": 4})
    until(page, PLATE, "16 mm Telephoto Lens C | 16 mm (88) · f/4")
    for name, size in {**SIZES, "desktop": DESKTOP}.items():
        page.set_viewport_size(size)  # type: ignore[arg-type]
        until(page, f"innerWidth === {size['width']}")
        on_top, least_px = page.evaluate(ON_TOP)
        assert on_top and least_px >= TARGET_PX, name
        page.click("#lens-open")
        until(page, "document.querySelector('.lens-ring :checked').checkVisibility()")
        assert not_whole(page, "#lens-sheet") == [], name
        longest = page.evaluate("document.querySelector('#lens-sheet .sheet-body').scrollHeight / innerHeight")
        assert longest <= 2, f"{name}: {longest:.2f} screens"
        assert_sound(page, f"lenses, {name}")
        page.click("#lens-add")
        assert not_whole(page, "#lens-sheet") == [], f"a new lens, {name}"
        if name == "390x844":
            assert_sound(page, "a new lens")
        page.click("#lens-sheet .sheet-close")
        until(page, "!document.querySelector('#lens-sheet').checkVisibility()")


def test_a_mistyped_lens_is_found_and_chosen_and_turned_by_the_keyboard_and_the_camera_follows(
    server: Server, open_page: Callable[..., Page]
) -> None:
    page = open_page(server.url)
    until_live(page)
    until(page, f"{ROWS}.length > 20")
    page.keyboard.press("a")
    page.fill("#lens-search", "raspbery 16")
    until(page, f"{ROWS}[0]", KIT)
    until(page, "document.querySelector('#lens-found').textContent.includes('nearest')")
    page.press("#lens-search", "Enter")
    until(page, "document.querySelector('#lens-name').textContent", "Raspberry Pi 16 mm Telephoto Lens C")
    eventually(lambda: (chosen(server) or {}).get("id") == KIT, "the lens is chosen", DEADLINE_S)
    until(page, "document.querySelector('.lens-ring :checked')?.value", "2.8")  # where the simulated lens stands
    page.focus(".lens-ring :checked")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    until(page, "window.hqcam.viewfinder.frame.lens.f_number", 5.6)
    until(page, PLATE, "16 mm Telephoto Lens C | 16 mm (88) · f/5.6")
    eventually(
        lambda: chosen(server) == {"id": KIT, "f_number": 5.6, "focal_mm": 16}, "and turned to f/5.6", DEADLINE_S
    )
    page.fill(".lens-figure", "6.3")
    page.press(".lens-figure", "Enter")
    until(page, "window.hqcam.viewfinder.frame.lens.f_number", 6.3)
    until(page, f"{PLATE}.endsWith('f/6.3')")
    page.fill("#lens-search", "")
    until(page, f"{ROWS}.length > 20")
    page.click("#lens-sheet .sheet-close")
    page.keyboard.press("a")
    until(page, f"{ROWS}[0]", KIT)  # the last used is first now


def test_a_label_puts_the_lens_on_and_its_optics_stand_beside_it(
    server: Server, open_page: Callable[..., Page], complaints: Complaints
) -> None:
    page = open_page(f"{server.url}?lens={KIT}", viewport=SIZES["390x844"], has_touch=True)
    until_live(page)
    eventually(lambda: (chosen(server) or {}).get("id") == KIT, "the lens of the label is on", DEADLINE_S)
    until(page, "location.search", "")
    page.click("#lens-open")
    page.click("#lens-optics summary")
    page.fill("#lens-optics input[type=text]", "2")
    page.press("#lens-optics input[type=text]", "Enter")
    figures = "[...document.querySelectorAll('#lens-optics dd')].map((figure) => figure.textContent)"
    # 6.287 and 4.712 mm behind 16 mm at 2 m: m = 16 / 1984; 2.8 is where the simulated lens stands
    until(page, f"{figures}.slice(0, 5).join(' | ')",
          "2.00 m | 22.1° × 16.6°, diagonal 27.4° | 0.780 m × 0.584 m | 88 mm, by the diagonal | 17.5 m")  # fmt: skip
    until(page, f"{figures}.at(-1)", "costs 0.02 EV")
    assert not_whole(page, "#lens-sheet") == []
    assert_sound(page, "the optics of a lens")
    page.click("#lens-optics [data-value=pixel]")
    until(page, f"{figures}[4]", "29.5 m")
    complaints.allow("status of 400")  # nearer than the focal length
    page.fill("#lens-optics input[type=text]", "0.01")
    page.press("#lens-optics input[type=text]", "Enter")
    until(page, "document.querySelector('#lens-optics [role=status]').textContent.includes('0.016 m')")
    page.click("#lens-mount summary")
    adapter = "[...document.querySelectorAll('#lens-mount dd')].map((figure) => figure.textContent)"
    until(page, f"{adapter}.slice(0, 2).join(' | ')", "17.53 mm | none but the C-CS ring")
    until(page, f"{adapter}[2].startsWith('focuses no farther than 2.58 m')")  # 16 mm + 16^2 / 0.1
    page.fill("#lens-mount input[type=text]", "0.2")
    page.press("#lens-mount input[type=text]", "Enter")
    until(page, f"{adapter}.at(-1).startsWith('0.20 mm too long: focuses no farther than 1.30 m')")
    page.click("#lens-mount [role=switch]")  # without the ring
    until(page, f"{adapter}.at(-1).startsWith('4.80 mm too short')")
    assert not_whole(page, "#lens-sheet") == []
    assert_sound(page, "the adapter of a lens")


def test_a_lens_of_ones_own_is_added_changed_removed_and_comes_back(
    server: Server, open_page: Callable[..., Page]
) -> None:
    page = open_page(server.url, viewport=SIZES["390x844"], has_touch=True)
    until_live(page)
    until(page, f"{ROWS}.length > 20")
    page.click("#lens-open")
    page.click("#lens-add")
    for number, value in enumerate(("Me", "Pinhole", "C", "20", "22 16")):
        page.locator("#lens-form .text-field").nth(number).fill(value)
    page.click("#lens-form [type=submit]")
    until(page, f"{ROWS}.slice(0, 4).includes('{MINE}')")  # after at most three that were used last
    page.click("[aria-label='Change Pinhole']")
    page.locator("#lens-form .text-field").nth(3).fill("25")
    page.click("#lens-form [type=submit]")
    until(page, f"document.querySelector('[data-lens={MINE}]')?.textContent.includes('25 mm')")
    listed = next(lens for lens in ask(server, "lens")["lenses"] if lens["id"] == MINE)
    assert (listed["focal_mm"], listed["f_stops"]) == (25, [16, 22])
    page.click("[aria-label='Change Pinhole']")
    with taken_back(page, "Pinhole is removed"):
        page.click("#lens-form button:text('Remove')")
    eventually(lambda: MINE in ask(server, "lens")["own"], "it came back", DEADLINE_S)
    until(page, f"{ROWS}.includes('{MINE}')")


NOTES = "[...document.querySelectorAll('.sheet-note')].map((note) => note.textContent)"


def test_frame_lines_show_what_other_lenses_would_hold(server: Server, open_page: Callable[..., Page]) -> None:
    """6.287 x 4.712 mm behind 16 mm: 25 mm holds 16 / 25 of a side, full frame at 150 mm 36 / 150 for 6.287 / 16."""
    ask(server, "lens", {"id": KIT})
    page = open_page(server.url)
    until_live(page)
    page.fill("[data-guide=frames] input", "8, 50 25")
    page.press("[data-guide=frames] input", "Enter")
    drawn = "document.querySelector('#guides').dataset.frames"
    until(page, drawn, "25 0.1800 0.1800 0.6400 0.6400, 50 0.3400 0.3400 0.3200 0.3200")
    assert page.evaluate("document.querySelector('#guides').checkVisibility()")
    until(page, f"{NOTES}.includes('See more than the picture has: 8')")
    page.fill("[data-guide=frames] input", "fifty")
    page.press("[data-guide=frames] input", "Enter")
    until(page, f"{NOTES}.some((note) => note.startsWith('Up to 5 focal lengths'))")
    page.fill("[data-guide=frames] input", "150")
    page.press("[data-guide=frames] input", "Enter")
    page.locator("[data-guide=format] label[data-value=full] input").evaluate("(input) => input.click()")
    until(page, drawn, "150 0.1946 0.2284 0.6108 0.5433")
    page.reload()
    until_live(page)
    until(page, drawn, "150 0.1946 0.2284 0.6108 0.5433")
