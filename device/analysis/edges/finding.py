"""Finds the edge near a place of a picture: where it passes, and how it lies."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from device.analysis.edges.samples import Samples
from device.frame import F64

_BIN_PX = 2.0
_COARSE_DEG, _FINE_DEG = 3.0, 0.25


@dataclass(frozen=True, slots=True)
class Line:
    """A straight line through (y, x); `normal_rad` is the direction across it, from the x axis towards y.

    Across it values rise: the bright side lies in the normal's direction.
    """

    y: float
    x: float
    normal_rad: float

    def across(self, samples: Samples) -> F64:
        """Give each sample's distance from the line, px."""
        return (samples.x - self.x) * math.cos(self.normal_rad) + (samples.y - self.y) * math.sin(self.normal_rad)

    def along(self, samples: Samples) -> F64:
        """Give each sample's place along the line, px."""
        return (samples.y - self.y) * math.cos(self.normal_rad) - (samples.x - self.x) * math.sin(self.normal_rad)

    def moved(self, across: float, along: float) -> Line:
        """Give the same line, shifted, from another of its points."""
        c, s = math.cos(self.normal_rad), math.sin(self.normal_rad)
        return Line(self.y + across * s + along * c, self.x + across * c - along * s, self.normal_rad)

    def turned(self, by_rad: float) -> Line:
        """Give the line through the same point, turned."""
        return Line(self.y, self.x, self.normal_rad + by_rad)


def steepest(samples: Samples, y: float, x: float, reach: float) -> tuple[float, float]:
    """Give the place of the steepest change near (y, x), which counts the less the farther it is.

    Means of squares of 8 px are compared: noise and grain do not lead astray.
    """
    side = 4
    rows, columns = (np.floor((v - v.min()) / side).astype(np.intp) for v in (samples.y, samples.x))
    shape = int(rows.max()) + 1, int(columns.max()) + 1
    cell = rows * shape[1] + columns
    counts = np.bincount(cell, minlength=shape[0] * shape[1]).reshape(shape)
    sums = np.bincount(cell, samples.value, minlength=shape[0] * shape[1]).reshape(shape)
    if min(shape) < 4 or counts.min() == 0:
        return y, x
    mean = sums / counts
    mean = (mean[1:, 1:] + mean[:-1, 1:] + mean[1:, :-1] + mean[:-1, :-1]) / 4
    down, right = mean[2:, 1:-1] - mean[:-2, 1:-1], mean[1:-1, 2:] - mean[1:-1, :-2]
    at_y = samples.y.min() + side * (np.arange(down.shape[0]) + 2) - 0.5
    at_x = samples.x.min() + side * (np.arange(down.shape[1]) + 2) - 0.5
    apart = (at_y[:, np.newaxis] - y) ** 2 + (at_x - x) ** 2
    best = np.argmax(np.hypot(down, right) * np.exp(-apart / (2 * (reach / 2) ** 2)))
    row, column = divmod(int(best), down.shape[1])
    return float(at_y[row]), float(at_x[column])


def line_through(samples: Samples, y: float, x: float) -> Line:
    """Give the line near (y, x) across which the samples differ most: of all directions, that with the least spread
    within strips that are parallel to it.
    """
    line = Line(y, x, 0.0)
    angles = np.radians(np.arange(0.0, 180.0, _COARSE_DEG))
    best = max(angles, key=lambda angle: _explained(samples, line.turned(angle)))
    for step in (_FINE_DEG * 2, _FINE_DEG / 2):
        angles = best + np.radians(step) * np.arange(-6, 7)
        best = max(angles, key=lambda angle: _explained(samples, line.turned(angle)))
    line = line.turned(float(best))
    across = line.across(samples)
    near = np.arange(-12.0, 12.25, 0.5)
    above = np.array([_mean(samples.value[(across > u) & (across < u + 4)]) for u in near])
    below = np.array([_mean(samples.value[(across < u) & (across > u - 4)]) for u in near])
    rise = np.nan_to_num(above - below)
    at = int(np.argmax(np.abs(rise) * np.exp(-(near**2) / (2 * 8.0**2))))
    line = line.moved(float(near[at]), 0.0)
    return line if rise[at] > 0 else line.turned(math.pi)


def _explained(samples: Samples, line: Line) -> float:
    """Give how much of the samples' spread is between strips, not within them."""
    strip = np.floor(line.across(samples) / _BIN_PX).astype(np.intp)
    strip -= strip.min()
    counts, sums = np.bincount(strip), np.bincount(strip, samples.value)
    inside = counts > 0
    return float((sums[inside] ** 2 / counts[inside]).sum())


def _mean(values: F64) -> float:
    return float(values.mean()) if values.size else math.nan
