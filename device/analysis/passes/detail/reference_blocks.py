"""The passes of `detail` over blocks, in numpy. Each step rounds once to 32 bits, as the C functions do."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from device.analysis.passes.detail.contract import HUES, Averages, NoiseTable, Terms
from device.frame import F32, I16, U8, Mask

STRIP_BLOCKS = 100_000  # compared at a time: three times 400 kB, which fits the processor's second cache
WINDOW_BLOCKS = 100_000  # averaged at a time: as much


def steps_between(total: I16, out: F32) -> None:
    """See `DetailPass.steps`."""
    across, down = np.zeros_like(total), np.zeros_like(total)
    np.absolute(total[:, 1:] - total[:, :-1], out=across[:, :-1])
    np.absolute(total[1:] - total[:-1], out=down[:-1])
    np.copyto(out, across + down)


def noise_around(table: NoiseTable, total: I16, chroma: tuple[U8, U8] | None, *, fine: F32, coarse: F32) -> None:
    """See `DetailPass.noise`."""
    sample = total[::2, ::2]
    which = class_of(sample, None if chroma is None else colours(chroma, total.shape, every=2))
    noise = table.bare[sample >> 4] * table.factor[which]
    noise *= noise
    for of_samples, out in ((noise, fine), (noise * table.coarse[which], coarse)):
        wide = doubled(doubled(of_samples.T).T)
        np.copyto(out, wide[: out.shape[0], : out.shape[1]])


def class_of(total: I16, colour: tuple[I16, I16] | None) -> NDArray[np.intp]:
    """Give the class of level and colour of blocks; `colour` are their mean u and v, None for grey."""
    which: NDArray[np.intp] = (total >> 8).astype(np.intp)
    for mean in colour or (None, None):
        which *= HUES
        which += HUES // 2 if mean is None else (mean + 8) >> 4
    return which


def colours(chroma: tuple[U8, U8], blocks: tuple[int, ...], *, every: int, first: int = 0) -> tuple[I16, I16]:
    """Give the mean u and v of each block, of every `every`-th along both axes from `first` on."""
    u, v = (_of_blocks(plane, blocks, every, first) for plane in chroma)
    return u, v


def _of_blocks(plane: U8, blocks: tuple[int, ...], every: int, first: int) -> I16:
    """Give the rounded mean of each looked-at block's four samples; the ends of the plane repeat."""
    rows, columns = (2 * np.arange(first, count, every) for count in blocks)
    last_row, last_column = plane.shape[0] - 1, plane.shape[1] - 1
    sums: I16 = np.full((rows.size, columns.size), 2, np.int16)
    for down in (0, 1):
        of_row = plane[np.minimum(rows + down, last_row)]
        for right in (0, 1):
            sums += of_row[:, np.minimum(columns + right, last_column)]
    sums >>= np.int16(2)
    return sums


def compare(total: I16, averages: Averages, terms: Terms, *, squared: F32, certain: Mask) -> None:
    """See `DetailPass.compare`."""
    rows = max(1, STRIP_BLOCKS // total.shape[1])
    for first in range(0, len(total), rows):
        part = slice(first, first + rows)
        given = (averages.fine, averages.coarse, averages.steps, averages.noise, averages.coarse_noise)
        fine, coarse, steps, noise, coarse_noise = (plane[part] for plane in given)
        fine2, coarse2 = fine * fine, coarse * coarse
        squared[part] = _squared(fine2, coarse2, noise, coarse_noise, terms)
        sure = fine2 > np.float32(terms.least_over_noise) * noise
        like_noise = steps < np.float32(terms.flat) * coarse
        like_noise &= coarse2 * noise < np.float32(terms.white) * (coarse_noise * fine2)
        like_noise &= fine2 < np.float32(terms.noisy) * noise
        np.greater(sure, like_noise, out=sure)
        sure &= total[part] > terms.dark
        sure &= total[part] < terms.bright
        certain[part] = sure


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


def _squared(fine2: F32, coarse2: F32, noise: F32, coarse_noise: F32, terms: Terms) -> F32:
    """Give the sharpness squared: `above` over `below`."""
    below = np.maximum(coarse2 - coarse_noise, np.float32(0))
    below += noise * np.float32(terms.doubt)
    below += np.float32(terms.floor)
    above = fine2 - noise * np.float32(terms.noise_removed)
    above /= below
    return above
