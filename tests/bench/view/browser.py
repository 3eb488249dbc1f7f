"""What Chromium paints, and how old it is: the time code is read off the pixels in the frame that drew them."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

FLAGS = ["--no-sandbox", "--disable-gpu"]
VIEWPORT = {"width": 1440, "height": 900}

# Reads the code of what is on the picture, and notes each picture once, in the animation frame that shows it and before
# that frame is rendered: of an image in every one, of a canvas where the page says that it was painted, or in the next.
# Reading a canvas back takes some 20 ms without a graphics processor.
SAMPLER = """(() => {
  const board = new OffscreenCanvas(640, 16).getContext('2d', {willReadFrequently: true});
  const ages = window.benchAges = [];
  let last = -1;
  const sample = () => {
    const picture = document.querySelector('#picture');
    const width = picture && (picture.naturalWidth || picture.width);
    if (!width) return false;
    const block = 16 * width / 1014;
    board.drawImage(picture, 0, 0, 40 * block, block, 0, 0, 640, 16);
    const pixels = board.getImageData(0, 8, 640, 1).data;
    const bytes = [0, 0, 0, 0, 0];
    for (let i = 0; i < 40; i++) if (pixels[4 * (16 * i + 8) + 1] > 127) bytes[i >> 3] |= 1 << (i & 7);
    if (((bytes[0] + bytes[1] + bytes[2] + bytes[3] & 255) ^ 0xa5) !== bytes[4]) return false;
    const moment = (bytes[0] | bytes[1] << 8 | bytes[2] << 16) + bytes[3] * 2 ** 24;
    if (moment === last) return false;
    last = moment;
    const now = Date.now();
    ages.push([now, (now - moment) % 2 ** 32]);
    return true;
  };
  const always = () => { sample(); requestAnimationFrame(always); };
  const mark = performance.mark;
  performance.mark = function (name, options) {
    if (name === 'hqcam:painted' && !sample()) requestAnimationFrame(sample);
    return mark.call(this, name, options);
  };
  document.addEventListener('DOMContentLoaded', () => { if (document.querySelector('img#picture')) always(); });
})()"""


ENTER = """(code) => fetch('/api/access', {
  method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify({code})
})"""


@dataclass(frozen=True, slots=True)
class Painted:
    """What was painted in the measured time."""

    ages_ms: list[float]
    fps: float
    complaints: list[str]


@contextmanager
def chromium(inside: Sequence[str] = ()) -> Iterator[Browser]:
    """Run Chromium, if wanted by another command such as `ip netns exec NAME`."""
    path = shutil.which("chromium") or "/usr/bin/chromium"
    with tempfile.TemporaryDirectory(prefix="hqcam-bench-") as folder, sync_playwright() as playwright:
        if inside:
            script = Path(folder) / "chromium"
            script.write_text(f'#!/bin/sh\nexec {" ".join(inside)} {path} "$@"\n')
            os.chmod(script, stat.S_IRWXU)
            path = str(script)
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


def watch(browser: Browser, url: str, seconds: float, *, slow_down: float = 1, code: str | None = None) -> Painted:
    """Show a page, wait until it has settled, and measure."""
    context = browser.new_context(viewport=VIEWPORT)
    complaints: list[str] = []
    try:
        page = context.new_page()
        if code:
            page.goto(f"{url}/access")
            page.evaluate(ENTER, code)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.add_init_script(SAMPLER)
        page.goto(f"{url}/")
        if slow_down > 1:
            context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": slow_down})
        page.wait_for_timeout(4000)
        page.evaluate("benchAges.length = 0")
        page.wait_for_timeout(1000 * seconds)
        ages = [age for _, age in page.evaluate("benchAges")]
        return Painted(ages, len(ages) / seconds, complaints)
    finally:
        context.close()
