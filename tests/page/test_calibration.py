"""The camera measures itself, led by the page: the cap, then white paper, and which numbers are used."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route

from tests.page.conftest import PHONE, Server, text, until, until_answered, until_live, until_said

pytestmark = pytest.mark.page
GROUP = "document.querySelector('#calibration')"
BUTTONS = f"[...{GROUP}.querySelectorAll('button')].filter((one) => !one.hidden).map((one) => one.textContent)"
CALIBRATE, CAP, PAPER, END = "Calibrate this camera", "The cap is on", "The paper is there", "End the calibration"
PUBLISHED, MEASURED = "Use the published numbers", "Use the calibration"
WHAT = "response and dust"
FIGURES = [
    {"name": "system gain", "unit": "DN/e-", "published": 0.47, "measured": 0.5231, "percent": 11.3},
    {"name": "hot photosites", "unit": "", "published": None, "measured": 1234, "percent": None},
]
LEAK = {
    "code": "step_refused",
    "message": "light reaches the sensor: the frame rises by 31.2 DN a second",
    "expected": "",
    "remedy": "close the cap well, cover the camera with a cloth, turn lamps off",
}


class Camera:
    """Answers for a camera whose cap leaks at first."""

    def __init__(self, page: Page) -> None:
        self.asked: list[tuple[str, Any]] = []
        self.in_use, self.kept = 0, 0
        self.progress: dict[str, Any] = dict(step=None, running=False, done=0, of=0, what="", cap_done=False)
        self.progress |= dict(complete=False, same_sensor=None, error=None)
        page.route("**/api/calibration", self._answer)

    def _answer(self, route: Route) -> None:
        if route.request.method != "GET":
            body = route.request.post_data_json
            self.asked.append((route.request.method, body))
            if route.request.method == "POST":
                self.progress |= dict(
                    step=body["step"], running=True, done=3, of=16, error=None, what="response and dust"
                )
            elif route.request.method == "PUT":
                self.in_use = body["in_use"]
        route.fulfill(
            json={
                "possible": True,
                "by_itself": False,
                "in_use": self.in_use,
                "kept": ["2026-05-01T12:00:00+02:00"] * self.kept,
                "temperature_c": 31.2 if self.in_use else None,
                "figures": FIGURES if self.in_use else [],
                "progress": self.progress,
            }
        )


def press(page: Page, button: str) -> None:
    page.click(f"#calibration button:has-text({button!r})")


@pytest.fixture
def page(shared_server: Server, open_page: Callable[..., Page]) -> Page:
    page = open_page(shared_server.url, viewport=PHONE)
    until_live(page)
    return page


def test_the_page_leads_through_both_steps_and_the_choice_is_taken_back(page: Page) -> None:
    camera = Camera(page)
    page.click("#assists-open")
    page.click("[data-tab=calibration]")
    until(page, BUTTONS, [CALIBRATE])
    assert "published numbers" in text(page, "#calibration [role=status]")
    press(page, CALIBRATE)
    until(page, BUTTONS, [CAP, END])
    assert not camera.asked
    press(page, END)
    until(page, BUTTONS, [CALIBRATE])
    press(page, CALIBRATE)
    press(page, CAP)
    until(page, BUTTONS, [END])
    assert until(page, f"{GROUP}.querySelector('progress').value") == 3 and "response and dust" in text(
        page, "#calibration"
    )
    camera.progress |= dict(running=False, error=LEAK)
    until(page, f"{GROUP}.querySelector('[role=alert]').textContent.includes('31.2 DN a second')")
    until(page, BUTTONS, [CAP, END])
    press(page, CAP)
    until(page, BUTTONS, [END])
    camera.progress |= dict(running=False, cap_done=True)
    until(page, BUTTONS, [PAPER, END])
    assert "white paper" in text(page, "#calibration")
    press(page, PAPER)
    until(page, BUTTONS, [END])
    camera.in_use = camera.kept = 1
    camera.progress |= dict(running=False, complete=True, same_sensor=False)
    until_said(page, "The camera is calibrated")
    until_said(page, "this is another sensor")
    until(page, BUTTONS, [CALIBRATE, PUBLISHED])
    state = text(page, "#calibration [role=status]")
    assert "Calibrated" in state and "31 °C" in state
    cells = "(row) => [...row.children].map((cell) => cell.textContent)"
    rows = [["", "published", "measured"], ["system gain, DN/e-", "0.47", "0.523"], ["hot photosites", "", "1234"]]
    assert page.evaluate(f"[...{GROUP}.querySelectorAll('tr')].map({cells})") == rows
    press(page, PUBLISHED)
    until(page, BUTTONS, [CALIBRATE, MEASURED])
    page.click(".toast-undo")
    until(page, BUTTONS, [CALIBRATE, PUBLISHED])
    steps = ["cap", "cap", "paper"]
    assert camera.asked == [*(("POST", {"step": s}) for s in steps), ("PUT", {"in_use": 0}), ("PUT", {"in_use": 1})]


def test_a_step_of_the_real_camera_begins_and_is_ended(page: Page) -> None:
    page.click("#assists-open")
    page.click("[data-tab=calibration]")
    press(page, CALIBRATE)
    until(page, f"{GROUP}.textContent.includes('simulated lens is covered by itself')")
    press(page, CAP)
    until(page, BUTTONS, [END])
    press(page, END)
    until(page, BUTTONS, [CALIBRATE])
    until_answered(page)
    until_live(page)
