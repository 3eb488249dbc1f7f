"""The 24-patch colour chart: published values and the painting of one.

The codes are X-Rite's published 8-bit sRGB values of the ColorChecker Classic (formulations before November 2014). sRGB
is relative to D65 by definition, so they need no adaptation here: the scene is linear sRGB under every light, and the
sensor's colour model adds the colour of the light. The cyan patch is outside sRGB; its published red code is 8.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from device.simulator.layers import F32
from device.simulator.texture import inside, mix, rectangle, srgb_to_linear

# fmt: off
PATCHES_SRGB: Final[tuple[tuple[int, int, int], ...]] = (
    (115, 82, 68), (194, 150, 130), (98, 122, 157), (87, 108, 67), (133, 128, 177), (103, 189, 170),
    (214, 126, 44), (80, 91, 166), (193, 90, 99), (94, 60, 108), (157, 188, 64), (224, 163, 46),
    (56, 61, 150), (70, 148, 73), (175, 54, 60), (231, 199, 31), (187, 86, 149), (8, 133, 161),
    (243, 243, 242), (200, 200, 200), (160, 160, 160), (122, 122, 121), (85, 85, 85), (52, 52, 52),
)
# fmt: on
COLUMNS, ROWS = 6, 4


def patches_linear() -> F32:
    """The patches as linear sRGB, (24, 3), row by row from the upper left."""
    return srgb_to_linear(np.array(PATCHES_SRGB) / 255)


def patch_box(index: int, frame: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    """Give the rectangle of patch `index` inside `frame`; both (x0, y0, x1, y1) in scene units."""
    x0, y0, x1, y1 = frame
    row, column = divmod(index, COLUMNS)
    pitch_x, pitch_y = (x1 - x0) / (COLUMNS + 0.2), (y1 - y0) / (ROWS + 0.2)
    left, top = x0 + pitch_x * (column + 0.2), y0 + pitch_y * (row + 0.2)
    return left, top, left + 0.8 * pitch_x, top + 0.8 * pitch_y


def paint_patches(rgb: F32, x: F32, y: F32, pixel: float, frame: tuple[float, float, float, float]) -> None:
    """Paint all patches into `rgb` (3, h, w)."""
    for index, colour in enumerate(patches_linear()):
        box = patch_box(index, frame)
        rows = slice(*np.searchsorted(y, (box[1] - pixel, box[3] + pixel)))
        columns = slice(*np.searchsorted(x, (box[0] - pixel, box[2] + pixel)))
        if rows.stop > rows.start and columns.stop > columns.start:
            cover = inside(rectangle(x[columns], y[rows], *box), pixel)
            mix(rgb[:, rows, columns], colour.reshape(3, 1, 1), cover)
