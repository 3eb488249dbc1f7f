"""Turns pictures and samples the right way up, by Exif's orientation 1 to 8.

A frame and a file keep their pixels as the sensor gave them, and say how to turn them for looking at them. The page
turns the live picture as it paints it; `device.raw.decode` turns whatever it decodes, so that nothing after it has to
know.
"""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from device.bayer import CFA_ORDERS
from device.frame import RawFrame

_Scalar = TypeVar("_Scalar", bound=np.generic)

_PLAIN, _MIRRORED = {0: 1, 90: 6, 180: 3, 270: 8}, {0: 2, 90: 7, 180: 4, 270: 5}


def exif_orientation(rotation_deg: int, *, mirrored: bool) -> int:
    """Give Exif's number for a picture that is first mirrored left to right, if so, and then turned clockwise.

    `rotation_deg` is 0, 90, 180 or 270.

    >>> exif_orientation(90, mirrored=False), exif_orientation(90, mirrored=True)
    (6, 7)
    """
    return (_MIRRORED if mirrored else _PLAIN)[rotation_deg]


def sides_swapped(orientation: int) -> bool:
    """Whether the upright picture is as wide as the stored one is high.

    >>> sides_swapped(3), sides_swapped(6)
    (False, True)
    """
    return orientation >= 5


def turned(pixels: NDArray[_Scalar], orientation: int) -> NDArray[_Scalar]:
    """Give (H, W) or (H, W, 3) pixels the right way up, as an array of its own where they have to be moved.

    Source: Exif 2.32, Orientation: where the first row and the first column of the stored pixels belong.

    >>> turned(np.array([[1, 2], [3, 4]]), 6).tolist()
    [[3, 1], [4, 2]]
    """
    view: NDArray[Any] = pixels.swapaxes(0, 1) if sides_swapped(orientation) else pixels
    if orientation in (3, 4, 7, 8):
        view = view[::-1]
    if orientation in (2, 3, 6, 7):
        view = view[:, ::-1]
    return np.ascontiguousarray(view)


def turned_raw(raw: RawFrame, orientation: int) -> RawFrame:
    """Give Bayer samples the right way up, with the colour filters and black levels in their new places."""
    height, width = raw.shape
    # A mosaic of an odd side begins with another colour when it is turned round: one as small of the same parity tells.
    pattern = np.tile(np.array(list(raw.cfa)).reshape(2, 2), (2, 2))[: 2 + height % 2, : 2 + width % 2]
    letters = "".join(turned(pattern, orientation)[:2, :2].ravel().tolist())
    order = next(known for known in CFA_ORDERS if known == letters)
    red, green_red, green_blue, blue = raw.black_dn
    if sides_swapped(orientation):  # what was green in a row of red is green in a column of red: a row of blue
        green_red, green_blue = green_blue, green_red
    return RawFrame(
        turned(raw.samples, orientation),
        order,
        raw.bit_depth,
        (red, green_red, green_blue, blue),
        raw.white_dn,
        raw.levels_assumed,
    )
