"""Exposure measured on raw samples: a histogram in EV below clipping, room to the right, shadows and headroom.

The sample is every r-th row and c-th column of the mosaic's 2x2 cells, with the first (r, c) of `histogram.STEPS` that
leaves at most `MAX_CELLS`: every 4th row and 8th column of cells of 2028x1520. Samples are never averaged.

0 EV is the clip level (see `raw_clipping`), so a sample s lies log2((s - black) / (clip level - black)) EV below it.
The noise floor is the sensor's read noise at the gain and binning, rounding to whole codes included: there a signal
equals its own noise.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from device.analysis.histogram import steps_for
from device.analysis.noise import ROUNDING_VARIANCE
from device.analysis.raw_clipping import clip_level
from device.analysis.readings import Counts, RawExposure
from device.analysis.settings import AssistSettings
from device.bayer import offsets
from device.frame import U16, RawFrame
from device.sensors.base import Sensor

MAX_CELLS = 25_000  # chosen: 24 000 red samples: 24 of them are the usual tolerance, good to 0.03 EV (measured)
RANGE_EV = 13  # chosen: the floor at gain 1, binned, lies 12.2 EV down
BINS_PER_EV = 8
BINS = RANGE_EV * BINS_PER_EV
"""Each histogram has one bin more: samples at or above the clip level. Its first bin also has all darker samples."""
SHADOW_QUANTILE = 0.05  # the darkest twentieth
LEAST_OVER_NOISE = 4.0  # when the brightest sample is under 4 sigma, all is noise and no exposure is advised
COLOURS = ("R", "G", "B")
SLACK = 1e-9


def read_noise_dn(raw: RawFrame, sensor: Sensor, *, gain: float, binning: int) -> float:
    """Give the noise floor's standard deviation on the scale of `raw`."""
    scale = math.ldexp(1.0, raw.bit_depth - sensor.bit_depth)
    return math.sqrt(sensor.noise.variance_dn(gain, binning)[1] * scale**2 + ROUNDING_VARIANCE)


def shadow_level(raw: RawFrame, noise_dn: float, ev: float) -> int:
    """Give the greatest green value that is no more than `ev` above the noise floor."""
    level = math.floor(raw.black_dn[1] + noise_dn * math.pow(2.0, ev) + SLACK)
    return min(max(0, level), raw.white_dn)


def measure_raw_exposure(
    raw: RawFrame,
    settings: AssistSettings,
    *,
    noise_dn: float,
    colour_gains: tuple[float, float] | None = None,
    display_white: float = 1.0,
) -> RawExposure:
    """Read one frame. `colour_gains` (red, blue) are those of its picture; without them the headroom is not known.

    `display_white` is the scene-linear value, 0..1, from which the display is full.
    """
    codes = _codes(raw)
    level, black = clip_level(raw), _blacks(raw)
    spans = {c: level - black[c] for c in COLOURS}
    tolerance = settings.ettr_tolerance_percent / 100
    histograms = {c: _in_ev(codes[c], black[c], spans[c]) for c in COLOURS}
    room = {c: _room_ev(codes[c], black[c], spans[c], tolerance, noise_dn) for c in COLOURS}
    known = [ev for ev in room.values() if ev is not None]
    over = any(counts[-1] > tolerance * counts.sum() for counts in histograms.values())
    green = codes["G"]
    shadow = _quantile(green, SHADOW_QUANTILE) - black["G"]
    dark = green[: shadow_level(raw, noise_dn, settings.raw_shadow_ev) + 1].sum()
    return RawExposure(
        red=histograms["R"],
        green=histograms["G"],
        blue=histograms["B"],
        noise_floor_ev=math.log2(noise_dn / spans["G"]),
        ettr_red_ev=room["R"],
        ettr_green_ev=room["G"],
        ettr_blue_ev=room["B"],
        ettr_ev=None if over or not known else min(known),
        over=over,
        shadow_ev=max(0.0, math.log2(max(shadow, SLACK) / noise_dn)),
        shadow_percent=100.0 * float(dark) / max(float(green.sum()), 1.0),
        headroom_ev=None if colour_gains is None else _headroom(raw, spans, colour_gains, display_white),
        levels_assumed=raw.levels_assumed,
    )


def _codes(raw: RawFrame) -> dict[str, Counts]:
    """Count the values of each colour over the sampled cells: 2^bit_depth counts; both greens together."""
    samples, size = raw.samples, 1 << raw.bit_depth
    row_step, column_step = steps_for((samples.shape[0] + 1) // 2, (samples.shape[1] + 1) // 2, MAX_CELLS)
    counts = {c: np.zeros(size, np.int64) for c in COLOURS}
    for site, (row, column) in offsets(raw.cfa).items():
        sampled: U16 = np.ascontiguousarray(samples[row :: 2 * row_step, column :: 2 * column_step])
        counts[site[0]] += np.bincount(sampled.ravel(), minlength=size)[:size]
    return counts


def _blacks(raw: RawFrame) -> dict[str, float]:
    red, green_red, green_blue, blue = raw.black_dn
    return {"R": red, "G": (green_red + green_blue) / 2, "B": blue}


def _in_ev(codes: Counts, black: float, span: float) -> Counts:
    """Bring counts of codes into `BINS` + 1 bins of EV."""
    edges = _edges(black, span, len(codes))
    running = np.concatenate(([0], np.cumsum(codes)))
    binned: Counts = np.diff(running[edges])
    return binned


@lru_cache(maxsize=16)
def _edges(black: float, span: float, size: int) -> NDArray[np.int64]:
    """Give the first code of each bin, and the end."""
    ev = np.arange(1, BINS + 1) / BINS_PER_EV - RANGE_EV
    first = np.ceil(black + span * 2.0**ev - SLACK).astype(np.int64)
    return np.concatenate(([0], np.clip(first, 0, size), [size]))


def _quantile(codes: Counts, share: float) -> int:
    """Give the least code that `share` of the samples do not exceed."""
    running = np.cumsum(codes)
    return int(np.searchsorted(running, max(1.0, share * float(running[-1]) - SLACK)))


def _room_ev(codes: Counts, black: float, span: float, tolerance: float, noise_dn: float) -> float | None:
    """Give by how many EV the exposure may rise until more than `tolerance` of the samples clip.

    None when more clip already, or when the brightest sample that counts is noise.
    """
    total = int(codes.sum())
    if total == 0:
        return None
    above = int(math.floor(tolerance * total + SLACK))  # so many may clip
    brightest = _quantile(codes, (total - above) / total)
    if brightest - black >= span or brightest - black < LEAST_OVER_NOISE * noise_dn:
        return None
    return math.log2(span / (brightest + 1 - black))


def _headroom(
    raw: RawFrame, spans: dict[str, float], gains: tuple[float, float], display_white: float
) -> tuple[float, float, float]:
    """Give by how many EV raw (R, G, B) are still below saturation when a grey reaches display white."""
    blacks = _blacks(raw)
    red, green, blue = (
        math.log2(max(gain, SLACK) * spans[c] / (raw.white_dn - blacks[c]) / display_white)
        for c, gain in zip(COLOURS, (gains[0], 1.0, gains[1]), strict=True)
    )
    return red, green, blue
