"""The power of a scene's detail by its frequency, on the raw green, free of the noise's own power.

Two frames of the same scene have the same detail and different noise: the real part of the product of one's spectrum
with the other's conjugate has the detail's power, and of the noise only scatter. That needs no model of the noise, and
is as true at gain 8. The difference of the two frames gives that scatter, and tells when the scene moved.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from device.analysis.edges.samples import Field
from device.errors import BadInput
from device.frame import F64

BINS: Final = 20
LEAST_CYCLES: Final = 2.0  # across the part: below, the window's own spectrum is seen
HIGHEST: Final = 0.4  # cycles per sample of a green plane; above, too much is folded
LEAST_SIDE: Final = 96  # samples of a green plane
MOST_CLIPPED: Final = 0.01
LEAST_LEVEL: Final = 0.01  # of the span from black to white
LEAST_BINS: Final = 3
CLEAR: Final = 4.0  # sigma
MUCH_NOISE: Final = 0.1  # of the mean light, in one sample
MOST_SHIFTED: Final = 0.2  # chosen: samples; the power of the finest detail then falls by 12 %
COARSE: Final = 0.1  # cycles per sample, below which a shift of one sample turns a wave by less than half

Why = Literal["raw", "clipped", "dark", "noise", "soft", "moving", "small"]


class SpectrumRefused(BadInput):
    """This part of the picture cannot be measured; `why` is the reason in a word."""

    code = "spectrum_refused"

    def __init__(self, message: str, *, why: Why, expected: str, remedy: str) -> None:
        super().__init__(message, expected=expected, remedy=remedy)
        self.why = why


@dataclass(frozen=True, slots=True)
class Spectrum:
    """The power of the detail in rings of frequency, relative to the mean light; arrays of `BINS`."""

    frequency: F64
    """Cycles per pixel of the frame, rising."""
    power: F64
    """Can be a little below 0 where there is nothing but noise."""
    sigma: F64
    """Of `power`, by noise."""


def spectrum_of(first: Field, second: Field, x: float, y: float, size: float) -> Spectrum:
    """Measure a square of two frames of the same scene. Raises SpectrumRefused.

    `x`, `y`: its middle, shares of the frame's sides; `size`: its side, as a share of the frame's height.
    """
    power, scatter, noise, count = np.zeros(BINS), np.zeros(BINS), np.zeros(BINS), np.zeros(BINS)
    side, shift = 0, 0.0
    for number in range(len(first.planes)):
        parts = [_part(field, number, x, y, size) for field in (first, second)]
        side = parts[0].shape[0]
        a, b = (_transform(part) for part in parts)
        rings = _rings(side)
        inside = rings < BINS

        def total(values: F64, rings: np.ndarray = rings, inside: np.ndarray = inside) -> F64:
            return np.bincount(rings[inside], values[inside], minlength=BINS).astype(np.float64)

        product = a * b.conj()
        shift = max(shift, _shift(product))
        cross = product.real
        apart = np.abs(a - b) ** 2 / 2
        power += total(cross)
        noise += total(apart)
        count += total(np.ones_like(cross))
    count = np.maximum(count, 1)
    power, noise = power / count, noise / count
    scatter = np.sqrt(np.maximum(power, 0) * noise + noise**2 / 2) / np.sqrt(count)
    _check(power, scatter, noise, shift)
    edges = _edges(side)
    return Spectrum(np.sqrt(edges[:-1] * edges[1:]) / first.step, power, scatter)


def _check(power: F64, sigma: F64, noise: F64, shift: float) -> None:
    if np.count_nonzero(power > CLEAR * sigma) >= LEAST_BINS:
        if shift <= MOST_SHIFTED:
            return
        raise SpectrumRefused(
            "the picture moves from one frame to the next",
            why="moving",
            expected="a target that stands still, and a camera on something firm",
            remedy="wait until all is still, and measure again",
        )
    if math.sqrt(float(noise[-4:].mean())) > MUCH_NOISE:
        raise SpectrumRefused(
            "the noise hides what is in this part of the picture",
            why="noise",
            expected="detail above the noise",
            remedy="give it more light, a lower gain or a target with more contrast",
        )
    raise SpectrumRefused(
        "there is too little to see in this part of the picture",
        why="soft",
        expected="a target with print, edges or texture",
        remedy="choose another part or target, or focus by eye first",
    )


def _shift(cross: np.ndarray) -> float:
    """Give how far one frame is beside the other, in samples, from the product of one's transform and the other's."""
    side = cross.shape[0]
    correlation = np.fft.irfft2(cross, (side, side))
    row, column = np.unravel_index(int(correlation.argmax()), correlation.shape)
    whole = math.hypot(min(row, side - row), min(column, side - column))
    if whole >= 1:
        return float(whole)
    y, x = np.fft.fftfreq(side)[:, None], np.fft.rfftfreq(side)[None, :]
    weight = np.abs(cross) * (np.hypot(y, x) < COARSE)
    turned = np.angle(cross)
    places = np.stack(np.broadcast_arrays(y, x)) * 2 * np.pi
    slopes = np.einsum("iyx,jyx,yx->ij", places, places, weight)
    return float(
        np.hypot(*np.linalg.solve(slopes + 1e-12 * np.eye(2), np.einsum("iyx,yx->i", places, weight * turned)))
    )


def _part(field: Field, number: int, x: float, y: float, size: float) -> F64:
    plane, black = field.planes[number], field.blacks[number]
    height, width = plane.shape
    side = min(int(size * height), height, width) // 8 * 8
    if side < LEAST_SIDE:
        raise SpectrumRefused(
            f"the part has {side} green samples on a side",
            why="small",
            expected=f"at least {LEAST_SIDE}",
            remedy="choose a larger area",
        )
    top = min(max(round(y * height - side / 2), 0), height - side)
    left = min(max(round(x * width - side / 2), 0), width - side)
    part = plane[top : top + side, left : left + side]
    if np.count_nonzero(part >= field.highest) > MOST_CLIPPED * part.size:
        raise SpectrumRefused(
            "the target is clipped", why="clipped", expected="all of it below clipping", remedy="expose less"
        )
    light = part.astype(np.float64) - black
    mean = float(light.mean())
    if mean < LEAST_LEVEL * (field.highest - black):
        raise SpectrumRefused(
            "the target is too dark",
            why="dark",
            expected=f"at least {100 * LEAST_LEVEL:.0f} % of white on the mean",
            remedy="expose more, or give it more light",
        )
    relative: F64 = light / mean - 1
    return relative


def _transform(part: F64) -> np.ndarray:
    side = part.shape[0]
    window = np.hanning(side + 1)[:side]
    weights = np.outer(window, window)
    part = part - float((part * weights).sum() / weights.sum())
    return np.asarray(np.fft.rfft2(part * weights) / np.sqrt((weights**2).sum()))


def _edges(side: int) -> F64:
    """Give the edges of the rings, in cycles per sample of a green plane."""
    return np.geomspace(LEAST_CYCLES / side, HIGHEST, BINS + 1)


def _rings(side: int) -> np.ndarray:
    """Give the ring of each value of a transform; `BINS` for none."""
    radius = np.hypot(np.fft.fftfreq(side)[:, None], np.fft.rfftfreq(side)[None, :])
    ring = np.searchsorted(_edges(side), radius, side="right") - 1
    return np.where(ring < 0, BINS, np.minimum(ring, BINS))
