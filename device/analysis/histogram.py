"""Histograms of the display signal: luma, red, green and blue, 256 codes each, over a regular sample of pixels.

The sample is every r-th row and c-th column from the top left, with the first (r, c) of `STEPS` that leaves at most
`MAX_SAMPLES` pixels: every 8th row and column of 2028x1520 (48 260 pixels). Values are never averaged: an average
would hide clipping. R, G and B take the luma of the pixel and the chroma sample that covers it, BT.601 full range,
rounded, clipped to 0..255. What is smaller than the steps may be missed; the zebras and clip flags look everywhere.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from device.analysis.readings import Counts, Histogram
from device.frame import U8

MAX_SAMPLES = 50_000  # chosen: a bin of 1 % is then good to 0.05 %, and the four cost a tenth of all assists
STEPS = tuple((2 ** (i // 2), 2 ** ((i + 1) // 2)) for i in range(24))
BLOCK_SAMPLES = 12_000  # at a time: arrays under 128 kB, which malloc takes from its heap and not from the system


def histogram(luma: U8, u: U8 | None, v: U8 | None) -> Histogram:
    """Count the codes of one frame. Without chroma the picture is grey: all four are alike."""
    row_step, column_step = steps_for(*luma.shape)
    sample = luma[::row_step, ::column_step]
    chroma = None
    if u is not None and v is not None:
        chroma = tuple(_covering(plane, luma.shape, row_step, column_step) for plane in (u, v))
    counts = np.zeros((4, 256), np.int64)
    rows = max(1, BLOCK_SAMPLES // sample.shape[1])
    for first in range(0, len(sample), rows):
        block = slice(first, first + rows)
        counts += _block(sample[block], None if chroma is None else (chroma[0][block], chroma[1][block]))
    return Histogram(counts[0], counts[1], counts[2], counts[3], sample.size)


def _block(y: U8, chroma: tuple[U8, U8] | None) -> Counts:
    luma = np.bincount(y.ravel(), minlength=256)
    if chroma is None:
        return np.stack([luma] * 4)
    u, v = (plane.astype(np.float32) - np.float32(128) for plane in chroma)
    red = _counts(y + np.float32(1.402) * v)
    green = _counts(y - np.float32(0.344136) * u - np.float32(0.714136) * v)
    return np.stack([luma, red, green, _counts(y + np.float32(1.772) * u)])


def steps_for(height: int, width: int) -> tuple[int, int]:
    """Give the steps between sampled rows and columns.

    >>> steps_for(1520, 2028)
    (8, 8)
    """
    return next(s for s in STEPS if -(-height // s[0]) * -(-width // s[1]) <= MAX_SAMPLES)


def _covering(plane: U8, shape: tuple[int, ...], row_step: int, column_step: int) -> U8:
    """Give the chroma samples that cover the sampled pixels."""
    rows = _halved(slice(0, shape[0], row_step), plane.shape[0])
    columns = _halved(slice(0, shape[1], column_step), plane.shape[1])
    return plane[rows][:, columns]


def _halved(luma: slice, size: int) -> slice | NDArray[np.intp]:
    """Give the chroma rows (or columns) that cover every `luma.step`-th of luma: a slice, which copies less, if it can.

    The last one is repeated where chroma has floor(size / 2).
    """
    if luma.step % 2 == 0 and (luma.stop - 1) // 2 < size:
        return slice(0, (luma.stop + 1) // 2, luma.step // 2)
    covering: NDArray[np.intp] = np.minimum(np.arange(0, luma.stop, luma.step) // 2, size - 1)
    return covering


def _counts(values: NDArray[np.float32]) -> Counts:
    codes = np.clip(np.rint(values), 0, 255).astype(np.uint8)
    counts: Counts = np.bincount(codes.ravel(), minlength=256)
    return counts
