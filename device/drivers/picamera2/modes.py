"""Converts picamera2's list of modes into ours. Values only; no camera is needed.

Kernels and links differ: rates, line times and limits are those that the camera reports, wherever it does.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from device.frame import Mode, Rect
from device.sensors.base import Sensor

MIN_EXPOSURE_LINES: Final = 4  # the imx477 driver's shortest exposure, in lines
UNKNOWN_LONGEST_US: Final = 1_000_000  # chosen: every sensor described here can
NO_LIMIT: Final = 2**31 - 1  # the largest number of a driver that tells no longest exposure
# A frame at a mode's highest rate is its lines and a pause: of 0 to 22 % in the classic modes, of 4 in newer ones.
MOST_PAUSE: Final = 1.5
RATE_TOLERANCE: Final = 0.005  # of two rates that are the same: picamera2 rounds them to hundredths
_MONOCHROME: Final = re.compile(r"R\d|MONO")


def modes_from(sensor_modes: Iterable[Mapping[str, Any]], sensor: Sensor | None) -> tuple[Mode, ...]:
    """Turn picamera2's `sensor_modes` into modes: smallest first, and of one size the one with most bits first.

    `sensor` is None for one that is not described.
    Entries without a size (a camera that is no raw sensor) are left out.
    """
    known = sensor.modes if sensor is not None else ()
    modes = [_mode(entry, known) for entry in sensor_modes if "size" in entry]
    return tuple(sorted(modes, key=lambda m: (m.width * m.height, m.width, -m.bit_depth)))


def is_monochrome(sensor_modes: Iterable[Mapping[str, Any]]) -> bool:
    """Say whether the sensor has no colour filters: its formats are R8, R12, R10_CSI2P and the like."""
    return any(_MONOCHROME.match(str(entry.get("format", ""))) for entry in sensor_modes)


def _mode(entry: Mapping[str, Any], known: tuple[Mode, ...]) -> Mode:
    width, height = entry["size"]
    # Where it reaches beyond the array, its corner counts from unused pixels. The camera counts its crops alike.
    crop = Rect(*entry["crop_limits"])
    # (min, max, default) without zeros, the last perhaps None: two or three items, or one when there is no maximum.
    limits = [int(v) for v in entry["exposure_limits"] if v is not None]
    shortest, longest = limits[0], limits[1] if len(limits) > 1 else NO_LIMIT
    line_us = _line_us(width, height, float(entry["fps"]), shortest, known)
    if longest >= NO_LIMIT:  # such an entry may have the limits of another mode
        shortest = max(shortest, math.floor(MIN_EXPOSURE_LINES * line_us))
        longest = _sensors_longest_us(width, height, line_us, known)
    return Mode(
        width=width,
        height=height,
        bit_depth=int(entry["bit_depth"]),
        crop=crop,
        binning=max(1, round(crop.width / width)),
        max_fps=float(entry["fps"]),
        exposure_min_us=shortest,
        exposure_max_us=longest,
        line_us=line_us,
    )


def _line_us(width: int, height: int, fps: float, shortest_us: int, known: tuple[Mode, ...]) -> float:
    """Give the time of one line, which libcamera does not report.

    It cuts the shortest exposure to whole microseconds: a quarter of 60 is 15.0 where the line takes 15.17. So a known
    mode with the same shortest exposure comes first. What does not fit the mode's rate is of another mode or link.
    """
    whole_us = 1e6 / fps / height  # a line and its share of the pause
    candidates = _possible_lines_us(width, height, fps, shortest_us, known)
    return next((us for us in candidates if whole_us / MOST_PAUSE <= us <= whole_us * 1.02), whole_us)


def _possible_lines_us(
    width: int, height: int, fps: float, shortest_us: int, known: tuple[Mode, ...]
) -> Iterator[float]:
    same = [mode for mode in known if (mode.width, mode.height) == (width, height)]
    yield from (mode.line_us for mode in same if mode.exposure_min_us == shortest_us)
    yield shortest_us / MIN_EXPOSURE_LINES
    yield from (mode.line_us for mode in same if math.isclose(mode.max_fps, fps, rel_tol=RATE_TOLERANCE))


def _sensors_longest_us(width: int, height: int, line_us: float, known: tuple[Mode, ...]) -> int:
    """Give the sensor's longest exposure of the mode of that size, or of any; a faster link shortens it like a line.

    Of a sensor that is not described: a second.
    """
    same = [mode for mode in known if (mode.width, mode.height) == (width, height)] or known
    if not same:
        return UNKNOWN_LONGEST_US
    return math.floor(min(mode.exposure_max_us * min(1.0, line_us / mode.line_us) for mode in same))
