"""Converts picamera2's list of modes into ours. Values only; no camera is needed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from device.frame import Mode, Rect
from device.sensors.base import Sensor

MIN_EXPOSURE_LINES: Final = 4  # the imx477 driver's shortest exposure, in lines


def modes_from(sensor_modes: Iterable[Mapping[str, Any]], sensor: Sensor) -> tuple[Mode, ...]:
    """Turn picamera2's `sensor_modes` into modes: smallest first, and of one size the one with most bits first.

    Entries without a size (a camera that is no raw sensor) are left out.
    """
    modes = [_mode(entry, sensor) for entry in sensor_modes if "size" in entry]
    return tuple(sorted(modes, key=lambda m: (m.width * m.height, m.width, -m.bit_depth)))


def _mode(entry: Mapping[str, Any], sensor: Sensor) -> Mode:
    width, height = entry["size"]
    crop = Rect(*entry["crop_limits"])
    # (min, max, default) without zeros, the last perhaps None: two or three items, or one when there is no maximum.
    limits = [int(v) for v in entry["exposure_limits"] if v is not None]
    shortest, longest = limits[0], limits[1] if len(limits) > 1 else round(1e6 / entry["fps"])
    return Mode(
        width=width,
        height=height,
        bit_depth=int(entry["bit_depth"]),
        crop=crop,
        binning=max(1, round(crop.width / width)),
        max_fps=float(entry["fps"]),
        exposure_min_us=shortest,
        exposure_max_us=longest,
        line_us=_line_us(width, height, shortest, sensor),
    )


def _line_us(width: int, height: int, shortest_us: int, sensor: Sensor) -> float:
    """Give the time of one line: of the known mode with the same shortest exposure, else a quarter of that exposure.

    libcamera does not report it, and cuts the shortest exposure to whole microseconds: a quarter of 60 is 15.0 where
    the line takes 15.17.
    """
    for known in sensor.modes:
        if (known.width, known.height, known.exposure_min_us) == (width, height, shortest_us):
            return known.line_us
    return max(shortest_us, 1) / MIN_EXPOSURE_LINES
