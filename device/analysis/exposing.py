"""The rules of auto exposure: what it measures in a frame, how much is missing, and how it divides time and gain. Pure.

The mean of the linear picture, weighted by the metering's zones, is brought to a target, and the brightest part to at
least a floor (with "highlight" to at most a ceiling), as libcamera does. The simulated camera's live view follows these
rules, and so do shots of every camera where its live view cannot expose as long as the light asks for.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

import numpy as np

from device.bayer import CfaOrder, offsets
from device.controls import MAINS_HALF_PERIOD_US
from device.frame import F32, U8, U16, AntiFlicker, AnyRaw, Controls, FrameMeta, Metering, YuvPicture
from device.pixels.bt601 import FROM_RGB
from device.sensors.base import AutoExposureTable, Sensor, ToneCurve

REFLECTED_K, INCIDENT_C = 12.5, 250.0
"""A light meter's constants (ISO 2720): luminance K 2^EV100 / 100, illuminance C 2^EV100 / 100."""
AVERAGE_REFLECTANCE: Final = math.pi * REFLECTED_K / INCIDENT_C
"""Of the scene for which both are right: 16 %."""
_EVERY: Final = 8  # chosen: one 2x2 cell in 8x8 is metered
_ZONES: Final = (12, 16)
WHITE: Final = 0.98  # chosen: luma from here on counts as clipped
SURE_EV: Final = 1 / 3  # chosen: a deviation is told as a figure where clipping leaves no more in doubt
LEAST_MEAN: Final = 1e-4  # chosen: less is error of the black level
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
    """What auto exposure measures in a frame, and the simulated white balance."""

    mean: float
    """Mean luma of the white-balanced, clipped linear picture, 0..1."""
    highlights: float
    """Mean of its brightest part (beyond the table's quantile)."""
    zones: F32
    """(n, 3) mean camera R, G, B of the zones that hold no clipped sample, 0..1, not white-balanced."""
    green: float = 0.0
    """Mean of all green samples, 0..1: what a light meter reads; 0 for a picture without raw."""
    white: float = 0.0
    """The part of `mean` that comes from clipped luma: how bright that is cannot be told."""


@dataclass(frozen=True, slots=True)
class Deviation:
    """How far a frame's exposure is from what the metering asks for."""

    ev: float
    """Positive: brighter than the metering asks for."""
    at_least: bool
    """Whether so much of the frame is clipped that it may be brighter by a third of an EV more, or by any amount."""


def meter(raw: AnyRaw | None, picture: YuvPicture, meta: FrameMeta, *, sensor: Sensor, metering: Metering) -> Metered:
    """Measure a frame by its raw samples, or without them by its picture."""
    quantile = sensor.auto_exposure.highlight_quantile
    if raw is None:
        tone = sensor.tone.with_contrast(meta.contrast)
        return meter_picture(picture.y, tone, quantile=quantile, metering=metering)
    return meter_frame(
        raw.samples,
        black_dn=sum(raw.black_dn) / 4,
        white_dn=raw.white_dn,
        colour_gains=meta.colour_gains,
        quantile=quantile,
        metering=metering,
        cfa=raw.cfa,
    )


def meter_frame(
    raw: U16,
    *,
    black_dn: float,
    white_dn: int,
    colour_gains: tuple[float, float],
    quantile: float,
    metering: Metering = "matrix",
    cfa: CfaOrder = "RGGB",
) -> Metered:
    """Measure a sample of the 2x2 cells of `raw`; `black_dn` and `white_dn` are on its scale."""
    step = 2 * _EVERY
    sites = [raw[row::step, column::step] for row, column in (offsets(cfa)[name] for name in ("R", "Gr", "Gb", "B"))]
    planes = np.stack([site[: raw.shape[0] // step, : raw.shape[1] // step] for site in sites]).astype(np.float32)
    clipped = np.asarray((planes >= white_dn).any(axis=0))
    planes -= np.float32(black_dn)
    planes *= np.float32(1 / (white_dn - black_dn))
    camera = np.stack((planes[0], (planes[1] + planes[2]) / 2, planes[3]))
    red, blue = colour_gains
    # Noise below black stays: cut off, it would lift the mean of a dark picture.
    balanced = np.minimum(camera * np.array([red, 1, blue], np.float32)[:, None, None], 1)
    luma = np.tensordot(np.array(FROM_RGB[0], np.float32), balanced, 1)
    mean, highlights, white = _levels(luma, quantile, metering)
    return Metered(mean, highlights, _zones(camera, clipped), float(camera[1].mean()), white)


def meter_picture(luma: U8, tone: ToneCurve, *, quantile: float, metering: Metering) -> Metered:
    """Measure the luma of a rendered picture, through its tone curve backwards: for frames without raw samples."""
    sample = luma[::_EVERY, ::_EVERY]
    linear = tone.to_linear(sample / 255).astype(np.float32)
    mean, highlights, white = _levels(linear, quantile, metering)
    return Metered(mean, highlights, np.empty((0, 3), np.float32), white=white)


def _levels(luma: F32, quantile: float, metering: Metering) -> tuple[float, float, float]:
    """Give (weighted mean, mean of the brightest part, what clipped luma adds to the weighted mean) of linear luma."""
    weighted = luma / luma.size if metering == "matrix" else luma * _weights(metering, *luma.shape)
    highlights = np.sort(luma.ravel())[int(quantile * luma.size) :].mean()
    return float(weighted.sum()), float(highlights), float(weighted[luma >= WHITE].sum())


def missing(metered: Metered, table: AutoExposureTable, controls: Controls) -> float:
    """Give the factor by which exposure x gain must change from that of a metered frame."""
    by_mean = table.target_mean / max(metered.mean, LEAST_MEAN)
    highlights = max(metered.highlights, LEAST_MEAN)
    factor = max(by_mean, table.highlight_floor / highlights)
    if controls.constraint == "highlight":
        factor = min(factor, HIGHLIGHT_CEILING / highlights)
    return float(factor * 2.0**controls.ev)


def deviation(metered: Metered, table: AutoExposureTable, controls: Controls) -> Deviation:
    """Compare a frame's exposure with what the metering asks for; exposure compensation plays no part.

    A clipped part is brighter than was measured, by an unknown amount. At the exposure asked for it would weigh at most
    what it weighs now: that gives the other end of what the deviation can be.
    """
    ev = -math.log2(missing(metered, table, replace(controls, ev=0.0)))
    if ev <= 0 or metered.highlights < WHITE:
        return Deviation(ev, at_least=False)
    told, left = metered.mean - metered.white, table.target_mean - metered.white
    most_ev = math.log2(told / left) if 0 < left < told else math.inf
    return Deviation(ev, at_least=controls.constraint == "highlight" or most_ev - ev > SURE_EV)


def spend(total_us: float, stages: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Divide exposure x gain into (exposure_us, gain): the stages in their order, in each the time before the gain."""
    exposure_us, gain = stages[0]
    if exposure_us * gain >= total_us:
        return total_us / gain, gain
    for longest, highest in stages[1:]:
        if longest * gain >= total_us:
            return total_us / gain, gain
        exposure_us = longest
        if exposure_us * highest >= total_us:
            return exposure_us, total_us / exposure_us
        gain = highest
    return exposure_us, gain


def unstriped(exposure_us: float, gain: float, anti_flicker: AntiFlicker) -> tuple[float, float]:
    """As libcamera: whole periods of the lamps, the rest as gain; below one period nothing changes."""
    period_us = round(MAINS_HALF_PERIOD_US.get(anti_flicker, 0))
    periods = int(exposure_us / period_us + 1e-6) if period_us else 0
    return (periods * period_us, gain * exposure_us / (periods * period_us)) if periods else (exposure_us, gain)


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
