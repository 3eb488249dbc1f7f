"""A burst of full-resolution raw frames at the sensor's own rate, on the simulated camera: counts lost frames."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from device.captures.shot import Recipe
from device.captures.storage import Storage
from device.drive.drive import Drive
from device.drivers.choose import CameraChoice, driver_factory
from device.preferences.store import Preferences
from device.sensors.imx477 import IMX477
from device.session.session import Session
from web.bench.rows import Row, not_interrupted, row

FRAMES = 30
MOST_S = 300.0
POLL_S = 0.2


def measure_burst(frames: int = FRAMES, *, check: Callable[[], None] = not_interrupted) -> list[Row]:
    """Record `frames` frames of the full mode; they are written to the temporary folder's disk and removed.

    `check` is called often, and may raise to end it.
    """
    with tempfile.TemporaryDirectory() as folder:
        storage = Storage(Path(folder))
        storage.prepare()
        session = Session(driver_factory(CameraChoice("simulated")), sensor=IMX477, preferences=Preferences())
        with session:
            session.wait_open(20)
            session.wait_settled(10)
            drive = Drive(session, storage, Recipe())
            check()
            drive.start("burst", {"count": frames})
            deadline = time.monotonic() + MOST_S
            try:
                while drive.running and time.monotonic() < deadline:
                    check()
                    drive.wait(POLL_S)
            finally:
                drive.close(keep_running=False)
            progress = drive.progress()
        (path,) = storage.root.rglob(f"{progress.id}.json")
        manifest = json.loads(path.read_text())
        taken = [datetime.fromisoformat(frame["taken_at"]).timestamp() for frame in manifest["frames"]]
        rate = (len(taken) - 1) / (taken[-1] - taken[0])
        size = sum(file.stat().st_size for file in storage.root.rglob("*.dng"))
    return [
        row("burst of full raw frames: saved", progress.taken, "frames", f"{frames}"),
        row("burst: lost", manifest.get("lost", frames - progress.taken), "frames", "0"),
        row("burst: rate", rate, "1/s", f"{manifest['plan']['frames_per_second']:g}"),
        row("burst: written", size / 1e6, "MB"),
    ]
