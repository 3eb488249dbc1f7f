"""One shot, now."""

from __future__ import annotations

from device.drive.mode import DriveMode
from device.drive.series import Run


def _shoot(run: Run) -> None:
    run.begin(total=1)
    run.shoot()


MODE = DriveMode("single", "Single", "One shot for each press.", (), _shoot)
