"""What fingers do on the picture and on the switches, and how one learns of it."""

from __future__ import annotations

import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.page.conftest import DEADLINE_S, DESKTOP, NEXT_PAINT, PHONE, Server, until, until_live
from tests.page.fingers import Fingers
from tests.page.listed import SHOT, listed_as
from tests.page.sizes import SIZES, not_whole
from tests.page.test_controls import ask
from tests.page.test_focus import AREA, until_asked

pytestmark = pytest.mark.page
WINDOW = "window.hqcam.viewfinder.frame.window"
GALLERY = "!document.querySelector('#gallery-sheet').hidden"
FIRST_RUN = "document.querySelector('#gestures').checkVisibility()"
RECT = "(s) => document.querySelector(s).getBoundingClientRect().toJSON()"
CHIPS = {
    "peaking": "Focus peaking", "zebra": "Zebra", "clipping": "Clipping and shadows", "histogram": "Graphs",
    "false": "False colour", "spot": "Spot meter",
}  # fmt: skip
FOCUSED = "document.activeElement.matches('fieldset') ? document.activeElement.firstElementChild.textContent : ''"


def take_loupe_away(server: Server) -> None:
    request = urllib.request.Request(
        f"{server.url}api/loupe", b"{}", {"Content-Type": "application/json"}, method="DELETE"
    )
    urllib.request.urlopen(request, timeout=DEADLINE_S).close()


@pytest.fixture
def phone(shared_server: Server, open_page: Callable[..., Page]) -> Iterator[Page]:
    """A phone with the focus area in the middle and the whole picture."""
    ask(shared_server, "assists", {"focus_x": 0.5, "focus_y": 0.5, "focus_size": 0.2, "focus_score": True})
    page = open_page(shared_server.url, viewport=PHONE, has_touch=True)
    until_live(page)
    until(page, f"{WINDOW} === null && !document.querySelector('#focus-area').hidden")
    yield page
    page.goto("about:blank")  # or it might still ask for a place of the loupe
    ask(shared_server, "assists", {"focus_x": 0.5, "focus_y": 0.5, "focus_size": 0.5})
    take_loupe_away(shared_server)


@pytest.fixture
def asked(phone: Page) -> list[str]:
    """What the page asks of the camera's assists, from now on."""
    sent: list[str] = []
    phone.on("request", lambda request: sent.append(str(request.post_data)) if request.method == "PATCH" else None)
    return sent


def test_fingers_that_go_apart_open_the_loupe_between_them_and_together_close_it(phone: Page, asked: list[str]) -> None:
    fingers = Fingers(phone)
    fingers.pinch((0.4, 0.6), 0.1, 0.25)
    window = until(phone, WINDOW)
    assert window["x"] + window["width"] / 2 == pytest.approx(0.4 * 4056, abs=6)
    assert window["y"] + window["height"] / 2 == pytest.approx(0.6 * 3040, abs=6)
    assert phone.text_content("#loupe-scale") == "1:1"
    until(phone, "document.querySelector('#stage').matches('.magnified')")
    fingers.pinch((0.5, 0.5), 0.05, 0.15)
    until(phone, "document.querySelector('#loupe-scale').textContent", "2:1")
    fingers.pinch((0.5, 0.5), 0.08, 0.02)
    until(phone, f"{WINDOW} === null")
    assert asked == [], "no finger moved the focus area"


def test_a_finger_that_taps_twice_opens_the_loupe_there_and_closes_it(phone: Page) -> None:
    fingers = Fingers(phone)
    fingers.tap((0.3, 0.4))
    fingers.tap((0.3, 0.4), after_ms=100)
    window = until(phone, WINDOW)
    assert window["x"] + window["width"] / 2 == pytest.approx(0.3 * 4056, abs=6)
    until(phone, "document.querySelector('#stage').matches('.magnified')")
    fingers.tap((0.5, 0.5), on="#stage")  # the loupe's picture is larger than the screen
    fingers.tap((0.5, 0.5), after_ms=100, on="#stage")
    until(phone, f"{WINDOW} === null")


def test_a_swipe_up_shows_the_last_shot_and_moves_no_area(phone: Page, asked: list[str]) -> None:
    before = phone.evaluate(AREA)
    newest: dict[str, Any] = {**SHOT, "id": "newest"}
    phone.route("**/api/captures?*", lambda route: route.fulfill(json=listed_as([newest])))
    phone.evaluate("document.querySelector('#gallery-open').click()")
    until(phone, "document.querySelector('#gallery-thumb').dataset.capture", "newest")
    phone.evaluate("document.querySelector('#gallery-open').click()")
    until(phone, f"!({GALLERY})")
    Fingers(phone).stroke((0.3, 0.8), (0.32, 0.3), ms=150)
    until(phone, "document.querySelector('#viewer').open")
    assert phone.evaluate("document.querySelector('#viewer-name').textContent") == "newest"
    phone.keyboard.press("Escape")
    until(phone, "!document.querySelector('#viewer').open")
    assert phone.evaluate(AREA) == before and asked == []


def test_a_swipe_up_shows_the_captures_where_there_is_none(phone: Page) -> None:
    phone.route("**/api/captures?*", lambda route: route.fulfill(json=listed_as([])))
    phone.evaluate("document.querySelector('#gallery-open').click()")
    until(phone, "(document.querySelector('#gallery-thumb').dataset.capture ?? '')", "")
    phone.evaluate("document.querySelector('#gallery-open').click()")
    Fingers(phone).stroke((0.3, 0.8), (0.32, 0.3), ms=150)
    until(phone, GALLERY)
    phone.evaluate("history.back()")
    until(phone, f"!({GALLERY})")


@pytest.mark.parametrize(
    ("end", "ms"), [((0.3, 0.3), 900), ((0.3, 0.75), 150), ((0.8, 0.6), 150)], ids=["slow", "short", "aside"]
)
def test_what_is_no_swipe_still_moves_the_area(
    end: tuple[float, float], ms: float, phone: Page, shared_server: Server
) -> None:
    Fingers(phone).stroke((0.3, 0.8), end, ms=ms)
    until_asked(shared_server, focus_x=end[0], focus_y=end[1])
    assert phone.evaluate(GALLERY) is False


def test_a_swipe_in_the_loupe_moves_it_instead(phone: Page) -> None:
    fingers = Fingers(phone)
    fingers.pinch((0.5, 0.5), 0.1, 0.25)
    y = until(phone, WINDOW)["y"]
    until(phone, "document.querySelector('#stage').matches('.magnified')")
    fingers.stroke((0.5, 0.6), (0.5, 0.4), ms=150)
    until(phone, f"{WINDOW}.y > {y}")  # how far: the picture, and the fingers with it, follow meanwhile
    assert phone.evaluate(GALLERY) is False


def test_a_finger_that_stays_on_a_switch_opens_its_settings_and_switches_nothing(phone: Page, asked: list[str]) -> None:
    fingers = Fingers(phone)
    for chip, title in CHIPS.items():
        pressed = phone.get_attribute(f"#chip-{chip}", "aria-pressed")
        fingers.touch("touchStart", (0.5, 0.5), on=f"#chip-{chip}", after_ms=1000)
        until(phone, f"({FOCUSED}).startsWith('{title}')")
        fingers.touch("touchEnd", after_ms=900)
        phone.evaluate(NEXT_PAINT)
        group, body = (phone.evaluate(RECT, place) for place in ("fieldset:focus", "#assists-body"))
        assert body["top"] - 1 <= group["top"] < body["bottom"], f"{chip} is in sight"
        assert phone.get_attribute(f"#chip-{chip}", "aria-pressed") == pressed
        phone.click("#assists-sheet .sheet-close")
        until(phone, "document.querySelector('#assists-sheet').hidden && history.state === null")
    assert asked == []


def test_a_right_button_and_a_menu_key_do_the_same(live_page: Page) -> None:
    for chip, title in CHIPS.items():
        pressed = live_page.get_attribute(f"#chip-{chip}", "aria-pressed")
        if chip == "zebra":
            live_page.focus("#chip-zebra")
            live_page.dispatch_event("#chip-zebra", "contextmenu")  # as the menu key does
        else:
            live_page.click(f"#chip-{chip}", button="right")
        until(live_page, f"({FOCUSED}).startsWith('{title}')")
        assert live_page.get_attribute(f"#chip-{chip}", "aria-pressed") == pressed


def test_a_finger_that_leaves_soon_or_moves_does_not_stay(live_page: Page) -> None:
    counts = live_page.evaluate("""async () => {
      const { onLongPress } = await import("/static/page/long-press.js");
      const button = document.createElement("button"), timers = new Map();
      const real = [window.setTimeout, window.clearTimeout];
      let [held, clicked, made] = [0, 0, 0];
      window.setTimeout = (call, ms) => { timers.set(++made, [call, ms]); return made; };
      window.clearTimeout = (id) => timers.delete(id);
      const wait = () => { for (const [id, [call]] of [...timers]) { timers.delete(id); call(); } return held; };
      const send = (type, clientX = 0, pointerType = "touch") => {
        const facts = { clientX, pointerType, pointerId: 1, cancelable: true, detail: 1 };
        button.dispatchEvent(new PointerEvent(type, facts));
      };
      onLongPress(button, () => (held += 1));
      button.addEventListener("click", () => (clicked += 1));
      const counts = [];
      const count = () => counts.push([held, clicked]);
      send("pointerdown"); send("pointerup"); wait(); send("click"); count();
      send("pointerdown"); send("pointermove", 30); wait(); send("pointerup"); count();
      send("pointerdown"); send("pointercancel"); wait(); count();
      send("pointerdown", 0, "mouse"); wait(); send("pointerup"); send("click"); count();
      send("pointerdown"); wait(); send("contextmenu"); send("pointerup"); send("click"); count();
      send("pointerdown"); send("contextmenu"); wait(); send("pointerup"); button.click(); send("click"); count();
      send("contextmenu"); send("contextmenu"); count();
      [window.setTimeout, window.clearTimeout] = real;
      return counts;
    }""")
    assert counts == [[0, 1], [0, 1], [0, 1], [0, 2], [1, 2], [2, 3], [4, 3]]


def test_outside_the_picture_the_page_can_be_zoomed_and_on_it_out_again(phone: Page) -> None:
    assert "user-scalable" not in str(phone.get_attribute("meta[name=viewport]", "content"))
    touch = "(s) => getComputedStyle(document.querySelector(s)).touchAction"
    assert phone.evaluate(touch, "#picture") == "none"
    assert phone.evaluate(touch, "#stage") == "manipulation" and phone.evaluate(touch, ".tray") == "auto"
    client = phone.context.new_cdp_session(phone)
    client.send("Emulation.setPageScaleFactor", {"pageScaleFactor": 2})
    until(phone, f"({touch})('#picture')", "pinch-zoom")
    client.send("Emulation.setPageScaleFactor", {"pageScaleFactor": 1})
    until(phone, f"({touch})('#picture')", "none")


def open_first(open_page: Callable[..., Page], server: Server, **options: Any) -> Page:
    page = open_page(server.url, first_run=True, **options)
    until_live(page)
    return page


@pytest.mark.parametrize("size", SIZES)
def test_the_first_run_shows_the_gestures_beside_picture_and_shutter(
    size: str, shared_server: Server, open_page: Callable[..., Page]
) -> None:
    page = open_first(open_page, shared_server, viewport=SIZES[size], has_touch=True, is_mobile=True)
    until(page, FIRST_RUN)
    assert page.evaluate("document.activeElement.id") == "gestures-done"
    assert page.locator("#gestures dt").count() == 8
    assert not_whole(page, "#gestures") == [] and not_whole(page, ".shutter-middle") == []
    layer, picture = page.evaluate(RECT, "#gestures"), page.evaluate(RECT, "#picture")
    assert layer["top"] >= picture["bottom"] - 1 or layer["left"] >= picture["right"] - 1, "one can try them"
    page.click("#gestures-done")
    until(page, f"!{FIRST_RUN} && history.state === null")
    assert page.evaluate("document.activeElement.id") == "stage"
    page.reload()
    until_live(page)
    assert page.evaluate(FIRST_RUN) is False


@pytest.mark.parametrize("way", ["Escape", "Back", "a sheet"])
def test_the_gestures_go_away_by(way: str, shared_server: Server, open_page: Callable[..., Page]) -> None:
    page = open_first(open_page, shared_server, viewport=PHONE, has_touch=True)
    until(page, FIRST_RUN)
    if way == "Escape":
        page.keyboard.press("Escape")
    elif way == "Back":
        page.evaluate("history.back()")
    else:
        page.click("#drive-open")
        until(page, "!document.querySelector('#drive-sheet').hidden")
    until(page, f"!{FIRST_RUN}")
    assert page.evaluate("localStorage.getItem('hqcam.gestures.1')") == "seen"
    if way == "a sheet":
        page.evaluate("history.back()")
        until(page, "document.querySelector('#drive-sheet').hidden")


def test_where_the_pointer_is_a_mouse_there_are_keys_and_no_gestures(
    shared_server: Server, open_page: Callable[..., Page]
) -> None:
    for options, keys in (({"viewport": PHONE, "has_touch": True}, False), ({"viewport": DESKTOP}, True)):
        page = open_first(open_page, shared_server, **options)
        assert page.evaluate(FIRST_RUN) is not keys
        page.click("#help-open")
        until(page, "document.querySelector('#help').open")
        assert page.is_visible("#help-keys") is keys and page.is_visible("#help-gestures") is not keys
        title = page.locator("#help-title").inner_text()
        assert title == ("Keys and marks" if keys else "Gestures and marks")
        assert page.evaluate("document.querySelector('.legend').checkVisibility()")
