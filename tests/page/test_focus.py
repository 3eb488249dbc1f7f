"""Focusing by figures on the page: the area, the curve, the hint, the tone."""

from __future__ import annotations

import json
from collections.abc import Callable

import numpy as np
import pytest
from helpers import eventually
from playwright.sync_api import Page

from tests.page.conftest import DEADLINE_S, Complaints, Server, text, until, until_painted
from tests.page.test_controls import ask
from tests.page.test_picture import PLAIN, WEBGL2_HERE, picture

pytestmark = pytest.mark.page
FRAME = "window.hqcam.viewfinder.frame"
TONE = "window.hqcam.viewfinder.focusTone"
AREA = (
    "(() => { const r = document.querySelector('#focus-area').getBoundingClientRect(); return [r.x, r.y, r.width]; })()"
)


@pytest.fixture
def page(shared_server: Server, live_page: Page) -> Page:
    """A live page, in focus, the area in the middle, nothing but the focus tools on."""
    ask(shared_server, "controls", {"focus_m": 2, "f_number": 2.8, "exposure_us": None, "gain": None})
    middle = {"focus_x": 0.5, "focus_y": 0.5, "focus_size": 0.5, "focus_score": True}
    ask(shared_server, "assists", middle)
    until(live_page, f"Math.abs({FRAME}.lens.focus_m - 2) < 0.01")
    until(live_page, "!document.querySelector('#focus-area').hidden")
    return live_page


def picture_point(page: Page, x: float, y: float) -> tuple[float, float]:
    box = page.locator("#picture").bounding_box()
    assert box
    return box["x"] + x * box["width"], box["y"] + y * box["height"]


def until_asked(server: Server, **wanted: float) -> None:
    """The page shows a change at once; the camera has it a moment later."""

    def has_it() -> bool:
        asked = ask(server, "assists")
        return all(abs(asked[name] - value) <= 0.01 for name, value in wanted.items())

    eventually(has_it, f"the camera has {wanted}", DEADLINE_S)


def test_a_tap_moves_the_area_for_everyone_and_its_frame_on_the_picture(page: Page, shared_server: Server) -> None:
    page.mouse.click(*picture_point(page, 0.3, 0.4))
    until(page, f"Math.abs({AREA}[0] - {picture_point(page, 0.05, 0)[0]}) < 1.5")
    until(page, f"Math.abs({AREA}[1] - {picture_point(page, 0, 0.15)[1]}) < 1.5")
    until_asked(shared_server, focus_x=0.3, focus_y=0.4)


def test_an_area_at_the_edge_stays_in_the_picture_and_a_key_brings_it_back(page: Page, shared_server: Server) -> None:
    page.mouse.click(*picture_point(page, 0.99, 0.98))
    until(page, f"Math.abs({AREA}[0] - {picture_point(page, 0.5, 0)[0]}) < 1.5")
    page.keyboard.press("x")
    until(page, f"Math.abs({AREA}[0] - {picture_point(page, 0.25, 0)[0]}) < 1.5")
    until_asked(shared_server, focus_x=0.5, focus_y=0.5)


def test_dragging_carries_the_area_along(page: Page, shared_server: Server) -> None:
    page.mouse.move(*picture_point(page, 0.5, 0.5))
    page.mouse.down()
    for step in range(1, 6):
        page.mouse.move(*picture_point(page, 0.5 - 0.02 * step, 0.5 + 0.02 * step))
    page.mouse.up()
    until(page, f"Math.abs({AREA}[0] - {picture_point(page, 0.15, 0)[0]}) < 1.5")
    page.mouse.move(*picture_point(page, 0.9, 0.9))  # the button is up: nothing follows
    until_painted(page)
    until_asked(shared_server, focus_x=0.4, focus_y=0.6)


def test_the_score_follows_the_area(page: Page, shared_server: Server) -> None:
    until_painted(page)
    whole = page.evaluate(f"{FRAME}.readings.focus_score")
    ask(shared_server, "assists", {"focus_size": 0.1, "focus_x": 0.95, "focus_y": 0.05})
    until(page, f"Math.abs({FRAME}.readings.focus_score / {whole} - 1) > 0.2")


def test_past_the_best_the_page_says_so_and_a_tap_forgets_it(page: Page, shared_server: Server) -> None:
    page.click("#score")
    until_painted(page)
    until(page, "document.querySelector('#score').dataset.trend", "best")
    ask(shared_server, "controls", {"focus_m": 0.7})
    until(page, "document.querySelector('#score').dataset.trend", "passed")
    assert text(page, "#score-best") == "passed it"
    page.click("#score")
    until(page, "document.querySelector('#score').dataset.trend", "best")


def test_the_curve_is_drawn(page: Page) -> None:
    until_painted(page, 5)
    lit = """() => {
      const canvas = document.querySelector('#score-curve');
      if (!canvas.width || getComputedStyle(canvas).display === 'none') return -1;
      const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
      return pixels.filter((value, i) => i % 4 === 3 && value > 0).length;
    }"""
    page.set_viewport_size({"width": 1280, "height": 900})
    until(page, f"({lit})() > 20")


def test_the_tone_rises_with_the_score_until_it_is_switched_off(page: Page, shared_server: Server) -> None:
    assert page.evaluate(TONE) is None
    page.click("[data-tone]")
    page.click("#score")
    until(page, f"{TONE}.hz > 800 && {TONE}.loud > 0.1")  # at the best: two octaves above 220 Hz
    ask(shared_server, "controls", {"focus_m": 0.7})
    until(page, f"{TONE}.hz < 350")
    page.click("[data-tone]")
    until(page, f"{TONE} === null")


@pytest.mark.parametrize("changes", [{"focus_x": 1.2}, {"focus_size": 0}, {"focus_y": "top"}])
def test_an_area_outside_the_picture_is_refused(shared_server: Server, changes: dict[str, object]) -> None:
    import urllib.error

    with pytest.raises(urllib.error.HTTPError) as refused:
        ask(shared_server, "assists", changes)
    assert refused.value.code == 400 and b"bad_assist" in refused.value.read()
    refused.value.close()


@pytest.mark.parametrize("who", [WEBGL2_HERE, PLAIN])
def test_ink_has_a_dark_hairline_and_the_picture_behind_can_be_grey(
    who: str, shared_server: Server, open_page: Callable[..., Page]
) -> None:
    ask(shared_server, "controls", {"focus_m": 2, "f_number": 2.8})
    ask(shared_server, "assists", {"peaking": True, "zebra_high": False, "clipping": False, "focus_score": False})
    page = open_page(shared_server.url + who)
    dark, coloured = {}, {}
    for hairline, grey in ((False, False), (True, False), (True, True)):
        look = {"peakingColour": "magenta", "peakingHairline": hairline, "monochrome": grey}
        page.evaluate("(look) => localStorage.setItem('hqcam.paint.1', JSON.stringify(look))", look)
        page.reload()
        until_painted(page, 5)
        until(page, f"{FRAME}.overlay.layers.includes('peaking')")
        pixels = picture(page).astype(int)
        ink = (pixels[..., 0] > 200) & (pixels[..., 1] < 90) & (pixels[..., 2] > 180)
        assert ink.sum() > 100
        beside = np.zeros_like(ink)
        beside[1:-1, 1:-1] = ink[:-2, 1:-1] | ink[2:, 1:-1] | ink[1:-1, :-2] | ink[1:-1, 2:]
        dark[hairline, grey] = (pixels.max(axis=2) < 110)[beside & ~ink].mean()
        away = ~ink & ~beside
        coloured[hairline, grey] = (np.ptp(pixels, axis=2) > 60)[away].mean()
    assert dark[True, False] > dark[False, False] + 0.1  # measured: 0.19 to 0.26 more, with the frame
    assert coloured[True, False] > 0.1 and coloured[True, True] < 0.02
    ask(shared_server, "assists", {"zebra_high": True, "clipping": True, "focus_score": True})


def test_an_area_in_the_dark_says_so_and_forgets_no_best(page: Page, shared_server: Server) -> None:
    until(page, "document.querySelector('#score').dataset.trend !== 'waiting'")
    ask(shared_server, "controls", {"exposure_us": 60, "gain": 1})
    until(page, "document.querySelector('#score-best').textContent === 'too dark to tell'")
    assert text(page, "#score-figure") == "—"
    assert page.evaluate("document.querySelector('#score').dataset.trend") == "waiting"
    ask(shared_server, "controls", {"exposure_us": None, "gain": None})
    until(page, "document.querySelector('#score-best').textContent.startsWith('best ')")


EDGE, LEAVES = (0.06, 0.44), (0.5, 0.04)  # of the built-in scene: a slanted one, and none


def test_an_edge_is_measured_where_the_focus_area_is_or_the_reason_is_told(
    page: Page, shared_server: Server, complaints: Complaints
) -> None:
    complaints.allow("/api/sharpness")  # a refusal is an answer with an error's status
    for x, y in (EDGE, LEAVES, EDGE):
        ask(shared_server, "assists", {"focus_x": x, "focus_y": y, "focus_size": 0.05})
        until(page, f"Math.abs({AREA}[0] + {AREA}[2] / 2 - {picture_point(page, x, 0)[0]}) < 3")
        with page.expect_response("**/api/sharpness") as answered:
            page.click("#edge-measure")
        answer = answered.value.json()
        assert answered.value.request.post_data_json == {"x": x, "y": y}
        if (x, y) == EDGE:
            until(page, "document.querySelector('#edge-sharpness').textContent.startsWith('MTF50 ')")
            assert "line pairs a millimetre" in text(page, "#edge-sharpness")
        else:
            told = answer["error"]["message"]
            until(page, f"document.querySelector('#toasts').textContent.includes({json.dumps(told)})")
            assert text(page, "#edge-sharpness") == "", "an older figure would be taken for this one"
