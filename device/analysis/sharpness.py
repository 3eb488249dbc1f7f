"""How sharp each place of a picture is: fine structure against coarse, above the sensor's noise, in blocks of 4 pixels.

    fine    L = mean of |y(-1) - 2 y(0) + y(1)|, along rows plus down columns: what only a sharp lens passes
    coarse  D = mean of |difference of neighbours| in the picture of half the size: what a blurred lens passes too
    noise   n = what L is in a flat area of that level, from the sensor's noise through tone curve and rendering

    sharpness^2 = (L^2 - (1.15 n)^2) / (max(D^2 - c n^2, 0) + 0.4 n^2 + 0.5^2)

each averaged over some 16 x 16 pixels. Contrast cancels in the ratio: a strong blurred edge scores as low as a weak
one.
Squares, because noise and structure add in squares; c n^2 is what noise adds to D^2. Of a structure of f cycles a pixel
a blur disc of radius r leaves 2 J1(x) / x of the amplitude, x = 2 pi r f. L looks at f from 0.2 to 0.5, where at r = 2
nothing is left; D at half of that.

Where L is below 1.42 n a place is not above the noise, whatever the ratio. Where the picture is clipped it is not known
how steep it is: the corner where a blurred light meets the clip level is as sharp as any edge. Blocks that are clipped,
or touch clipped ones, count as having no fine structure.

The block sums are whole numbers and come from `detail`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from device.analysis.detail import BLOCK, BlockSums, Mask, detail_for
from device.analysis.rendering import Rendering
from device.frame import U8
from device.sensors.base import F32, F64

# Chosen on sweeps of known blur (`tests/bench/focus`). L of flat noise spreads by 5 to 6 % over a window, so that 1.42
# is 7 standard deviations; the rest is for colours whose noise is above a grey's.
LEAST_OVER_NOISE = 1.42
NOISE_TAKEN = 1.15
DOUBT = 0.4
FLOOR_CODES = 0.5  # rounding to 8 bits makes steps of one code in slow gradients
BLUE_NOISE, RED_NOISE = 0.5, 0.3
LEVEL_RANGE = (6, 248)  # noise is cut off at the ends of the scale; a frame's own floor is not read there
STRIP_BLOCKS = 100_000  # three times 400 kB, which fits the processor's second cache


@dataclass(frozen=True, slots=True)
class Sharpness:
    """The outcome for one picture; all arrays are the scratch's own, valid until it is used again.

    Blocks are ceil(H / 4) x ceil(W / 4). `fine` and `coarse` are L and D summed over a block's 16 pixels.
    """

    squared: F32
    """Sharpness squared, of blocks; at and below 0 there is nothing above the noise."""
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
        self.detail = detail_for(height, width, compiled=compiled)
        fine, coarse, *self.averages = (np.empty(blocks, np.float32) for _ in range(4))
        self.sums = BlockSums(fine, coarse, np.empty(blocks, np.uint8), np.empty(blocks, np.bool_))


def measure(
    luma: U8, sigma: F64, *, rendering: Rendering, scratch: Scratch, chroma: tuple[U8, U8] | None = None
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
    noise = _noise_around(sigma, chroma, sums.level)
    usable = (sums.level > LEVEL_RANGE[0]) & (sums.level < LEVEL_RANGE[1])
    usable &= ~_grown(_grown(clipped))
    noise *= np.float32(rendering.noise_of(fine, coarse, noise, usable))
    if rendering.rounding:
        np.hypot(noise, np.float32(BLOCK**2 * rendering.rounding), out=noise)
    squared, certain = np.empty_like(fine), np.empty(fine.shape, np.bool_)
    rows = max(1, STRIP_BLOCKS // fine.shape[1])
    for first in range(0, len(fine), rows):
        part = slice(first, first + rows)
        squared[part] = _squared(fine[part], coarse[part], noise[part], rendering)
        np.greater(fine[part], np.float32(LEAST_OVER_NOISE) * noise[part], out=certain[part])
    certain &= ~clipped
    return Sharpness(squared, certain, fine, sums.fine, sums.coarse, sums.level, noise)


def _noise_around(sigma: F64, chroma: tuple[U8, U8] | None, levels: U8) -> F32:
    """Give 16 times what L of bare photosites' noise is around each block.

    Noise follows the light, which changes slowly: every other block is looked at, along both axes, and averaged over
    the five blocks around with the weights 1, 2, 1 of those looked at, or 1, 1 between two.
    """
    level = levels[::2, ::2]
    # A normal distribution's mean |x| is sqrt(2 / pi) of its sigma; L adds two directions, with half the energy each.
    # "clip" only spares numpy a copy: there are 256 codes.
    bare = (BLOCK**2 * 2 / np.sqrt(np.pi) * sigma).astype(np.float32).take(level, mode="clip")
    if chroma is not None:
        u, v = (_per_block(plane, levels.shape)[::2, ::2] for plane in chroma)
        bare *= _colour_noise(u, v, level)
    wide = _doubled(_doubled(bare.T).T)
    height, width = levels.shape
    return np.ascontiguousarray(wide[:height, :width])


def _doubled(samples: F32) -> F32:
    """Give two rows for one: the average with the weights 1, 2, 1 at each, 1, 1 half-way to the next; ends repeat."""
    order: Literal["C", "F"] = "C" if samples.flags.c_contiguous else "F"
    pairs = np.empty((len(samples) + 1, samples.shape[1]), np.float32, order)
    np.add(samples[:-1], samples[1:], out=pairs[1:-1])
    pairs[0], pairs[-1] = 2 * samples[0], 2 * samples[-1]
    pairs *= np.float32(0.25)
    out = np.empty((2 * len(samples), samples.shape[1]), np.float32, order)
    np.add(pairs[:-1], pairs[1:], out=out[0::2])
    np.add(pairs[1:], pairs[1:], out=out[1::2])
    return out


def _colour_noise(u: U8, v: U8, level: U8) -> F32:
    """Give how much noisier than a grey of its luma each block's colour is; all are samples of blocks.

    A blue or a red has channels in the steep foot of the tone curve, and blue is amplified most: measured on patches of
    a colour chart behind the simulated ISP, 1.5 times at u - 128 = level, 1.3 at v - 128 = level.
    """
    shade, red = u.astype(np.float32), v.astype(np.float32)
    for plane in (shade, red):
        plane -= np.float32(128)
        np.maximum(plane, np.float32(0), out=plane)
    shade *= np.float32(BLUE_NOISE / RED_NOISE)
    shade += red
    shade *= np.float32(RED_NOISE)
    shade /= np.maximum(level.astype(np.float32), np.float32(8))
    np.minimum(shade, np.float32(1), out=shade)
    shade += np.float32(1)
    return shade


def _per_block(plane: U8, blocks: tuple[int, ...]) -> U8:
    """Take one sample of each block from a plane of half the size, whose last row or column may be missing."""
    if plane.shape[1] % 2 == 0 and plane.strides[1] == 1:
        samples = plane[::2].view("<u2").astype(np.uint8)  # the lower halves; ten times as fast as every other byte
    else:
        samples = plane[::2, ::2]
    missing = [(0, max(0, wanted - have)) for wanted, have in zip(blocks, samples.shape, strict=True)]
    if any(after for _, after in missing):
        samples = np.pad(samples, missing, mode="edge")
    return samples[: blocks[0], : blocks[1]]


def _squared(fine: F32, coarse: F32, noise: F32, rendering: Rendering) -> F32:
    noise2 = noise * noise
    below = coarse * coarse
    above = noise2 * np.float32(rendering.coarse_noise)
    below -= above
    np.maximum(below, np.float32(0), out=below)
    np.multiply(noise2, np.float32(DOUBT), out=above)
    below += above
    below += np.float32((BLOCK**2 * FLOOR_CODES) ** 2)
    np.multiply(fine, fine, out=above)
    noise2 *= np.float32(NOISE_TAKEN**2)
    above -= noise2
    above /= below
    return above


def _grown(flags: Mask) -> Mask:
    """Set what touches a set block, diagonals too."""
    if not flags.any():
        return flags
    wide = flags.copy()
    wide[:, 1:] |= flags[:, :-1]
    wide[:, :-1] |= flags[:, 1:]
    tall = wide.copy()
    tall[1:] |= wide[:-1]
    tall[:-1] |= wide[1:]
    return tall
