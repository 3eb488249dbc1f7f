"""One shot, now."""

from __future__ import annotations

from device.drive.mode import DriveMode
from device.drive.series import Series


def _shoot(series: Series) -> None:
    series.begin(total=1)
    series.shoot()


MODE = DriveMode("single", "Single", "One shot for each press.", (), _shoot, metered=True)
