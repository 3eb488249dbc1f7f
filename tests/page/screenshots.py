"""Takes the pictures of the README: `make screenshots`. The real page, the real server, the built-in scene."""

from __future__ import annotations

import io
import time
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from web.bench.served import serve

FOLDER = Path(__file__).parents[2] / "web" / "static" / "help"
CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
SIZES = {
    "phone-portrait": ((390, 844), 2.0),
    "phone-landscape": ((844, 390), 2.0),
    "desktop": ((1440, 900), 1.0),
}
FRAMES = 12


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with serve() as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for name, ((width, height), scale) in SIZES.items():
            phone = scale > 1
            page = browser.new_page(
                viewport={"width": width, "height": height}, device_scale_factor=scale, is_mobile=phone, has_touch=phone
            )
            page.goto(f"http://127.0.0.1:{server.port}/")
            _wait_painted(page)
            _save(page.screenshot(), FOLDER / f"{name}.jpg")
            page.close()
        browser.close()


def _wait_painted(page: Page) -> None:
    deadline = time.monotonic() + 30
    while (page.evaluate("window.hqcam?.viewfinder?.stats?.painted ?? 0")) < FRAMES:
        if time.monotonic() > deadline:
            raise SystemExit("the page does not paint")
        page.wait_for_timeout(100)


def _save(png: bytes, path: Path) -> None:
    with Image.open(io.BytesIO(png)) as image:
        image.convert("RGB").save(path, quality=88)
    print(path)


if __name__ == "__main__":
    main()
