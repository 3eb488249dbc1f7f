"""Photon transfer: the system gain from the noise of an even white, and the noise model from the system gains.

In a block of one colour the variance of light is system gain x signal (photons are Poisson's), so the slope of variance
over signal is the gain in DN per electron (EMVA 1288 release 3.1, section 6.6). Signal and variance come from two
frames of the same exposure; the variance without light is taken from the frames with the cap on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from device.analysis.noise import ROUNDING_VARIANCE
from device.calibration.cap import DarkLevel
from device.calibration.frames import Exposed, S, by_channel, plane
from device.errors import BadInput
from device.frame import F64, Mask
from device.sensors.base import NoiseModel

BLOCK: Final = 32  # chosen: 1024 samples give a block's variance within 4.4 %, and light hardly changes within it
LINEAR_TO: Final = 0.7  # of the scale; above, a sensor's response bends (EMVA 1288 fits to there, too)
OUTLIER_SIGMA: Final = 4.0
BLOCKS_LEAST: Final = 30


@dataclass(frozen=True, slots=True)
class Transfer:
    """The system gain at one analogue gain."""

    gain: float
    dn_per_e: float
    """DN per electron at this gain."""
    error: float
    """Standard error of it, as a share."""


def transfer(pairs: Sequence[tuple[Exposed, Exposed]], dark: DarkLevel, leave_out: Mask | None = None) -> Transfer:
    """Measure the system gain at one analogue gain from pairs of white frames of any levels.

    Where `leave_out` is true (hot photosites) a block is not used. Raises BadInput where too little of them is lit
    between dark and LINEAR_TO.
    """
    parts = [_points(pair, dark, leave_out) for pair in pairs]
    signal, excess = (np.concatenate([part[i] for part in parts]) for i in (0, 1))
    floor = dark.read_noise_dn**2 + ROUNDING_VARIANCE
    lit = signal > 4 * floor**0.5
    if lit.sum() < BLOCKS_LEAST:
        raise BadInput(
            f"only {int(lit.sum())} blocks of the white are lit at gain {dark.gain:g}",
            expected=f"at least {BLOCKS_LEAST} of {BLOCK} x {BLOCK} samples between black and {LINEAR_TO:.0%}",
        )
    signal, excess = signal[lit], excess[lit]
    slope = max(float(np.median(excess / signal)), 1e-6)
    keep = np.ones(signal.size, bool)
    for _ in range(3):
        # The variance of a variance is proportional to its square, taken from the model: the sample's would lean.
        scale = (slope * signal + floor) * np.sqrt(2 / (BLOCK**2 - 1))
        keep = np.abs(excess - slope * signal) <= OUTLIER_SIGMA * scale
        weight = np.where(keep, 1 / scale**2, 0.0)
        slope = float((weight * signal * excess).sum() / (weight * signal**2).sum())
    error = float((weight * signal**2).sum()) ** -0.5
    return Transfer(dark.gain, slope, error / slope)


def _points(pair: tuple[Exposed, Exposed], dark: DarkLevel, leave_out: Mask | None) -> tuple[F64, F64]:
    """Give each block's signal above black, and its variance above that of no light."""
    first, second = pair
    span = first.white_dn - sum(dark.black_dn) / 4
    floor = dark.read_noise_dn**2 + ROUNDING_VARIANCE
    signals, excesses = [], []
    for channel, black in by_channel(dark.black_dn).items():
        a, b = (_blocks(plane(frame.samples, frame.cfa, channel)) for frame in pair)
        mean_a, mean_b = a.mean(axis=(1, 3), dtype=np.float64), b.mean(axis=(1, 3), dtype=np.float64)
        difference = np.subtract(a, b, dtype=np.int16, casting="unsafe")
        square = np.square(difference, dtype=np.int32).mean(axis=(1, 3), dtype=np.float64)
        size = BLOCK**2
        variance = (square - (mean_a - mean_b) ** 2) * (size / (size - 1)) / 2
        signal = (mean_a + mean_b) / 2 - black
        good = signal <= LINEAR_TO * span
        if leave_out is not None:
            good &= ~_blocks(plane(leave_out, first.cfa, channel)).any(axis=(1, 3))
        signals.append(signal[good])
        excesses.append(variance[good] - floor)
    return np.concatenate(signals), np.concatenate(excesses)


def _blocks(samples: NDArray[S]) -> NDArray[S]:
    rows, columns = (length // BLOCK for length in samples.shape)
    return samples[: rows * BLOCK, : columns * BLOCK].reshape(rows, BLOCK, columns, BLOCK)


def noise_model(transfers: Sequence[Transfer], darks: Sequence[DarkLevel], published: NoiseModel) -> NoiseModel:
    """Fit the model of a sensor: one system gain at gain 1, read noise as a part before and one after the amplifier.

    The system gains are weighed by their errors, the read noises equally, as shares. Read noise that whole codes do not
    tell at any gain is the `published` one.
    """
    weights = np.array([1 / max(t.error, 1e-6) ** 2 for t in transfers])
    per_gain = np.array([t.dn_per_e / t.gain for t in transfers])
    dn_per_e = float((weights * per_gain).sum() / weights.sum())
    told = [dark for dark in darks if dark.noise_is_told]
    if not told:
        return replace(published, dn_per_e=dn_per_e)
    electrons2 = np.array([(d.read_noise_dn / (dn_per_e * d.gain)) ** 2 for d in told])
    terms = np.stack([np.ones(len(told)), 1 / np.array([d.gain for d in told]) ** 2], axis=1)
    before, after = _not_negative(terms / electrons2[:, None])
    return NoiseModel(dn_per_e, before, after)


def _not_negative(terms: F64) -> tuple[float, float]:
    """Solve terms @ (a, b) = 1 by least squares, with neither below 0."""
    wanted = np.ones(len(terms))
    both = np.linalg.lstsq(terms, wanted, rcond=None)[0]
    if (both >= 0).all():
        return float(both[0]), float(both[1])
    alone = [float(column @ wanted / (column @ column)) for column in terms.T]
    left = [float(((terms[:, i] * alone[i] - wanted) ** 2).sum()) for i in (0, 1)]
    return (alone[0], 0.0) if left[0] <= left[1] else (0.0, alone[1])
