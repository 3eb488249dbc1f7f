"""Long exposures of a chosen time, up to the sensor's limit, with a countdown.

The sensor needs the time before the exposure begins; a cancel ends it at any moment, without a picture. The live view
keeps its own exposure, so that it continues as soon as the shot is taken.
"""

from __future__ import annotations

from device.drive.mode import DriveMode
from device.drive.series import Series
from device.errors import BadInput
from device.settings.declaration import Setting

LONGEST_S = 700.0  # above the limit of every camera here; that of the open camera is checked when the mode begins

SETTINGS = (
    Setting("exposure_s", "Exposure", "number", 30.0, "s", 0.1, LONGEST_S, steps=(2, 8, 30, 120, 600)),
    Setting("iso", "ISO", "whole", 100, "", 100, 2200, steps=(100, 200, 400, 800)),
    Setting("delay_s", "Delay", "number", 2.0, "s", 0, 600, steps=(0, 2, 10)),
)


def _shoot(series: Series) -> None:
    exposure_s, gain = series.settings["exposure_s"], series.settings["iso"] / 100
    longest_s = series.session.info().full_mode.exposure_max_us / 1e6
    limit = series.session.info().limits.get("exposure_us")
    if limit is None or exposure_s > longest_s:
        raise BadInput(
            f"{exposure_s:g} s is longer than this camera can expose"
            if limit
            else f"this camera cannot be exposed ({series.session.info().description})",
            expected=f"at most {longest_s:.0f} s" if limit else "a camera whose exposure can be set",
        )
    series.begin(total=1)
    series.expect_end_in(series.settings["delay_s"] + exposure_s)
    if series.settings["delay_s"]:
        series.wait(series.settings["delay_s"])
    series.expect_end_in(exposure_s)
    series.shoot(exposure_us=exposure_s * 1e6, gain=gain)


MODE = DriveMode("bulb", "Long exposure", "One exposure by the clock, to the sensor's limit.", SETTINGS, _shoot)
