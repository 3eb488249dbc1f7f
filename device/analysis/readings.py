"""The figures of one frame, beside its overlay."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from device.analysis.exposing import Deviation

Counts = NDArray[np.int64]
Unclear = Literal["dark", "bright"]


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
class RawExposure:
    """The exposure by the raw samples; see `raw_exposure` for the sample, the bins and the noise floor."""

    red: Counts
    green: Counts
    blue: Counts
    noise_floor_ev: float
    """EV below clipping (negative) where the signal equals its read noise; green's scale."""
    ettr_red_ev: float | None
    """EV by which the exposure may rise until more than the tolerance clips; None: more clips now, or all is noise."""
    ettr_green_ev: float | None
    ettr_blue_ev: float | None
    ettr_ev: float | None
    """The least of the three; None when one clips beyond the tolerance, or all is noise."""
    over: bool
    """Whether a colour clips beyond the tolerance; by how much the exposure must fall cannot be measured."""
    shadow_ev: float
    """How far the darkest twentieth of green reaches above the noise floor; 0 when it is below."""
    shadow_percent: float
    """Share of green at or under the shadow level of the settings."""
    headroom_ev: tuple[float, float, float] | None
    """EV of raw R, G, B below saturation when a grey reaches display white; None when colour gains are unknown."""
    levels_assumed: bool


@dataclass(frozen=True, slots=True)
class RawSpot:
    """Raw samples of the spot, by colour: EV below clipping (negative; None at black), and means above black."""

    red_ev: float | None
    green_ev: float | None
    blue_ev: float | None
    signal_dn: tuple[float, float, float]
    clipped_percent: float
    """Of the spot's samples; above 0 the EV are too low."""


@dataclass(frozen=True, slots=True)
class Spot:
    """The spot meter's figures; red, green, blue are mean display codes 0..255."""

    ire: float
    red: float
    green: float
    blue: float
    reflectance_percent: float
    from_grey_ev: float | None
    """EV from an 18 % grey; None at black."""
    reflectance_from: Literal["raw", "display"]
    raw: RawSpot | None


@dataclass(frozen=True, slots=True)
class Waveform:
    """Counts by (channel, level, column), the highest level first; one channel (luma) or three (parade)."""

    counts: Counts
    most: int
    """The highest count that a cell can have."""


@dataclass(frozen=True, slots=True)
class Vectorscope:
    """Counts by (v, u), each 0..255 in cells of 4 codes."""

    counts: Counts
    most: int


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
    raw_exposure: RawExposure | None = None
    focus_unclear: Unclear | None = None
    """Why the score is 0 and tells nothing: most of the area is too dark, or too bright. None where it does tell."""
    focus_level: float | None = None
    """The mean code of the scored area, 0..255."""
    focus_series: int | None = None
    """Scores of one series can be compared: only focus changed in between. See `device.view.score_series`."""
    spot: Spot | None = None
    waveform: Waveform | None = None
    vectorscope: Vectorscope | None = None
    deviation: Deviation | None = None
    """From what the metering asks for. None where auto exposure follows it, and where it cannot be told."""


NO_READINGS = Readings(*[None] * 7)


@dataclass(frozen=True, slots=True)
class Analysis:
    """The result for one frame: the overlay plane (h, w) uint8 of `overlay.Flag` bits, and the readings."""

    overlay: NDArray[np.uint8]
    readings: Readings
