"""The passes of `detail` over blocks, in numpy. Each step rounds once to 32 bits, as the C functions do."""

from __future__ import annotations

from typing import Literal

import numpy as np

from device.analysis.passes.detail.contract import BLUE_NOISE, RED_NOISE, Terms
from device.frame import F32, U8, Mask

STRIP_BLOCKS = 100_000  # compared at a time: three times 400 kB, which fits the processor's second cache
WINDOW_BLOCKS = 100_000  # averaged at a time: as much


def noise_around(table: F32, levels: U8, chroma: tuple[U8, U8] | None, out: F32) -> None:
    """See `DetailPass.noise`."""
    level = levels[::2, ::2]
    bare = table.take(level, mode="clip")  # only spares numpy a copy: there are 256 codes
    if chroma is not None:
        u, v = (_per_block(plane, levels.shape)[::2, ::2] for plane in chroma)
        bare *= _colour_noise(u, v, level)
    wide = doubled(doubled(bare.T).T)
    np.copyto(out, wide[: out.shape[0], : out.shape[1]])


def compare(fine: F32, coarse: F32, noise: F32, terms: Terms, *, squared: F32, certain: Mask) -> None:
    """See `DetailPass.compare`."""
    rows = max(1, STRIP_BLOCKS // fine.shape[1])
    for first in range(0, len(fine), rows):
        part = slice(first, first + rows)
        squared[part] = _squared(fine[part], coarse[part], noise[part], terms)
        np.greater(fine[part], np.float32(terms.least_over_noise) * noise[part], out=certain[part])


class Window:
    """Averages planes of blocks of one size; keeps memory for one strip."""

    def __init__(self, blocks: tuple[int, int]) -> None:
        height, width = blocks
        self._padded = np.zeros((height + 4, width + 4), np.float32)
        self._rows = max(1, min(height, WINDOW_BLOCKS // (width + 4)))
        self._a, self._b = (np.zeros((self._rows + 4) * (width + 4), np.float32) for _ in range(2))

    def average(self, sums: F32, out: F32) -> None:
        """See `DetailPass.average`."""
        padded = self._padded
        padded[2:-2, 2:-2] = sums
        padded[:, :2], padded[:, -2:] = padded[:, 2:3], padded[:, -3:-2]
        padded[:2], padded[-2:] = padded[2], padded[-3]
        (height, width), stride = sums.shape, padded.shape[1]
        for first in range(0, height, self._rows):
            part = out[first : first + self._rows]
            source = padded[first : first + len(part) + 4].reshape(-1)
            a, b, size = self._a, self._b, source.size
            for step in (1, stride):
                np.add(source[: size - step], source[step:size], out=a[: size - step])
                np.add(a[: size - 3 * step], a[2 * step : size - step], out=b[: size - 3 * step])
                source = np.add(b[: size - 4 * step], b[step : size - 3 * step], out=a[: size - 4 * step])
                a, b, size = b, a, size - 4 * step
            np.multiply(b[: len(part) * stride].reshape(-1, stride)[:, :width], np.float32(1 / 64), out=part)


def doubled(samples: F32) -> F32:
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
    """Give how much noisier than a grey of its luma each block's colour is; all are samples of blocks."""
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


def _squared(fine: F32, coarse: F32, noise: F32, terms: Terms) -> F32:
    """Give the sharpness squared: `above` over `below`."""
    noise2 = noise * noise
    below = coarse * coarse
    above = noise2 * np.float32(terms.coarse_noise)
    below -= above
    np.maximum(below, np.float32(0), out=below)
    np.multiply(noise2, np.float32(terms.doubt), out=above)
    below += above
    below += np.float32(terms.floor)
    np.multiply(fine, fine, out=above)
    noise2 *= np.float32(terms.noise_removed)
    above -= noise2
    above /= below
    return above
