"""What focus peaking needs of every pixel and every block: block sums of structure, their average, what noise there is
around each block, how sharp that makes it, and ink.

`detail_numpy` is the reference; `detail_compiled` does the same, bit for bit, several times as fast, where hqcam was
installed with a C compiler.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from device.frame import U8
from device.pixels.int16_pairs import I16
from device.sensors.base import F32

Mask = NDArray[np.bool_]

BLOCK: Final = 4
"""Pixels of a block's side."""
CLIPPED_SUM: Final = 1000  # of four pixels: 250 on the average
LEAST_OF_NINE: Final = 4
NEVER: Final = 9 * 4 * 255 + 1
"""More structure than nine pixels can have."""
BLUE_NOISE: Final = 0.5
RED_NOISE: Final = 0.3
"""A blue or a red has channels in the steep foot of the tone curve, and blue is amplified most: measured on patches of
a colour chart behind the simulated ISP, 1.5 times a grey's noise at u - 128 = level, 1.3 at v - 128 = level; 2 at most.
"""


@dataclass(frozen=True, slots=True)
class BlockSums:
    """Of each block of 4 x 4 pixels; a picture has ceil(H / 4) x ceil(W / 4), and its outermost pixels repeat."""

    fine: F32
    """|Second difference| along rows plus down columns, summed over the 16 pixels; whole numbers."""
    coarse: F32
    """|Difference| to the right plus down of the picture of half the size (sums of 2 x 2), over its 4 pixels."""
    level: U8
    """Mean code, rounded down."""
    clipped: Mask
    """Four pixels of a 2 x 2 reach CLIPPED_SUM."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What fine and coarse structure are compared with; see `sharpness`."""

    coarse_noise: float
    """Noise squared in coarse structure squared."""
    doubt: float
    floor: float
    """In the unit of coarse structure, squared."""
    taken: float
    """Noise squared that is taken off fine structure squared."""
    least: float
    """Fine structure over noise above which it is certain."""


class Detail(Protocol):
    """Walks over pictures of one size; keeps working memory between them."""

    def sums(self, luma: U8, out: BlockSums) -> None:
        """Fill the block sums of a picture."""

    def average(self, sums: F32, out: F32) -> None:
        """Average sums of blocks (whole numbers) over some 16 pixels.

        Blocks around weigh 1, 2, 2, 2, 1 along both axes; the ends repeat.
        """

    def noise(self, table: F32, level: U8, chroma: tuple[U8, U8] | None, out: F32) -> None:
        """Fill the noise around each block: `table` (256) at the block's level, as noisy as its colour.

        Noise follows the light, which changes slowly: every other block is looked at, along both axes, and averaged
        over the five blocks around with the weights 1, 2, 1 of those looked at, or 1, 1 between two; the ends repeat.
        `chroma` are u and v at half the picture's size, whose last row or column may be missing.
        """

    def compare(self, fine: F32, coarse: F32, noise: F32, terms: Terms, *, squared: F32, certain: Mask) -> None:
        """Fill the sharpness squared, and which blocks are certain, from averages and the noise around blocks."""

    def ink(self, luma: U8, wanted: I16) -> Mask:
        """Light strokes in the picture that `sums` was last given; the mask is valid until the next call.

        A pixel is a candidate when the structure summed over its 3 x 3 is at least what is `wanted` of its block (NEVER
        where none takes part), and is lit when LEAST_OF_NINE of its 3 x 3 are candidates, itself among them.
        """
