"""The peaking mask in numpy: candidates by the structure of 3 x 3 pixels, lit where enough of them are neighbours."""

from __future__ import annotations

import numpy as np

from device.analysis.passes.detail.contract import BLOCK, LEAST_OF_NINE, NEVER
from device.frame import I16, Mask

MASK_PIXELS = 130_000  # of a strip, so that it fits the processor's second cache
PAD = 4
"""Columns added on both sides of the picture: two are looked at, four keep 64-bit words aligned."""
FOUR_COLUMNS = np.uint64(0x0001_0001_0001_0001)
"""A 16-bit number times this is that number in all four columns of a block."""


class PeakingMask:
    """Makes the masks of pictures of one size; keeps candidates and mask, with a row and `PAD` columns around."""

    def __init__(self, size: tuple[int, int]) -> None:
        height, width = self._size = size
        self._height = -(-height // BLOCK) * BLOCK
        self._stride = -(-width // BLOCK) * BLOCK + 2 * PAD
        self._candidates, self._mask = (np.zeros((self._height + 2, self._stride), np.bool_) for _ in range(2))
        self._rows = min(max(1, MASK_PIXELS // self._stride // BLOCK) * BLOCK, self._height)
        self._sums = [np.empty(self._rows * self._stride, np.int16) for _ in range(2)]
        self._least = np.full((self._rows // BLOCK, self._stride // BLOCK), np.uint64(NEVER))
        self._counts = [np.empty(self._rows * self._stride, np.uint8) for _ in range(2)]

    def of(self, structure: I16, least: I16) -> Mask:
        """Give the mask (H, W), valid until the next call.

        `structure` is that of every pixel, with a row and `PAD` columns more on each side; `least` is how much of it,
        over 3 x 3 pixels, makes a candidate in each block.
        """
        before: slice | None = None
        for first in range(0, self._height, self._rows):
            rows = slice(first, min(first + self._rows, self._height))
            blocks = least[rows.start // BLOCK : rows.stop // BLOCK]
            # Most frames are sharp in few places: strips where nothing takes part are left dark.
            some = bool((blocks != NEVER).any())
            if some:
                self._find_candidates(structure[rows.start : rows.stop + 2], blocks, rows)
            else:
                self._candidates[rows.start + 1 : rows.stop + 1] = self._mask[rows.start + 1 : rows.stop + 1] = False
            # The last row of a strip needs the first candidates of the next: the mask follows one strip behind.
            if before is not None:
                self._keep_lines(before)
            before = rows if some else None
        if before is not None:
            self._keep_lines(before)
        height, width = self._size
        return self._mask[1 : height + 1, PAD : PAD + width]

    def _find_candidates(self, structure: I16, blocks: I16, rows: slice) -> None:
        """Mark the pixels whose structure reaches that of their block; `structure` has a row more above and below."""
        detail = self._over_nine(structure)
        least = self._least[: len(blocks)]  # the columns beside the picture keep NEVER
        least[:, PAD // BLOCK : -PAD // BLOCK] = blocks
        pixels = (least * FOUR_COLUMNS).view(np.uint16).view(np.int16)
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

    def _keep_lines(self, rows: slice) -> None:
        """Light the candidates that have enough candidates around them; single ones go."""
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
