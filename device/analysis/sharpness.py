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

Up to the block sums everything is whole numbers in rows that lie behind one another, so that one offset is one shift
and numpy's loops are at their fastest; a strip is small enough for the processor's second cache.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from device.analysis.rendering import Rendering
from device.frame import U8
from device.lanes import I16, add_pairs
from device.sensors.base import F32, F64

BLOCK = 4
"""Pixels of a block's side."""
# Chosen on sweeps of known blur (`tests/bench/focus`). L of flat noise spreads by 5 to 6 % over a window, so that 1.42
# is 7 standard deviations; the rest is for colours whose noise is above a grey's.
LEAST_OVER_NOISE = 1.42
NOISE_TAKEN = 1.15
DOUBT = 0.4
FLOOR_CODES = 0.5  # rounding to 8 bits makes steps of one code in slow gradients
BLUE_NOISE, RED_NOISE = 0.5, 0.3
CLIPPED_SUM = 1000  # of four pixels: 250 on the average
LEVEL_RANGE = (6, 248)  # noise is cut off at the ends of the scale; a frame's own floor is not read there
STRIP_PIXELS = 200_000  # measured on 2028x1520, 1 MB of second cache: 8.7 ms at 60 000, 6.8 here, 6.5 at 320 000

WINDOW_BLOCKS = 100_000  # averaged at a time: three times 400 kB

PAD = 4
"""Columns on both sides of the picture's: two are looked at, four keep 64-bit words aligned."""
LANES = np.uint64(0x0001_0001_0001_0001)
"""Times 16 bits: those in all four columns of a block."""


@dataclass(frozen=True, slots=True)
class Sharpness:
    """The outcome for one picture; all arrays are the scratch's own, valid until it is used again.

    Blocks are ceil(H / 4) x ceil(W / 4). `fine` and `coarse` are L and D summed over a block's 16 pixels.
    """

    squared: F32
    """Sharpness squared, of blocks; at and below 0 there is nothing above the noise."""
    certain: NDArray[np.bool_]
    """Blocks whose structure is above the noise and not clipped."""
    window_fine: F32
    """16 L around each block."""
    fine: F32
    coarse: F32
    level: U8
    """Mean code of each block."""
    noise: F32
    """16 n around each block."""
    structure: I16
    """L of every pixel, (4 blocks high + 2, 4 blocks wide + 8): of the pixel (y - 1, x - 4)."""


class Scratch:
    """Working memory for pictures of one size: 2 bytes a pixel and 6 MB at 2028x1520."""

    def __init__(self, height: int, width: int) -> None:
        self.blocks = -(-height // BLOCK), -(-width // BLOCK)
        self.stride = self.blocks[1] * BLOCK + 2 * PAD
        wanted = max(1, STRIP_PIXELS // self.stride // BLOCK)
        self.rows = min(wanted, self.blocks[0]) * BLOCK
        size = (self.rows + 4) * self.stride
        self.luma, self.a, self.b, self.c = (np.zeros(size, np.int16) for _ in range(4))
        self.half = np.zeros(size // 2, np.int16)
        self.structure = np.zeros((self.blocks[0] * BLOCK + 2, self.stride), np.int16)
        self.level = np.empty(self.blocks, np.uint8)
        self.clipped = np.empty(self.blocks, np.bool_)
        self.fine, self.coarse = _Window(self.blocks), _Window(self.blocks)


class _Window:
    """Averages blocks with the weights 1, 2, 2, 2, 1 along both axes: some 16 pixels; the ends repeat."""

    def __init__(self, blocks: tuple[int, int]) -> None:
        height, width = blocks
        self._padded = np.zeros((height + 4, width + 4), np.float32)
        self._means = np.zeros(blocks, np.float32)
        self._rows = max(1, min(height, WINDOW_BLOCKS // (width + 4)))
        self._a, self._b = (np.zeros((self._rows + 4) * (width + 4), np.float32) for _ in range(2))
        self.blocks = self._padded[2:-2, 2:-2]

    def averaged(self) -> F32:
        """Average `blocks`; the result is valid until the next call."""
        padded, means = self._padded, self._means
        padded[:, :2], padded[:, -2:] = padded[:, 2:3], padded[:, -3:-2]
        padded[:2], padded[-2:] = padded[2], padded[-3]
        (height, width), stride = means.shape, padded.shape[1]
        for first in range(0, height, self._rows):
            part = means[first : first + self._rows]
            source = padded[first : first + len(part) + 4].reshape(-1)
            a, b, size = self._a, self._b, source.size
            for step in (1, stride):
                np.add(source[: size - step], source[step:size], out=a[: size - step])
                np.add(a[: size - 3 * step], a[2 * step : size - step], out=b[: size - 3 * step])
                source = np.add(b[: size - 4 * step], b[step : size - 3 * step], out=a[: size - 4 * step])
                a, b, size = b, a, size - 4 * step
            np.multiply(b[: len(part) * stride].reshape(-1, stride)[:, :width], np.float32(1 / 64), out=part)
        return means


def measure(
    luma: U8, sigma: F64, *, rendering: Rendering, scratch: Scratch, chroma: tuple[U8, U8] | None = None
) -> Sharpness:
    """Measure a picture (H, W) of the scratch's size.

    `sigma` is one photosite's noise in codes, at each of the 256 codes (`noise.photosite_sigma`). `chroma` are u and v
    at half the size, None for a grey picture.
    """
    for first in range(0, scratch.blocks[0] * BLOCK, scratch.rows):
        _strip(luma, first, scratch)
    clipped = _grown(scratch.clipped)
    np.copyto(scratch.fine.blocks, np.float32(0), where=clipped)
    fine, coarse = scratch.fine.averaged(), scratch.coarse.averaged()
    noise = _noise_around(sigma, chroma, scratch)
    usable = (scratch.level > LEVEL_RANGE[0]) & (scratch.level < LEVEL_RANGE[1])
    usable &= ~_grown(_grown(clipped))
    noise *= np.float32(rendering.noise_of(fine, coarse, noise, usable))
    if rendering.rounding:
        np.hypot(noise, np.float32(BLOCK**2 * rendering.rounding), out=noise)
    squared, certain = np.empty_like(fine), np.empty(fine.shape, np.bool_)
    for first in range(0, len(fine), scratch.rows):
        part = slice(first, first + scratch.rows)
        squared[part] = _squared(fine[part], coarse[part], noise[part], rendering)
        np.greater(fine[part], np.float32(LEAST_OVER_NOISE) * noise[part], out=certain[part])
    certain &= ~clipped
    sums = scratch.fine.blocks, scratch.coarse.blocks
    return Sharpness(squared, certain, fine, *sums, scratch.level, noise, scratch.structure)


def _noise_around(sigma: F64, chroma: tuple[U8, U8] | None, scratch: Scratch) -> F32:
    """Give 16 times what L of bare photosites' noise is around each block.

    Noise follows the light, which changes slowly: every other block is looked at, along both axes, and averaged over
    the five blocks around with the weights 1, 2, 1 of those looked at, or 1, 1 between two.
    """
    level = scratch.level[::2, ::2]
    # A normal distribution's mean |x| is sqrt(2 / pi) of its sigma; L adds two directions, with half the energy each.
    # "clip" only spares numpy a copy: there are 256 codes.
    bare = (BLOCK**2 * 2 / np.sqrt(np.pi) * sigma).astype(np.float32).take(level, mode="clip")
    if chroma is not None:
        u, v = (_per_block(plane, scratch.blocks)[::2, ::2] for plane in chroma)
        bare *= _colour_noise(u, v, level)
    wide = _doubled(_doubled(bare.T).T)
    height, width = scratch.blocks
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


def _strip(luma: U8, first: int, scratch: Scratch) -> slice:
    """Fill the block sums and the detail of the rows from `first` on; gives the rows of blocks that these are."""
    stride, height = scratch.stride, scratch.blocks[0] * BLOCK
    rows = min(scratch.rows, height - first)
    y = scratch.luma[: (rows + 4) * stride]
    _copy_with_margins(luma, first, out=y.reshape(-1, stride))
    # A row more above and below: a strip's own ends are those of the strips beside it too.
    structure = scratch.structure[first : first + rows + 2].reshape(-1)
    _second_differences(y, stride, scratch, out=structure)
    blocks = slice(first // BLOCK, (first + rows) // BLOCK)
    inner = structure[stride:-stride].reshape(-1, BLOCK, stride)
    sums = scratch.a[: rows // BLOCK * stride].reshape(-1, stride)
    np.add(inner[:, 0], inner[:, 1], out=sums)
    sums += inner[:, 2]
    sums += inner[:, 3]
    pairs = scratch.half[: sums.size // 2].reshape(-1, stride // 2)
    add_pairs(sums, out=pairs, spare=scratch.b)
    quads = scratch.c[: sums.size // 4].reshape(-1, stride // 4)
    add_pairs(pairs, out=quads, spare=scratch.b)
    scratch.fine.blocks[blocks] = quads[:, PAD // BLOCK : -PAD // BLOCK]
    _coarse(y, rows, blocks, scratch)
    return blocks


def _second_differences(y: I16, stride: int, scratch: Scratch, *, out: I16) -> None:
    """Fill |second difference| along rows plus down columns, of all rows but the outermost two; the ends are wrong."""
    size = out.size
    steps, down = scratch.a[: size + stride], scratch.c[:size]
    np.subtract(y[stride : stride + size + 1], y[stride - 1 : stride + size], out=steps[: size + 1])
    np.subtract(steps[1 : size + 1], steps[:size], out=out)
    np.absolute(out, out=out)
    np.subtract(y[stride:], y[:-stride], out=steps)
    np.subtract(steps[stride:], steps[:-stride], out=down)
    np.absolute(down, out=down)
    out += down


def _coarse(y: I16, rows: int, blocks: slice, scratch: Scratch) -> None:
    """Fill D, the level and what is clipped, from the picture of half the size (sums of four pixels)."""
    stride = scratch.stride
    pairs = y[2 * stride :].reshape(-1, 2, stride)
    tall = scratch.a[: pairs.shape[0] * stride].reshape(-1, stride)
    np.add(pairs[:, 0], pairs[:, 1], out=tall)
    half = scratch.half[: tall.size // 2].reshape(-1, stride // 2)
    add_pairs(tall, out=half, spare=scratch.b)
    last, width = rows // 2, stride // 2
    flat = half.reshape(-1)
    size = last * width
    steps, down = scratch.b[:size], scratch.c[:size]
    np.subtract(flat[1 : size + 1], flat[:size], out=steps)
    np.absolute(steps, out=steps)
    np.subtract(flat[width : width + size], flat[:size], out=down)
    np.absolute(down, out=down)
    steps += down
    spare = scratch.a, scratch.c
    across = slice(PAD // BLOCK, -PAD // BLOCK)
    scratch.coarse.blocks[blocks] = _quads(steps.reshape(-1, 2, width), spare)[:, across]
    cells = half[:last].reshape(-1, 2, width)
    scratch.level[blocks] = _quads(cells, spare)[:, across] >> np.int16(4)
    high = np.maximum(cells[:, 0], cells[:, 1])
    np.greater_equal(np.maximum(high[:, 0::2], high[:, 1::2])[:, across], CLIPPED_SUM, out=scratch.clipped[blocks])


def _quads(cells: I16, spare: tuple[I16, I16]) -> I16:
    """Add 2 x 2: (n, 2, w) gives (n, w / 2)."""
    count, _, width = cells.shape
    tall = np.add(cells[:, 0], cells[:, 1], out=spare[0][: count * width].reshape(count, width))
    out = np.empty((count, width // 2), np.int16)
    add_pairs(tall, out=out, spare=spare[1])
    return out


def _grown(flags: NDArray[np.bool_]) -> NDArray[np.bool_]:
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


def _copy_with_margins(luma: U8, first: int, *, out: I16) -> None:
    """Copy the rows from `first` - 2 on; beyond the picture its outermost pixels repeat."""
    height, width = luma.shape
    begin, end = first - 2, first - 2 + len(out)
    top, bottom = max(begin, 0), min(end, height)
    out[top - begin : bottom - begin, PAD : PAD + width] = luma[top:bottom]
    out[: top - begin] = out[top - begin]
    out[bottom - begin :] = out[bottom - begin - 1]
    out[:, :PAD] = out[:, PAD : PAD + 1]
    out[:, PAD + width :] = out[:, PAD + width - 1 : PAD + width]
