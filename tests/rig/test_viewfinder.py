"""The whole camera on top of the real picamera2: `hqcam serve` and a real Chromium."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright
from rig.bench import compare

from device.raw.files import read_picture
from tests.page.conftest import CONDITION, PAINTED, PHONE, Server, free_port, launch_chromium, until, until_live

WATCHED_S = 60.0
MOST_OF_BARE = 1.2


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path, free_port(), ("--camera", "picamera2"))
    server.start()
    yield server
    server.stop()


def test_a_minute_of_viewfinder_and_a_shot(server: Server) -> None:
    said: list[str] = []
    with sync_playwright() as playwright:
        browser = launch_chromium(playwright)
        page = browser.new_page(viewport=PHONE, has_touch=True)
        page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(server.url)
        until_live(page)
        assert page.evaluate("window.hqcam.viewfinder.frame.simulated") is False
        ends = time.monotonic() + WATCHED_S
        while time.monotonic() < ends:
            before = page.evaluate(PAINTED)
            until(page, f"({PAINTED}) >= {before + 5}")
            assert page.evaluate(CONDITION) == "live"
        page.click("#shutter")
        until(page, "document.querySelectorAll('#gallery-thumb img').length > 0")
        browser.close()
    assert said == []
    [dng] = server.output.rglob("*.dng")
    facts = read_picture(dng).facts
    assert not facts.simulated and facts.exposure_us is not None and facts.exposure_us > 100


def test_the_driver_costs_hardly_more_than_picamera2_itself() -> None:
    figures = compare()
    print(figures)
    assert figures["cpu_ratio"] <= MOST_OF_BARE and figures["fps_ratio"] >= 1 / MOST_OF_BARE
    assert figures["ours_still_frame_times"] <= 4
