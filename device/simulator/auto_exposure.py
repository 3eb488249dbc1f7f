"""Auto exposure of the live view: decides the next exposure and gain from a metered frame, and reports its state.

Its rules are in `device.analysis.exposing`. The sensor's table divides exposure x gain; with anti-flicker, exposure
times are whole periods of the lamps, which avoids stripes. Unlike libcamera's, it has no digital gain. Each step starts
from the frame's own exposure, so that the delay of controls causes no oscillation.
"""

from __future__ import annotations

import math
from typing import Final

from device.analysis.exposing import Metered, missing, spend, unstriped
from device.frame import AeState, Controls, Mode
from device.sensors.base import Sensor

SPEED: Final = 0.35  # chosen: the share of the error (in stops) that one frame corrects
HOLD_STOPS: Final = 0.02  # chosen: smaller errors are ignored, so that a static scene has a constant exposure
CONVERGED_STOPS: Final = 0.1  # chosen: a tenth of a stop cannot be seen
START_TOTAL_US: Final = 4000.0  # chosen: exposure x gain of the very first frame


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
            exposure_us, gain = unstriped(*spend(self._total, self._table.stages), controls.anti_flicker)
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
        ideal = self._within_reach(total * missing(metered, self._table, controls), controls)
        error = math.log2(ideal / self._total)
        if abs(error) > HOLD_STOPS:
            self._total *= 2 ** (SPEED * error)
        return "converged" if abs(math.log2(ideal / total)) < CONVERGED_STOPS else "searching"

    def _within_reach(self, total: float, controls: Controls) -> float:
        longest, highest = self._table.stages[-1]
        shortest: float = self._mode.exposure_min_us
        if controls.exposure_us is not None:
            shortest = longest = controls.exposure_us
        lowest = 1.0 if controls.gain is None else controls.gain
        highest = highest if controls.gain is None else controls.gain
        return min(max(total, shortest * lowest), longest * highest)
