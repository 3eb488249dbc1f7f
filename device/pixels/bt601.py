"""RGB to the full-range BT.601 of JPEG (JFIF 1.02), with chroma averaged over 2x2 pixels and sides rounded up."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from device.frame import U8, YuvPicture

I32 = NDArray[np.int32]

_STRIP_ROWS: Final = 64  # even; working planes stay in a core's cache
# BT.601 luma 0.299, 0.587, 0.114 and the colour differences B-Y and R-Y scaled to +-0.5, in 1/65536.
_Y: Final = (19595, 38470, 7471)
_U: Final = (-11059, -21709, 32768)
_V: Final = (32768, -27439, -5329)
_HALF: Final = 32768


def to_yuv(rgb: U8, *, luma: U8 | None = None) -> YuvPicture:
    """Turn (H, W, 3) into planes. `luma` is used as it is where the exact one is known already."""
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
    """Give a picture without colour."""
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
