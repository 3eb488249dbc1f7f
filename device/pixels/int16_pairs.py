"""Two 16-bit numbers in each 32-bit word: numpy goes through words several times as fast as over every other number.

The lower half of a word is its left number on little-endian machines, as all are that run hqcam.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from device.frame import I16


def take_left(words: NDArray[np.uint32], *, out: I16) -> None:
    """Take the left number of each word."""
    np.copyto(out, words, casting="unsafe")


def add_pairs(rows: I16, *, out: I16, spare: I16) -> None:
    """Add neighbouring columns: all sums, of which every other one is taken. `spare` is as large as `rows`."""
    flat, sums = rows.reshape(-1), spare[: rows.size]
    np.add(flat[:-1], flat[1:], out=sums[:-1])
    take_left(sums.view(np.uint32).reshape(out.shape), out=out)
