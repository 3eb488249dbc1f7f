"""The walks of `detail` in numpy: the reference, and what runs where nothing was compiled.

Everything is whole numbers in rows that lie behind one another, so that one offset is one shift and numpy's loops are
at their fastest; a strip is small enough for the processor's second cache.
"""

from __future__ import annotations

import numpy as np

from device.analysis.passes.detail import reference_blocks as detail_blocks_numpy
from device.analysis.passes.detail.contract import BLOCK, CLIPPED_SUM, LEAST_OF_NINE, NEVER, BlockSums, Mask, Terms
from device.frame import U8
from device.pixels.int16_pairs import I16, add_pairs
from device.sensors.base import F32

STRIP_PIXELS = 200_000  # measured on 2028x1520, 1 MB of second cache: 8.7 ms at 60 000, 6.8 here, 6.5 at 320 000
INK_PIXELS = 130_000
WINDOW_BLOCKS = 100_000  # averaged at a time: three times 400 kB, which fits the processor's second cache
PAD = 4
"""Columns on both sides of the picture's: two are looked at, four keep 64-bit words aligned."""
LANES = np.uint64(0x0001_0001_0001_0001)
"""Times 16 bits: those in all four columns of a block."""


class NumpyDetail:
    """Keeps the structure of the last picture, 2 bytes a pixel, and strips; for ink 2 bytes a pixel more."""

    def __init__(self, height: int, width: int) -> None:
        self._size = height, width
        self._blocks = -(-height // BLOCK), -(-width // BLOCK)
        self._stride = self._blocks[1] * BLOCK + 2 * PAD
        self._rows = min(max(1, STRIP_PIXELS // self._stride // BLOCK), self._blocks[0]) * BLOCK
        size = (self._rows + 4) * self._stride
        self._luma, self._a, self._b, self._c = (np.zeros(size, np.int16) for _ in range(4))
        self._half = np.zeros(size // 2, np.int16)
        self._structure = np.zeros((self._blocks[0] * BLOCK + 2, self._stride), np.int16)
        """Of every pixel: that of the pixel (y - 1, x - 4)."""
        self._window = _Window(self._blocks)
        self._ink: _Ink | None = None

    def sums(self, luma: U8, out: BlockSums) -> None:
        """See `Detail`."""
        for first in range(0, self._blocks[0] * BLOCK, self._rows):
            self._strip(luma, first, out)

    def average(self, sums: F32, out: F32) -> None:
        """See `Detail`."""
        self._window.average(sums, out)

    def noise(self, table: F32, level: U8, chroma: tuple[U8, U8] | None, out: F32) -> None:
        """See `Detail`."""
        detail_blocks_numpy.noise_around(table, level, chroma, out)

    def compare(self, fine: F32, coarse: F32, noise: F32, terms: Terms, *, squared: F32, certain: Mask) -> None:
        """See `Detail`."""
        detail_blocks_numpy.compare(fine, coarse, noise, terms, squared=squared, certain=certain)

    def ink(self, luma: U8, wanted: I16) -> Mask:
        """See `Detail`."""
        if self._ink is None:
            self._ink = _Ink(self._size)
        return self._ink.mask_of(self._structure, wanted)

    def _strip(self, luma: U8, first: int, out: BlockSums) -> None:
        """Fill the block sums and the structure of the rows from `first` on."""
        stride, height = self._stride, self._blocks[0] * BLOCK
        rows = min(self._rows, height - first)
        y = self._luma[: (rows + 4) * stride]
        _copy_with_margins(luma, first, out=y.reshape(-1, stride))
        # A row more above and below: a strip's own ends are those of the strips beside it too.
        structure = self._structure[first : first + rows + 2].reshape(-1)
        self._second_differences(y, out=structure)
        blocks = slice(first // BLOCK, (first + rows) // BLOCK)
        inner = structure[stride:-stride].reshape(-1, BLOCK, stride)
        sums = self._a[: rows // BLOCK * stride].reshape(-1, stride)
        np.add(inner[:, 0], inner[:, 1], out=sums)
        sums += inner[:, 2]
        sums += inner[:, 3]
        pairs = self._half[: sums.size // 2].reshape(-1, stride // 2)
        add_pairs(sums, out=pairs, spare=self._b)
        quads = self._c[: sums.size // 4].reshape(-1, stride // 4)
        add_pairs(pairs, out=quads, spare=self._b)
        out.fine[blocks] = quads[:, PAD // BLOCK : -PAD // BLOCK]
        self._coarse(y, rows, blocks, out)

    def _second_differences(self, y: I16, *, out: I16) -> None:
        """Fill |second difference| along rows plus down columns, of all but the outermost rows; the ends are wrong."""
        size, stride = out.size, self._stride
        steps, down = self._a[: size + stride], self._c[:size]
        np.subtract(y[stride : stride + size + 1], y[stride - 1 : stride + size], out=steps[: size + 1])
        np.subtract(steps[1 : size + 1], steps[:size], out=out)
        np.absolute(out, out=out)
        np.subtract(y[stride:], y[:-stride], out=steps)
        np.subtract(steps[stride:], steps[:-stride], out=down)
        np.absolute(down, out=down)
        out += down

    def _coarse(self, y: I16, rows: int, blocks: slice, out: BlockSums) -> None:
        """Fill D, the level and what is clipped, from the picture of half the size (sums of four pixels)."""
        stride = self._stride
        pairs = y[2 * stride :].reshape(-1, 2, stride)
        tall = self._a[: pairs.shape[0] * stride].reshape(-1, stride)
        np.add(pairs[:, 0], pairs[:, 1], out=tall)
        half = self._half[: tall.size // 2].reshape(-1, stride // 2)
        add_pairs(tall, out=half, spare=self._b)
        last, width = rows // 2, stride // 2
        flat = half.reshape(-1)
        size = last * width
        steps, down = self._b[:size], self._c[:size]
        np.subtract(flat[1 : size + 1], flat[:size], out=steps)
        np.absolute(steps, out=steps)
        np.subtract(flat[width : width + size], flat[:size], out=down)
        np.absolute(down, out=down)
        steps += down
        spare = self._a, self._c
        across = slice(PAD // BLOCK, -PAD // BLOCK)
        out.coarse[blocks] = _quads(steps.reshape(-1, 2, width), spare)[:, across]
        cells = half[:last].reshape(-1, 2, width)
        out.level[blocks] = _quads(cells, spare)[:, across] >> np.int16(4)
        high = np.maximum(cells[:, 0], cells[:, 1])
        np.greater_equal(np.maximum(high[:, 0::2], high[:, 1::2])[:, across], CLIPPED_SUM, out=out.clipped[blocks])


class _Window:
    """Averages blocks."""

    def __init__(self, blocks: tuple[int, int]) -> None:
        height, width = blocks
        self._padded = np.zeros((height + 4, width + 4), np.float32)
        self._rows = max(1, min(height, WINDOW_BLOCKS // (width + 4)))
        self._a, self._b = (np.zeros((self._rows + 4) * (width + 4), np.float32) for _ in range(2))

    def average(self, sums: F32, out: F32) -> None:
        """See `Detail`."""
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


class _Ink:
    """Candidates and mask of pictures of one size, with a row and four columns around."""

    def __init__(self, size: tuple[int, int]) -> None:
        height, width = self._size = size
        self._height = -(-height // BLOCK) * BLOCK
        self._stride = -(-width // BLOCK) * BLOCK + 2 * PAD
        self._candidates, self._mask = (np.zeros((self._height + 2, self._stride), np.bool_) for _ in range(2))
        self._rows = min(max(1, INK_PIXELS // self._stride // BLOCK) * BLOCK, self._height)
        self._sums = [np.empty(self._rows * self._stride, np.int16) for _ in range(2)]
        self._wanted = np.full((self._rows // BLOCK, self._stride // BLOCK), np.uint64(NEVER))
        self._counts = [np.empty(self._rows * self._stride, np.uint8) for _ in range(2)]

    def mask_of(self, structure: I16, wanted: I16) -> Mask:
        """Give the mask (H, W)."""
        before: slice | None = None
        for first in range(0, self._height, self._rows):
            rows = slice(first, min(first + self._rows, self._height))
            blocks = wanted[rows.start // BLOCK : rows.stop // BLOCK]
            # Most frames are sharp in few places: strips where nothing takes part are left dark.
            some = bool((blocks != NEVER).any())
            if some:
                self._light(structure[rows.start : rows.stop + 2], blocks, rows)
            else:
                self._candidates[rows.start + 1 : rows.stop + 1] = self._mask[rows.start + 1 : rows.stop + 1] = False
            # Strokes need the row below their strip.
            if before is not None:
                self._strokes(before)
            before = rows if some else None
        if before is not None:
            self._strokes(before)
        height, width = self._size
        return self._mask[1 : height + 1, PAD : PAD + width]

    def _light(self, structure: I16, blocks: I16, rows: slice) -> None:
        """Light what is at least as strong as its place; `structure` has a row more above and below."""
        detail = self._over_nine(structure)
        wanted = self._wanted[: len(blocks)]  # what stands beside the picture takes no part
        wanted[:, PAD // BLOCK : -PAD // BLOCK] = blocks
        pixels = (wanted * LANES).view(np.uint16).view(np.int16)
        lit = self._candidates[rows.start + 1 : rows.stop + 1].reshape(-1, BLOCK, self._stride)
        np.greater_equal(detail.reshape(lit.shape), pixels[:, np.newaxis], out=lit)

    def _over_nine(self, structure: I16) -> I16:
        """Sum over 3 x 3 pixels, of all rows but the first and the last; at most 9 x 4 x 255, which fits 16 bits."""
        stride = self._stride
        flat, size = structure.reshape(-1), (len(structure) - 2) * self._stride
        tall, total = (part[:size] for part in self._sums)
        np.add(flat[:size], flat[stride : stride + size], out=tall)
        tall += flat[2 * stride :]
        np.add(tall[:-2], tall[1:-1], out=total[1:-1])
        total[1:-1] += tall[2:]
        return total

    def _strokes(self, rows: slice) -> None:
        """Keep the candidates with company."""
        stride = self._stride
        source = self._candidates[rows.start : rows.stop + 2].reshape(-1)
        lit = self._mask[rows.start + 1 : rows.stop + 1].reshape(-1)[1:-1]
        ones, size = source.view(np.uint8), lit.size + 2
        tall, count = self._counts[0][:size], self._counts[1][: size - 2]
        np.add(ones[:size], ones[stride : stride + size], out=tall)
        tall += ones[2 * stride :]
        np.add(tall[:-2], tall[1:-1], out=count)
        count += tall[2:]
        np.greater_equal(count, LEAST_OF_NINE, out=lit)
        np.logical_and(lit, source[stride + 1 : stride + size - 1], out=lit)


def _quads(cells: I16, spare: tuple[I16, I16]) -> I16:
    """Add 2 x 2: (n, 2, w) gives (n, w / 2)."""
    count, _, width = cells.shape
    tall = np.add(cells[:, 0], cells[:, 1], out=spare[0][: count * width].reshape(count, width))
    out = np.empty((count, width // 2), np.int16)
    add_pairs(tall, out=out, spare=spare[1])
    return out


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
