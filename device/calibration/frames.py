"""Raw frames for measuring: samples with their exposure, and what two frames of the same light tell of noise.

The difference of two such frames has twice the temporal variance of one; what is fixed in place cancels (EMVA 1288
release 3.1, section 6.6, and every photon transfer since Janesick). All samples are at the sensor's bit depth.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from device.bayer import CfaOrder, offsets
from device.errors import BadInput
from device.frame import F32, F64, I16, U16, AnyRaw, FrameMeta, Mask

S = TypeVar("S", np.uint16, np.bool_)

CHANNELS: Final = ("R", "Gr", "Gb", "B")
DEEPEST_BITS: Final = 14  # differences are kept in 16 bits
CUT_SIGMA: Final = 5.0  # of a Gaussian's variance 1.5e-5 lie beyond; what is there is no noise of this kind
_CUTS: Final = 3  # chosen: the cut has settled by then, also from a start with hot photosites in it


@dataclass(frozen=True, slots=True)
class Exposed:
    """One raw frame with what it was exposed with."""

    samples: U16
    """(H, W), right-justified at the sensor's bit depth."""
    cfa: CfaOrder
    exposure_us: float
    gain: float
    temperature_c: float | None
    white_dn: int
    black_dn: tuple[float, float, float, float]
    """As declared, R, Gr, Gb, B."""

    @staticmethod
    def of(raw: AnyRaw, meta: FrameMeta) -> Exposed:
        """Take the samples of a shot. Raises BadInput for a shape or depth that cannot be measured."""
        height, width = raw.shape
        if raw.bit_depth > DEEPEST_BITS or height % 2 or width % 2:
            raise BadInput(
                f"raw samples of {width}x{height} at {raw.bit_depth} bits",
                expected=f"even sides and at most {DEEPEST_BITS} bits",
            )
        return Exposed(
            raw.samples,
            raw.cfa,
            meta.exposure_us,
            meta.analogue_gain,
            meta.sensor_temperature_c,
            raw.white_dn,
            raw.black_dn,
        )


def plane(samples: NDArray[S], cfa: CfaOrder, channel: str) -> NDArray[S]:
    """Give a view of one channel's samples (H / 2, W / 2), or of a mask's places."""
    row, column = offsets(cfa)[channel]
    return samples[row::2, column::2]


def by_channel(values: Sequence[float]) -> dict[str, float]:
    """Give R, Gr, Gb, B by their names."""
    return dict(zip(CHANNELS, values, strict=True))


def pair_variance(first: U16, second: U16, leave_out: Mask | None = None) -> float:
    """Give the temporal variance of one frame in DN^2, rounding to whole codes (1/12) included.

    Differences beyond CUT_SIGMA are left out, as are places where `leave_out` is true.
    """
    difference = np.subtract(first, second, dtype=np.int16, casting="unsafe")
    counts = _counted(difference if leave_out is None else difference[~leave_out])
    values = np.arange(len(counts), dtype=np.float64) - len(counts) // 2
    keep = np.ones(len(counts), bool)
    variance = mean = 0.0
    for _ in range(_CUTS):
        total = float(counts[keep].sum())
        mean = float((counts * values)[keep].sum()) / total
        variance = float((counts * (values - mean) ** 2)[keep].sum()) / total
        keep = np.abs(values - mean) <= max(CUT_SIGMA * variance**0.5, 1.0)
    return variance / 2


def clipped_mean(samples: U16) -> float:
    """Give the mean without what lies beyond CUT_SIGMA: hot photosites do not move it."""
    counts = np.bincount(samples.ravel()).astype(np.float64)
    values = np.arange(len(counts), dtype=np.float64)
    keep = np.ones(len(counts), bool)
    mean = 0.0
    for _ in range(_CUTS):
        total = counts[keep].sum()
        mean = float((counts * values)[keep].sum() / total)
        sigma = float((counts * (values - mean) ** 2)[keep].sum() / total) ** 0.5
        keep = np.abs(values - mean) <= max(CUT_SIGMA * sigma, 1.0)
    return mean


def block_means(values: U16 | F32, side: int) -> F64:
    """Give the means over blocks of `side` x `side`, in rows and columns; what does not fill a block is left out."""
    rows, columns = (length // side for length in values.shape)
    blocks = values[: rows * side, : columns * side].reshape(rows, side, columns, side)
    means: F64 = blocks.mean(axis=(1, 3), dtype=np.float64)
    return means


def _counted(difference: I16) -> F64:
    """Count differences; 0 is in the middle."""
    half = 1 << DEEPEST_BITS
    shifted = difference.ravel().astype(np.int32) + half
    counts: F64 = np.bincount(shifted, minlength=2 * half + 1).astype(np.float64)
    return counts
