"""Takes the pictures of the README and the help: `make screenshots`. The real page and server, the built-in scene.

Each tool has its picture, of a phone with that tool on.
"""

from __future__ import annotations

import io
import json
import time
import urllib.request
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from web.bench.served import serve

FOLDER = Path(__file__).parents[2] / "web" / "static" / "help"
CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu"]
SIZES = {
    "phone-portrait": ((390, 844), 2.0),
    "phone-landscape": ((844, 390), 2.0),
    "desktop": ((1440, 900), 1.0),
}
FRAMES = 40
NOTHING = {
    **dict.fromkeys(("peaking", "zebra_high", "zebra_band", "zebra_low", "clipping", "raw_shadow"), False),
    **dict.fromkeys(("vectorscope", "spot"), False),
    **dict.fromkeys(("histogram", "raw_histogram", "focus_score"), True),
    "waveform": "off",
}
# What the camera detects, how it is exposed, and how the page paints.
TOOLS: dict[str, tuple[dict[str, object], dict[str, object], dict[str, object]]] = {
    "peaking": ({"peaking": True}, {}, {}),
    "zebra": ({"zebra_high": True, "zebra_band": True}, {"ev": 1}, {}),
    "raw-clip": ({"clipping": True}, {"exposure_us": 40000, "gain": 1}, {"graph": "raw"}),
    "raw-shadow": ({"raw_shadow": True, "raw_shadow_ev": 3}, {"exposure_us": 600, "gain": 1}, {"graph": "raw"}),
    "raw-histogram": ({}, {}, {"graph": "raw"}),
    "expose-to-the-right": ({"ettr_tolerance_percent": 1.0}, {}, {"graph": "raw"}),
    "histogram": ({}, {}, {"histogramScale": "log"}),
    "waveform": ({"waveform": "luma"}, {}, {"graph": "waveform"}),
    "vectorscope": ({"vectorscope": True}, {}, {"graph": "vectorscope"}),
    "false-colour": ({}, {}, {"falseColour": True}),
    "spot-meter": ({"spot": True, "spot_x": 0.2, "spot_y": 0.82}, {}, {}),
    "focus-score": ({}, {}, {}),
    "exposure-control": ({}, {"metering": "matrix"}, {"panel": "ev"}),
    "white-balance": ({}, {"awb": "kelvin", "colour_temperature_k": 5200}, {"panel": "wb"}),
    "picture-settings": ({}, {"contrast": 1.2, "saturation": 1.3}, {}),
    "bright-view": ({}, {"exposure_us": 2500, "gain": 1}, {"brightEv": 2, "panel": "ev"}),
    "light-meter": ({}, {}, {"panel": "ev"}),
    "lens": ({}, {}, {}),
    "presets": ({}, {}, {}),
    "guides": ({}, {}, {"guideLines": "thirds", "guideMask": "16:9", "guideSafe": True}),
    "display": (
        {"peaking": True, "zebra_high": True, "clipping": True, "spot": True, "spot_x": 0.2, "spot_y": 0.82},
        {},
        {"display": "everything"},
    ),
    "loupe": ({"peaking": True}, {}, {}),  # the last one: the camera stays in it
}
LOUPE: dict[str, object] = {"x": 0.44, "y": 0.42}
LENS: dict[str, object] = {"id": "rpi-16-1.4-c", "f_number": 4}
AUTOMATIC: dict[str, object] = {
    "f_number": 2.8,
    "exposure_us": None,
    "gain": None,
    "ev": 0,
    "metering": "centre",
    "awb": "auto",
    "contrast": 1,
    "saturation": 1,
}
# Opened before the picture is taken.
OPEN = {
    "lens": ["#lens-open"],
    "presets": ["[data-slot=C3]"],
    "light-meter": ["#meter-open"],
    "picture-settings": ["#assists-open", "[data-tab=picture]"],
}


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with serve() as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for name, ((width, height), scale) in SIZES.items():
            phone = scale > 1
            page = browser.new_page(
                viewport={"width": width, "height": height}, device_scale_factor=scale, is_mobile=phone, has_touch=phone
            )
            page.add_init_script("localStorage.setItem('hqcam.gestures.1', 'seen')")
            page.goto(f"http://127.0.0.1:{server.port}/?paint=webgl2")
            _wait_painted(page)
            _save(page.screenshot(), FOLDER / f"{name}.jpg")
            page.close()
        for tool, (assists, controls, painting) in TOOLS.items():
            if tool == "loupe":
                _ask(server.port, "PUT", "loupe", LOUPE)
            if tool == "presets":
                _ask(server.port, "PUT", "presets/C1", {"name": "Portrait"})
            _ask(server.port, "PATCH", "lens", LENS if tool == "lens" else {"id": None})
            tolerance = {"ettr_tolerance_percent": 0.1}
            _ask(server.port, "PATCH", "assists", NOTHING | tolerance | assists)
            _ask(server.port, "PATCH", "controls", AUTOMATIC | controls)
            page = browser.new_page(viewport={"width": 390, "height": 844}, device_scale_factor=1.5, has_touch=True)
            page.add_init_script("localStorage.setItem('hqcam.gestures.1', 'seen')")
            page.add_init_script(f"localStorage.setItem('hqcam.paint.1', {json.dumps(json.dumps(painting))})")
            page.goto(f"http://127.0.0.1:{server.port}/?paint=webgl2")
            _wait_painted(page)
            for opener in OPEN.get(tool, []):
                page.click(opener)
            if tool == "light-meter":
                page.wait_for_selector("#meter-table tr")
            if tool == "picture-settings":
                page.locator("#picture-settings .wide-button").scroll_into_view_if_needed()
            _save(page.screenshot(), FOLDER / f"tool-{tool}.jpg", quality=80)
            page.close()
        browser.close()


def _ask(port: int, method: str, path: str, changes: dict[str, object]) -> None:
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/api/{path}",
        data=json.dumps(changes).encode(),
        method=method,
        headers={"Content-Type": "application/json"},
    )
    urllib.request.urlopen(request, timeout=10).close()


def _wait_painted(page: Page) -> None:
    deadline = time.monotonic() + 300
    while (page.evaluate("window.hqcam?.viewfinder?.stats?.painted ?? 0")) < FRAMES:
        if time.monotonic() > deadline:
            raise SystemExit("the page does not paint")
        page.wait_for_timeout(100)


def _save(png: bytes, path: Path, *, quality: int = 88) -> None:
    with Image.open(io.BytesIO(png)) as image:
        image.convert("RGB").save(path, quality=quality)
    print(path)


if __name__ == "__main__":
    main()
