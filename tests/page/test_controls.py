"""Controls, assists, keys, and what the page says when a value is refused."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from helpers import eventually
from playwright.sync_api import Page

from tests.page.conftest import DEADLINE_S, Complaints, Server, text, until, until_live, until_said

pytestmark = pytest.mark.page
FRAME = "window.hqcam.viewfinder.frame"
REFUSED = "status of 400"  # Chromium logs every refused request; here they are meant


def ask(server: Server, path: str, changes: dict[str, Any] | None = None) -> dict[str, Any]:
    """What the server has, or gets from another client."""
    data = json.dumps(changes).encode() if changes is not None else None
    request = urllib.request.Request(
        f"{server.url}api/{path}",
        data=data,
        method="PATCH" if data else "GET",
        headers={"Content-Type": "application/json"} if data else {},
    )
    with urllib.request.urlopen(request, timeout=DEADLINE_S) as answer:
        return dict(json.load(answer))


def until_has(server: Server, path: str, **wanted: object) -> dict[str, Any]:
    """Wait until the server has these values, and give all: the page shows what it asks for before that."""
    found: dict[str, Any] = {}

    def has() -> bool:
        found.update(ask(server, path))
        return {name: found[name] for name in wanted} == wanted

    eventually(has, f"/api/{path} with {wanted}", DEADLINE_S)
    return found


@contextmanager
def detecting(server: Server, changes: dict[str, Any]) -> Iterator[Server]:
    """A server whose camera detects this, and afterwards what it did before."""
    before = ask(server, "assists")
    ask(server, "assists", changes)
    yield server
    ask(server, "assists", before)


@pytest.fixture
def page(shared_server: Server, live_page: Page) -> Page:
    """A live page on a camera with everything automatic."""
    ask(
        shared_server,
        "controls",
        {"exposure_us": None, "gain": None, "ev": 0, "ae_lock": False, "awb": "auto", "focus_m": 2, "f_number": 2.8},
    )
    ask(shared_server, "assists", {"peaking": True, "zebra_high": True, "clipping": True, "histogram": True})
    until(live_page, "document.querySelector('#panel-shutter .dial-auto').ariaPressed", "true")
    until(live_page, "document.querySelector('#chip-peaking').ariaPressed", "true")
    return live_page


def type_into(page: Page, selector: str, value: str) -> None:
    page.fill(selector, value)
    page.press(selector, "Enter")


def test_a_typed_shutter_time_reaches_the_frames_and_auto_takes_it_back(page: Page, shared_server: Server) -> None:
    type_into(page, "#panel-shutter .dial-figure", "1/250")
    until(page, f"Math.abs({FRAME}.exposure.exposure_us - 4000) < 40")
    until_has(shared_server, "controls", exposure_us=4000)
    until(page, "document.querySelector('#cell-shutter .cell-value').textContent", "1/250")
    until(page, "document.querySelector('#cell-shutter .cell-note').textContent", "manual")
    page.click("#panel-shutter .dial-auto")
    until(page, "document.querySelector('#cell-shutter .cell-note').textContent.startsWith('auto')")
    until_has(shared_server, "controls", exposure_us=None)


def test_the_step_button_goes_a_third_of_a_stop_from_where_auto_stood(page: Page, shared_server: Server) -> None:
    page.click("#cell-iso")
    page.click("#panel-iso .dial-step:last-child")
    until(page, "document.querySelector('#panel-iso .dial-auto').ariaPressed", "false")
    until(page, "document.querySelector('#cell-iso .cell-note').textContent", "manual")
    gain = float(page.input_value("#panel-iso .dial-figure")) / 100
    until_has(shared_server, "controls", gain=pytest.approx(gain, abs=0.01))


def test_a_value_out_of_range_is_refused_with_a_sentence_and_the_control_goes_back(
    page: Page, complaints: Complaints
) -> None:
    complaints.allow(REFUSED)
    page.click("#cell-focus")
    before = page.input_value("#panel-focus .dial:first-child .dial-figure")
    type_into(page, "#panel-focus .dial:first-child .dial-figure", "99999")
    until(page, "document.querySelector('.toast[data-kind=error]')?.textContent.includes('Expected')")
    assert "out of range" in text(page, ".toast[data-kind=error]")
    until(page, "document.querySelector('#panel-focus .dial .dial-figure').value", before)


def test_nonsense_is_explained_without_asking_the_camera(page: Page) -> None:
    type_into(page, "#panel-shutter .dial-figure", "fast")
    until(page, "document.querySelector('.toast[data-kind=error]')?.textContent.includes('1/125')")
    assert page.input_value("#panel-shutter .dial-figure").startswith("1/")


def test_what_is_asked_stands_below_what_the_frame_has_until_it_is_delivered(page: Page) -> None:
    # The answer to a request that was accepted, before any frame has it: frames are held back meanwhile.
    page.route("**/api/viewfinder/frame*", lambda route: None)
    pending = """async () => {
      const { showReadout } = await import('/static/exposure/readout.js');
      const frame = window.hqcam.viewfinder.frame;
      showReadout(frame, { exposure_us: 500000, gain: null, ev: 0, ae_lock: false, awb: 'auto' });
      const cell = document.querySelector('#cell-shutter');
      return [cell.dataset.pending, cell.querySelector('.cell-note').textContent,
              cell.querySelector('.cell-value').textContent];
    }"""
    flag, note, delivered = page.evaluate(pending)
    assert (flag, note) == ("true", "→ 0.5 s")
    assert delivered.startswith("1/")
    page.unroute_all(behavior="ignoreErrors")


def test_manual_white_balance_starts_from_the_gains_in_force(page: Page, shared_server: Server) -> None:
    page.click("#cell-wb")
    page.locator("#panel-wb label[data-value=manual] input").check(force=True)
    until(page, "!document.querySelector('#panel-wb .dial').hidden")
    until(page, "document.querySelector('#cell-wb .cell-note').textContent", "manual")
    until_has(shared_server, "controls", awb="manual")


def test_keys_work_and_are_listed(page: Page, shared_server: Server) -> None:
    page.keyboard.press("p")
    until(page, "document.querySelector('#chip-peaking').ariaPressed", "false")
    page.keyboard.press("p")
    until(page, "document.querySelector('#chip-peaking').ariaPressed", "true")
    for key, chip in (("z", "zebra"), ("c", "clipping"), ("h", "histogram")):
        page.keyboard.press(key)
        until(page, f"document.querySelector('#chip-{chip}').ariaPressed", "false")
        page.keyboard.press(key)
        until(page, f"document.querySelector('#chip-{chip}').ariaPressed", "true")
    page.keyboard.press("l")
    until(page, "document.querySelector('#ae-lock').ariaPressed", "true")
    until(page, "document.querySelector('#ae-lock').innerText.split(/\\s+/).slice(-2).join(' ')", "AE‑L locked")
    page.keyboard.press("+")
    until_said(page, "EV has no effect while AE is locked")
    page.keyboard.press("l")
    until(page, "document.querySelector('#ae-lock').ariaPressed", "false")
    page.keyboard.press("+")
    until(page, "document.querySelector('#cell-ev .cell-value').textContent", "+0.3")
    page.keyboard.press("]")
    until(page, f"{FRAME}.lens.focus_m > 2.01")
    page.keyboard.press("?")
    assert page.locator("#help").is_visible()
    assert "Take a picture" in text(page, "#help-keys")
    page.keyboard.press("Escape")
    assert page.locator("#help").is_hidden()


def test_typing_into_a_field_is_no_shortcut(page: Page) -> None:
    page.focus("#panel-shutter .dial-figure")
    page.keyboard.type("zph")
    assert page.get_attribute("#chip-peaking", "aria-pressed") == "true"
    assert page.get_attribute("#chip-zebra", "aria-pressed") == "true"
    page.fill("#panel-shutter .dial-figure", "1/100")


def test_the_wheel_over_the_picture_turns_the_focus(page: Page) -> None:
    until(page, f"Math.abs({FRAME}.lens.focus_m - 2) < 0.01")
    page.hover("#picture")
    page.mouse.wheel(0, -120)
    until(page, f"{FRAME}.lens.focus_m > 2.01")


def test_what_another_client_changes_is_shown_here(page: Page, shared_server: Server) -> None:
    ask(shared_server, "assists", {"zebra_high_ire": 80})
    until(page, "document.querySelector('#chip-zebra .chip-note').textContent.includes('80')")
    ask(shared_server, "controls", {"ev": 1})
    until(page, "document.querySelector('#cell-ev .cell-value').textContent", "+1.0")


def test_what_this_client_chose_survives_a_reload(page: Page) -> None:
    page.locator(".choice-colours label[data-value=green] input").check(force=True)
    page.keyboard.press("g")
    page.click("#cell-wb")
    page.reload()
    until_live(page)
    assert page.locator(".choice-colours label[data-value=green] input").is_checked()
    assert text(page, "#histogram-scale") == "log"
    assert page.locator("#panel-wb").is_visible()


def test_what_is_detected_and_asked_survives_a_restart_of_the_server(
    make_server: Callable[..., Server], open_page: Callable[..., Page], complaints: Complaints
) -> None:
    server = make_server()
    page = open_page(server.url)
    until_live(page)
    page.click("#chip-peaking")
    until(page, "document.querySelector('#chip-peaking').ariaPressed", "false")
    type_into(page, "#panel-shutter .dial-figure", "1/60")
    until(page, "document.querySelector('#cell-shutter .cell-note').textContent", "manual")
    complaints.allow("ERR_")  # the server is away for a moment
    server.stop()
    server.start()
    page.reload()
    until_live(page)
    until(page, "document.querySelector('#chip-peaking .chip-note').textContent", "off")
    until(page, "document.querySelector('#cell-shutter .cell-value').textContent", "1/60")
