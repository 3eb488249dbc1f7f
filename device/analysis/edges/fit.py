"""Fits an edge: its profile, where it runs, and how the second green site differs, all at once by least squares.

The profile is a spline; where the edge runs is a line and two bends of it (ISO 12233 takes a polynomial, too, for what
distortion does to a straight edge). Samples count by their noise, which is measured on both sides of the edge: light
that comes in photons is noisier on the bright one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from device.analysis.edges.finding import Line
from device.analysis.edges.samples import Samples
from device.analysis.edges.spline import Spline, spline_of
from device.frame import F64

_ROUNDS = 12
_BENDS = 3
_SETTLED_PX = 1e-4
_ROUNDING_VARIANCE = 1 / 12


@dataclass(frozen=True, slots=True)
class EdgeFit:
    """What was found; `covariance` is that of the spline's coefficients, everything else that was fitted included."""

    line: Line
    spline: Spline
    coefficients: F64
    covariance: F64
    dark: float
    bright: float
    rise_px: float
    """From 10 to 90 % of the way from dark to bright."""
    bend_px: float
    """Between the edge and a straight line, from peak to peak."""
    noise: float
    """Standard deviation of a sample in the middle of the edge."""
    left_over: float
    """What the fit leaves in the edge beyond noise: root mean square, of the step from dark to bright."""
    across: F64
    """Each sample's distance from the edge, px."""

    def profile(self, at: F64) -> F64:
        """Give the edge's values at some distances, from 0 (dark) to 1."""
        result: F64 = (self.spline.basis(at) @ self.coefficients - self.dark) / (self.bright - self.dark)
        return result

    def profile_sigma(self, at: F64) -> F64:
        """Give the standard deviations of `profile`, those of its ends left out."""
        basis = self.spline.basis(at)
        variance: F64 = np.einsum("ij,ij->i", basis @ self.covariance, basis)
        return np.sqrt(np.maximum(variance, 0.0)) / (self.bright - self.dark)

    def response(self, frequencies: F64) -> tuple[F64, F64]:
        """Give the modulus of the profile's spectrum, 1 at 0, and its standard deviation; cycles per px.

        Noise adds to a modulus, whatever its sign: what it adds across the phase is taken off.
        """
        spectrum, step = self.spline.spectrum(frequencies), self.bright - self.dark
        value = spectrum @ self.coefficients
        modulus = np.maximum(np.abs(value), 1e-12 * step)
        turned = spectrum * (np.conj(value) / modulus)[:, np.newaxis] / step
        of_ends = np.zeros(self.spline.size)
        of_ends[[0, -1]] = -1.0, 1.0
        along = turned.real - np.outer(modulus / step**2, of_ends)
        spread, aside = (np.einsum("ij,ij->i", part @ self.covariance, part) for part in (along, turned.imag))
        return np.sqrt(np.maximum((modulus / step) ** 2 - aside, 0.0)), np.sqrt(np.maximum(spread, 0.0))


def fit_edge(samples: Samples, line: Line, length: float, reach: float) -> EdgeFit | None:
    """Fit the edge along `line` in samples that lie within `length` / 2 along and `reach` across.

    None: it has no edge.
    """
    rise = 3.0
    for _ in range(3):
        found = _settle(samples, line, length, reach, min(max(rise, 0.5), reach))
        if found is None:
            return None
        settled = abs(found.rise_px - rise) < 0.2 * rise and abs(found.line.normal_rad - line.normal_rad) < 1e-3
        rise, line = found.rise_px, found.line
        if settled:
            break
    return found


def _settle(samples: Samples, line: Line, length: float, reach: float, rise: float) -> EdgeFit | None:
    """Fit with a spline for this rise. The line's bends are Legendre polynomials of the place along it."""
    spline = spline_of(rise, reach)
    along = line.along(samples) / (length / 2)
    bends = np.stack([along, 1.5 * along**2 - 0.5, 2.5 * along**3 - 1.5 * along], axis=1)
    straight, second = line.across(samples), samples.second.astype(np.float64)
    two_sites = bool(samples.second.any())
    bent, shift, gain = np.zeros(_BENDS), 0.0, 0.0
    weights = np.ones(samples.size)
    coefficients, size = np.zeros(spline.size), spline.size
    for turn in range(_ROUNDS):
        across = straight - bends @ bent - shift * second
        basis = spline.basis(across)
        scale = 1 + gain * second
        if turn == 0:
            coefficients = _solved(basis, samples.value, weights)[0]
        level = basis @ coefficients
        slope = (spline.slopes(across) @ coefficients) * scale
        parts = [basis * scale[:, np.newaxis], -slope[:, np.newaxis] * bends]
        if two_sites:
            parts += [(-slope * second)[:, np.newaxis], (level * second)[:, np.newaxis]]
        design = np.concatenate(parts, axis=1)
        target = samples.value - level * scale
        change, inverse = _solved(design, target, weights)
        limit = max(1.0, float(np.abs(change[size : size + _BENDS]).max()) / (0.5 * rise))
        coefficients = coefficients + change[:size]
        bent = bent + change[size : size + _BENDS] / limit
        if two_sites:
            shift = float(np.clip(shift + change[-2] / limit, -1.5, 1.5))
            gain = float(np.clip(gain + change[-1], -0.2, 0.2))
        left = target - design @ change
        weights = 1 / _variances(left, across, level, rise)
        if turn > 1 and np.abs(change[size : size + _BENDS]).max() < _SETTLED_PX:
            break
    return _found(samples, line, length, spline, (coefficients, bent, inverse), (across, left, weights))


def _found(
    samples: Samples,
    line: Line,
    length: float,
    spline: Spline,
    fitted: tuple[F64, F64, F64],
    rest: tuple[F64, F64, F64],
) -> EdgeFit | None:
    coefficients, bent, inverse = fitted
    across, left, weights = rest
    dark, bright = float(coefficients[0]), float(coefficients[-1])
    if bright <= dark:
        return None
    at = np.arange(spline.knots[0], spline.knots[-1], spline.closest_px / 8)
    profile = (spline.basis(at) @ coefficients - dark) / (bright - dark)
    low, middle, high = (_crossing(at, profile, level) for level in (0.1, 0.5, 0.9))
    t = np.linspace(-1, 1, 65)
    bend = bent[1] * (1.5 * t**2 - 0.5) + bent[2] * (2.5 * t**3 - 1.5 * t)
    size = spline.size
    degrees = max(1, samples.size - inverse.shape[0])
    chi_squared = float((weights * left**2).sum()) / degrees
    slope_along = bent[0] / (length / 2)
    near = np.abs(across - middle) < high - low + 1
    excess = float(np.mean(left[near] ** 2 - 1 / weights[near])) if near.any() else 0.0
    return EdgeFit(
        line.moved(middle, 0.0).turned(float(np.arctan(-slope_along))),
        spline,
        coefficients,
        inverse[:size, :size] * max(1.0, chi_squared),
        dark,
        bright,
        high - low,
        float(np.ptp(bend - np.polyval(np.polyfit(t, bend, 1), t))),
        float(np.sqrt(np.mean(1 / weights[near]))) if near.any() else 0.0,
        float(np.sqrt(max(0.0, excess))) / (bright - dark),
        across - middle,
    )


def _solved(design: F64, target: F64, weights: F64) -> tuple[F64, F64]:
    """Give the weighted least squares solution, and the inverse of its normal matrix."""
    weighted = design * weights[:, np.newaxis]
    normal = design.T @ weighted
    diagonal = np.sqrt(np.maximum(np.diag(normal), 1e-12 * float(np.diag(normal).max())))
    scaled = normal / np.outer(diagonal, diagonal)
    inverse = np.linalg.inv(scaled + 1e-10 * np.eye(scaled.shape[0])) / np.outer(diagonal, diagonal)
    return inverse @ (weighted.T @ target), inverse


def _variances(left: F64, across: F64, level: F64, rise: float) -> F64:
    """Give each sample's variance: between those of the dark and of the bright side, by its level."""
    sides = [across < -rise, across > rise]
    if min(np.count_nonzero(side) for side in sides) < 8:
        return np.full(left.size, max(float(np.mean(left**2)), _ROUNDING_VARIANCE))
    variance = [max(float(np.mean(left[side] ** 2)), _ROUNDING_VARIANCE) for side in sides]
    levels = [float(np.mean(level[side])) for side in sides]
    if levels[1] <= levels[0]:
        return np.full(left.size, sum(variance) / 2)
    return np.interp(level, levels, variance)


def _crossing(at: F64, profile: F64, level: float) -> float:
    """Give where the profile last is below `level` before it stays above on the way from the middle."""
    middle = int(np.argmin(np.abs(profile - 0.5)))
    if level < 0.5:
        below = np.flatnonzero(profile[: middle + 1] <= level)
        k = int(below[-1]) if below.size else 0
    else:
        above = np.flatnonzero(profile[middle:] >= level)
        k = middle + int(above[0]) - 1 if above.size else profile.size - 2
    k = min(max(k, 0), profile.size - 2)
    step = profile[k + 1] - profile[k]
    part = (level - profile[k]) / step if step > 0 else 0.0
    return float(at[k] + np.clip(part, 0, 1) * (at[k + 1] - at[k]))
