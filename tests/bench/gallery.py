"""How soon a shot is on the phone, and a gallery of thousands at a phone's speed (`make bench-gallery`).

A real `hqcam serve` with the simulated camera and a real Chromium, on loopback; for the gallery its processor is slowed
down four times. The captures are one shot of the camera under many names, its files linked: a full card in a moment.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from device.captures.capture import RECORD_SUFFIX
from device.captures.naming import DEFAULT_PATTERN, name_for
from tests.page.conftest import DEADLINE_S, GESTURES_SEEN, PHONE, Server, free_port, launch_chromium, until, until_live

CAPTURES = 5000
PER_DAY = 300
SLOWER = 4
SHOTS = 5
TAKEN = datetime(2026, 11, 27, 12, tzinfo=UTC)
PICTURES = "[...document.querySelectorAll('.gallery-picture')]"
SEEN = f"{PICTURES}.filter((image) => image.complete && image.naturalWidth).length"
SCROLL = """(seconds) => new Promise((done) => {
  const list = document.querySelector("#gallery");
  const begin = performance.now(), gaps = [];
  let last = begin;
  const step = (now) => {
    gaps.push(now - last);
    last = now;
    list.scrollTop += 40; // as fast as a finger flicks: 2400 px a second at 60 frames
    if (now - begin < 1000 * seconds) requestAnimationFrame(step);
    else done({ frames: gaps.length / ((now - begin) / 1000), longest: Math.max(...gaps), at: list.scrollTop });
  };
  requestAnimationFrame(step);
})"""


def asked(server: Server, path: str, body: dict[str, Any] | None = None) -> Any:
    """Ask the API."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{server.url}api/{path}", data, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=DEADLINE_S) as answer:
        return json.load(answer)


def fill(root: Path, number: int) -> None:
    """Have the one capture that is there under many names."""
    (jpeg,) = root.rglob("*.jpg")
    for n in range(number):
        day = TAKEN - timedelta(days=n // PER_DAY, seconds=n % PER_DAY)
        folder = root / f"{day:%Y-%m-%d}"
        folder.mkdir(exist_ok=True)
        stem = name_for(DEFAULT_PATTERN, day)
        for suffix in (".jpg", ".dng", RECORD_SUFFIX):
            os.link(jpeg.with_name(jpeg.stem + suffix), folder / (stem + suffix))


def memory_mb(server: Server) -> float:
    """Give the resident memory of the server's own process."""
    assert server.process is not None
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def shots(server: Server, page: Page) -> dict[str, float]:
    """Give the medians of: press to JPEG on a client, press to the picture on the screen; both in seconds."""
    to_client, to_screen = [], []
    for _ in range(SHOTS):
        begun = time.monotonic()
        shot = asked(server, "captures", {})
        url = next(file["url"] for file in shot["files"] if file["kind"] == "jpeg")
        with urllib.request.urlopen(server.url + url.lstrip("/"), timeout=DEADLINE_S) as answer:
            answer.read()
        to_client.append(time.monotonic() - begun)
    page.click("#drive-open")
    page.click("[data-review] [data-value=hold]")
    page.click("#drive-sheet .sheet-close")
    for _ in range(SHOTS):
        until(page, "document.querySelector('#shutter').dataset.state", "ready")
        page.evaluate("window.pressed = performance.now(); document.querySelector('#shutter').click()")
        until(
            page,
            "document.querySelector('#viewer').dataset.picture === 'shown' && document.querySelector('#viewer').open",
        )
        to_screen.append(page.evaluate("(performance.now() - pressed) / 1000"))
        page.keyboard.press("Escape")
        until(page, "!document.querySelector('#viewer').open")
    return {"client": sorted(to_client)[SHOTS // 2], "screen": sorted(to_screen)[SHOTS // 2]}


def main() -> int:
    """Print the figures; 1 where one is worse than it must be."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = Server(Path(folder), free_port())
        server.start()
        browser = launch_chromium(playwright)
        try:
            page = browser.new_page(viewport=PHONE)  # type: ignore[arg-type]
            page.add_init_script(GESTURES_SEEN)
            page.goto(server.url)
            until_live(page)
            delays = shots(server, page)
            for capture in asked(server, "captures?limit=1000")["captures"][1:]:
                request = urllib.request.Request(f"{server.url}api/captures/{capture['id']}", b"{}", method="DELETE")
                request.add_header("Content-Type", "application/json")
                urllib.request.urlopen(request, timeout=DEADLINE_S).close()
            page.reload()  # what it has read is of a card of ten
            until_live(page)
            fill(server.output, CAPTURES)
            before_mb = memory_mb(server)
            throttle = page.context.new_cdp_session(page)
            throttle.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
            page.evaluate("window.opened = performance.now(); document.querySelector('#gallery-open').click()")
            until(page, f"({SEEN}) >= 6")
            usable_s = page.evaluate("(performance.now() - opened) / 1000")
            moved = page.evaluate(SCROLL, 10)
            drawn = page.evaluate("document.querySelectorAll('.gallery-item').length")
            after_mb = memory_mb(server)
        finally:
            browser.close()
            server.stop()
    print(f"press to the JPEG on a client            {delays['client']:6.2f} s")
    print(f"press to the picture on the screen       {delays['screen']:6.2f} s")
    print(f"{CAPTURES} captures, processor {SLOWER} times slower:")
    print(f"  six pictures are seen after            {usable_s:6.2f} s (1)")
    print(f"  scrolled                               {moved['frames']:6.1f} frames a second (30)")
    print(f"  longest gap                            {moved['longest']:6.0f} ms")
    print(f"  tiles in the document                  {drawn:6.0f}")
    print(f"  server's memory before and after       {before_mb:6.0f} {after_mb:4.0f} MB")
    return int(usable_s > 1 or moved["frames"] < 30)


if __name__ == "__main__":
    sys.exit(main())
