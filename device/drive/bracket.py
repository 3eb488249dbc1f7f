"""Exposure bracketing: the same picture at several exposures, by the shutter; by the gain where the shutter cannot.

The light of lamps on the mains pulses twice a period. With a shutter time of a whole number of half periods every row
and every shot gets the same light. Where the exposure is long enough the mode uses such a time, and adapts the gain so
that the steps stay exact.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

from device.controls import EXPOSURE_TOLERANCE, MAINS_HALF_PERIOD_US, reached
from device.drive.mode import DriveMode
from device.drive.series import Series
from device.frame import CameraInfo, Limit
from device.session.session import Session
from device.settings.declaration import Setting
from device.settings.notation import exposure_text

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
    """From the middle, as requested."""
    exposure_us: float
    gain: float
    flicker_safe: bool
    reachable_ev: float
    """From the middle, as far as the limits of the camera allow it."""


def offsets(count: int, step_ev: float, order: str) -> list[float]:
    """Give the steps from the middle, in the order in which they are taken.

    >>> offsets(3, 1.0, "middle first"), offsets(4, 1.0, "dark to bright")
    ([0.0, -1.0, 1.0], [-1.5, -0.5, 0.5, 1.5])
    """
    rising = [round((n - (count - 1) / 2) * step_ev, 3) + 0.0 for n in range(count)]
    if order == "bright to dark":
        return rising[::-1]
    return sorted(rising, key=lambda ev: (abs(ev), ev)) if order == "middle first" else rising


@dataclass(frozen=True, slots=True)
class Reach:
    """The exposures that a camera can give a step."""

    shutter: Limit
    gains: Limit
    line_us: float = 0.0
    """Short times are made of whole lines; 0: of any length."""

    def time_us(self, wanted_us: float) -> float:
        """Give the time nearest to `wanted_us`; of so few lines that one counts, the next shorter one.

        The gain then makes up for the rest.
        """
        if self.line_us and wanted_us * EXPOSURE_TOLERANCE < self.line_us:
            wanted_us = math.floor(wanted_us / self.line_us + 1e-6) * self.line_us
        return min(max(wanted_us, self.shutter.minimum), self.shutter.maximum)


def plan_steps(evs: list[float], exposure_us: float, gain: float, *, reach: Reach, flicker: str) -> list[Step]:
    """Give the exposures: the shutter time changes; the gain where the shutter cannot, and against flicker.

    `exposure_us` and `gain` are those of the middle.
    """
    half_us = MAINS_HALF_PERIOD_US.get(flicker)
    return [_step(ev, exposure_us * gain, gain, reach, half_us) for ev in evs]


def _step(ev: float, base: float, gain: float, reach: Reach, half_us: float | None) -> Step:
    product, gains = base * 2**ev, reach.gains
    exposure_us = reach.time_us(product / gain)
    if half_us is not None and exposure_us >= 0.75 * half_us:
        periods = _periods(exposure_us / half_us, product / half_us, gains, reach.shutter.maximum / half_us)
        if periods is not None:
            return Step(ev, periods * half_us, product / (periods * half_us), True, ev)
    given = min(max(product / exposure_us, gains.minimum), gains.maximum)
    return Step(ev, exposure_us, given, half_us is None, math.log2(exposure_us * given / base))


def out_of_reach(steps: list[Step]) -> list[str]:
    """Say which steps the camera cannot give, and what they become; empty where it can give all.

    >>> out_of_reach([Step(-8.0, 114.3, 1.0, True, -7.54), Step(0.0, 8000.0, 1.0, True, 0.0)])
    ['1 of 2 steps is out of reach: -8 EV becomes -7.54 EV']
    """
    short = [step for step in steps if not reached(step.reachable_ev - step.ev)]
    if not short:
        return []
    what = ", ".join(f"{step.ev:+g} EV becomes {step.reachable_ev:+.2f} EV" for step in short)
    return [f"{len(short)} of {len(steps)} steps {'is' if len(short) == 1 else 'are'} out of reach: {what}"]


def exposures_text(steps: list[Step]) -> str:
    """Say the shutter times in the order of the shots, with the ISO where that changes too; "" for no steps.

    >>> exposures_text([Step(0.0, 8000, 1.0, True, 0.0), Step(1.0, 16000, 1.0, True, 1.0)])
    '1/125 s, 1/62 s'
    >>> exposures_text([Step(0.0, 8000, 1.0, True, 0.0), Step(1.0, 10000, 1.6, True, 1.0)])
    '1/125 s at ISO 100, 1/100 s at ISO 160'
    """
    isos = [round(100 * step.gain) for step in steps]
    same = len(set(isos)) == 1
    times = [exposure_text(step.exposure_us) for step in steps]
    return ", ".join(time if same else f"{time} at ISO {iso}" for time, iso in zip(times, isos, strict=True))


def _periods(wanted: float, product: float, gains: Limit, most: float) -> int | None:
    """The whole number nearest to `wanted`, by ratio, at which the gain still comes out right."""
    around = (n for n in {math.floor(wanted), math.ceil(wanted)} if 1 <= n <= most)
    possible = [n for n in around if gains.minimum - 1e-9 <= product / n <= gains.maximum]
    return min(possible, key=lambda n: abs(math.log(n / wanted)), default=None)


def _plan(info: CameraInfo, settings: dict[str, Any], exposure_us: float, gain: float) -> list[Step]:
    mode = info.full_mode
    shortest_us, longest_us = mode.whole_lines_us(0), mode.whole_lines_us(mode.exposure_max_us)
    reach = Reach(Limit(shortest_us, longest_us, None, "us"), info.limits["gain"], mode.line_us)
    evs = offsets(settings["count"], settings["step_ev"], settings["order"])
    return plan_steps(evs, exposure_us, gain, reach=reach, flicker=settings["flicker"])


def _steps_now(session: Session, settings: dict[str, Any]) -> list[Step]:
    """The steps around the exposure of the newest frame; none for a camera that does not tell or take exposures."""
    meta, info = session.newest_meta(), session.info()
    if meta is None or not meta.exposure_known or not info.capabilities.exposure_control:
        return []
    return _plan(info, settings, meta.exposure_us, meta.analogue_gain * meta.digital_gain)


def _foresee(session: Session, settings: dict[str, Any]) -> list[str]:
    return out_of_reach(_steps_now(session, settings))


def _exposures(session: Session, settings: dict[str, Any]) -> str:
    return exposures_text(_steps_now(session, settings))


def _shoot(series: Series) -> None:
    s, metered = series.settings, series.metered_exposure()
    base = metered.exposure_us * metered.gain
    steps = _plan(series.session.info(), s, metered.exposure_us, metered.gain)
    warnings = [*filter(None, [metered.out_of_reach]), *out_of_reach(steps)]
    series.begin(
        total=len(steps),
        base_exposure_us=metered.exposure_us,
        base_gain=metered.gain,
        steps=[{"ev": step.ev, "reachable_ev": round(step.reachable_ev, 2)} for step in steps],
        warnings=warnings,
    )
    series.show_message("; ".join(warnings))
    overhead_s = OVERHEAD_S
    for n, step in enumerate(steps):
        series.expect_end_in(sum(left.exposure_us / 1e6 + overhead_s for left in steps[n:]))
        began = series.clock.now_s()
        notes = {} if s["flicker"] == "off" else {"flicker_safe": step.flicker_safe}
        series.shoot(
            exposure_us=step.exposure_us,
            gain=step.gain,
            asked_total_us=base * 2**step.ev,
            notes={"ev": step.ev, **notes},
            complete=lambda shot: {"delivered_ev": round(math.log2(shot["exposure_us"] * shot["gain"] / base), 2)},
        )
        overhead_s = max(0.0, series.clock.now_s() - began - step.exposure_us / 1e6)


MODE = DriveMode(
    "bracket",
    "Bracket",
    "The same picture at several exposures, by the shutter.",
    SETTINGS,
    _shoot,
    foresee=_foresee,
    exposures=_exposures,
)
