"""Auto exposure: measures a frame, decides the next exposure and gain, and reports its state.

Like libcamera's: the mean of the linear picture, weighted by the metering's zones, is brought to a target, and the
brightest part to at least a floor (with "highlight" to at most a ceiling). The sensor's table divides the result into
exposure time and gain; with anti-flicker, exposure times are whole periods of the lamps, which avoids stripes. Unlike
libcamera's, it has no digital gain. Each step starts from the frame's own exposure, so that the delay of controls
causes no oscillation.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from device.controls import MAINS_HALF_PERIOD_US
from device.frame import U16, AeState, AntiFlicker, Controls, Metering, Mode
from device.pixels.bt601 import FROM_RGB
from device.sensors.base import Sensor
from device.simulator.layers import F32

SPEED: Final = 0.35  # chosen: the share of the error (in stops) that one frame corrects
HOLD_STOPS: Final = 0.02  # chosen: smaller errors are ignored, so that a static scene has a constant exposure
CONVERGED_STOPS: Final = 0.1  # chosen: a tenth of a stop cannot be seen
START_TOTAL_US: Final = 4000.0  # chosen: exposure x gain of the very first frame
_EVERY: Final = 8  # chosen: one 2x2 cell in 8x8 is metered
_ZONES: Final = (12, 16)
HIGHLIGHT_CEILING: Final = 0.8  # the constraint "highlight" of the imx477's tuning, vc4 and pisp: upper bound 0.8
# The tuning's metering_modes for pisp: 15 x 15 zones over the whole picture; each row of a symmetric table once.
# fmt: off
_CENTRE: Final = (
    (0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0),
    (0, 1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 0),
    (1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1),
    (1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1),
    (1, 1, 2, 2, 2, 2, 3, 3, 3, 2, 2, 2, 2, 1, 1),
    (1, 1, 2, 2, 2, 3, 3, 3, 3, 3, 2, 2, 2, 1, 1),
    (1, 1, 2, 2, 3, 3, 3, 4, 3, 3, 3, 2, 2, 1, 1),
    (1, 1, 2, 2, 3, 3, 4, 4, 4, 3, 3, 2, 2, 1, 1),
)
# fmt: on
_SPOT: Final = {(7, 7): 3, (6, 7): 2, (7, 6): 2, (5, 7): 1, (6, 6): 1, (7, 5): 1}


@dataclass(frozen=True, slots=True)
class Metered:
    """What auto exposure and white balance measure in a frame."""

    mean: float
    """Mean luma of the white-balanced, clipped linear picture, 0..1."""
    highlights: float
    """Mean of its brightest part (beyond the table's quantile)."""
    zones: F32
    """(n, 3) mean camera R, G, B of the zones that hold no clipped sample, 0..1, not white-balanced."""


def meter_frame(
    raw: U16,
    *,
    black_dn: float,
    white_dn: int,
    colour_gains: tuple[float, float],
    quantile: float,
    metering: Metering = "matrix",
) -> Metered:
    """Measure a sample of the 2x2 cells of `raw` (RGGB)."""
    step = 2 * _EVERY
    sites = (raw[0::step, 0::step], raw[0::step, 1::step], raw[1::step, 0::step], raw[1::step, 1::step])
    planes = np.stack([site[: raw.shape[0] // step, : raw.shape[1] // step] for site in sites]).astype(np.float32)
    clipped = np.asarray((planes >= white_dn).any(axis=0))
    planes -= np.float32(black_dn)
    planes *= np.float32(1 / (white_dn - black_dn))
    camera = np.stack((planes[0], (planes[1] + planes[2]) / 2, planes[3]))
    red, blue = colour_gains
    balanced = np.clip(camera * np.array([red, 1, blue], np.float32)[:, None, None], 0, 1)
    luma = np.tensordot(np.array(FROM_RGB[0], np.float32), balanced, 1)
    mean = luma.mean() if metering == "matrix" else (luma * _weights(metering, *luma.shape)).sum()
    top = np.sort(luma.ravel())[int(quantile * luma.size) :]
    return Metered(float(mean), float(top.mean()), _zones(camera, clipped))


@lru_cache(maxsize=4)
def _weights(metering: Metering, height: int, width: int) -> F32:
    """Give the weight of each sample (height, width); the sum is 1."""
    table = np.zeros((15, 15), np.float32)
    if metering == "centre":
        table[:8] = _CENTRE
        table[8:] = table[6::-1]
    else:
        for (row, column), weight in _SPOT.items():
            for mirrored in ((row, column), (14 - row, column), (row, 14 - column), (14 - row, 14 - column)):
                table[mirrored] = weight
    rows, columns = (np.arange(size) * 15 // size for size in (height, width))
    weights = table[rows][:, columns]
    return np.asarray(weights / weights.sum(), np.float32)


def _zones(camera: F32, clipped: np.ndarray) -> F32:
    rows, columns = _ZONES
    tall, wide = camera.shape[1] // rows, camera.shape[2] // columns
    cut = (slice(0, rows * tall), slice(0, columns * wide))
    shape = (rows, tall, columns, wide)
    means = camera[:, *cut].reshape(3, *shape).mean(axis=(2, 4)).reshape(3, -1)
    whole = ~clipped[cut].reshape(shape).any(axis=(1, 3)).ravel()
    return np.asarray(means[:, whole].T)


class AutoExposure:
    """Keeps the target of exposure x gain between frames."""

    def __init__(self, sensor: Sensor, mode: Mode) -> None:
        self._table = sensor.auto_exposure
        self._sensor, self._mode = sensor, mode
        self._total = START_TOTAL_US

    def wanted(self, controls: Controls, mode: Mode | None = None) -> tuple[float, float]:
        """Give (exposure_us, gain) for the sensor, in whole lines and gain codes; manual values have priority.

        `mode` is the one that takes the frame: that of a still, None for the live mode.
        """
        exposure_us, gain = controls.exposure_us, controls.gain
        if exposure_us is None and gain is None:
            exposure_us, gain = self._unstriped(*self._spend(self._total), controls.anti_flicker)
        elif gain is None and exposure_us is not None:
            gain = min(self._total / exposure_us, self._table.stages[-1][1])
        elif exposure_us is None and gain is not None:
            exposure_us = min(self._total / gain, self._table.stages[-1][0])
        assert exposure_us is not None and gain is not None  # all four cases are above
        return (mode or self._mode).whole_lines_us(exposure_us), self._sensor.quantise_gain(gain)

    def update(self, metered: Metered, *, exposure_us: float, gain: float, controls: Controls) -> AeState:
        """Adapt to a frame taken with `exposure_us` and `gain`; give the state for its metadata."""
        total = exposure_us * gain
        if controls.exposure_us is not None and controls.gain is not None:
            self._total = total
            return "off"
        if controls.ae_lock:
            return "locked"
        ideal = self._within_reach(total * self._missing(metered, controls), controls)
        error = math.log2(ideal / self._total)
        if abs(error) > HOLD_STOPS:
            self._total *= 2 ** (SPEED * error)
        return "converged" if abs(math.log2(ideal / total)) < CONVERGED_STOPS else "searching"

    def _missing(self, metered: Metered, controls: Controls) -> float:
        """Give the factor by which exposure x gain must change."""
        by_mean = self._table.target_mean / max(metered.mean, 1e-4)
        highlights = max(metered.highlights, 1e-4)
        factor = max(by_mean, self._table.highlight_floor / highlights)
        if controls.constraint == "highlight":
            factor = min(factor, HIGHLIGHT_CEILING / highlights)
        return float(factor * 2.0**controls.ev)

    @staticmethod
    def _unstriped(exposure_us: float, gain: float, anti_flicker: AntiFlicker) -> tuple[float, float]:
        """As libcamera: whole periods of the lamps, the rest as gain; below one period nothing changes."""
        period_us = round(MAINS_HALF_PERIOD_US.get(anti_flicker, 0))
        periods = int(exposure_us / period_us + 1e-6) if period_us else 0
        return (periods * period_us, gain * exposure_us / (periods * period_us)) if periods else (exposure_us, gain)

    def _within_reach(self, total: float, controls: Controls) -> float:
        longest, highest = self._table.stages[-1]
        shortest: float = self._mode.exposure_min_us
        if controls.exposure_us is not None:
            shortest = longest = controls.exposure_us
        lowest = 1.0 if controls.gain is None else controls.gain
        highest = highest if controls.gain is None else controls.gain
        return min(max(total, shortest * lowest), longest * highest)

    def _spend(self, total: float) -> tuple[float, float]:
        """Divide `total` into (exposure_us, gain): the table's stages in order, in each the time before the gain."""
        exposure_us, gain = self._table.stages[0]
        if exposure_us * gain >= total:
            return total / gain, gain
        for longest, highest in self._table.stages[1:]:
            if longest * gain >= total:
                return total / gain, gain
            exposure_us = longest
            if exposure_us * highest >= total:
                return exposure_us, total / exposure_us
            gain = highest
        return exposure_us, gain
