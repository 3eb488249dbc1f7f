"""What the tests of drive modes share: a fast simulated camera's figures, and how a series ended."""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
from helpers import eventually

from device.captures.storage import Storage
from device.drive.clock import Clock
from device.drive.drive import Drive
from device.drive.progress import Progress
from device.drivers.simulated import SimulatedCamera
from device.frame import LiveFrame
from device.raw.files import read_picture
from device.sensors.base import Sensor
from device.sensors.imx477 import IMX477
from device.session.session import Session
from device.simulator.white_balance import WhiteBalance

SPEED = 400.0
"""How many times faster than real the camera and the clock of the tests are."""
SMALL = replace(IMX477, modes=IMX477.modes[:1])  # 1332x990 only: small stills are quick to make
EXIF_WHITE_BALANCE: Final = bytes.fromhex("03a4 0300 01000000")
"""The beginning of its entry: tag 0xA403, one SHORT, little-endian."""
ENDED_S: Final = 300.0  # generous: full frames are written meanwhile, on a machine that may be busy
MakeDrive = Callable[..., Drive]
MakeSession = Callable[..., Session]


class UnhurriedCamera(SimulatedCamera):
    """Five frames a second at most, none of which is ever late and skipped, however busy this machine is."""

    def __init__(self, sensor: Sensor = IMX477) -> None:
        super().__init__(pace=False, sensor=sensor)

    def next_frame(self, timeout_s: float) -> LiveFrame:
        self._closed.wait(0.2)
        return super().next_frame(timeout_s)


class HandClock(Clock):
    """A clock that goes on only while somebody waits; at `sets` (seconds since the start) the wall clock is set."""

    def __init__(self, start: str, sets: dict[float, float] | None = None) -> None:
        super().__init__()
        self.seconds, self.start, self.sets = 0.0, datetime.fromisoformat(start), sets or {}

    def now_s(self) -> float:
        return self.seconds

    def wall(self) -> datetime:
        set_by_s = sum(by_s for at_s, by_s in self.sets.items() if at_s <= self.seconds)
        moment = self.start + timedelta(seconds=self.seconds + set_by_s)
        return moment.astimezone(UTC).astimezone()

    def wait(self, event: threading.Event, seconds: float) -> bool:
        self.seconds += max(0.0, seconds)
        return event.is_set()


def wait_for_frames(session: Session, frames: int) -> None:
    """Wait until the camera has delivered more than so many frames."""
    start = session.newest_meta()
    assert start is not None
    eventually(lambda: (m := session.newest_meta()) is not None and m.sequence > start.sequence + frames, "frames", 60)


def manifest_of(storage: Storage, progress: Progress) -> dict[str, Any]:
    (path,) = storage.root.rglob(f"{progress.id}.json")
    return dict(json.loads(path.read_text()))


def ended(drive: Drive) -> Progress:
    progress = drive.wait(ENDED_S)
    assert progress.state != "running", progress
    return progress


def let_white_balance_wander(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the simulated camera find another white balance with every frame."""
    found = itertools.cycle(range(150, 400, 11))

    def wander(self: WhiteBalance, _zones: object, _controls: object) -> None:
        self._mired = float(next(found))

    monkeypatch.setattr(WhiteBalance, "update", wander)


def white_balances(storage: Storage) -> set[tuple[float, float] | None]:
    """Give the gains in all DNGs, each found automatically as all files say."""
    files = [file for capture in storage.list() for file in capture.files]
    for file in files:
        entry = file.path.read_bytes().partition(EXIF_WHITE_BALANCE)[2]
        assert entry[:2] == b"\0\0", "found automatically"
    return {read_picture(file.path).metadata.colour_gains for file in files if file.kind == "dng"}
