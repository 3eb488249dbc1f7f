"""Small operations on YUV pictures that more than one room needs."""

from __future__ import annotations

import numpy as np

from device.frame import U8, Rect, YuvPicture


def halve(picture: YuvPicture) -> YuvPicture:
    """Halve a picture in both axes by averaging 2x2 blocks with rounding; an odd last row or column is dropped.

    The result's sides are even, as 4:2:0 needs.
    """
    return YuvPicture(*(halve_plane(plane, even) for plane, even in _planes(picture)))


def halve_plane(plane: U8, size: tuple[int, int]) -> U8:
    """Average 2x2 blocks with rounding to `size` (height, width), at most half the plane's own."""
    height, width = size
    rows = plane[: 2 * height, : 2 * width]
    pairs = np.add(rows[0::2], rows[1::2], dtype=np.uint16)
    total = pairs[:, 0::2] + pairs[:, 1::2]
    total += np.uint16(2)
    total >>= np.uint16(2)
    return total.astype(np.uint8)


def crop(picture: YuvPicture, part: Rect) -> YuvPicture:
    """Cut `part` (even corner, within the picture) out: views, no copies."""
    rows, columns = slice(part.y, part.y + part.height), slice(part.x, part.x + part.width)
    half_rows = slice(part.y // 2, (part.y + part.height + 1) // 2)
    half_columns = slice(part.x // 2, (part.x + part.width + 1) // 2)
    cut = (plane[half_rows, half_columns] for plane in (picture.u, picture.v))
    return YuvPicture(picture.y[rows, columns], *cut)


def _planes(picture: YuvPicture) -> list[tuple[U8, tuple[int, int]]]:
    height, width = picture.y.shape[0] // 4 * 2, picture.y.shape[1] // 4 * 2
    chroma = (height // 2, width // 2)
    return [(picture.y, (height, width)), (picture.u, chroma), (picture.v, chroma)]
