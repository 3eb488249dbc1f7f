"""Full-range BT.601, the colour space of every picture in hqcam and of JPEG (JFIF 1.02), both ways.

`to_yuv` converts a whole RGB picture to planes, in integers. `to_rgb` is the exact inverse in floating point, for
single values, means and samples. There is one more inverse: the zebra compares in whole 128ths, which fit 16 bits and
make its pixel pass fast; `device.analysis.zebra` gives the difference.
"""

from __future__ import annotations

from typing import Any, Final, overload

import numpy as np
from numpy.typing import NDArray

from device.frame import F32, U8, YuvPicture

I32 = NDArray[np.int32]

# BT.601 weighs red 0.299, green 0.587 and blue 0.114. U is (B - Y) / 1.772 and V is (R - Y) / 1.402, so that both run
# from -0.5 to 0.5 for colours from 0 to 1. All other factors follow from these, here to six decimals.
FROM_RGB: Final = ((0.299, 0.587, 0.114), (-0.168736, -0.331264, 0.5), (0.5, -0.418688, -0.081312))
"""The weights of red, green and blue in Y, in U and in V."""
RED_PER_V, GREEN_PER_U, GREEN_PER_V, BLUE_PER_U = 1.402, -0.344136, -0.714136, 1.772

_STRIP_ROWS: Final = 64  # even; working planes stay in a core's cache
# `FROM_RGB` in 1/65536. Each row keeps its sum (65536, 0, 0), so that a grey stays exactly grey.
_Y: Final = (19595, 38470, 7471)
_U: Final = (-11059, -21709, 32768)
_V: Final = (32768, -27439, -5329)
_HALF: Final = 32768


@overload
def to_rgb(y: float, u: float, v: float) -> tuple[float, float, float]: ...
@overload
def to_rgb(y: U8 | F32, u: F32, v: F32) -> tuple[F32, F32, F32]: ...
def to_rgb(y: Any, u: Any, v: Any) -> tuple[Any, Any, Any]:
    """Give red, green and blue of luma codes `y` and of `u` and `v` less 128; neither rounded nor clipped to 0..255.

    >>> [round(code, 3) for code in to_rgb(100.0, 0.0, 10.0)]
    [114.02, 92.859, 100.0]
    """
    return y + RED_PER_V * v, y + GREEN_PER_U * u + GREEN_PER_V * v, y + BLUE_PER_U * u


def to_yuv(rgb: U8, *, luma: U8 | None = None) -> YuvPicture:
    """Turn an RGB picture (H, W, 3) into planes; chroma is averaged over 2x2 pixels, its sides are rounded up.

    `luma` (H, W) is used as it is where the exact one is known already.
    """
    height, width = rgb.shape[:2]
    y = np.empty((height, width), np.uint8) if luma is None else luma
    chroma = (-(-height // 2), -(-width // 2))
    u, v = np.empty(chroma, np.uint8), np.empty(chroma, np.uint8)
    for row in range(0, height, _STRIP_ROWS):
        strip = rgb[row : row + _STRIP_ROWS].astype(np.int32)
        if luma is None:
            y[row : row + _STRIP_ROWS] = (_mix(strip, _Y) + _HALF) >> 16
        sums = _block_sums(strip)
        half = slice(row // 2, row // 2 + len(sums))
        for plane, weights in ((u, _U), (v, _V)):
            plane[half] = np.clip((_mix(sums, weights) + (128 << 18) + (_HALF << 2)) >> 18, 0, 255)
    return YuvPicture(y, u, v)


def grey_picture(luma: U8) -> YuvPicture:
    """Give the picture of a luma plane (H, W) without colour."""
    chroma = (-(-luma.shape[0] // 2), -(-luma.shape[1] // 2))
    return YuvPicture(luma, np.full(chroma, 128, np.uint8), np.full(chroma, 128, np.uint8))


def _mix(rgb: I32, weights: tuple[int, int, int]) -> I32:
    mixed: I32 = rgb[..., 0] * weights[0] + rgb[..., 1] * weights[1] + rgb[..., 2] * weights[2]
    return mixed


def _block_sums(strip: I32) -> I32:
    """Add up 2x2 blocks; an odd last row or column counts twice."""
    even = np.pad(strip, ((0, len(strip) % 2), (0, strip.shape[1] % 2), (0, 0)), mode="edge")
    rows = even[0::2] + even[1::2]
    sums: I32 = rows[:, 0::2] + rows[:, 1::2]
    return sums
