"""Day to night: the exposure of a timelapse follows the light smoothly. Pure.

The light is measured by the live view (lux), which has a wide range. The exposure follows the smoothed light by at most
a third of a stop per shot, so that no step is seen. The remaining difference is written to the manifest as
`deflicker_ev`: developed with that much more exposure, all shots have the same brightness.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

STEP_MOST_EV: Final = 1 / 3  # chosen: the most that looks like a change of the light
SMOOTHING: Final = 0.35  # chosen: half of a change of the light is followed within two shots


@dataclass(frozen=True, slots=True)
class RampLimits:
    """The range of the exposure."""

    exposure_min_us: float
    exposure_max_us: float
    gain_min: float
    gain_max: float


@dataclass(frozen=True, slots=True)
class RampStep:
    """The exposure of the next shot; EV are from the first shot, positive is more light on the sensor."""

    exposure_us: float
    gain: float
    light_ev: float
    """What the smoothed light asks for."""
    asked_us: float | None
    """Exposure time x gain that the light asks for, where the limits allow less or more; None where they do not."""

    def deflicker_ev(self, delivered_us: float, delivered_gain: float, base: float) -> float:
        """Give the EV to add in development to a delivered exposure; `base` is time (us) x gain of the first shot."""
        return self.light_ev - math.log2(delivered_us * delivered_gain / base)


class Ramp:
    """Follows the light from shot to shot."""

    def __init__(self, base: float, lux: float, limits: RampLimits, *, at_ev: tuple[float, float] = (0.0, 0.0)) -> None:
        """`base` is exposure time (us) x gain at `lux`; `at_ev` continues a ramp after a restart."""
        self._base, self._lux, self._limits = base, lux, limits
        self._given_ev, self._light_ev = at_ev

    @property
    def at_ev(self) -> tuple[float, float]:
        """The EV from the first shot: (of the exposure given last, of the smoothed light)."""
        return self._given_ev, self._light_ev

    def begin_again(self, lux: float | None) -> None:
        """Take the light as it is after a pause, in which nobody could follow it; unchanged without a measurement."""
        if lux is not None and lux > 0 and self._lux > 0:
            self._given_ev = self._light_ev = math.log2(self._lux / lux)

    def next(self, lux: float | None) -> RampStep:
        """Give the exposure of the next shot; without a measurement the light counts as unchanged."""
        if lux is not None and lux > 0 and self._lux > 0:
            self._light_ev += SMOOTHING * (math.log2(self._lux / lux) - self._light_ev)
        self._given_ev += min(max(self._light_ev - self._given_ev, -STEP_MOST_EV), STEP_MOST_EV)
        wanted = self._base * 2**self._given_ev
        exposure_us, gain = self._split(wanted)
        limited = not math.isclose(exposure_us * gain, wanted)
        self._given_ev = math.log2(exposure_us * gain / self._base)
        return RampStep(exposure_us, gain, self._light_ev, self._base * 2**self._light_ev if limited else None)

    def _split(self, product: float) -> tuple[float, float]:
        """Give (exposure_us, gain): the exposure time first, because gain adds noise; gain beyond the longest time."""
        limits = self._limits
        exposure_us = min(max(product / limits.gain_min, limits.exposure_min_us), limits.exposure_max_us)
        return exposure_us, min(max(product / exposure_us, limits.gain_min), limits.gain_max)
