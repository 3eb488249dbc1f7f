"""Colour filter array orders: where the red, green and blue samples of a Bayer mosaic sit.

An order is named by its first 2x2 cell in reading order ("RGGB"). The IMX477 is RGGB as mounted; flips give
the other three (hflip GRBG, vflip GBRG, both BGGR), so the order always comes with the frame.
"""

from __future__ import annotations

from typing import Final, Literal, get_args

CfaOrder = Literal["RGGB", "GRBG", "GBRG", "BGGR"]
CFA_ORDERS: Final[tuple[CfaOrder, ...]] = get_args(CfaOrder)

Offset = tuple[int, int]


def offsets(order: CfaOrder) -> dict[str, Offset]:
    """Give (row, column) inside the 2x2 cell of "R", "Gr" (green on a red row), "Gb" and "B".

    >>> offsets("BGGR")
    {'R': (1, 1), 'Gr': (1, 0), 'Gb': (0, 1), 'B': (0, 0)}
    """
    red = divmod(order.index("R"), 2)
    blue = divmod(order.index("B"), 2)
    return {"R": red, "Gr": (red[0], 1 - red[1]), "Gb": (blue[0], 1 - blue[1]), "B": blue}
