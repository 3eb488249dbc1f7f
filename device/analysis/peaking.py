"""Focus peaking: marks what is in focus, not what has contrast, and not noise.

A block of 4 x 4 pixels takes part when its `sharpness` is above the threshold of the rendering and the sensitivity.
There a pixel is lit when its own fine structure, averaged over 3 x 3 pixels, is at least the mean around it: the ink
follows the strokes of the subject. It stays when three of its eight neighbours are lit too: strokes stay, specks go.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from device.analysis.rendering import Rendering
from device.analysis.settings import PeakingSensitivity
from device.analysis.sharpness import BLOCK, LANES, PAD, Sharpness
from device.lanes import I16

Mask = NDArray[np.bool_]

# Of the rendering's own threshold, which tells a blur of half a pixel from one of two: "low" is left by a blur of one
# pixel, "high" also takes what is blurred by two (measured by `tests/bench/focus`).
LEVELS: dict[PeakingSensitivity, float] = {"low": 1.35, "medium": 1.0, "high": 0.72, "auto": 1.0}
AUTO_SHARE = 0.08  # of the blocks: some 3 % of the pixels are lit, a sharp subject before a soft background
LEAST_OF_NINE = 4
STRIP_PIXELS = 130_000
_NEVER = np.uint64(9 * 4 * 255 + 1)  # more than nine pixels can have


class Scratch:
    """Working memory for pictures of one size: 2 bytes a pixel and 1 MB."""

    def __init__(self, height: int, width: int) -> None:
        self.size = height, width
        self.blocks = -(-height // BLOCK), -(-width // BLOCK)
        self.stride = self.blocks[1] * BLOCK + 2 * PAD
        self.candidates, self.mask = (np.zeros((self.blocks[0] * BLOCK + 2, self.stride), np.bool_) for _ in range(2))
        self.rows = min(max(1, STRIP_PIXELS // self.stride // BLOCK), self.blocks[0]) * BLOCK
        self.sums = [np.empty(self.rows * self.stride, np.int16) for _ in range(2)]
        self.wanted = np.full((self.rows // BLOCK, self.stride // BLOCK), _NEVER)
        """The least structure of nine pixels that is lit, of each block; what stands beside the picture has none."""
        self.counts = [np.empty(self.rows * self.stride, np.uint8) for _ in range(2)]


def threshold_for(sharp: Sharpness, rendering: Rendering, sensitivity: PeakingSensitivity) -> float:
    """Give the least sharpness that is lit.

    "auto" begins at "medium" and asks for more while more than `AUTO_SHARE` of the frame would take part, so that in
    a frame that is sharp all over only the sharpest is lit. It never asks for less: noise stays dark.
    """
    threshold = rendering.threshold * LEVELS[sensitivity]
    if sensitivity == "auto":
        sample = sharp.squared[::2, ::2].ravel()
        most = round(AUTO_SHARE * sample.size)
        if most and np.count_nonzero(sample > threshold**2) > most:
            threshold = float(np.sqrt(np.partition(sample, sample.size - most)[sample.size - most]))
    return threshold


def ink(sharp: Sharpness, *, threshold: float, scratch: Scratch) -> Mask:
    """Give the mask (H, W); it is the scratch's own, valid until the next call."""
    taking_part: Mask = sharp.certain & (sharp.squared > np.float32(threshold**2))
    before: slice | None = None
    for first in range(0, scratch.blocks[0] * BLOCK, scratch.rows):
        rows = slice(first, min(first + scratch.rows, scratch.blocks[0] * BLOCK))
        # Most frames are sharp in few places: strips where nothing takes part are left dark.
        some = bool(taking_part[rows.start // BLOCK : rows.stop // BLOCK].any())
        if some:
            _candidates(sharp, taking_part, rows, scratch)
        else:
            scratch.candidates[rows.start + 1 : rows.stop + 1] = scratch.mask[rows.start + 1 : rows.stop + 1] = False
        # Strokes need the row below their strip.
        if before is not None:
            _strokes(before, scratch)
        before = rows if some else None
    if before is not None:
        _strokes(before, scratch)
    height, width = scratch.size
    return scratch.mask[1 : height + 1, PAD : PAD + width]


def _candidates(sharp: Sharpness, taking_part: Mask, rows: slice, scratch: Scratch) -> None:
    """Light what is at least as strong as its place; `candidates` has a row more above and below."""
    detail = _over_nine(sharp.structure[rows.start : rows.stop + 2], scratch)
    blocks = slice(rows.start // BLOCK, rows.stop // BLOCK)
    # 9 / 16: `window_fine` is the sum of sixteen pixels' structure, `detail` of nine.
    levels = sharp.window_fine[blocks] * np.float32(9 / BLOCK**2)
    np.ceil(levels, out=levels)
    wanted = scratch.wanted[: len(levels)]
    np.copyto(wanted[:, PAD // BLOCK : -PAD // BLOCK], levels, casting="unsafe")
    np.copyto(wanted[:, PAD // BLOCK : -PAD // BLOCK], _NEVER, where=~taking_part[blocks])
    pixels = (wanted * LANES).view(np.uint16).view(np.int16)
    lit = scratch.candidates[rows.start + 1 : rows.stop + 1].reshape(-1, BLOCK, scratch.stride)
    np.greater_equal(detail.reshape(lit.shape), pixels[:, np.newaxis], out=lit)


def _over_nine(structure: I16, scratch: Scratch) -> I16:
    """Sum over 3 x 3 pixels, of all rows but the first and the last; at most 9 x 4 x 255, which fits 16 bits."""
    stride = scratch.stride
    flat, size = structure.reshape(-1), (len(structure) - 2) * scratch.stride
    tall, total = (part[:size] for part in scratch.sums)
    np.add(flat[:size], flat[stride : stride + size], out=tall)
    tall += flat[2 * stride :]
    np.add(tall[:-2], tall[1:-1], out=total[1:-1])
    total[1:-1] += tall[2:]
    return total


def _strokes(rows: slice, scratch: Scratch) -> None:
    """Keep the candidates with company."""
    stride = scratch.stride
    source = scratch.candidates[rows.start : rows.stop + 2].reshape(-1)
    lit = scratch.mask[rows.start + 1 : rows.stop + 1].reshape(-1)[1:-1]
    ones, size = source.view(np.uint8), lit.size + 2
    tall, count = scratch.counts[0][:size], scratch.counts[1][: size - 2]
    np.add(ones[:size], ones[stride : stride + size], out=tall)
    tall += ones[2 * stride :]
    np.add(tall[:-2], tall[1:-1], out=count)
    count += tall[2:]
    np.greater_equal(count, LEAST_OF_NINE, out=lit)
    np.logical_and(lit, source[stride + 1 : stride + size - 1], out=lit)
