"""Waveform and vectorscope of the display signal, over the histogram's sample of pixels.

**Waveform**: for each column of the picture as it is turned for looking at it, how many of its pixels have each level;
luma, or red, green and blue side by side (parade). `LEVELS` levels of 4 codes (1.6 IRE), at most `COLUMNS` columns,
`PARADE_COLUMNS` each in a parade.
**Vectorscope**: how many pixels have each colour difference: (v, u) in cells of 4 codes, grey in the middle.
"""

from __future__ import annotations

import math

import numpy as np

from device.analysis.histogram import Sample, counts_of
from device.analysis.readings import Counts, Vectorscope, Waveform
from device.frame import U8
from device.pixels.orientation import turned

LEVELS = 64
COLUMNS = 128  # what a phone's graph can show
PARADE_COLUMNS = 48  # three side by side; more would not fit a frame's share of a slow link
CELLS = 64
SKIN_LINE_DEGREES = 123.0  # the +I axis, from +Cb counter-clockwise (NTSC; what vectorscopes mark)


def waveform(sample: Sample, rgb: tuple[U8, U8, U8] | None = None, *, orientation: int = 1) -> Waveform:
    """Count levels by column: of luma, or of each of `rgb` for a parade.

    The columns are those of the picture as `orientation` (Exif's 1 to 8) turns it for looking at it.
    """
    planes = [turned(plane, orientation) for plane in ((sample.luma,) if rgb is None else rgb)]
    height, width = planes[0].shape
    group = math.ceil(width / (COLUMNS if rgb is None else PARADE_COLUMNS))
    first_cell = (np.arange(width) // group * LEVELS).astype(np.uint16)
    columns = math.ceil(width / group)
    counts = np.stack([_by_column(plane, first_cell, columns) for plane in planes])
    return Waveform(counts, height * group)


def vectorscope(sample: Sample) -> Vectorscope:
    """Count colour differences; a grey picture has one point in the middle."""
    if sample.chroma is None:
        counts = np.zeros((CELLS, CELLS), np.int64)
        counts[CELLS // 2, CELLS // 2] = sample.size
        return Vectorscope(counts, sample.size)
    u, v = sample.chroma
    index = np.left_shift(v & np.uint8(0xFC), np.uint16(4), dtype=np.uint16)
    index |= np.right_shift(u, np.uint8(2))
    return Vectorscope(counts_of(index, CELLS * CELLS).reshape(CELLS, CELLS), sample.size)


def _by_column(plane: U8, first_cell: np.ndarray, columns: int) -> Counts:
    index = np.add(np.right_shift(plane, np.uint8(2)), first_cell, dtype=np.uint16)
    return counts_of(index, columns * LEVELS).reshape(columns, LEVELS).T[::-1]
