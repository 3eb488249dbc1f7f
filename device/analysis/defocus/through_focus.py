"""Where a sensor was beside the focus of its lens, told from spectra of one scene at several places.

Defocus by z multiplies the spectrum with that of a disc of diameter z / N: power falls by T^2, T = 2 J1(x) / x with
x = pi f z / N (Goodman, Introduction to Fourier Optics, 6.4.4, in the limit of geometrical optics; the lens's other
blurs are the same at every place, and cancel). What the scene itself has is not known and the same at every place, too:
it is the one that fits best. How far the ring was turned is known about: what was asked for, times one scale (its
thread), within what hands can do. So both sides of the focus are told apart, and the scale is found on the way.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from device.analysis.defocus.spectrum import Spectrum
from device.frame import F64

SCALE_SIGMA: Final = 0.2  # chosen: of what is known of a thread whose pitch is not published
HAND_SIGMA: Final = 0.1  # chosen: of a turn, how well people turn as far as they were told
HAND_UM: Final = 1.5
MODEL_SIGMA: Final = 0.006  # chosen: of the power at its sharpest, what leaks from outside of the part and is folded
STARTS_N_UM: Final = (2.0, 6.0, 15.0, 30.0, 60.0, 100.0, 150.0, 220.0)  # times N: places to begin from
OUTLIER_SIGMA: Final = 3.0  # chosen: beyond, a residual counts by its logarithm; far from focus the model is coarse
FAR_N_UM: Final = 20.0  # times N; chosen: where the model is half as good as in focus
BEND_SIGMA: Final = 3.0  # chosen: of ln(power) from ring to ring, how unevenly scenes fall; it tells a disc's zeros
RIVAL_N_UM: Final = 2.0  # times N: two solutions nearer than this are one
RIVAL_CHI2: Final = 9.0
CARRIED: Final = 4  # chosen: solutions
_ITERATIONS: Final = 25
_SUB: Final = 3  # frequencies within a ring


@dataclass(frozen=True, slots=True)
class Place:
    """The sensor's place at one measurement: how much too far from the lens it is, in micrometres, and how sure."""

    um: float
    sigma_um: float


@dataclass(frozen=True, slots=True)
class Found:
    """What several measurements tell."""

    places: tuple[Place, ...]
    scale: float
    """Micrometres moved for each that was asked for."""
    other_um: float | None
    """The last place if another solution is true that fits nearly as well; None without one."""
    chi2: float
    """Per degree of freedom; far above 1: the model does not hold."""


def disc_response(x: F64) -> F64:
    """Give 2 J1(x) / x, the spectrum of a disc, from the integral of Bessel; exact to 1e-12 up to x = 60.

    >>> [round(float(v), 4) for v in disc_response(np.array([0.0, 1.0, 3.8317]))]
    [1.0, 0.8801, 0.0]
    """
    angles = 2 * np.pi * np.arange(128) / 128
    x = np.minimum(np.abs(x), 60.0)
    bessel = np.cos(angles - x[..., None] * np.sin(angles)).mean(axis=-1)
    response: F64 = np.where(x > 1e-6, 2 * bessel / np.maximum(x, 1e-6), 1.0)
    return response


_TABLE_X: Final = np.arange(0.0, 60.0, 0.01)
_TABLE_POWER: Final = disc_response(_TABLE_X) ** 2


class ThroughFocus:
    """What the measurements of one scene tell so far. Several solutions are carried on, until one fits alone."""

    def __init__(self, f_number: float, pixel_um: float) -> None:
        """`pixel_um`: of the frame, as the spectra's frequencies are per pixel of it."""
        self._f_number, self._pixel_um = f_number, pixel_um
        self._spectra: list[Spectrum] = []
        self._asked: list[float] = []
        self._carried: list[F64] = []

    def add(self, spectrum: Spectrum, asked_um: float = 0.0) -> Found | None:
        """Add the next measurement, after a turn of about `asked_um`. None for the first: one alone tells nothing."""
        self._spectra.append(spectrum)
        if len(self._spectra) == 1:
            return None
        self._asked.append(asked_um)
        fit = Fit(self._spectra, self._asked, self._f_number, self._pixel_um)
        solved = sorted((fit.solve(start) for start in self._starts(fit)), key=lambda found: found[0])
        fit.trust(solved[0][1][1:].tolist())
        solved = sorted((fit.solve(values) for _, values in _distinct(solved, self._f_number)), key=lambda s: s[0])
        solved = _distinct(solved, self._f_number)
        self._carried = [values for _, values in solved]
        chi2, values = solved[0]
        rivals = [v for c, v in solved[1:] if c < chi2 + RIVAL_CHI2 * max(1.0, chi2 / fit.free)]
        apart = [float(v[-1]) for v in rivals if abs(v[-1] - values[-1]) > RIVAL_N_UM * self._f_number]
        sigmas = fit.sigmas(values) * np.sqrt(max(1.0, chi2 / fit.free))
        places = tuple(Place(float(z), float(s)) for z, s in zip(values[1:], sigmas[1:], strict=True))
        return Found(places, math.exp(float(values[0])), apart[0] if apart else None, chi2 / fit.free)

    def _starts(self, fit: Fit) -> list[F64]:
        if not self._carried:
            return [fit.start(sign * start * self._f_number) for start in STARTS_N_UM for sign in (1, -1)]
        starts = []
        for values in self._carried:
            next_um = float(values[-1] + math.exp(values[0]) * self._asked[-1])
            starts += [np.append(values, z) for z in (next_um, -next_um, 0.0)]
        return starts


def _distinct(solved: Sequence[tuple[float, F64]], f_number: float) -> list[tuple[float, F64]]:
    """Give the best solutions, without those that are like a better one."""
    kept: list[tuple[float, F64]] = []
    for cost, values in solved:
        if all(np.abs(values[1:] - other[1:]).max() > RIVAL_N_UM * f_number for _, other in kept):
            kept.append((cost, values))
    return kept[:CARRIED]


class Fit:
    """Values: the logarithm of the scale, then the place at each measurement."""

    def __init__(
        self, spectra: Sequence[Spectrum], asked_um: Sequence[float], f_number: float, pixel_um: float
    ) -> None:
        self._asked, self._f_number = np.asarray(asked_um, np.float64), f_number
        self._hand = HAND_SIGMA * np.abs(self._asked) + HAND_UM
        self._power = np.array([s.power for s in spectra])
        self._noise = np.array([s.sigma for s in spectra])
        frequency = spectra[0].frequency / pixel_um
        ratio = (frequency[1] / frequency[0]) ** (np.arange(_SUB) / _SUB - (_SUB - 1) / (2 * _SUB))
        self._turns = np.pi * frequency[:, None] * ratio / f_number
        self.free = max(1, self._power.size - self._power.shape[1] - 1)
        self.trust([0.0] * len(spectra))

    def trust(self, places_um: Sequence[float]) -> None:
        """Trust the measurements as they are far from focus."""
        far = 1 + (np.asarray(places_um) / (FAR_N_UM * self._f_number)) ** 2
        sharpest = np.maximum(self._power.max(axis=0), 0)
        model = MODEL_SIGMA * far[:, None] * sharpest
        self._sigma = np.hypot(self._noise, model) + 1e-9 * self._power.max()

    def start(self, first_um: float) -> F64:
        """Give values to begin from: moves as they were asked for, from that place."""
        return np.concatenate([[0.0, first_um], first_um + np.cumsum(self._asked)])

    def residuals(self, values: F64) -> F64:
        """Give what is left of power and of moves, in sigmas."""
        scale, places = math.exp(min(max(values[0], -3.0), 3.0)), values[1:]
        passed = np.interp(self._turns * np.abs(places)[:, None, None], _TABLE_X, _TABLE_POWER).mean(axis=-1)
        weights = passed / self._sigma**2
        sure = np.maximum((passed * weights).sum(axis=0), 1e-300)
        scene = np.maximum((self._power * weights).sum(axis=0) / sure, 1 / np.sqrt(sure))
        left = (self._power - scene * passed) / self._sigma
        left = OUTLIER_SIGMA * np.arcsinh(left / OUTLIER_SIGMA)
        bends = np.diff(np.log(scene), 2)
        unsure = 1 / (scene**2 * sure)
        bends /= np.sqrt(BEND_SIGMA**2 + unsure[:-2] + 4 * unsure[1:-1] + unsure[2:])
        moved = (np.diff(places) - scale * self._asked) / self._hand
        return np.concatenate([left.ravel(), bends, moved, [values[0] / SCALE_SIGMA]])

    def cost(self, values: F64) -> float:
        """Give chi^2."""
        return float((self.residuals(values) ** 2).sum())

    def solve(self, values: F64) -> tuple[float, F64]:
        """Descend by Levenberg and Marquardt; give chi^2 and the values."""
        damping, cost = 1e-2, self.cost(values)
        steps = np.concatenate([[1e-3], np.full(values.size - 1, 0.02 * self._f_number)])
        for _ in range(_ITERATIONS):
            left = self.residuals(values)
            slopes = np.array(
                [(self.residuals(values + h) - self.residuals(values - h)) / (2 * h.sum()) for h in np.diag(steps)]
            ).T
            normal, downhill = slopes.T @ slopes, slopes.T @ left
            for _ in range(8):
                move = np.linalg.solve(normal + damping * np.diag(np.diag(normal) + 1e-9), -downhill)
                tried = self.cost(values + move)
                if tried < cost:
                    break
                damping *= 4
            else:
                break
            values, gained, cost = values + move, cost - tried, tried
            damping = max(damping / 8, 1e-9)
            if gained < 1e-3:
                break
        return cost, values

    def sigmas(self, values: F64) -> F64:
        """Give the standard deviation of each value.

        At the focus the power has no slope over the place, it is an arch: differences are taken over about a sigma.
        """
        count = values.size
        steps = np.concatenate([[0.02], np.full(count - 1, self._f_number)])
        sigmas = steps
        here = self.residuals(values)
        for _ in range(4):
            columns = []
            for step in np.diag(steps):
                up, down = self.residuals(values + step), self.residuals(values - step)
                choices = ((up - down) / 2, up - here, here - down)
                columns.append(max(choices, key=lambda c: float((c**2).sum())) / step.sum())
            slopes = np.array(columns).T
            sigmas = np.sqrt(np.maximum(np.diag(np.linalg.pinv(slopes.T @ slopes)), 0))
            steps = np.clip(sigmas, steps / 4, steps * 4)
        return sigmas
