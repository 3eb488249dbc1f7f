"""The presets C1 to C3: saved and recalled with everything, taken back, refused as a whole."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from helpers import eventually
from playwright.sync_api import Page

from tests.page.conftest import DEADLINE_S, DESKTOP, Complaints, Server, until, until_live, until_said
from tests.page.sizes import SIZES, not_whole
from tests.page.test_axe import assert_sound
from tests.page.test_controls import REFUSED, ask
from tests.page.test_undo import taken_back

pytestmark = pytest.mark.page
LOOK = "JSON.parse(localStorage.getItem('hqcam.paint.1') ?? '{}').guideLines"
DRIVE = "document.querySelector('#drive-name').textContent"
AUTOMATIC = {"exposure_us": None, "gain": None, "ev": 0, "ae_lock": False, "awb": "auto"}
SAVED = "(slot) => !document.querySelector(`[data-slot=${slot}]`).hasAttribute('data-empty')"


def send(server: Server, method: str, slot: str, body: dict[str, Any]) -> None:
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(
        f"{server.url}api/presets/{slot}", json.dumps(body).encode(), headers, method=method
    )
    urllib.request.urlopen(request, timeout=DEADLINE_S).close()


def set_now(server: Server) -> tuple[Any, ...]:
    return ask(server, "controls")["ev"], ask(server, "assists")["zebra_high_ire"]


@pytest.fixture
def server(shared_server: Server) -> Iterator[Server]:
    """The shared server with empty presets, and everything automatic; as it was, afterwards."""
    ask(shared_server, "controls", AUTOMATIC | {"ev": 0.7})
    ask(shared_server, "assists", {"zebra_high_ire": 80})
    yield shared_server
    for slot in ("C1", "C2", "C3"):
        send(shared_server, "DELETE", slot, {})
    ask(shared_server, "controls", AUTOMATIC)
    ask(shared_server, "assists", {"zebra_high_ire": 95})


def test_one_tap_brings_everything_back_and_another_takes_it_back(
    server: Server, open_page: Callable[..., Page], complaints: Complaints
) -> None:
    page = open_page(server.url, viewport=SIZES["390x844"], has_touch=True)
    until_live(page)
    until(page, "document.querySelectorAll('.choice-modes input').length === 7")
    page.evaluate("document.querySelector('[data-guide=lines] [data-value=phi] input').click()")
    page.evaluate("document.querySelector('.choice-modes [data-value=timer] input').click()")
    until(page, f"{LOOK} === 'phi' && {DRIVE} === 'Timer'")
    page.click("[data-slot=C1]")  # nothing is saved: its sheet
    page.fill("[data-preset=C1] .preset-name", "Portrait")
    page.click("[aria-label='Save what is set now as C1']")
    until(page, f"({SAVED})('C1')")
    page.click("#preset-sheet .sheet-close")
    ask(server, "controls", {"ev": -1})
    ask(server, "assists", {"zebra_high_ire": 95})
    page.evaluate("document.querySelector('[data-guide=lines] [data-value=thirds] input').click()")
    page.evaluate("document.querySelector('.choice-modes [data-value=single] input').click()")
    until(page, f"{LOOK} === 'thirds' && {DRIVE} === 'Single'")
    with taken_back(page, "C1 Portrait is set"):
        page.click("[data-slot=C1]")
    eventually(lambda: set_now(server) == (-1, 95), "it is as it was", DEADLINE_S)
    until(page, f"{LOOK} === 'thirds' && {DRIVE} === 'Single'")
    page.click("[data-slot=C1]")
    eventually(lambda: set_now(server) == (0.7, 80), "it is as it was saved", DEADLINE_S)
    until(page, f"{LOOK} === 'phi' && {DRIVE} === 'Timer'")
    until(page, "document.querySelector('#panel-ev .dial-figure').value", "+0.7")
    complaints.allow(REFUSED)
    send(server, "PUT", "C2", {"name": "Other camera", "controls": {"ev": 0, "contrast": 9}})
    until(page, f"({SAVED})('C2')")
    page.click("[data-slot=C2]")
    assert "Contrast 9" in until_said(page, "nothing was changed", kind="error")["text"]
    assert set_now(server) == (0.7, 80)


def test_presets_can_be_reached_on_every_screen(server: Server, open_page: Callable[..., Page]) -> None:
    send(server, "PUT", "C1", {"name": "Portrait"})
    page = open_page(server.url, has_touch=True)
    until_live(page)
    until(page, f"({SAVED})('C1')")
    for name, size in {**SIZES, "desktop": DESKTOP}.items():
        page.set_viewport_size(size)  # type: ignore[arg-type]
        until(page, f"innerWidth === {size['width']}")
        assert not_whole(page, "#mode-row") == [], name
        page.click("#presets-open" if name in ("844x390", "673x841") else "[data-slot=C3]")
        until(page, "document.querySelector('#preset-sheet').checkVisibility()")
        assert not_whole(page, "#preset-sheet") == [], name
        assert_sound(page, f"presets, {name}")
        page.click("#preset-sheet .sheet-close")
        until(page, "!document.querySelector('#preset-sheet').checkVisibility()")
