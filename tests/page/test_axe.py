"""No state of any page has a fault that axe finds: names, roles, contrast, order, text that can be enlarged."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.page.conftest import CONDITION, Complaints, Server, until, until_live
from tests.page.sizes import SIZES
from tests.page.test_reach import PANELS
from tests.page.test_states import Hold

pytestmark = pytest.mark.page
ROOT = Path(__file__).parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
HELP = sorted(path.stem for path in (ROOT / "web" / "help").glob("*.md"))
# WCAG 2.2 to level AA, and what axe recommends beyond it.
RUN = """() => axe.run(document, {
  runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
  resultTypes: ["violations"],
}).then(({ violations, passes }) => ({
  rules: passes.length,
  faults: violations.flatMap(({ id, nodes }) => nodes.map(({ target, any, all, none }) =>
    `${id}: ${target.join(" ")}: ${[...any, ...all, ...none].map(({ message }) => message).join("; ")}`)),
}))"""


# What fades has faded; what blinks for ever is not waited for.
FADED = """Promise.all(document.getAnimations()
  .filter(({ effect }) => effect.getComputedTiming().iterations !== Infinity)
  .map(({ finished }) => finished.catch(() => null)))"""


def assert_sound(page: Page, state: str) -> None:
    """Run axe on what is shown now."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text())
    page.evaluate("document.getElementById('toasts')?.replaceChildren()")  # a message of the moment covers what it may
    page.evaluate(FADED)
    found: dict[str, Any] = page.evaluate(RUN)
    assert found["faults"] == [], state
    assert found["rules"] > 10, f"{state}: axe looked at nothing"


def open_at(open_page: Callable[..., Page], server: Server, size: str) -> Page:
    if size == "desktop":
        return open_page(server.url)
    return open_page(server.url, viewport=SIZES[size], has_touch=True, is_mobile=True)


@pytest.mark.parametrize("size", [*SIZES, "desktop"])
def test_every_panel_and_every_sheet_is_sound(size: str, shared_server: Server, open_page: Callable[..., Page]) -> None:
    page = open_at(open_page, shared_server, size)
    until_live(page)
    until(page, "document.querySelectorAll('.choice-modes input').length === 7")
    for panel in PANELS:
        if page.get_attribute(f"#cell-{panel}", "aria-selected") != "true":
            page.click(f"#cell-{panel}")
        until(page, f"!document.querySelector('#panel-{panel}').hidden")
        assert_sound(page, f"panel {panel}")
    for sheet in ("assists", "gallery", "drive", "lens"):
        if page.locator(f"#{sheet}-open").is_visible():
            page.click(f"#{sheet}-open")
            until(page, f"document.querySelector('#{sheet}-sheet').checkVisibility()")
            assert_sound(page, f"sheet {sheet}")
            for tool in ("peaking", "zebra", "histogram") if sheet == "assists" else ():
                page.click(f"[data-tab={tool}]")
                assert_sound(page, f"settings of {tool}")
            page.click(f"#{sheet}-sheet .sheet-close")
    page.click("#help-open")
    assert_sound(page, "help")


def test_the_choices_of_every_drive_mode_are_sound(shared_server: Server, open_page: Callable[..., Page]) -> None:
    page = open_at(open_page, shared_server, "390x844")
    until_live(page)
    page.click("#drive-open")
    until(page, "document.querySelectorAll('.choice-modes input').length === 7")
    for mode in ("interval", "bracket", "burst", "bulb", "timer", "precapture"):
        page.click(f".choice-modes [data-value={mode}]")
        assert_sound(page, mode)


def test_what_lies_over_the_picture_is_sound(shared_server: Server, open_page: Callable[..., Page]) -> None:
    page = open_at(open_page, shared_server, "390x844")
    hold = Hold(page)
    until(page, f"['late', 'gone'].includes({CONDITION})")
    assert_sound(page, "late")
    hold.let_go()
    until_live(page)
    page.keyboard.press("v")
    until(page, "document.querySelector('#large-graph').checkVisibility()")
    assert_sound(page, "large graph")
    page.keyboard.press("Escape")
    until(page, "!document.querySelector('#large-graph').checkVisibility()")
    page.keyboard.press("m")
    until(page, "document.querySelector('#loupe-bar').checkVisibility()")
    assert_sound(page, "loupe")
    page.keyboard.press("m")
    until(page, "!document.querySelector('#loupe-bar').checkVisibility()")
    page.keyboard.press(" ")
    until(page, "document.querySelector('#shutter').dataset.state", "saved")
    page.click("#gallery-open")
    until(page, "document.querySelectorAll('.gallery-item').length > 0")
    page.locator(".gallery-link").first.press("Delete")
    until(page, "document.querySelector('.toast-undo') !== null")
    assert_sound(page, "a capture that is about to be deleted")


def test_the_gestures_of_the_first_run_are_sound(shared_server: Server, open_page: Callable[..., Page]) -> None:
    page = open_page(shared_server.url, viewport=SIZES["390x844"], has_touch=True, is_mobile=True, first_run=True)
    until(page, "document.querySelector('#gestures').checkVisibility()")
    assert_sound(page, "first run")


def test_a_lost_camera_is_told_soundly(live_page: Page, complaints: Complaints) -> None:
    status = live_page.evaluate("fetch('/api/status').then((answer) => answer.json())")
    lost = {**status, "state": "lost", "message": "the camera was unplugged", "remedy": "plug it in"}
    live_page.route("**/api/status", lambda route: route.fulfill(json=lost))
    hold = Hold(live_page)
    until(live_page, f"['lost', 'late'].includes({CONDITION})")
    assert_sound(live_page, "lost")
    hold.let_go()
    live_page.unroute("**/api/status")


def test_every_help_page_is_sound(shared_server: Server, open_page: Callable[..., Page]) -> None:
    page = open_page(f"{shared_server.url}help", viewport=SIZES["390x844"])
    assert_sound(page, "the list of topics")
    for topic in HELP:
        page.goto(f"{shared_server.url}help/{topic}")
        assert_sound(page, topic)
    page.goto(f"{shared_server.url}help/drive-modes?lang=zh")
    assert_sound(page, "in another language")


def test_the_page_of_the_code_is_sound(
    make_server: Callable[..., Server], open_page: Callable[..., Page], complaints: Complaints
) -> None:
    complaints.allow("status of 401")
    page = open_at(open_page, make_server("--host", "0.0.0.0"), "390x844")
    assert_sound(page, "code")
    page.fill("#code", "WRONGCODE")
    page.click("#enter")
    until(page, "document.querySelector('#access-error').textContent !== ''")
    assert_sound(page, "wrong code")
