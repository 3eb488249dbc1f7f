"""Histograms of the display signal: luma, red, green and blue, 256 codes each, over a regular sample of pixels.

The sample is every r-th row and c-th column from the top left, with the first (r, c) of `STEPS` that leaves at most
`MAX_SAMPLES` pixels: every 8th row and column of 2028x1520 (48 260 pixels). Values are never averaged: an average
would hide clipping. R, G and B come from the luma of the pixel and the chroma sample that covers it, BT.601 full range,
rounded, clipped to 0..255. Details smaller than the steps may be missed; zebras and raw clipping read every pixel.
Waveform and vectorscope (`scopes`) count the same sample.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from device.analysis.readings import Counts, Histogram
from device.analysis.subject import Chroma
from device.frame import F32, U8
from device.pixels.bt601 import to_rgb

MAX_SAMPLES = 50_000  # chosen: a bin of 1 % is then good to 0.05 %, and the four cost a tenth of all assists
STEPS = tuple((2 ** (i // 2), 2 ** ((i + 1) // 2)) for i in range(24))
BLOCK_SAMPLES = 12_000  # at a time: arrays under 128 kB, which malloc takes from its heap and not from the system


@dataclass(frozen=True, slots=True)
class Sample:
    """The pixels that are counted: (rows, columns) codes, each with the chroma that covers it."""

    luma: U8
    chroma: Chroma | None

    @property
    def size(self) -> int:
        """How many pixels it has."""
        return self.luma.size

    def rgb(self) -> tuple[U8, U8, U8]:
        """Give red, green and blue of every pixel; all of them luma in a grey picture."""
        if self.chroma is None:
            return self.luma, self.luma, self.luma
        planes = np.empty((3, *self.luma.shape), np.uint8)
        rows = max(1, BLOCK_SAMPLES // self.luma.shape[1])
        for first in range(0, len(self.luma), rows):
            block = slice(first, first + rows)
            y = self.luma[block]
            u, v = (plane[block].astype(np.float32) - np.float32(128) for plane in self.chroma)
            for codes, plane in zip(to_rgb(y, u, v), planes, strict=True):
                _store(codes, plane[block])
        return planes[0], planes[1], planes[2]


def take_sample(luma: U8, chroma: Chroma | None) -> Sample:
    """Take the regular sample of one frame; without chroma the picture is grey."""
    row_step, column_step = steps_for(*luma.shape)
    covering = None
    if chroma is not None:
        u, v = chroma
        covering = (_covering(u, luma.shape, row_step, column_step), _covering(v, luma.shape, row_step, column_step))
    return Sample(np.ascontiguousarray(luma[::row_step, ::column_step]), covering)


def histogram(sample: Sample, rgb: tuple[U8, U8, U8] | None = None) -> Histogram:
    """Count the codes of one frame. `rgb` is what `sample.rgb()` gives, where the caller has it already."""
    luma = np.bincount(sample.luma.ravel(), minlength=256)
    if sample.chroma is None:
        return Histogram(luma, luma, luma, luma, sample.size)
    red, green, blue = (np.bincount(plane.ravel(), minlength=256) for plane in rgb or sample.rgb())
    return Histogram(luma, red, green, blue, sample.size)


def steps_for(height: int, width: int, most: int = MAX_SAMPLES) -> tuple[int, int]:
    """Give the steps between sampled rows and between sampled columns that leave at most `most` pixels.

    >>> steps_for(1520, 2028)
    (8, 8)
    """
    return next(s for s in STEPS if -(-height // s[0]) * -(-width // s[1]) <= most)


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


def _store(values: F32, out: U8) -> None:
    """Round, clip to 0..255 and put into `out`; `values` are overwritten."""
    np.rint(values, out=values)
    np.clip(values, np.float32(0), np.float32(255), out=values)
    np.copyto(out, values, casting="unsafe")


def counts_of(index: NDArray[np.uint16], size: int) -> Counts:
    """Count how often each of 0..size - 1 occurs."""
    counts: Counts = np.bincount(index.ravel(), minlength=size)
    return counts
