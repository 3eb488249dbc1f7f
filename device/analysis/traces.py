"""What noise tells of a picture's rendering: the traces that demosaic, colour matrix, denoising and JPEG leave in it.

The floor of the noise does not tell renderings apart that leave equally much of it. In the windows of the floor, which
look like noise, four more numbers do:

    coarse   coarse over fine structure of the luma: a soft demosaic leaves coarser noise, and so does denoising
    colour   fine structure of u and v together over that of the luma: a colour matrix makes more of it, and where only
             the luma was denoised more is left, where only that was sharpened less
    touched  structure of u and v over four samples over that over two: JPEG and denoising of colour made it higher
    pattern  structure at one diagonal of each 2 x 2 pixels over that at the other: where a demosaic fills in means
             there is less noise than where the sensor has samples

and the grid of JPEG's blocks does in the whole picture. Subjects hardly change them: between sharp and blurred by 8
pixels, colour and pattern of one rendering mostly differ by 10 %.

Two other numbers were tried, to find sharpening. Structure between blocks of 4 pixels over that between cells of 2 is
0.50 in flats that were sharpened and 0.55 to 0.77 in others, but 0.66 to 0.86 in the windows of any subject, which has
structure of that size. Second differences of these, which steady slopes do not change, tell no more.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from device.analysis.passes.detail.contract import BLOCK
from device.frame import U8

MOST_WINDOWS: Final = 128
LEAST_WINDOWS: Final = 5
SIDE: Final = 4 * BLOCK
LEAST_COLOUR: Final = 0.15  # a picture that was turned to grey has none; any other more than 0.3
LEAST_STRUCTURE: Final = 1e-3  # codes: what has less has none
GRID: Final = 8  # a JPEG's blocks
GRID_PIXELS: Final = 2**17  # more do not change the result
STRIPS: Final = 4  # of neighbouring columns, over the picture's width: single ones would take a line of the cache each
MOST_STEP: Final = 4  # codes: greater steps are edges, which tell nothing of the grid
OVER_GRID: Final = 0.02
"""By how much the step between two blocks exceeds others. In 2900 pictures that never were a JPEG it is -0.002 in the
mean, its standard deviation 0.004, at most 0.012; all blurred ones of quality 75 and 85 have more than 0.02."""
OVER_GRID_OF_ONE: Final = 9.0  # over the root of the number of steps: five standard deviations in small pictures


@dataclass(frozen=True, slots=True)
class Traces:
    """What was found in one picture."""

    coarse: float
    colour: float | None
    """None where there is no colour, or too little even ground."""
    touched: float
    """Fine structure of u and v over four samples over that over two: what was done to colour made it higher. 0 where
    there is none."""
    pattern: float
    """1 or more; 1 where there is too little even ground."""
    blocks: bool
    """The picture was a JPEG."""


def traces(luma: U8, chroma: tuple[U8, U8] | None, flats: NDArray[np.intp], coarse: float) -> Traces:
    """Look at a picture (H, W); `flats` (N, 2) are row and column of the blocks whose windows are the floor's."""
    height, width = luma.shape
    blocks = _has_blocks(luma)
    if len(flats) < LEAST_WINDOWS or min(height, width) < SIDE:
        return Traces(coarse, None, 0.0, 1.0, blocks)
    some = flats[:: -(-len(flats) // MOST_WINDOWS)]
    top_left = np.clip(BLOCK * some - (SIDE - BLOCK) // 2, 0, (height - SIDE, width - SIDE)) & -2
    patches = _patches(luma, top_left, SIDE)
    fine = np.maximum(_structure(patches, 1), LEAST_STRUCTURE)
    around = np.abs(4 * patches[:, 1:-1, 1:-1] - _sides(patches))
    diagonals = [around[:, y::2, x::2].mean() + around[:, 1 - y :: 2, 1 - x :: 2].mean() for y, x in ((0, 0), (0, 1))]
    pattern = float(max(diagonals) / min(diagonals)) if min(diagonals) > 0 else 1.0
    if chroma is None or min(side for plane in chroma for side in plane.shape) < SIDE // 2:
        return Traces(coarse, None, 0.0, pattern, blocks)
    colour = touched = 0.0
    for plane in chroma:
        inside = np.minimum(top_left // 2, np.array(plane.shape) - SIDE // 2)
        samples = _patches(plane, inside, SIDE // 2)
        over_two, over_four = (_structure(samples, step) for step in (1, 2))
        colour += float(np.median(over_two / fine))
        touched += float(np.median(over_four / np.maximum(over_two, LEAST_STRUCTURE))) / 2
    if colour < LEAST_COLOUR:
        return Traces(coarse, None, 0.0, pattern, blocks)
    return Traces(coarse, colour, touched, pattern, blocks)


def _patches(plane: U8, top_left: NDArray[np.intp], side: int) -> NDArray[np.int16]:
    rows = top_left[:, :1, np.newaxis] + np.arange(side)[:, np.newaxis]
    columns = top_left[:, 1:, np.newaxis] + np.arange(side)
    patches: NDArray[np.int16] = plane[rows, columns].astype(np.int16)
    return patches


def _structure(patches: NDArray[np.int16], step: int) -> NDArray[np.float64]:
    """Give the mean of |second difference| of each patch, along rows plus down columns."""
    n = 2 * step
    across = patches[:, :, :-n] - 2 * patches[:, :, step:-step] + patches[:, :, n:]
    down = patches[:, :-n] - 2 * patches[:, step:-step] + patches[:, n:]
    found: NDArray[np.float64] = np.abs(across).mean((1, 2)) + np.abs(down).mean((1, 2))
    return found


def _sides(patches: NDArray[np.int16]) -> NDArray[np.int16]:
    """Give the sum of the four neighbours of each pixel but the outermost."""
    beside: NDArray[np.int16] = patches[:, 1:-1, :-2] + patches[:, 1:-1, 2:]
    beside += patches[:, :-2, 1:-1]
    beside += patches[:, 2:, 1:-1]
    return beside


def _has_blocks(luma: U8) -> bool:
    """Say whether steps between columns, and rows, are greater every eighth time than two, four and six further on."""
    height, width = luma.shape
    lines = luma[:: -(-luma.size // GRID_PIXELS)]
    across = _steps(lines[:, 1:], lines[:, :-1]).sum(0, dtype=np.int64)
    apart = max(width // STRIPS, 1)
    columns = min(-(-GRID_PIXELS // (height * STRIPS)), apart)
    strips = luma[:, : width // apart * apart].reshape(height, -1, apart)[:, :, :columns].reshape(height, -1)
    down = _steps(strips[1:], strips[:-1]).sum(1, dtype=np.int64)
    steps, count = np.zeros(GRID), 0
    for line, length in ((across, len(lines)), (down, strips.shape[1])):
        whole = line.size // GRID * GRID
        if whole:
            steps += line[:whole].reshape(-1, GRID).mean(0) / length
            count += whole * length
    usual = steps[1 : GRID - 1 : 2].mean()
    over = 1 + max(OVER_GRID, OVER_GRID_OF_ONE / np.sqrt(max(count, 1)))
    return bool(usual > 0 and steps[GRID - 1] > over * usual)


def _steps(one: U8, other: U8) -> U8:
    """Give |one - other|, at most `MOST_STEP`."""
    steps = np.maximum(one, other)
    steps -= np.minimum(one, other)
    return np.minimum(steps, MOST_STEP, out=steps)
