"""New shots sent to an open page while its link is cut: does each arrive whole, and none twice (`make bench-sending`).

A real `hqcam serve`, a real Chromium, and a link between them that breaks all connections off, anywhere in a file, and
lets nobody through for a moment. PAGES=2 has two pages of one browser open, without the locks that browsers lack over
plain http.
"""

from __future__ import annotations

import hashlib
import os
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.cut_link import CutLink, cut_link
from playwright.sync_api import Download, sync_playwright

from device.captures.storage import Storage
from tests.page.conftest import GESTURES_SEEN, PHONE, Server, free_port, launch_chromium, until, until_live

SHOTS, CUTS = 100, 20
JPEG_BYTES, RAW_BYTES = 200_000, 800_000
LINK_BYTES_S = 4e6
BETWEEN_CUTS_S, CUT_S = (1.0, 4.0), (0.1, 2.0)
PATIENCE_S = 900.0
QUEUE = "JSON.parse(localStorage.getItem('hqcam.sent.1') ?? '{}')"
TAKEN = datetime(2026, 11, 27, 12, tzinfo=UTC)
NO_LOCKS = "Object.defineProperty(Navigator.prototype, 'locks', { value: undefined });"


def cut_often(link: CutLink, chance: random.Random) -> None:
    """Cut it CUTS times."""
    pause = threading.Event()
    for _ in range(CUTS):
        pause.wait(chance.uniform(*BETWEEN_CUTS_S))
        link.cut()
        pause.wait(chance.uniform(*CUT_S))
        link.mend()


def main() -> int:
    """Print what came; the exit code tells whether all came once."""
    seed, pages = int(os.environ.get("SEED", "1")), int(os.environ.get("PAGES", "1"))
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = Server(Path(folder), free_port())
        server.start()
        chromium = launch_chromium(playwright)
        try:
            with cut_link(server.port, bytes_s=LINK_BYTES_S) as link:
                context = chromium.new_context(viewport=PHONE, accept_downloads=True)  # type: ignore[arg-type]
                context.add_init_script(GESTURES_SEEN + (NO_LOCKS if pages > 1 else ""))
                downloads: list[Download] = []
                parts: list[str] = []
                opened = [context.new_page() for _ in range(pages)]
                for page in opened:
                    page.on("download", lambda download: downloads.append(download))
                    page.on("request", lambda asked: parts.append(asked.url) if "range" in asked.headers else None)
                    page.goto(f"http://127.0.0.1:{link.port}/?paint=2d")
                    until_live(page)
                page = opened[0]
                page.click("#gallery-open")
                page.click("#send-open")
                page.click("[data-send=files] [data-value='raw+jpeg']")
                until(page, f"({QUEUE}).since >= 0")
                for page in opened[1:]:
                    page.reload()  # with the setting
                    until_live(page)
                cutting = threading.Thread(target=cut_often, args=(link, chance), name="hqcam-bench-cuts")
                cutting.start()
                began = time.monotonic()
                storage, sums = Storage(server.output), dict[str, str]()
                for n in range(SHOTS):
                    files = {".jpg": chance.randbytes(JPEG_BYTES), ".dng": chance.randbytes(RAW_BYTES)}
                    pieces = {suffix: [data] for suffix, data in files.items()}
                    saved = storage.save(TAKEN + timedelta(seconds=n), pieces)
                    sums |= {f"{saved.id}{suffix}": hashlib.sha256(data).hexdigest() for suffix, data in files.items()}
                    opened[0].wait_for_timeout(250)
                done = f"({QUEUE}).waiting.length === 0 && ({QUEUE}).sent >= {2 * SHOTS}"
                until(opened[0], done, deadline_s=PATIENCE_S)
                took_s = time.monotonic() - began
                cutting.join()
                for page in opened:
                    page.wait_for_timeout(3000)  # whatever else would come
                broken = link.broken
                got = Counter(download.suggested_filename for download in downloads)
                wrong = [one.suggested_filename for one in downloads if _sum(one) != sums.get(one.suggested_filename)]
                context.close()
        finally:
            chromium.close()
            server.stop()
    missing, twice = set(sums) - set(got), [name for name, count in got.items() if count > 1]
    print(f"seed {seed}, {pages} page(s): {len(sums)} files of {SHOTS} shots over {CUTS} cuts in {took_s:.0f} s")
    print(f"{broken} connections broken off, {len(parts)} files gone on with in the middle")
    print(f"missing {len(missing)}, twice {len(twice)}, not as on the card {len(wrong)}")
    return int(bool(missing or twice or wrong))


def _sum(download: Download) -> str:
    return hashlib.sha256(Path(download.path()).read_bytes()).hexdigest()


if __name__ == "__main__":
    sys.exit(main())
