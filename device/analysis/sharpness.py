"""How sharp each place of a picture is: fine structure against coarse, above the sensor's noise, in blocks of 4 pixels.

    fine    L = mean of |y(-1) - 2 y(0) + y(1)|, along rows plus down columns: what only a sharp lens passes
    coarse  D = mean of |difference of neighbours| in the picture of half the size: what a blurred lens passes too
    noise   n = what L is in a flat area of that level: the sensor's noise through tone curve and processing

    sharpness^2 = (L^2 - (1.15 n)^2) / (max(D^2 - c n^2, 0) + 0.4 n^2 + 0.5^2)

each averaged over some 16 x 16 pixels. Contrast cancels in the ratio: a strong blurred edge scores as low as a weak
one. Squares, because noise and structure add in squares; c n^2 is what noise adds to D^2. Of a structure of f cycles a
pixel a blur disc of radius r leaves 2 J1(x) / x of the amplitude, x = 2 pi r f. L measures f from 0.2 to 0.5, where at
r = 2 nothing is left; D measures half of these.

Where L is below 1.42 n a place is not above the noise, whatever the ratio. Where the picture is clipped it is not known
how steep it is: the corner where a blurred light meets the clip level is as sharp as any edge. Blocks that are clipped,
or touch clipped ones, count as having no fine structure.

`passes.detail` goes over the pixels and blocks; here its results become a measure of sharpness.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from device.analysis.passes.choose import detail_pass
from device.analysis.passes.detail.contract import BLOCK, BlockSums, Terms
from device.analysis.processing import Processing
from device.frame import F32, F64, U8, Mask

# Chosen on sweeps of known blur (`tests/bench/focus`). L of flat noise spreads by 5 to 6 % over a window, so that 1.42
# is 7 standard deviations; the rest is for colours whose noise is above a grey's.
LEAST_OVER_NOISE = 1.42
NOISE_REMOVED = 1.15
DOUBT = 0.4
FLOOR_CODES = 0.5  # rounding to 8 bits makes steps of one code in slow gradients
LEVEL_RANGE = (6, 248)  # noise is cut off at the ends of the scale; the floor of a frame is not measured there


@dataclass(frozen=True, slots=True)
class Sharpness:
    """The result for one picture. Its arrays are in the scratch memory: valid until the next picture is measured.

    Blocks are ceil(H / 4) x ceil(W / 4). `fine` and `coarse` are L and D summed over a block's 16 pixels.
    """

    squared: F32
    """Sharpness squared, of blocks; 0 or less where no structure is above the noise."""
    certain: Mask
    """Blocks whose structure is above the noise and not clipped."""
    window_fine: F32
    """16 L around each block."""
    fine: F32
    coarse: F32
    level: U8
    """Mean code of each block."""
    noise: F32
    """16 n around each block."""


class Scratch:
    """Working memory for pictures of one size: 7 MB at 2028x1520, and more where nothing is compiled."""

    def __init__(self, height: int, width: int, *, compiled: bool = True) -> None:
        blocks = -(-height // BLOCK), -(-width // BLOCK)
        self.detail = detail_pass(height, width, compiled=compiled)
        fine, coarse, *self.averages, self.noise, self.squared = (np.empty(blocks, np.float32) for _ in range(6))
        self.certain = np.empty(blocks, np.bool_)
        self.sums = BlockSums(fine, coarse, np.empty(blocks, np.uint8), np.empty(blocks, np.bool_))


def measure_sharpness(
    luma: U8, sigma: F64, *, processing: Processing, scratch: Scratch, chroma: tuple[U8, U8] | None = None
) -> Sharpness:
    """Measure a picture (H, W) of the scratch's size.

    `sigma` is one photosite's noise in codes, at each of the 256 codes (`noise.photosite_sigma`). `chroma` are u and v
    at half the size, None for a grey picture.
    """
    sums = scratch.sums
    scratch.detail.sums(luma, sums)
    clipped = _grown(sums.clipped)
    np.copyto(sums.fine, np.float32(0), where=clipped)
    fine, coarse = scratch.averages
    scratch.detail.average(sums.fine, fine)
    scratch.detail.average(sums.coarse, coarse)
    _fill_noise(scratch, clipped, sigma=sigma, chroma=chroma, processing=processing)
    noise, squared, certain = scratch.noise, scratch.squared, scratch.certain
    terms = Terms(
        coarse_noise=processing.coarse_noise,
        doubt=DOUBT,
        floor=(BLOCK**2 * FLOOR_CODES) ** 2,
        noise_removed=NOISE_REMOVED**2,
        least_over_noise=LEAST_OVER_NOISE,
    )
    scratch.detail.compare(fine, coarse, noise, terms, squared=squared, certain=certain)
    np.greater(certain, clipped, out=certain)  # certain and not clipped
    return Sharpness(squared, certain, fine, sums.fine, sums.coarse, sums.level, noise)


def _fill_noise(
    scratch: Scratch, clipped: Mask, *, sigma: F64, chroma: tuple[U8, U8] | None, processing: Processing
) -> None:
    """Fill the scratch's `noise`, once its sums and averages are there; `clipped` blocks do not count for the floor."""
    # A normal distribution's mean |x| is sqrt(2 / pi) of its sigma; L adds two directions, with half the energy each.
    bare = (BLOCK**2 * 2 / np.sqrt(np.pi) * sigma).astype(np.float32)
    level, noise, (fine, coarse) = scratch.sums.level, scratch.noise, scratch.averages
    scratch.detail.noise(bare, level, chroma, noise)
    usable = both(level > LEVEL_RANGE[0], level < LEVEL_RANGE[1])
    np.greater(usable, _grown(_grown(clipped)), out=usable)  # usable and not near clipped blocks
    noise *= np.float32(processing.noise_of(fine, coarse, noise, usable))
    if processing.rounding:
        np.hypot(noise, np.float32(BLOCK**2 * processing.rounding), out=noise)


def both(a: Mask, b: Mask) -> Mask:
    """Give where two masks are set.

    As bytes: the numpy of Bookworm combines sixteen of them at a time on arm64, truth values one at a time.
    """
    return (a.view(np.uint8) & b.view(np.uint8)).view(np.bool_)


def _grown(flags: Mask) -> Mask:
    """Give the blocks that are set or touch one that is, along sides and corners."""
    if not flags.any():
        return flags
    codes = flags.view(np.uint8)  # see `both`
    wide = codes.copy()
    wide[:, 1:] |= codes[:, :-1]
    wide[:, :-1] |= codes[:, 1:]
    tall = wide.copy()
    tall[1:] |= wide[:-1]
    tall[:-1] |= wide[1:]
    return tall.view(np.bool_)
