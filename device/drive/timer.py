"""The self-timer: some seconds to get into the picture, or for the camera to stop shaking; then one shot or a few."""

from __future__ import annotations

from device.drive.mode import DriveMode
from device.drive.series import Series
from device.settings.declaration import Setting

SETTINGS = (
    Setting("delay_s", "Delay", "number", 10.0, "s", 1, 600, steps=(2, 5, 10, 20)),
    Setting("count", "Shots", "whole", 1, "", 1, 20, steps=(1, 3, 5)),
    Setting("gap_s", "Between shots", "number", 2.0, "s", 0, 60, steps=(0, 2, 5)),
)


def _shoot(series: Series) -> None:
    count, gap_s = series.settings["count"], series.settings["gap_s"]
    series.begin(total=count)
    series.expect_end_in(series.settings["delay_s"] + (count - 1) * gap_s)
    series.wait(series.settings["delay_s"])
    for n in range(count):
        began = series.clock.now_s()
        series.shoot()
        if n < count - 1:
            series.wait(gap_s - (series.clock.now_s() - began), of_s=gap_s)


MODE = DriveMode("timer", "Self-timer", "Counts down, then takes one shot or a few.", SETTINGS, _shoot, metered=True)
