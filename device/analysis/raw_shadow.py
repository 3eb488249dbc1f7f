"""Shadow zebra on raw samples: where the sensor itself sees little more than its own noise.

Green on red rows stands for its cell: the middle of the spectrum, one sample, never an average. Lit at or below black
plus the noise floor times 2^k, with k EV above the floor chosen in the settings.
"""

from __future__ import annotations

import math

import numpy as np

from device.analysis.clipping import merge_quads, strip_rows
from device.bayer import offsets
from device.frame import U8, RawFrame


def mark(raw: RawFrame, *, level_dn: float, factor: int, overlay: U8) -> None:
    """OR the flags of one frame into `overlay`, the raw's size brought down by `factor`."""
    row, column = offsets(raw.cfa)["Gr"]
    level = np.uint16(min(max(0, math.floor(level_dn + 1e-9)), raw.white_dn))
    height, width = raw.samples.shape
    rows = strip_rows(width, factor)
    columns = (width + 1) // 2
    lit = np.zeros(((rows + 1) // 2, 2 * columns), np.bool_)
    for first in range(0, height, rows):
        last = min(first + rows, height)
        green = raw.samples[first + row : last : 2]
        part = lit[: (last - first + 1) // 2]
        part[len(green) :] = False  # an odd last row has no green of this kind
        np.less_equal(green, level, out=part[: len(green), :width])
        # Two booleans are one little-endian word b0 + 256 b1: either's flag, of 128, into the low byte.
        words = part.view("<u2")
        flags = words >> np.uint16(1) if column else words << np.uint16(7)
        merge_quads(flags.astype(np.uint8), factor, overlay[first // factor : -(-last // factor)])
