"""What a tap sets back, another takes back: dials, picture settings, white balance from grey, the best score."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.page.conftest import Server, until, until_answered, until_live
from tests.page.test_controls import FRAME, ask, type_into
from tests.page.test_exposure_control import live_and_automatic

pytestmark = pytest.mark.page
# Takes back what is done next as soon as that is offered: an offer goes away by itself.
WATCH = """(part) => {
  window.tookBack = false;
  const watch = new MutationObserver(() => {
    const toast = [...document.querySelectorAll(".toast")].find(({ textContent }) => textContent.includes(part));
    if (!toast) return;
    watch.disconnect();
    toast.querySelector(".toast-undo").click();
    window.tookBack = !toast.isConnected;
  });
  watch.observe(document.getElementById("toasts"), { childList: true });
}"""
ASKED = "fetch('/api/controls').then((answer) => answer.json())"


@pytest.fixture
def page(shared_server: Server, open_page: Callable[..., Page]) -> Iterator[Page]:
    with live_and_automatic(shared_server, open_page) as page:
        yield page


@contextmanager
def taken_back(page: Page, said: str) -> Iterator[None]:
    """What is done within is taken back; the offer is gone then."""
    page.evaluate(WATCH, said)
    yield
    until(page, "window.tookBack")


def until_asked(page: Page, name: str, value: Any) -> None:
    until(page, f"{ASKED}.then((asked) => JSON.stringify(asked.{name}))", value)


@pytest.mark.parametrize(
    ("panel", "name", "value", "said"),
    [
        ("shutter", "exposure_us", 4000, "Shutter is automatic"),
        ("iso", "gain", 2, "ISO is automatic"),
        ("ev", "ev", 0.7, "EV is ±0"),
    ],
)
def test_a_dial_that_was_reset_gets_its_value_back(
    panel: str, name: str, value: float, said: str, page: Page, shared_server: Server
) -> None:
    ask(shared_server, "controls", {name: value})
    until(page, f"document.querySelector('#panel-{panel} .dial-auto').ariaPressed", "false")
    with taken_back(page, said):
        page.evaluate(f"document.querySelector('#panel-{panel} .dial-auto').click()")
    until_answered(page)  # the reset and what takes it back
    until_asked(page, name, f"{value:g}")
    until(page, f"document.querySelector('#panel-{panel} .dial-auto').ariaPressed", "false")


def test_picture_settings_that_were_reset_come_back(page: Page, shared_server: Server) -> None:
    ask(shared_server, "controls", {"contrast": 1.4, "sharpness": 0.5})
    until(page, f"{ASKED}.then(({{ contrast }}) => contrast)", 1.4)
    page.reload()
    until_live(page)
    until(page, "document.querySelector('#picture-settings .wide-button') !== null")
    until(page, "[...document.querySelectorAll('#picture-settings input')].some(({ value }) => value === '1.4')")
    with taken_back(page, "picture settings are reset"):
        page.click("#picture-settings .wide-button")
    until_asked(page, "contrast", "1.4")
    until_asked(page, "sharpness", "0.5")


def test_white_balance_from_grey_can_be_taken_back(page: Page, shared_server: Server) -> None:
    ask(shared_server, "controls", {"awb": "kelvin", "colour_temperature_k": 4200})
    until(page, "document.querySelector('#cell-wb .cell-value').textContent", "4200 K")
    until(page, f"Math.abs({FRAME}.exposure.colour_temperature_k - 4200) < 60")
    page.click("#cell-wb")
    page.click("#grey-pick")
    box = page.locator("#picture").bounding_box()
    assert box is not None
    with taken_back(page, "White balance from the picture"):  # from the radio's white side
        page.mouse.click(box["x"] + 0.80 * box["width"], box["y"] + 0.70 * box["height"])
    until_asked(page, "awb", '"kelvin"')
    until_asked(page, "colour_temperature_k", "4200")


def test_the_best_score_that_was_forgotten_is_known_again(page: Page) -> None:
    best = until(page, "document.querySelector('#score-best').textContent.match(/best [1-9].*/)?.[0]")
    with taken_back(page, "best focus score is forgotten"):
        page.click("#score")
    shown = "Number(document.querySelector('#score-best').textContent.split(' ')[1])"
    assert page.evaluate(shown) >= float(best.split()[1])


def test_a_calibration_of_the_light_meter_that_was_forgotten_is_known_again(page: Page) -> None:
    page.keyboard.press("t")
    state = "document.querySelector('#meter-state').textContent"
    calibrated = "fetch('/api/meter').then((answer) => answer.json()).then(({calibration}) => calibration?.ev100 ?? 0)"
    until(page, f"{state}.startsWith('not calibrated')")
    with taken_back(page, "The light meter is calibrated"):
        type_into(page, "#meter-known", "12.0")
    until(page, calibrated, 0)
    type_into(page, "#meter-known", "11.0")
    until(page, calibrated, 11)
    until(page, f"{state}.startsWith('calibrated')")
    with taken_back(page, "The calibration is forgotten"):
        page.click("#meter-forget")
    until(page, calibrated, 11)
    until(page, f"{state}.startsWith('calibrated')")
    page.click("#meter-forget")
    until(page, calibrated, 0)
