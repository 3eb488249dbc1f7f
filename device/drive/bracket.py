"""Exposure bracketing: the same picture at several exposures, by the shutter; by the gain where the shutter cannot.

The light of lamps on the mains pulses twice a period. With a shutter time of a whole number of half periods every row
and every shot gets the same light. Where the exposure is long enough the mode uses such a time, and adapts the gain so
that the steps stay exact.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from device.controls import MAINS_HALF_PERIOD_US
from device.drive.mode import DriveMode
from device.drive.series import Series
from device.frame import Limit
from device.settings.declaration import Setting

OVERHEAD_S: Final = 1.5  # chosen, for the first shot: two switches of the mode and a write on a Pi; then it is measured

SETTINGS = (
    Setting("count", "Shots", "whole", 3, "", 2, 9, steps=(3, 5, 7)),
    Setting("step_ev", "Step", "number", 1.0, "EV", 0.1, 4, steps=(0.3, 0.5, 1, 2)),
    Setting("order", "Order", "choice", "middle first", choices=("middle first", "dark to bright", "bright to dark")),
    Setting("flicker", "Mains light", "choice", "off", choices=("off", "50 Hz", "60 Hz")),
)


@dataclass(frozen=True, slots=True)
class Step:
    """One exposure of a bracket."""

    ev: float
    """From the middle, as requested; the limits of the camera may allow less."""
    exposure_us: float
    gain: float
    flicker_safe: bool


def offsets(count: int, step_ev: float, order: str) -> list[float]:
    """Give the steps from the middle, in the order in which they are taken.

    >>> offsets(3, 1.0, "middle first"), offsets(4, 1.0, "dark to bright")
    ([0.0, -1.0, 1.0], [-1.5, -0.5, 0.5, 1.5])
    """
    rising = [round((n - (count - 1) / 2) * step_ev, 3) + 0.0 for n in range(count)]
    if order == "bright to dark":
        return rising[::-1]
    return sorted(rising, key=lambda ev: (abs(ev), ev)) if order == "middle first" else rising


def plan_steps(
    evs: list[float], exposure_us: float, gain: float, *, shutter: Limit, gains: Limit, flicker: str
) -> list[Step]:
    """Give the exposures: the shutter time changes; the gain only at the shutter's limits or against flicker."""
    return [
        _step(ev, exposure_us * gain * 2**ev, gain, shutter, gains, MAINS_HALF_PERIOD_US.get(flicker)) for ev in evs
    ]


def _step(ev: float, product: float, gain: float, shutter: Limit, gains: Limit, half_us: float | None) -> Step:
    exposure_us = min(max(product / gain, shutter.minimum), shutter.maximum)
    if half_us is not None and exposure_us >= 0.75 * half_us:
        periods = _periods(exposure_us / half_us, product / half_us, gains, shutter.maximum / half_us)
        if periods is not None:
            return Step(ev, periods * half_us, product / (periods * half_us), True)
    return Step(ev, exposure_us, min(max(product / exposure_us, gains.minimum), gains.maximum), half_us is None)


def _periods(wanted: float, product: float, gains: Limit, most: float) -> int | None:
    """The whole number nearest to `wanted`, by ratio, at which the gain still comes out right."""
    around = (n for n in {math.floor(wanted), math.ceil(wanted)} if 1 <= n <= most)
    possible = [n for n in around if gains.minimum - 1e-9 <= product / n <= gains.maximum]
    return min(possible, key=lambda n: abs(math.log(n / wanted)), default=None)


def _shoot(series: Series) -> None:
    s = series.settings
    metered, limits, mode = series.metered_exposure(), series.session.info().limits, series.session.info().full_mode
    shutter = Limit(mode.exposure_min_us, mode.exposure_max_us, None, "us")
    evs = offsets(s["count"], s["step_ev"], s["order"])
    steps = plan_steps(
        evs, metered.exposure_us, metered.gain, shutter=shutter, gains=limits["gain"], flicker=s["flicker"]
    )
    series.begin(total=len(steps), base_exposure_us=metered.exposure_us, base_gain=metered.gain)
    overhead_s = OVERHEAD_S
    for n, step in enumerate(steps):
        series.expect_end_in(sum(left.exposure_us / 1e6 + overhead_s for left in steps[n:]))
        began = series.clock.now_s()
        notes = {} if s["flicker"] == "off" else {"flicker_safe": step.flicker_safe}
        series.shoot(exposure_us=step.exposure_us, gain=step.gain, notes={"ev": step.ev, **notes})
        overhead_s = max(0.0, series.clock.now_s() - began - step.exposure_us / 1e6)


MODE = DriveMode("bracket", "Bracket", "The same picture at several exposures, by the shutter.", SETTINGS, _shoot)
