"""Long exposures by the clock, to the sensor's limit: a countdown, and an end at any moment.

The sensor needs to know the length before it begins, so a time is chosen; ending early gives no picture. The live view
keeps its own exposure, so that it is back as soon as the shot is: the whole takes the exposure and a moment.
"""

from __future__ import annotations

from device.drive.mode import DriveMode
from device.drive.series import Run
from device.errors import BadInput
from device.settings.declaration import Setting

LONGEST_S = 700.0  # what any camera here could take; the camera that is open has the last word

SETTINGS = (
    Setting("exposure_s", "Exposure", "number", 30.0, "s", 0.1, LONGEST_S, steps=(2, 8, 30, 120, 600)),
    Setting("iso", "ISO", "whole", 100, "", 100, 2200, steps=(100, 200, 400, 800)),
    Setting("delay_s", "Delay", "number", 2.0, "s", 0, 600, steps=(0, 2, 10)),
)


def _shoot(run: Run) -> None:
    exposure_s, gain = run.settings["exposure_s"], run.settings["iso"] / 100
    longest_s = run.session.info().full_mode.exposure_max_us / 1e6
    limit = run.session.info().limits.get("exposure_us")
    if limit is None or exposure_s > longest_s:
        raise BadInput(
            f"{exposure_s:g} s is longer than this camera can expose"
            if limit
            else f"this camera cannot be exposed ({run.session.info().description})",
            expected=f"at most {longest_s:.0f} s" if limit else "a camera whose exposure can be set",
        )
    run.begin(total=1)
    run.expect(run.settings["delay_s"] + exposure_s)
    if run.settings["delay_s"]:
        run.wait(run.settings["delay_s"])
    run.expect(exposure_s)
    run.shoot(exposure_us=exposure_s * 1e6, gain=gain)


MODE = DriveMode("bulb", "Long exposure", "One exposure by the clock, to the sensor's limit.", SETTINGS, _shoot)
