"""Drive modes and lenses from the page."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, Route

from tests.page.conftest import (
    PHONE,
    Complaints,
    Server,
    press_until_asked,
    text,
    until,
    until_live,
    until_said,
)
from tests.page.test_controls import ask, until_has

pytestmark = pytest.mark.page
SHUTTER_STATE = "document.querySelector('#shutter').dataset.state"
WORD = "document.querySelector('#shutter-word').textContent"


@pytest.fixture
def phone(shared_server: Server, open_page: Callable[..., Page]) -> Iterator[Page]:
    page = open_page(shared_server.url, viewport=PHONE, has_touch=True)
    until_live(page)
    until(page, "document.querySelectorAll('.choice-modes input').length === 7")
    yield page
    page.evaluate("fetch('/api/drive', { method: 'DELETE' })")


def enter(page: Page, field: str, value: str) -> None:
    """Type a value and leave the field."""
    page.fill(field, value)
    page.keyboard.press("Tab")


def choose(page: Page, mode: str, **settings: str) -> None:
    page.click("#drive-open")
    page.click(f".choice-modes [data-value={mode}]")
    for name, value in settings.items():
        enter(page, f"[data-setting={name}] input[type=number]", value)
    page.click("#drive-sheet .sheet-close")


def test_a_self_timer_counts_down_on_the_shutter_and_shoots(phone: Page, shared_server: Server) -> None:
    before = len(ask(shared_server, "captures")["captures"])
    choose(phone, "timer", delay_s="3")
    assert text(phone, "#drive-name") == "Timer" and text(phone, "#drive-note") == "3 s"
    phone.click("#shutter")
    until(phone, SHUTTER_STATE, "running")
    until(phone, "['1', '2', '3'].includes(document.querySelector('#shutter-count').textContent)")
    until(phone, "parseFloat(document.querySelector('#shutter').style.getPropertyValue('--done')) > 10")
    until(phone, f"['saved', 'ready'].includes({SHUTTER_STATE})")
    until_said(phone, "Self-timer: 1 shot saved")
    phone.click("#drive-open")
    with phone.expect_download() as download:
        phone.click("#drive-manifest")
    manifest = json.loads(download.value.path().read_text())
    assert manifest["mode"] == "timer" and len(manifest["frames"]) == 1
    phone.click("#drive-sheet .sheet-close")
    assert len(ask(shared_server, "captures")["captures"]) == before + 1
    until(phone, SHUTTER_STATE, "ready")


def test_the_sheet_says_what_a_bracket_cannot_reach(phone: Page) -> None:
    said = "document.querySelector('#drive-plan').textContent"
    phone.click("#drive-open")
    phone.click(".choice-modes [data-value=bracket]")
    phone.fill("[data-setting=count] input[type=number]", "9")
    enter(phone, "[data-setting=step_ev] input[type=number]", "4")
    until(phone, f"{said}.includes('steps are out of reach: ')")
    enter(phone, "[data-setting=step_ev] input[type=number]", "0.5")
    until(phone, f"{said}.endsWith(' s') && {said}.split(', ').length === 9")
    phone.click(".choice-modes [data-value=single]")
    phone.click("#drive-sheet .sheet-close")


def test_the_sheet_offers_daily_windows_and_says_what_they_come_to(
    phone: Page, shared_server: Server, complaints: Complaints
) -> None:
    complaints.allow("status of 400")  # a window that is none, and one that needs the position
    said = "document.querySelector('#drive-plan').textContent"
    phone.click("#drive-open")
    phone.click(".choice-modes [data-value=interval]")
    phone.fill("[data-setting=days] input[type=number]", "2")
    enter(phone, "[data-setting=daily] .drive-window", "6-20")
    until(phone, f"{said}.includes(\"daily is '6-20'\")")
    enter(phone, "[data-setting=daily] .drive-window", "06:00..20:00")
    until(phone, f"/shots in .* GB, .* s of film .* open .* 20:00/.test({said})")
    phone.click("[data-setting=daily] [data-value='sunrise..sunset']")
    until(phone, f"{said}.includes('position')")
    phone.fill("[data-position=latitude_deg]", "52.52")
    enter(phone, "[data-position=longitude_deg]", "13.405")
    until(phone, f"/shots in .* open /.test({said})")
    until_has(shared_server, "position", position={"latitude_deg": 52.52, "longitude_deg": 13.405})
    phone.fill("[data-setting=days] input[type=number]", "0")
    phone.click("[data-setting=daily] [data-value='']")
    phone.fill("[data-position=latitude_deg]", "")
    enter(phone, "[data-position=longitude_deg]", "")
    until(phone, "fetch('/api/position').then((r) => r.json()).then((p) => p.position === null)")
    until(phone, f"{said}.startsWith('until ended')")
    phone.click(".choice-modes [data-value=single]")
    phone.click("#drive-sheet .sheet-close")


def test_the_same_button_ends_a_series_and_keeps_it(phone: Page, shared_server: Server) -> None:
    choose(phone, "interval", interval_s="1")
    phone.click("#shutter")
    until(phone, "fetch('/api/drive').then((r) => r.json()).then((p) => p.mode === 'interval' && p.taken >= 1)")
    phone.keyboard.press(" ")
    until(phone, "fetch('/api/drive').then((r) => r.json()).then((p) => p.state)", "cancelled")
    until(phone, f"{WORD} === 'ended' || {WORD} === 'ready'")
    until_said(phone, "kept")
    until(phone, SHUTTER_STATE, "ready")


def test_a_burst_tells_its_depth_what_is_left_and_asks_before_it_forgets(phone: Page) -> None:
    phone.click("#drive-open")
    phone.click(".choice-modes [data-value=burst]")
    depth = (
        "/[0-9]+ frames fit into memory now, 10 a second/.test(document.querySelector('#drive-sentence').textContent)"
    )
    until(phone, depth)
    progress: dict[str, Any] = {
        "state": "running", "id": "b", "mode": "burst", "phase": "recording", "phase_s": 1, "phase_left_s": 0.5,
        "taken": 0, "total": 6, "left_s": None, "missed": 0, "missed_why": {}, "doubtful": 0, "last": "",
        "message": "", "error": None,
    }  # fmt: skip
    asked: list[str] = []

    def answer(route: Route) -> None:  # the moments of a burst, held for as long as the test looks at them
        asked.append(route.request.method)
        if route.request.method == "PATCH":
            progress.update(phase="saving", left_s=12.0)
        elif route.request.method == "DELETE":
            progress.update(state="cancelled", taken=2, doubtful=1)
        route.fulfill(json=progress)

    phone.route("**/api/drive", answer)
    phone.click("#shutter")
    until(phone, f"{WORD}.startsWith('recording')")
    phone.click("#shutter")
    until(phone, "document.querySelector('#drive-progress').textContent", "0 of 6 saved · 12 s left")
    assert text(phone, "#drive-note") == "12 s" and phone.is_visible("#drive-progress")
    assert "PATCH" in asked and "DELETE" not in asked, "the press ended the recording, and nothing else"
    phone.click("#shutter")
    until_said(phone, "Press again to forget")
    assert "DELETE" not in asked
    press_until_asked(phone, asked, "DELETE")
    until(phone, f"{WORD} === 'ended' || {WORD} === 'ready'")
    until_said(phone, "Burst ended, 2 shots kept, see what was found of 1")
    assert phone.locator("#drive-progress").is_hidden() and text(phone, "#drive-note") == "10×"
    phone.unroute("**/api/drive")


def test_what_another_client_started_is_shown_and_can_be_ended(phone: Page, shared_server: Server) -> None:
    body = {"mode": "timer", "settings": {"delay_s": 300}}
    headers = {"Content-Type": "application/json"}
    phone.evaluate(
        "(options) => fetch('/api/drive', options)", {"method": "POST", "body": json.dumps(body), "headers": headers}
    )
    until(phone, SHUTTER_STATE, "running")
    until(phone, f"{WORD}.startsWith('in 4 min 5')")
    phone.click("#drive-open")
    phone.click("#drive-end")
    until(phone, f"{WORD} === 'ended' || {WORD} === 'ready'")
    until_has(shared_server, "drive", state="cancelled")
    until(phone, "document.querySelector('#drive-end').hidden")


def test_the_files_of_a_shot_are_chosen_with_the_drive_mode_and_a_raw_file_has_its_own_preview(
    phone: Page, shared_server: Server
) -> None:
    mark = "document.querySelector('#files-mark').innerText"
    until(phone, mark, "R+J")
    phone.click("#drive-open")
    phone.click("[data-control=files] [data-value=raw]")
    until_has(shared_server, "controls", files="raw")
    until(phone, mark, "RAW")
    newest = ask(shared_server, "captures")["total"]
    phone.click("#drive-sheet .sheet-close")
    phone.click("#shutter")
    until_has(shared_server, "captures", total=newest + 1)
    (shot,) = ask(shared_server, "captures?limit=1")["captures"]
    assert [file["kind"] for file in shot["files"]] == ["dng"]
    phone.click("#gallery-open")
    picture = f"document.querySelector('[data-capture=\"{shot['id']}\"] img')"
    until(phone, f"{picture}?.complete && {picture}.naturalWidth >= 320")
    shown = phone.get_attribute(f"[data-capture='{shot['id']}'] a", "href")
    assert shown is not None and shown.startswith(shot["picture_url"].split("?")[0])
    phone.click("#gallery-sheet .sheet-close")
    phone.click("#drive-open")
    phone.click("[data-control=files] [data-value='raw+jpeg']")
    until_has(shared_server, "controls", files="raw+jpeg")
    until(phone, mark, "R+J")


def test_mode_and_settings_are_kept_in_this_browser(phone: Page) -> None:
    choose(phone, "bracket", count="5")
    phone.click("#drive-open")
    phone.click("[data-setting=flicker] [data-value='50 Hz']")
    phone.reload()
    until_live(phone)
    until(phone, "document.querySelector('#drive-name').textContent", "Bracket")
    assert text(phone, "#drive-note") == "5×"
    phone.click("#drive-open")
    assert phone.is_checked("[data-setting=flicker] [data-value='50 Hz'] input")
    enter(phone, "[data-setting=count] input[type=number]", "99")
    assert phone.input_value("[data-setting=count] input[type=number]") == "5", "nothing out of range"


def test_a_lens_is_chosen_with_its_stop_and_kept_over_a_restart(
    make_server: Callable[..., Server], open_page: Callable[..., Page]
) -> None:
    server = make_server()
    page = open_page(server.url, viewport=PHONE, has_touch=True)
    until_live(page)
    page.click("#lens-open")
    maker = page.locator(".lens-makers details", has=page.locator("[data-lens='rpi-16-1.4-c']"))
    page.click("details.lens-group > summary")
    maker.locator("summary").click()
    page.click("[data-lens='rpi-16-1.4-c']")
    page.click(".lens-ring [data-value='5.6']")
    until(page, "document.querySelector('.lens-ring :checked')?.value", "5.6")
    until(page, "window.hqcam.viewfinder.frame.lens.f_number", 5.6)
    until_has(server, "lens", chosen={"id": "rpi-16-1.4-c", "f_number": 5.6, "focal_mm": 16})
    page.click("[data-lens='']")
    until(page, "document.querySelector('.lens-pick[aria-pressed=true]')?.textContent", "No lens named")
    until_has(server, "lens", chosen=None)
    page.click("[data-lens='rpi-16-1.4-c']")
    page.click(".lens-ring [data-value='4']")
    until(page, "document.querySelector('.lens-ring :checked')?.value", "4")
    until_has(server, "lens", chosen={"id": "rpi-16-1.4-c", "f_number": 4, "focal_mm": 16})
    page.close()
    server.stop()
    server.start()
    assert ask(server, "lens")["chosen"] == {"id": "rpi-16-1.4-c", "f_number": 4, "focal_mm": 16}
