"""The passes of `detail` in numpy: the reference, and what runs where nothing was compiled.

All rows of a strip lie one after the other in one flat array of 16-bit integers. A neighbour to the right is then one
place further and a neighbour below one row further, for the whole strip at once: numpy is fastest on such arrays. A
strip is small enough for the processor's second cache. `reference_blocks` and `reference_mask` have the other steps.
"""

from __future__ import annotations

import numpy as np

from device.analysis.passes.detail import reference_blocks
from device.analysis.passes.detail.contract import BLOCK, CLIPPED_SUM, Averages, BlockSums, NoiseTable, Terms
from device.analysis.passes.detail.reference_mask import PAD, PeakingMask
from device.frame import F32, I16, U8, Mask
from device.pixels.int16_pairs import add_pairs

STRIP_PIXELS = 200_000  # measured on 2028x1520, 1 MB of second cache: 8.7 ms at 60 000, 6.8 here, 6.5 at 320 000


class ReferenceDetail:
    """See `DetailPass`. Keeps the structure of the last picture, 2 bytes a pixel, and as much again for peaking."""

    def __init__(self, height: int, width: int) -> None:
        self._size = height, width
        self._blocks = -(-height // BLOCK), -(-width // BLOCK)
        self._stride = self._blocks[1] * BLOCK + 2 * PAD
        self._rows = min(max(1, STRIP_PIXELS // self._stride // BLOCK), self._blocks[0]) * BLOCK
        size = (self._rows + 4) * self._stride
        self._luma, self._a, self._b, self._c = (np.zeros(size, np.int16) for _ in range(4))
        self._half = np.zeros(size // 2, np.int16)
        self._structure = np.zeros((self._blocks[0] * BLOCK + 2, self._stride), np.int16)
        """[y + 1, x + PAD] is the structure of the pixel (y, x)."""
        self._window = reference_blocks.Window(self._blocks)
        self._mask: PeakingMask | None = None

    def sums(self, luma: U8, out: BlockSums) -> None:
        """See `DetailPass`."""
        for first in range(0, self._blocks[0] * BLOCK, self._rows):
            self._strip(luma, first, out)

    def average(self, sums: F32, out: F32) -> None:
        """See `DetailPass`."""
        self._window.average(sums, out)

    def steps(self, total: I16, out: F32) -> None:
        """See `DetailPass`."""
        reference_blocks.steps_between(total, out)

    def noise(self, table: NoiseTable, total: I16, chroma: tuple[U8, U8] | None, *, fine: F32, coarse: F32) -> None:
        """See `DetailPass`."""
        reference_blocks.noise_around(table, total, chroma, fine=fine, coarse=coarse)

    def compare(self, total: I16, averages: Averages, terms: Terms, *, squared: F32, certain: Mask) -> None:
        """See `DetailPass`."""
        reference_blocks.compare(total, averages, terms, squared=squared, certain=certain)

    def peaking_mask(self, luma: U8, least: I16) -> Mask:
        """See `DetailPass`."""
        if self._mask is None:
            self._mask = PeakingMask(self._size)
        return self._mask.of(self._structure, least)

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
        """Fill |second difference| along rows plus down columns, of all but the outermost rows.

        The outermost columns come out wrong, because their neighbours are those of another row; they are padding.
        """
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
        """Fill D, the total and what is clipped, from the picture of half the size (sums of four pixels)."""
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
        out.total[blocks] = _quads(cells, spare)[:, across]
        high = np.maximum(cells[:, 0], cells[:, 1])
        np.greater_equal(np.maximum(high[:, 0::2], high[:, 1::2])[:, across], CLIPPED_SUM, out=out.clipped[blocks])


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
