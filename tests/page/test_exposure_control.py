"""Exposure modes, metering, white balance, bright view, light meter and level, as fingers and keys reach them."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page

from tests.page.conftest import (
    PHONE,
    Complaints,
    Server,
    text,
    until,
    until_answered,
    until_live,
    until_painted,
    until_said,
)
from tests.page.test_controls import FRAME, REFUSED, ask, type_into, until_has

pytestmark = pytest.mark.page
AUTOMATIC = {
    "exposure_us": None,
    "gain": None,
    "ev": 0,
    "ae_lock": False,
    "awb": "auto",
    "metering": "centre",
    "constraint": "normal",
    "anti_flicker": "off",
    "contrast": 1,
    "saturation": 1,
    "sharpness": 1,
    "noise_reduction": "best",
    "f_number": 2.8,
}
LETTER = "document.querySelector('#mode-letter').textContent"


@contextmanager
def live_and_automatic(server: Server, open_page: Callable[..., Page]) -> Iterator[Page]:
    """A live page on a camera with everything automatic, as it is again afterwards."""
    ask(server, "controls", AUTOMATIC)
    page = open_page(server.url)
    until_live(page)
    until(page, LETTER, "P")
    yield page
    until_answered(page)
    ask(server, "controls", AUTOMATIC)


@pytest.fixture
def page(shared_server: Server, open_page: Callable[..., Page]) -> Iterator[Page]:
    with live_and_automatic(shared_server, open_page) as page:
        yield page


def pick(page: Page, group: str, value: str) -> None:
    page.locator(f"{group} label[data-value='{value}'] input").check(force=True)


def test_each_mode_sets_what_its_letter_says_from_where_the_picture_stood(page: Page, shared_server: Server) -> None:
    until(page, f"{FRAME}.exposure.ae_state", "converged")
    stood = page.evaluate(f"{FRAME}.exposure")
    for letter, sets_shutter, sets_gain in (
        ("S", True, False),
        ("M", True, True),
        ("A", False, True),
        ("P", False, False),
    ):
        pick(page, "#panel-shutter", letter)
        until(page, LETTER, letter)
        until_has(
            shared_server,
            "controls",
            exposure_us=pytest.approx(stood["exposure_us"], rel=0.13) if sets_shutter else None,  # the nearest third
            gain=pytest.approx(stood["analogue_gain"], rel=0.13) if sets_gain else None,
        )


def test_auto_on_a_dial_changes_the_letter(page: Page) -> None:
    type_into(page, "#panel-shutter .dial-figure", "1/250")
    until(page, LETTER, "S")
    page.click("#cell-iso")
    type_into(page, "#panel-iso .dial-figure", "400")
    until(page, LETTER, "M")
    page.click("#cell-shutter")
    page.click("#panel-shutter .dial-auto")
    until(page, LETTER, "A")


METERED = f"{FRAME}.exposure.ae_state === 'off' && Math.abs({FRAME}.exposure.exposure_us - %d) < 60"


def test_in_m_the_cell_of_ev_is_a_meter_and_its_dial_rests(page: Page, shared_server: Server) -> None:
    page.click("#cell-ev")
    assert page.locator("#ev-scale").is_hidden() and page.locator("#ev-reason").is_hidden()
    until(page, f"{FRAME}.exposure.ae_state", "converged")
    stood = page.evaluate(f"{FRAME}.exposure")
    assert page.evaluate(f"{FRAME}.readings.deviation ?? null") is None
    exposure_us = stood["exposure_us"] / 2
    ask(shared_server, "controls", {"exposure_us": exposure_us, "gain": stood["analogue_gain"]})
    until(page, METERED % exposure_us)
    until(page, "document.querySelector('#ev-scale').dataset.mark", "needle")
    until(page, "document.querySelector('#panel-ev .dial-figure').disabled")
    assert text(page, "#cell-ev .cell-label") == "Meter"
    assert "no effect in M" in text(page, "#ev-reason")
    found = page.evaluate("""async () => {
      const frame = window.hqcam.viewfinder.frame;
      const { formatEv } = await import('/static/exposure/notation.js');
      const scale = document.querySelector('#ev-scale');
      const needle = parseFloat(getComputedStyle(scale, '::after').left) / scale.clientWidth;
      return [frame.readings.deviation.ev, formatEv(frame.readings.deviation.ev),
              document.querySelector('#cell-ev .cell-value').textContent, needle];
    }""")
    assert found[0] == pytest.approx(-1, abs=0.35)
    assert found[1] == found[2] and found[3] == pytest.approx((found[0] + 3) / 6, abs=0.02)
    page.keyboard.press("+")
    until_said(page, "no effect in M", kind="caution")
    assert ask(shared_server, "controls")["ev"] == 0
    ask(shared_server, "controls", {"gain": None})
    until(
        page, "document.querySelector('#ev-scale').hidden && !document.querySelector('#panel-ev .dial-figure').disabled"
    )
    assert text(page, "#cell-ev .cell-label") == "EV" and text(page, "#cell-ev .cell-value") == "0.0"
    assert page.locator("#ev-reason").is_hidden()


def test_beyond_its_scale_the_meter_has_an_arrow_and_no_needle(page: Page, shared_server: Server) -> None:
    until(page, f"{FRAME}.exposure.ae_state", "converged")
    stood = page.evaluate(f"{FRAME}.exposure")
    for factor, mark in ((2**-4, "below"), (2**4, "above")):
        exposure_us = stood["exposure_us"] * factor
        ask(shared_server, "controls", {"exposure_us": exposure_us, "gain": stood["analogue_gain"]})
        until(page, METERED % exposure_us)
        until(page, "document.querySelector('#ev-scale').dataset.mark", mark)
        told = page.evaluate(f"{FRAME}.readings.deviation")
        assert told["at_least"] == (mark == "above"), "four stops over clip: by how much cannot be measured"
        assert text(page, "#cell-ev .cell-value").startswith("≥ +" if told["at_least"] else "−")


SHOW_METER = """async (deviation) => {
  const { showReadout } = await import('/static/exposure/readout.js');
  const frame = window.hqcam.viewfinder.frame;
  const asked = { exposure_us: 1000, gain: 1, ev: 0, ae_lock: false, awb: 'auto' };
  showReadout({ ...frame, readings: { ...frame.readings, deviation } }, asked);
  const scale = document.querySelector('#ev-scale');
  return [scale.dataset.mark, document.querySelector('#cell-ev .cell-value').textContent];
}"""


@pytest.mark.parametrize(
    ("deviation", "shown"),
    [
        ({"ev": 0.04, "at_least": False}, ["needle", "0.0"]),
        ({"ev": -3.0, "at_least": False}, ["needle", "−3.0"]),
        ({"ev": -3.01, "at_least": False}, ["below", "−3.0"]),
        ({"ev": 3.4, "at_least": False}, ["above", "+3.4"]),
        ({"ev": 1.2, "at_least": True}, ["above", "≥ +1.2"]),
        (None, ["dark", "—"]),
    ],
)
def test_the_needle_stands_only_where_it_points_at_what_was_measured(
    page: Page, deviation: dict[str, object] | None, shown: list[str]
) -> None:
    assert page.evaluate(SHOW_METER, deviation) == shown


def test_the_shutter_goes_from_the_shortest_to_the_longest_of_the_mode(page: Page) -> None:
    assert page.get_attribute("#panel-shutter .dial-slider", "max") == str(70)
    page.press("#panel-shutter .dial-slider", "Home")
    until(page, "document.querySelector('#panel-shutter .dial-figure').value", "1/16000")
    until(page, f"{FRAME}.exposure.exposure_us < 63 && {FRAME}.exposure.exposure_us >= 60")


def test_metering_highlights_and_lamps_reach_the_camera(page: Page, shared_server: Server) -> None:
    page.click("#cell-ev")
    for name, value in (("metering", "spot"), ("constraint", "highlight"), ("anti_flicker", "50 Hz")):
        pick(page, f"[data-control={name}]", value)
        until(page, f"document.querySelector('[data-control={name}] label[data-value=\"{value}\"] input').checked")
    until_has(shared_server, "controls", metering="spot", constraint="highlight", anti_flicker="50 Hz")
    assert page.locator("[data-control=anti_flicker] label").count() == 3, "what the camera does not offer is not shown"
    ask(shared_server, "controls", {"metering": "matrix"})  # another client
    until(page, "document.querySelector('[data-control=metering] label[data-value=matrix] input').checked")


def test_the_look_is_set_and_reset(page: Page, shared_server: Server) -> None:
    page.locator("[data-control=contrast] input").fill("1.5")
    page.locator("[data-control=saturation] input").fill("0")
    pick(page, "[data-control=noise_reduction]", "off")
    until(page, "document.querySelector('[data-control=contrast] output').textContent", "1.50")
    until_has(shared_server, "controls", contrast=1.5, saturation=0, noise_reduction="off")
    until_painted(page, 6)
    with Image.open(io.BytesIO(page.locator("#picture").screenshot())) as shot:
        hsv = np.asarray(shot.convert("HSV"))[40:200, 200:600, 1]
    assert float(np.median(hsv)) < 12, "no colour is left"
    page.click("#picture-settings .wide-button")
    until(page, "document.querySelector('[data-control=contrast] output').textContent", "1.00")
    until(page, "document.querySelector('[data-control=noise_reduction] label[data-value=best] input').checked")


def test_kelvin_is_set_by_its_dial_and_shown_apart_until_the_frame_has_it(page: Page, shared_server: Server) -> None:
    page.click("#cell-wb")
    assert page.locator("#panel-wb .dial").first.is_hidden()
    pick(page, "#panel-wb", "kelvin")
    figure = "#panel-wb .dial:has([aria-label^=Kelvin]) .dial-figure"
    type_into(page, figure, "3200")
    until(page, f"{FRAME}.exposure.colour_temperature_k", 3200)
    until(page, "document.querySelector('#cell-wb .cell-note').textContent", "kelvin")
    until_has(shared_server, "controls", colour_temperature_k=3200)
    note = page.evaluate("""async () => {
      const { showReadout } = await import('/static/exposure/readout.js');
      const asked = { exposure_us: null, gain: null, ev: 0, awb: 'kelvin', colour_temperature_k: 7000 };
      showReadout(window.hqcam.viewfinder.frame, asked);
      const cell = document.querySelector('#cell-wb');
      return [cell.dataset.pending, cell.querySelector('.cell-note').textContent];
    }""")
    assert note == ["true", "→ 7000 K"]


def test_a_tap_on_something_grey_balances_white(page: Page, shared_server: Server, complaints: Complaints) -> None:
    page.click("#cell-wb")
    focus = ask(shared_server, "assists")["focus_x"]
    page.click("#grey-pick")
    assert page.get_attribute("#grey-pick", "aria-pressed") == "true"
    page.keyboard.press("Escape")
    assert page.get_attribute("#grey-pick", "aria-pressed") == "false"
    page.click("#grey-pick")
    box = page.locator("#picture").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 0.80 * box["width"], box["y"] + 0.70 * box["height"])  # the radio's white side
    until(page, "document.querySelector('#cell-wb .cell-note').textContent", "manual")
    red, blue = until_has(shared_server, "controls", awb="manual")["colour_gains"]
    assert (red, blue) == (pytest.approx(2.93, abs=0.25), pytest.approx(1.45, abs=0.2)), "about the light's 5000 K"
    assert ask(shared_server, "assists")["focus_x"] == focus, "the tap was not for the focus area"
    complaints.allow(REFUSED)
    page.click("#grey-pick")
    page.mouse.click(box["x"] + 0.826 * box["width"], box["y"] + 0.139 * box["height"])  # the sun clips
    until(page, "document.querySelector('.toast[data-kind=error]')?.textContent.includes('picked')")


def test_the_bright_view_is_marked_and_changes_nothing_but_this_screen(page: Page, shared_server: Server) -> None:
    ask(shared_server, "controls", {"exposure_us": 1000, "gain": 1})
    until(page, f"Math.abs({FRAME}.exposure.exposure_us - 1000) < 20")

    def brightness() -> float:
        until_painted(page)
        with Image.open(io.BytesIO(page.locator("#picture").screenshot())) as shot:
            return float(np.asarray(shot.convert("L"))[100:300, 300:700].mean())

    plain, ire = brightness(), page.evaluate(f"{FRAME}.readings.zebra_high_percent")
    page.keyboard.press("b")
    until(page, "!document.querySelector('#bright-mark').hidden")
    assert text(page, "#bright-mark") == "BRIGHT VIEW +2 EV · not the exposure"
    assert brightness() == pytest.approx(plain * 2 ** (2 / 2.2), rel=0.12)
    assert page.evaluate(f"{FRAME}.readings.zebra_high_percent") == pytest.approx(ire, abs=0.05)
    page.keyboard.press("i")
    until(page, "document.querySelector('#bright-mark').hidden")
    page.keyboard.press("i")
    page.keyboard.press("b")
    until(page, "document.querySelector('#bright-mark').hidden")
    assert brightness() == pytest.approx(plain, rel=0.05)


def test_the_light_meter_reads_is_calibrated_and_forgets(page: Page, shared_server: Server) -> None:
    page.keyboard.press("t")
    ev = "Number(document.querySelector('#meter-ev').textContent.slice(3))"
    until(page, f"{ev} > 0")
    known = ask(shared_server, "meter")["light"]["ev100"]
    assert page.evaluate(ev) == pytest.approx(known, abs=0.11)
    assert "not calibrated" in text(page, "#meter-state") and "simulated" in text(page, "#meter-state")
    assert page.locator("#meter-table tr").count() == 10
    row = [text(page, f"#meter-table tr:nth-child(4) :nth-child({column})") for column in range(1, 5)]
    assert row[0] == "f/2.8" and row[1].startswith("1/")
    type_into(page, "#meter-known", "12.0")
    until(page, f"{ev}", 12)
    until(page, "document.querySelector('#meter-state').textContent.startsWith('calibrated')")
    page.click("#meter-forget")
    until(page, "document.querySelector('#meter-state').textContent.startsWith('not calibrated')")
    type_into(page, "#meter-known", "bright")
    until(page, "document.querySelector('.toast[data-kind=error]')?.textContent.includes('no EV')")
    pick(page, "#meter-area", "spot")
    until(page, f"{ev} > 0")
    page.keyboard.press("Escape")
    assert page.locator("#meter-sheet").is_hidden()


TIP = "([beta, gamma]) => dispatchEvent(new DeviceOrientationEvent('deviceorientation', { beta, gamma }))"
# The moment it is on: a device that reports nothing for a second and a half counts as one without the sensor.
SWITCH_ON = """() => new Promise((resolve) => {
  const observer = new MutationObserver(() => {
    observer.disconnect();
    dispatchEvent(new DeviceOrientationEvent('deviceorientation', { beta: 90, gamma: 0 }));
    resolve();
  });
  observer.observe(document.querySelector('#level'), { attributeFilter: ['hidden'] });
  document.querySelector('[data-guide=level]').click();
})"""


def test_the_level_follows_the_device(page: Page) -> None:
    page.evaluate(SWITCH_ON)
    assert text(page, "#level-figure") == "0.0°" and page.get_attribute("#level", "data-level") is not None
    page.evaluate(TIP, [60, 10])
    assert text(page, "#level-figure") == "5.7°" and page.get_attribute("#level", "data-level") is None
    assert "rotate(-5.7" in (page.get_attribute("#level-line", "style") or "")
    page.evaluate(TIP, [2, 1])
    assert text(page, "#level-figure") == "lies flat"
    page.evaluate("document.querySelector('[data-guide=level]').click()")
    assert page.locator("#level").is_hidden()


ROLLS = [(90, 0, 0, 0), (45, 0, 0, 0), (0, -90, 90, 0), (0, 90, 270, 0), (-90, 0, 0, 180), (0, 90, 0, 90)]


def test_roll_is_that_of_the_screen(live_page: Page) -> None:
    read = "async (a) => (await import('/static/tools/level.js')).rollOf(...a)"
    for beta, gamma, screen_angle, roll in ROLLS:
        found = live_page.evaluate(read, [beta, gamma, screen_angle])
        assert (found - roll + 180) % 360 - 180 == pytest.approx(0, abs=0.01), (beta, gamma, screen_angle)
    assert live_page.evaluate(read, [1, 1, 0]) is None, "it lies flat"


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ("Object.defineProperty(window, 'isSecureContext', { value: false })", "only to pages over https"),
        ("DeviceOrientationEvent.requestPermission = async () => 'denied'", "keep the position of the device"),
        ("", "no sensor that tells its position"),
    ],
    ids=["not secure", "refused", "no sensor"],
)
def test_where_there_is_no_level_the_page_says_why(
    script: str, says: str, shared_server: Server, open_page: Callable[..., Page]
) -> None:
    page = open_page(shared_server.url, viewport=PHONE, init_script=script)
    until_live(page)
    page.evaluate("document.querySelector('[data-guide=level]').click()")
    until(page, f"[...document.querySelectorAll('.toast')].some((t) => t.textContent.includes({json.dumps(says)}))")
    until(page, "document.querySelector('[data-guide=level]').ariaChecked", "false")
    assert page.locator("#level").is_hidden()
