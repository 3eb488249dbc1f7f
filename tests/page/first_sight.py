"""Draws one picture of the page in every state at every size, to be looked at: `make first-sight`.

The real page and server, the built-in scene. A row is a state, a column a size.
"""

from __future__ import annotations

import io
import json
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont
from playwright.sync_api import Browser, Page, Route, sync_playwright

from web.bench.served import serve

SIZES = ((360, 640), (390, 844), (844, 390), (673, 841), (768, 1024), (1440, 900))
SHEET = Path(__file__).with_name("first-sight.jpg")
CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu"]
HEIGHT_PX, GAP_PX, LABEL_PX = 240, 8, 150
DEADLINE_S = 120.0
SETTLED_MS = 700  # sheets slide in
CONDITION = "window.hqcam?.viewfinder?.condition ?? 'none'"


def pressing(*selectors: str) -> Callable[[Page], None]:
    """Press what opens a state."""

    def press(page: Page) -> None:
        for selector in selectors:
            page.locator(selector).first.evaluate("(element) => element.click()")

    return press


def no_link(page: Page) -> None:
    """The network is gone."""
    page.context.set_offline(True)
    until(page, f"({CONDITION}) !== 'live'")


def lost(page: Page) -> None:
    """The camera is gone, and the server says so."""
    said = {"state": "lost", "message": "the camera does not answer", "remedy": "check its cable", "retry_in_s": 4}

    def answer(route: Route) -> None:
        found = route.fetch()
        route.fulfill(response=found, json=found.json() | said)

    page.route("**/api/status", answer)
    page.route("**/api/viewfinder/frame*", lambda route: route.fulfill(status=204, headers={"X-Camera-State": "lost"}))
    until(page, f"({CONDITION}) === 'lost'")


STATES: dict[str, Callable[[Page], None]] = {
    "live": pressing(),
    "clean": pressing("#display"),
    "no link": no_link,
    "camera lost": lost,
    "ISO": pressing("#cell-iso"),
    "white balance": pressing("#cell-wb"),
    "large graph": pressing("#histogram"),
    "assists": pressing("#assists-open"),
    "drive mode": pressing("#drive-open"),
    "captures": pressing("#gallery-open"),
    "lens": pressing("#lens-open"),
    "presets": pressing("#presets-open"),
    "help": pressing("#help-open"),
}


def main() -> None:
    rows: list[tuple[str, list[Image.Image]]] = []
    with serve() as server, sync_playwright() as playwright:
        address = f"http://127.0.0.1:{server.port}"
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        _ask(f"{address}/api/captures", "POST", {})
        rows.append(("first run", [_seen(browser, address, size, pressing(), first_run=True) for size in SIZES]))
        for name, reach in STATES.items():
            rows.append((name, [_seen(browser, address, size, reach) for size in SIZES]))
            print(name, flush=True)
        _ask(f"{address}/api/orientation", "PATCH", {"rotation_deg": 90})
        rows.append(("upright", [_seen(browser, address, size, pressing()) for size in SIZES]))
        _ask(f"{address}/api/orientation", "PATCH", {"rotation_deg": 0})
        _ask(f"{address}/api/loupe", "PUT", {"x": 0.44, "y": 0.42})
        rows.append(("loupe", [_seen(browser, address, size, pressing()) for size in SIZES]))
        browser.close()
    _sheet(rows).save(SHEET, quality=55, optimize=True)
    print(SHEET)


def until(page: Page, expression: str) -> None:
    """Wait until a JavaScript expression is true."""
    deadline = time.monotonic() + DEADLINE_S
    while not page.evaluate(expression):
        if time.monotonic() > deadline:
            raise SystemExit(f"in {DEADLINE_S:g} s it was not: {expression}")
        page.wait_for_timeout(50)


def _seen(
    browser: Browser, address: str, size: tuple[int, int], reach: Callable[[Page], None], *, first_run: bool = False
) -> Image.Image:
    width, height = size
    phone = min(size) < 700
    page = browser.new_page(viewport={"width": width, "height": height}, has_touch=phone)
    if not first_run:
        page.add_init_script("localStorage.setItem('hqcam.gestures.1', 'seen')")
    page.goto(f"{address}/?paint=webgl2")
    until(page, "(window.hqcam?.viewfinder?.stats?.painted ?? 0) > 3")
    reach(page)
    page.wait_for_timeout(SETTLED_MS)
    with Image.open(io.BytesIO(page.screenshot())) as image:
        small = image.convert("RGB").resize((round(width * HEIGHT_PX / height), HEIGHT_PX), Image.Resampling.LANCZOS)
    page.unroute_all(behavior="ignoreErrors")
    page.close()
    return small


def _ask(url: str, method: str, changes: dict[str, object]) -> None:
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(url, data=json.dumps(changes).encode(), method=method, headers=headers)
    urllib.request.urlopen(request, timeout=DEADLINE_S).close()


def _sheet(rows: list[tuple[str, list[Image.Image]]]) -> Image.Image:
    width = LABEL_PX + max(sum(cell.width + GAP_PX for cell in cells) for _, cells in rows)
    sheet = Image.new("RGB", (width, len(rows) * (HEIGHT_PX + GAP_PX)), "white")
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(18)
    for row, (name, cells) in enumerate(rows):
        top, left = row * (HEIGHT_PX + GAP_PX), LABEL_PX
        draw.text((GAP_PX, top + HEIGHT_PX // 2), name, fill="black", font=font)
        for cell in cells:
            sheet.paste(cell, (left, top))
            left += cell.width + GAP_PX
    return sheet


if __name__ == "__main__":
    main()
