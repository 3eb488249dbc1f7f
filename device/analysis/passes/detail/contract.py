"""What focus peaking and focus score need of every pixel and of every block of 4 x 4 pixels.

The steps, in their order: sums of fine and coarse structure over each block, their average over the blocks around, the
noise around each block, the comparison that gives sharpness, and at the end the peaking mask.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol

from device.frame import F32, I16, U8, Mask

BLOCK: Final = 4
"""Pixels of a block's side."""
CLIPPED_SUM: Final = 1000  # of four pixels: 250 on the average
LEAST_OF_NINE: Final = 4
"""So many of the 3 x 3 pixels around a lit one are candidates, itself included."""
NEVER: Final = 9 * 4 * 255 + 1
"""More structure than nine pixels can have: no pixel of such a block becomes a candidate."""
LEVELS: Final = 16
"""Classes of level: 16 codes each."""
HUES: Final = 17
"""Classes of u and of v: 16 codes each; the middle one is centred on grey."""
CLASSES: Final = LEVELS * HUES * HUES


@dataclass(frozen=True, slots=True)
class BlockSums:
    """Sums over each block of 4 x 4 pixels.

    All arrays have ceil(H / 4) x ceil(W / 4) values; beyond the picture its outermost pixels repeat.
    """

    fine: F32
    """|Second difference| along rows plus down columns, summed over the 16 pixels; whole numbers."""
    coarse: F32
    """|Difference| to the right plus down of the picture of half the size (sums of 2 x 2), over its 4 pixels."""
    total: I16
    """Sum of the 16 pixels: 16 times the mean code."""
    clipped: Mask
    """The four pixels of some 2 x 2 of the block reach CLIPPED_SUM together."""


@dataclass(frozen=True, slots=True)
class NoiseTable:
    """The noise of a picture by level and colour; `device.analysis.noise_floor` measures it."""

    bare: F32
    """(256): the fine structure that the noise of bare photosites has, at each code of the luma."""
    factor: F32
    """(CLASSES): the fine structure of noise over `bare`, for each class of level and colour."""
    coarse: F32
    """(CLASSES): coarse over fine structure of noise, squared."""


@dataclass(frozen=True, slots=True)
class Averages:
    """Structure around each block of 4 x 4 pixels: the average over some 16 x 16 pixels, as a sum over 16 pixels."""

    fine: F32
    coarse: F32
    steps: F32
    """|Difference| between neighbouring blocks' totals: structure that is coarser still."""
    noise: F32
    """The fine structure of noise, squared."""
    coarse_noise: F32
    """The coarse structure of noise, squared."""


@dataclass(frozen=True, slots=True)
class Terms:
    """The numbers of the comparison; `device.analysis.sharpness` has the formula and their values."""

    doubt: float
    """Share of the noise squared that is added to coarse structure squared: what is little above noise scores low."""
    floor: float
    """In the unit of coarse structure, squared: what is added for rounding to whole codes."""
    noise_removed: float
    """Share of the noise squared that is subtracted from fine structure squared."""
    least_over_noise: float
    """Fine structure squared over noise squared above which a block is certain."""
    flat: float
    """Steps over coarse structure below which a place may be nothing but noise."""
    white: float
    """Coarse over fine structure squared, over that of noise, below which it may be."""
    noisy: float
    """Fine structure squared over noise squared below which it may be."""
    dark: int
    """Totals of blocks up to this are too dark to tell."""
    bright: int
    """Totals of blocks from this on are too bright to tell."""


class DetailPass(Protocol):
    """The passes over pictures of one size; an object keeps working memory between pictures. One thread at a time."""

    def sums(self, luma: U8, out: BlockSums) -> None:
        """Fill the block sums of a picture (H, W)."""

    def average(self, sums: F32, out: F32) -> None:
        """Average sums of blocks (whole numbers) over some 16 x 16 pixels, as a sum over 16 pixels.

        Blocks around have the weights 1, 2, 2, 2, 1 along both axes; the ends repeat.
        """

    def steps(self, total: I16, out: F32) -> None:
        """Fill |difference| to the block on the right plus that to the block below; 0 beyond the ends."""

    def noise(self, table: NoiseTable, total: I16, chroma: tuple[U8, U8] | None, *, fine: F32, coarse: F32) -> None:
        """Fill the noise around each block, squared: its fine and its coarse structure.

        Noise follows the light, which changes slowly: only every other block is looked at, along both axes, at its mean
        level and the mean of its four samples of colour. The result is averaged with the weights 1, 2, 1 where a block
        was looked at, 1, 1 between two; the ends repeat. `chroma` are u and v at half the picture's size, whose last
        row or column may be missing; None is grey.
        """

    def compare(self, total: I16, averages: Averages, terms: Terms, *, squared: F32, certain: Mask) -> None:
        """Fill the sharpness squared, and which blocks are certain, from the structure and the noise around blocks."""

    def peaking_mask(self, luma: U8, least: I16) -> Mask:
        """Light sharp lines in the picture that `sums` was last given; the mask (H, W) is valid until the next call.

        A pixel is a candidate when the structure summed over its 3 x 3 pixels is at least `least` of its block (NEVER
        where the block takes no part). A candidate is lit when LEAST_OF_NINE of its 3 x 3 pixels are candidates.
        """
