"""For a left hand, and in red light: the same page, whole and readable."""

from __future__ import annotations

import io
import json
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page

from tests.page.conftest import DESKTOP, Server, until, until_live
from tests.page.sizes import SIZES, not_whole
from tests.page.test_reach import PANELS

pytestmark = pytest.mark.page
STORE = "new (await import('/static/page/browser-settings.js')).SettingsStore()"
KEPT = "JSON.parse(localStorage.getItem('hqcam.paint.1'))"
# Text in the red channel alone against the red channel of what is behind it: WCAG's contrast of what the screen emits.
PALE = """() => {
  const channels = (colour) => (colour.match(/[\\d.]+/g) ?? []).map(Number);
  const linear = (red) => (red / 255 <= 0.04045 ? red / 255 / 12.92 : ((red / 255 + 0.055) / 1.055) ** 2.4);
  const groundOf = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const [red, , , alpha = 1] = channels(getComputedStyle(at).backgroundColor);
      if (alpha > 0.6) return red * alpha;
    }
    return 0;
  };
  const luminance = (red) => 0.2126 * linear(red) + 0.05;
  const seen = (element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  const own = (element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
  const written = [...document.querySelectorAll("body *")].filter((e) => seen(e) && own(e));
  return written.filter((e) => !e.closest(":disabled, .unseen")).map((e) => {
    const [text, ground] = [channels(getComputedStyle(e).color)[0], groundOf(e)].map(luminance);
    return [Math.max(text, ground) / Math.min(text, ground), e.id || e.className, e.textContent.trim()];
  }).filter(([contrast]) => contrast < 4.5);
}"""


def test_for_a_left_hand_the_tools_change_sides_and_stay_whole(
    shared_server: Server, open_page: Callable[..., Page]
) -> None:
    page = open_page(shared_server.url, viewport=SIZES["390x844"], has_touch=True)
    until_live(page)
    until(page, "document.querySelectorAll('.choice-modes input').length === 7")
    page.click("#assists-open")
    page.click("[data-tab=screen]")
    page.click("[data-screen=hand] [data-value=left]")
    page.click("#assists-sheet .sheet-close")
    left = "(id) => document.getElementById(id).getBoundingClientRect().left"
    for name, size in {**SIZES, "desktop": DESKTOP}.items():
        page.set_viewport_size(size)  # type: ignore[arg-type]
        until(page, f"innerWidth === {size['width']} && document.querySelector('#shutter').checkVisibility()")
        gallery, shutter, stage, lock = (
            page.evaluate(left, part) for part in ("gallery-open", "shutter", "stage", "ae-lock")
        )
        assert lock < shutter < gallery, name
        assert (shutter < stage) == (size["width"] > size["height"]), name
        for part in (".topbar", ".readout", ".chips", ".shutter-row"):
            assert not_whole(page, part) == [], (name, part)
    kept = page.evaluate(KEPT)
    assert kept["hand"] == "left"
    page.reload()
    until(page, "document.documentElement.dataset.hand", "left")
    of_presets = page.evaluate(f"async () => {STORE}.own")
    assert "shutterSound" in of_presets and not {"hand", "light", "panel"} & set(of_presets)


def test_at_night_the_page_gives_red_light_alone_and_can_be_read(
    shared_server: Server, open_page: Callable[..., Page]
) -> None:
    kept = json.dumps({"light": "red", "peakingColour": "green"})
    keep = f"try {{ localStorage.setItem('hqcam.paint.1', '{kept}'); }} catch {{ /* about:blank has no storage */ }}"
    page = open_page(shared_server.url, viewport=SIZES["390x844"], init_script=keep)
    until_live(page)
    for panel in PANELS:
        if page.get_attribute(f"#cell-{panel}", "aria-selected") != "true":
            page.click(f"#cell-{panel}")
        until(page, f"!document.querySelector('#panel-{panel}').hidden")
        assert page.evaluate(PALE) == [], panel
    for opens, shown in (("#assists-open", "#assists-sheet"), ("#drive-open", "#drive-sheet"), ("#help-open", "#help")):
        page.click(opens)
        until(page, f"document.querySelector('{shown}').checkVisibility()")
        page.evaluate("Promise.all(document.getAnimations().map((fade) => fade.finished.catch(() => null)))")
        assert page.evaluate(PALE) == [], shown
        seen = np.asarray(Image.open(io.BytesIO(page.screenshot())).convert("RGB"))
        assert seen[..., 0].max() > 200 and seen[..., 1:].max() == 0, shown
        page.keyboard.press("Escape")
        until(page, f"!document.querySelector('{shown}').checkVisibility()")
    assert page.evaluate(f"async () => {STORE}.values.peakingColour") == "red"
    assert page.evaluate(KEPT)["peakingColour"] == "green"
    for path in ("help", "help/peaking", "access"):
        page.goto(f"{shared_server.url}{path}")
        until(page, "document.documentElement.dataset.light", "red")
        assert page.evaluate(PALE) == [], path
        seen = np.asarray(Image.open(io.BytesIO(page.screenshot())).convert("RGB"))
        assert seen[..., 0].max() > 200 and seen[..., 1:].max() == 0, path
