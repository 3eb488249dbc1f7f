"""The whole camera on top of the real picamera2: `hqcam serve` and a real Chromium."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright
from rig.bench import cheap_enough, compare

from device.raw.files import read_picture
from tests.page.conftest import CONDITION, PAINTED, PHONE, Server, free_port, launch_chromium, until, until_live

WATCHED_FRAMES = 300


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path, free_port(), ("--camera", "picamera2"))
    server.start()
    yield server
    server.stop()


def test_the_viewfinder_goes_on_for_300_frames_and_takes_a_shot(server: Server) -> None:
    said: list[str] = []
    with sync_playwright() as playwright:
        browser = launch_chromium(playwright)
        page = browser.new_page(viewport=PHONE, has_touch=True)
        page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(server.url)
        until_live(page)
        assert page.evaluate("window.hqcam.viewfinder.frame.simulated") is False
        first = page.evaluate(PAINTED)
        for painted in range(5, WATCHED_FRAMES + 1, 5):
            until(page, f"({PAINTED}) >= {first + painted}")
            assert page.evaluate(CONDITION) in ("live", "late"), "how late it is, is judged in the bench"
        page.click("#shutter")
        until(page, "document.querySelectorAll('#gallery-thumb img').length > 0")
        browser.close()
    assert said == []
    [dng] = server.output.rglob("*.dng")
    facts = read_picture(dng).metadata
    assert not facts.simulated and facts.exposure_us is not None and facts.exposure_us > 100


def test_the_bench_compares_the_driver_with_picamera2_itself() -> None:
    figures = compare(rounds=1, frames=3)
    assert {f"{side}_{name}" for side in ("bare", "ours") for name in ("fps", "cpu_ms")} <= set(figures)
    assert all(value > 0 for value in figures.values())
    assert cheap_enough(figures | {"cpu_ratio": 1.1, "fps_ratio": 0.9, "ours_still_frame_times": 3.9})
    for name, value in (("cpu_ratio", 1.3), ("fps_ratio", 0.8), ("ours_still_frame_times", 4.1)):
        assert not cheap_enough(dict.fromkeys(figures, 1.0) | {name: value}), name
