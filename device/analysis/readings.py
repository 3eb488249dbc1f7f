"""The figures of one frame, beside its overlay."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Histogram:
    """Counts of the display signal's codes 0..255 over a regular sample of pixels (nearest, never averaged)."""

    luma: Counts
    red: Counts
    green: Counts
    blue: Counts
    sampled: int
    """Pixels counted in each of the four."""


@dataclass(frozen=True, slots=True)
class RawClipping:
    """Share of raw samples of each colour at or above the clip level, in percent of that colour's samples."""

    red_percent: float
    green_percent: float
    blue_percent: float
    level_dn: int
    """Samples at or above this count as clipped."""
    levels_assumed: bool


@dataclass(frozen=True, slots=True)
class Readings:
    """Everything that is a number. A field is None when its assist is off or the frame cannot give it."""

    histogram: Histogram | None
    raw_clipping: RawClipping | None
    focus_score: float | None
    """0 and up; higher is sharper; comparable only on the same scene, area and mode."""
    peaking_percent: float | None
    """Share of sensor-resolution pixels lit."""
    zebra_high_percent: float | None
    zebra_band_percent: float | None
    zebra_low_percent: float | None


@dataclass(frozen=True, slots=True)
class Analysis:
    """The outcome for one frame: the overlay plane (h, w) uint8 of `overlay.Flag` bits, and the readings."""

    overlay: NDArray[np.uint8]
    readings: Readings
