"""The sheet's sliders have the ranges, steps and labels that are declared."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from device.analysis.settings import ASSISTS
from device.settings.controls import CONTROLS
from tests.page.conftest import Server, until

pytestmark = pytest.mark.page
SLIDERS = "label.slider:is([data-assist], [data-control])"
SCALE = """(slider) => {
  const { min, max, step, ariaLabel } = slider.querySelector('input');
  return [slider.dataset.assist ?? slider.dataset.control, [min, max, step].map(Number), ariaLabel];
}"""


def test_every_slider_has_the_range_the_step_and_the_label_that_are_declared(
    shared_server: Server, open_page: Callable[..., Page]
) -> None:
    page = open_page(shared_server.url)
    until(page, "document.querySelector('[data-control=sharpness]') !== null", deadline_s=60)  # the camera is known
    sliders = page.evaluate(f"[...document.querySelectorAll('{SLIDERS}')].map({SCALE})")
    found = {name: (tuple(scale), label) for name, scale, label in sliders}
    assists = {name for name, setting in ASSISTS.items() if setting.step}
    assert set(found) == assists | {"contrast", "saturation", "sharpness", "jpeg_quality"}
    for name, told in found.items():
        setting = {**ASSISTS, **CONTROLS}[name]
        assert told == ((setting.minimum, setting.maximum, setting.step), setting.label), name
