"""What the tests of drive modes share: a fast simulated camera's figures, and how a series ended."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from device.captures.storage import Storage
from device.drive.drive import Drive
from device.drive.progress import Progress
from device.sensors.imx477 import IMX477
from device.session.session import Session

SPEED = 400.0
"""How many times faster than real the camera and the clock of the tests are."""
SMALL = replace(IMX477, modes=IMX477.modes[:1])  # 1332x990 only: small stills are quick to make
MakeDrive = Callable[..., Drive]
MakeSession = Callable[..., Session]


def manifest_of(storage: Storage, progress: Progress) -> dict[str, Any]:
    (path,) = storage.root.rglob(f"{progress.id}.json")
    return dict(json.loads(path.read_text()))


def ended(drive: Drive) -> Progress:
    progress = drive.wait(60)
    assert progress.state != "running", progress
    return progress
