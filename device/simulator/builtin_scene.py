"""The built-in scene: which painting stands at which distance."""

from __future__ import annotations

import numpy as np

from device.simulator import scenery, still_life
from device.simulator.layers import (
    CODES_PER_WHITE,
    F32,
    BlockPainter,
    FieldOfView,
    Layer,
    Painter,
    coloured,
    make_plate,
)
from device.simulator.still_life import BOARD, CHART_FRAME, TABLE_FAR_M, TABLE_NEAR_M, table_y

TABLE_BANDS = 8  # chosen: neighbours then differ by 0.25 dioptre, at most 4 px of blur radius at 16 mm f/2.8

# Areas end where a nearer object hides them, with a margin for its blurred edge.
_BEHIND: tuple[tuple[float, Painter, tuple[float, float, float, float]], ...] = (
    (1000.0, scenery.sky_and_mountains, (-9.0, -9.0, 13.0, 1.8)),
    (40.0, scenery.meadow, (-9.0, 1.05, 13.0, 1.85)),
    (10.0, scenery.trees, (-0.6, -0.3, 1.2, 1.85)),
    (10.0, scenery.trees, (3.4, 0.4, 4.6, 1.55)),
    (4.0, scenery.wall, (-9.0, 1.02, 13.0, 2.2)),
)
# In front of the table band it stands on.
_STANDING: tuple[tuple[float, Painter, tuple[float, float, float, float]], ...] = (
    (2.0, still_life.colour_chart, (CHART_FRAME[0] - 0.05, CHART_FRAME[1] - 0.05, CHART_FRAME[2] + 0.05, 2.02)),
    (1.0, still_life.test_board, (BOARD[0] - 0.02, BOARD[1] - 0.02, BOARD[2] + 0.02, BOARD[3] + 0.02)),
    (0.7, still_life.small_fruit, (1.33, 2.15, 2.03, 2.59)),
    (0.55, still_life.cloth, (2.6, 2.30, 4.0, 2.9)),
    (0.5, still_life.fruit, (0.36, 1.9, 1.24, 2.88)),
)


def builtin_layers(field: FieldOfView, to_camera: F32) -> list[Layer]:
    """Paint the whole scene, farthest first; an object comes after the table band at the same distance."""
    layers = [
        Layer(distance_m, make_plate(box, coloured(painter, field, to_camera), field))
        for distance_m, painter, area in (*_BEHIND, *_STANDING)
        if (box := field.box_of(*area)) is not None
    ]
    return sorted(_table(field, to_camera) + layers, key=lambda layer: -layer.distance_m)


def _table(field: FieldOfView, to_camera: F32) -> list[Layer]:
    """Cut the table into bands of equal height, which are equal steps of 1/distance.

    Each band extends below its nearer neighbour, so that the soft edge between two never shows the background.
    """
    whole = field.box_of(-9.0, still_life.TABLE_TOP - 0.02, 13.0, 12.0)
    if whole is None:
        return []
    plate = make_plate(whole, coloured(still_life.table, field, to_camera), field)
    dioptres = np.linspace(1 / TABLE_FAR_M, 1 / TABLE_NEAR_M, TABLE_BANDS + 1)
    layers = []
    for index, (far, near) in enumerate(zip(dioptres[:-1], dioptres[1:], strict=True)):
        top, bottom = table_y(1 / far), table_y(1 / near)
        last = index == TABLE_BANDS - 1
        box = field.box_of(-9.0, top - 0.02, 13.0, 12.0 if last else bottom + 0.14)
        if box is not None:
            # 0.02 units of soft border hide the step of blur between two bands; the table's far edge is sharp.
            mask = make_plate(box, _band(field, top, 0.02 if index else 0.0), field)
            layers.append(Layer(2 / (far + near), plate, mask))
    return layers


def _band(field: FieldOfView, top: float, border: float) -> BlockPainter:
    def paint(level: int, y0: int, y1: int, x0: int, x1: int) -> F32:
        _, y, pixel = field.axes(level, y0, y1, x0, x1)
        rows = np.clip((y - np.float32(top)) / np.float32(max(border, pixel)) + np.float32(0.5), 0, 1)
        codes = np.empty((1, y1 - y0, x1 - x0), np.float32)
        codes[0] = (rows * np.float32(CODES_PER_WHITE))[:, None]
        return codes

    return paint
