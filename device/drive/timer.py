"""The self-timer: some seconds to get into the picture, or for the camera to stop shaking; then one shot or a few."""

from __future__ import annotations

from device.drive.mode import DriveMode
from device.drive.series import Run
from device.settings.declaration import Setting

SETTINGS = (
    Setting("delay_s", "Delay", "number", 10.0, "s", 1, 600, steps=(2, 5, 10, 20)),
    Setting("count", "Shots", "whole", 1, "", 1, 20, steps=(1, 3, 5)),
    Setting("gap_s", "Between shots", "number", 2.0, "s", 0, 60, steps=(0, 2, 5)),
)


def _shoot(run: Run) -> None:
    count, gap_s = run.settings["count"], run.settings["gap_s"]
    run.begin(total=count)
    run.expect(run.settings["delay_s"] + (count - 1) * gap_s)
    run.wait(run.settings["delay_s"])
    for n in range(count):
        began = run.clock.now_s()
        run.shoot()
        if n < count - 1:
            run.wait(gap_s - (run.clock.now_s() - began), of_s=gap_s)


MODE = DriveMode("timer", "Self-timer", "Counts down, then takes one shot or a few.", SETTINGS, _shoot)
