"""A cubic spline through scattered samples of an edge, and what it makes of them: values, slopes, and its spectrum.

Its knots are close where the edge is steep and far apart in the flat parts, which keeps the far tails of a blur without
the noise of a dense fit; no window cuts them off. Beyond its last knots on both sides it is level.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from device.frame import F64

DENSEST_PX = 0.25  # ISO 12233 takes four bins to a pixel, too
KNOTS_OF_RISE = 5  # chosen: a rise of a Gaussian blur is 2.56 sigma, and half a sigma between knots bends it by < 1e-4
GROWTH = 1.7  # chosen: of the distance between two knots, towards the flat parts; 1.35 is as right, and noisier
_FINE = 4  # steps between two of the closest knots, for the integral over the slope


@dataclass(frozen=True, slots=True)
class Spline:
    """The functions whose sum an edge is; no two sets of knots are the same."""

    knots: F64
    """Rising, px across the edge; the outer four on each side are alike."""
    closest_px: float

    @property
    def size(self) -> int:
        """Give the number of coefficients."""
        return self.knots.size - 4 - 6

    def basis(self, at: F64) -> F64:
        """Give the value of each function, (N, size), at N places."""
        inside, interval = self._intervals(at)
        values = np.zeros((at.size, 4))
        values[:, 0] = 1.0
        for degree in (1, 2, 3):
            carried = np.zeros(at.size)
            for k in range(degree):
                right, left = self.knots[interval + k + 1], self.knots[interval + k + 1 - degree]
                part = values[:, k] / (right - left)
                values[:, k] = carried + (right - inside) * part
                carried = (inside - left) * part
            values[:, degree] = carried
        return self._gathered(values, interval)

    def slopes(self, at: F64) -> F64:
        """Give the derivative of each function, (N, size), at N places, per px."""
        step = self.closest_px / 64
        difference: F64 = (self.basis(at + step) - self.basis(at - step)) / (2 * step)
        return difference

    def spectrum(self, frequencies: F64) -> F64:
        """Give the Fourier transform of each function's slope: (F, size), complex; cycles per px.

        The difference over a step stands for the slope; dividing by its own response makes that exact but for what
        the steps fold over, which is below 1e-6 of a cubic spline.
        """
        step = self.closest_px / _FINE
        low, high = float(self.knots[0]), float(self.knots[-1])
        edges = np.linspace(low, high, int(np.ceil((high - low) / step)) + 1)
        step = float(edges[1] - edges[0])
        waves = np.exp(-2j * np.pi * np.outer(frequencies, (edges[1:] + edges[:-1]) / 2))
        result: F64 = waves @ np.diff(self.basis(edges), axis=0) / np.sinc(frequencies * step)[:, np.newaxis]
        return result

    def _intervals(self, at: F64) -> tuple[F64, np.ndarray]:
        inside = np.clip(at, self.knots[0], self.knots[-1])
        last = self.knots.size - 5
        return inside, np.clip(np.searchsorted(self.knots, inside, side="right") - 1, 3, last)

    def _gathered(self, values: F64, interval: np.ndarray) -> F64:
        """Add up the four outermost functions on each side: between the outer two knots their sum is level."""
        columns = np.clip(interval[:, np.newaxis] + np.arange(-6, -2), 0, self.size - 1)
        table = np.zeros((values.shape[0], self.size))
        rows = np.arange(values.shape[0])
        for k in range(4):
            np.add.at(table, (rows, columns[:, k]), values[:, k])
        return table


def spline_of(rise_px: float, reach_px: float) -> Spline:
    """Give a spline for an edge that rises from 10 to 90 % within `rise_px`, to `reach_px` on each side."""
    closest = max(DENSEST_PX, rise_px / KNOTS_OF_RISE)
    core, places, step = 0.8 * rise_px + 0.5, [0.0], closest
    while places[-1] + step < reach_px:
        places.append(places[-1] + step)
        if places[-1] > core:
            step = min(step * GROWTH, reach_px / 3)
    half = np.array(places[1:]) * (reach_px / places[-1])
    inner = np.concatenate([-half[::-1], [0.0], half])
    return Spline(np.concatenate([[inner[0]] * 3, inner, [inner[-1]] * 3]), closest)
