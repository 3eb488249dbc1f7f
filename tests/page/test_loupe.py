"""The loupe on the page: in and out, moved by finger, map and keys; the pixels are the sensor's."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from playwright.sync_api import Page

from tests.page.conftest import PHONE, Server, text, until, until_live, until_painted
from tests.page.test_controls import ask
from tests.page.test_picture import PLAIN, WEBGL2_HERE, pixels

pytestmark = pytest.mark.page
WINDOW = "window.hqcam.viewfinder.frame.window"
RECT = "(s) => document.querySelector(s).getBoundingClientRect().toJSON()"


@pytest.fixture
def page(shared_server: Server, live_page: Page) -> Iterator[Page]:
    ask(shared_server, "controls", {"focus_m": 2, "f_number": 2.8, "exposure_us": None, "gain": None})
    ask(shared_server, "assists", {"focus_x": 0.5, "focus_y": 0.5, "focus_size": 0.5, "focus_score": True})
    until(live_page, "Math.abs(window.hqcam.viewfinder.frame.lens.focus_m - 2) < 0.01")
    until(live_page, "['converged', 'locked'].includes(window.hqcam.viewfinder.frame.exposure.ae_state)")
    yield live_page
    _request(shared_server, "DELETE", {})
    until(live_page, f"{WINDOW} === null")


def _request(server: Server, method: str, body: dict[str, float]) -> None:
    request = urllib.request.Request(
        f"{server.url}api/loupe", json.dumps(body).encode(), {"Content-Type": "application/json"}, method=method
    )
    urllib.request.urlopen(request).read()


def test_the_button_opens_it_on_the_focus_area_and_the_cross_takes_it_away(page: Page) -> None:
    exposure = page.evaluate("(({exposure_us: t, analogue_gain: g}) => t * g)(window.hqcam.viewfinder.frame.exposure)")
    page.click("#loupe-open")
    window = until(page, WINDOW)
    assert (window["width"], window["height"]) == (1016, 760)
    assert (window["x"], window["y"]) == (1520, 1140), "the middle of 4056 x 3040, on even pixels"
    frame = page.evaluate("window.hqcam.viewfinder.frame")
    assert frame["mode"]["width"] == 4056 and frame["exposure"]["ae_state"] == "locked"
    held = frame["exposure"]["exposure_us"] * frame["exposure"]["analogue_gain"]
    assert held == pytest.approx(exposure, rel=0.05)
    until(page, "document.querySelector('#loupe-map-picture').naturalWidth", 1014)
    assert "still" in until(page, "document.querySelector('#loupe-map-age').textContent")
    assert page.is_visible("#loupe-bar") and not page.is_visible("#loupe-open")
    page.click("#loupe-close")
    until(page, f"{WINDOW} === null")
    until(page, "document.querySelector('#loupe-bar').hidden")
    assert page.is_visible("#loupe-open") and not page.is_visible("#loupe-map")


@pytest.mark.parametrize("ratio", [1, 3])
def test_one_pixel_of_the_sensor_is_one_of_the_screen_or_four(
    ratio: int, page: Page, shared_server: Server, open_page: Callable[..., Page]
) -> None:
    phone = open_page(shared_server.url, viewport=PHONE, device_scale_factor=ratio, has_touch=True)
    until_live(phone)
    phone.click("#loupe-open")
    until(phone, WINDOW)
    for name, scale in (("1:1", 1), ("2:1", 2)):
        assert until(phone, "document.querySelector('#loupe-scale').textContent", name) == name
        until(phone, f"Math.round(({RECT})('#picture').width * {ratio})", 1016 * scale)
        picture, stage = phone.evaluate(RECT, "#picture"), phone.evaluate(RECT, "#stage")
        for start, length in (("x", "width"), ("y", "height")):  # what is too much is cut off on both sides
            assert picture[start] + picture[length] / 2 == pytest.approx(stage[start] + stage[length] / 2, abs=1.1)
        until_painted(phone, 1)
        phone.click("#loupe-scale")
    phone.keyboard.press("Escape")
    until(phone, f"{WINDOW} === null")


def test_doubled_pixels_are_squares_and_the_same_without_webgl(
    page: Page, shared_server: Server, open_page: Callable[..., Page]
) -> None:
    for who in (WEBGL2_HERE, PLAIN):
        ask(shared_server, "assists", {"peaking": False, "zebra_high": False, "clipping": False})
        phone = open_page(shared_server.url + who, viewport={"width": 900, "height": 1000})
        until_live(phone)
        phone.click("#loupe-open")
        until(phone, WINDOW)
        phone.evaluate("document.querySelector('#focus-area').style.visibility = 'hidden'")
        if text(phone, "#loupe-scale") == "1:1":
            phone.click("#loupe-scale")
        until(phone, f"({RECT})('#picture').width", 2032)
        until_painted(phone, 1)
        seen = pixels(phone.screenshot()).astype(int)[250:550, 250:650]  # a part of the stage without buttons
        # Wherever the squares begin: of all steps between neighbours one parity has none.
        steps = [np.abs(np.diff(seen, axis=1))[:, first::2].max() for first in (0, 1)]
        assert min(steps) == 0 and max(steps) > 5
        phone.keyboard.press("m")
        until(phone, f"{WINDOW} === null")
    ask(shared_server, "assists", {"peaking": True, "zebra_high": True, "clipping": True})


def test_a_drag_a_key_and_the_map_move_it_to_the_edge_and_no_farther(page: Page) -> None:
    page.keyboard.press("m")
    until(page, f"{WINDOW}?.x", 1520)
    box = page.evaluate(RECT, "#stage")
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 100, y - 60, steps=4)
    page.mouse.up()
    until(page, f"[{WINDOW}.x, {WINDOW}.y].join()", "1620,1200")
    until(page, "document.querySelector('#picture').style.translate", "")
    page.keyboard.press("ArrowRight")
    until(page, f"{WINDOW}.x", 1874)  # a quarter of 1016, on an even pixel
    until(page, "document.querySelector('#picture').style.translate", "")
    chart = page.evaluate(RECT, "#loupe-map")
    page.mouse.click(chart["x"] + chart["width"] - 3, chart["y"] + 3)
    until(page, f"[{WINDOW}.x, {WINDOW}.y].join()", f"{4056 - 1016},0")
    page.keyboard.press("ArrowUp")
    until_painted(page, 3)
    assert page.evaluate(WINDOW)["y"] == 0
    page.keyboard.press("Escape")
    until(page, f"{WINDOW} === null")


def test_a_double_tap_opens_it_there_and_closes_it_again(page: Page) -> None:
    box = page.evaluate(RECT, "#picture")
    x, y = box["x"] + 0.25 * box["width"], box["y"] + 0.75 * box["height"]
    page.mouse.dblclick(x, y)  # as one command: two would be too far apart on a busy machine
    window = until(page, WINDOW)
    assert window["x"] + 508 == pytest.approx(0.25 * 4056, abs=6)
    assert window["y"] + 380 == pytest.approx(0.75 * 3040, abs=6)
    page.mouse.dblclick(x, y)  # as one command: two would be too far apart on a busy machine
    until(page, f"{WINDOW} === null")


def test_peaking_and_the_score_work_inside_and_the_best_starts_anew(page: Page, shared_server: Server) -> None:
    ask(shared_server, "assists", {"focus_x": 0.42, "spot": True, "spot_x": 0.2})  # the chart, which is in focus
    until(page, "fetch('/api/assists').then((r) => r.json()).then((a) => a.focus_x)", 0.42)
    page.reload()
    until_live(page)
    until(page, "document.querySelector('#score-best').textContent !== 'best —'")
    before = page.evaluate("window.hqcam.viewfinder.frame.readings.focus_score")
    page.keyboard.press("m")
    until(page, WINDOW)
    readings = page.evaluate("window.hqcam.viewfinder.frame.readings")
    assert readings["peaking_percent"] > 0.1 and readings["focus_score"] > 0
    assert readings["raw_clipping"] is None, "there is no raw in the loupe"
    assert readings["focus_score"] != before
    area, canvas = page.evaluate(RECT, "#focus-area"), page.evaluate(RECT, "#picture")
    spot = page.evaluate(RECT, "#spot")
    for mark in (area, spot):
        assert mark["x"] + mark["width"] / 2 == pytest.approx(canvas["x"] + canvas["width"] / 2, abs=1)
    figures, bar = page.evaluate(RECT, "#spot-figures"), page.evaluate(RECT, "#loupe-bar")
    assert figures["y"] + figures["height"] <= bar["y"] or figures["x"] + figures["width"] <= bar["x"]
    ask(shared_server, "assists", {"spot": False, "spot_x": 0.5})


def test_everyone_sees_it_and_a_camera_that_returns_shows_the_whole(
    page: Page, shared_server: Server, open_page: Callable[..., Page]
) -> None:
    other = open_page(shared_server.url, viewport=PHONE)
    until_live(other)
    page.keyboard.press("m")
    until(other, WINDOW)
    until(other, "document.querySelector('#loupe-bar').hidden", False)
    other.click("#loupe-close")
    until(page, f"{WINDOW} === null")
