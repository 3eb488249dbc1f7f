"""What stays in place in an even white: unequal response (PRNU) and the shadows of dust."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from device.analysis.noise import ROUNDING_VARIANCE
from device.calibration.cap import DarkLevel
from device.calibration.checks import smooth_surface
from device.calibration.frames import Exposed, block_means, by_channel, plane
from device.calibration.photon_transfer import LINEAR_TO, Transfer
from device.frame import F32, Mask

DUST_CELL: Final = 8  # samples of one green along a cell: 16 photosites; smaller grains are seen by nobody
DUST_LEAST: Final = 0.01  # of the light; what is fainter disappears in a picture's noise
DUST_SIGMA: Final = 6.0
MOST_DUST: Final = 200
_WINDOW: Final = 5  # chosen: the response is compared with that of its 5 x 5 neighbours of one colour
_CUT_SIGMA: Final = 5.0
_SURFACE_ORDER: Final = 8


@dataclass(frozen=True, slots=True)
class DustSpot:
    """A shadow on the sensor; place and size in the full-resolution mode's samples."""

    x: int
    y: int
    diameter_px: float
    depth: float
    """Share of the light that is missing where it is darkest."""


def prnu(frames: Sequence[Exposed], dark: DarkLevel, found: Transfer, leave_out: Mask | None = None) -> float:
    """Give the standard deviation of the photosites' response, as a share; frames of one exposure of a white.

    Measured against each photosite's neighbours, so that neither lens nor light counts. The temporal noise that is left
    in the mean of the frames is known, and taken off; 0 where nothing is left.
    """
    weights, variances = [], []
    for channel, black in by_channel(dark.black_dn).items():
        total: F32 = np.zeros(plane(frames[0].samples, frames[0].cfa, channel).shape, np.float32)
        for frame in frames:
            total += plane(frame.samples, frame.cfa, channel)
        signal = total / np.float32(len(frames)) - np.float32(black)
        around = _box_mean(signal)
        lit = (around > 0.05 * (frames[0].white_dn - black)) & (around <= LINEAR_TO * (frames[0].white_dn - black))
        if leave_out is not None:
            lit &= ~plane(leave_out, frames[0].cfa, channel)
        if lit.sum() < 1000:
            continue
        level = around[lit]
        ratio = signal[lit] / level - 1
        ratio = ratio[np.abs(ratio) <= _CUT_SIGMA * _spread(ratio)]
        seen = float(np.mean(ratio.astype(np.float64) ** 2)) / (1 - 1 / _WINDOW**2)
        temporal = found.dn_per_e * level + dark.read_noise_dn**2 + ROUNDING_VARIANCE
        known = float(np.mean(temporal.astype(np.float64) / level.astype(np.float64) ** 2)) / len(frames)
        weights.append(1 / seen**2)
        variances.append(seen - known)
    if not weights:
        return 0.0
    return float(np.sqrt(max(0.0, float(np.average(variances, weights=weights)))))


def dust(frames: Sequence[Exposed], dark: DarkLevel) -> tuple[DustSpot, ...]:
    """Find shadows in the green of a white, the deepest first: cells darker than a smooth surface around them."""
    cfa = frames[0].cfa
    black = (dark.black_dn[1] + dark.black_dn[2]) / 2
    light = sum(
        block_means(plane(f.samples, cfa, channel), DUST_CELL) - black for f in frames for channel in ("Gr", "Gb")
    )
    logs = np.log(np.maximum(light, 1.0))
    below = smooth_surface(logs, _SURFACE_ORDER) - logs
    sigma = 1.4826 * float(np.median(np.abs(below - np.median(below))))
    dark_cells = below > max(DUST_LEAST, DUST_SIGMA * sigma)
    spots = []
    for cells in _connected(dark_cells):
        rows, columns = np.array(cells).T
        depth = below[rows, columns]
        cell_px = 2 * DUST_CELL
        x, y = (float(np.average(places, weights=depth) + 0.5) * cell_px for places in (columns, rows))
        size = 2 * float(np.sqrt(len(cells) / np.pi)) * cell_px
        spots.append(DustSpot(round(x), round(y), round(size, 1), round(float(-np.expm1(-depth.max())), 4)))
    return tuple(sorted(spots, key=lambda spot: -spot.depth)[:MOST_DUST])


def _spread(values: F32) -> float:
    return 1.4826 * float(np.median(np.abs(values - np.median(values))))


def _box_mean(values: F32) -> F32:
    """Give the mean over the window around each sample; at the edge the edge is repeated."""
    half = _WINDOW // 2
    padded = np.pad(values, half, mode="edge")
    rows, columns = values.shape
    tall: F32 = np.zeros((rows, padded.shape[1]), np.float32)
    for step in range(_WINDOW):
        tall += padded[step : step + rows]
    mean: F32 = np.zeros_like(values)
    for step in range(_WINDOW):
        mean += tall[:, step : step + columns]
    mean /= np.float32(_WINDOW**2)
    return mean


def _connected(mask: Mask) -> list[list[tuple[int, int]]]:
    """Give the groups of true cells that touch each other, also at corners."""
    left = {(int(row), int(column)) for row, column in zip(*np.nonzero(mask), strict=True)}
    groups = []
    while left:
        group, todo = [], [left.pop()]
        while todo:
            row, column = todo.pop()
            group.append((row, column))
            near = {(row + i, column + j) for i in (-1, 0, 1) for j in (-1, 0, 1)} & left
            left -= near
            todo.extend(near)
        groups.append(group)
    return groups
