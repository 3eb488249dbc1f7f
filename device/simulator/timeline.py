"""The times of frames: the rolling shutter's schedule, and the frames that controls need to take effect. No clock.

The frame rate is 30 a second or the mode's highest, and slower for a long exposure. Controls that are requested after
frame n was delivered take effect in frame n + 3: one frame of the pipeline and two of the sensor's own delay.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Final

from device.frame import Mode
from device.sensors.base import Sensor

LIVE_FPS: Final = 30.0  # libcamera's usual viewfinder rate


@dataclass(frozen=True, slots=True)
class Timing:
    """One frame on the sensor's clock."""

    start_ns: int
    """The first row's exposure begins."""
    complete_ns: int
    """The last row has been read out."""
    duration_ns: int


class Timeline:
    """The sensor's readout schedule in one mode."""

    def __init__(self, mode: Mode, sensor: Sensor, now_ns: int) -> None:
        self._mode = mode
        self._margin_us = sensor.exposure_margin_lines * mode.line_us
        self._readout_ns = round(mode.height * mode.line_us * 1000)
        self._reading_ns = now_ns
        self._shortest_us = max(1e6 / LIVE_FPS, 1e6 / mode.max_fps)

    def next(self, exposure_us: float) -> Timing:
        """Schedule the next frame."""
        duration_ns = round(1000 * max(self._shortest_us, exposure_us + self._margin_us))
        self._reading_ns += duration_ns
        start_ns = self._reading_ns - round(exposure_us * 1000)
        return Timing(start_ns, self._reading_ns + self._readout_ns, duration_ns)

    def skip(self, nanoseconds: int) -> None:
        """Advance the time without frames."""
        self._reading_ns += nanoseconds


class Delay:
    """Delays exposure and gain by the frames that the sensor needs."""

    def __init__(self, sensor: Sensor, first: tuple[float, float]) -> None:
        frames = max(sensor.exposure_delay_frames, sensor.gain_delay_frames)
        self._queue = deque([first] * frames)

    def step(self, wanted: tuple[float, float]) -> tuple[float, float]:
        """Request `wanted`; give the values of the frame that begins now. Both are (exposure_us, gain)."""
        self._queue.append(wanted)
        return self._queue.popleft()
