"""The light of a picture as one number, and a picture with more or less light: both in linear light. Pure.

The camera's own JPEGs have its tone curve, those of others are taken for plain sRGB.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from device.frame import F64, U8
from device.sensors.imx477 import IMX477

_CODES: Final = np.arange(256) / 255
_LEFT_OUT: Final = 0.05
"""Chosen: the share of the darkest and of the brightest pixels that does not count: lamps, and what is clipped."""
_SHOULDER: Final = 0.7
"""Chosen: from this light on a gain below 1 fades out, so that white stays white and clipped areas do not turn grey."""
_LEAST: Final = 1e-5  # a picture that is black all over


def linear_codes(*, own: bool) -> F64:
    """Give the linear light, 0 to 1, of the 256 codes of a JPEG; `own`: hqcam made it."""
    if own:
        return IMX477.tone.to_linear(_CODES)
    light: F64 = np.where(_CODES <= 0.04045, _CODES / 12.92, ((_CODES + 0.055) / 1.055) ** 2.4)  # IEC 61966-2-1
    return light


def level_ev(rgb: U8, linear: F64) -> float:
    """Give the level of a picture, (H, W, 3): log2 of the trimmed mean of the linear light of its luma."""
    luma = (rgb.astype(np.uint32) @ np.array([13933, 46871, 4732], np.uint32)) >> 16  # BT.709, sums to 65536
    counts = np.bincount(luma.ravel(), minlength=256)[:256].astype(np.float64)
    total = counts.sum()
    below = np.cumsum(counts)
    first, last = _LEFT_OUT * total, (1 - _LEFT_OUT) * total
    inside = np.clip(np.minimum(below, last) - np.maximum(below - counts, first), 0, None)
    return float(np.log2(max(_LEAST, float(inside @ linear) / max(1.0, inside.sum()))))


def gain_table(gain: float, linear: F64) -> U8:
    """Give the (256,) table that multiplies the light of a picture's codes by `gain`; white stays white."""
    light = linear * gain
    if gain < 1:
        share = np.clip((linear - _SHOULDER) / (1 - _SHOULDER), 0, 1)
        share = share * share * (3 - 2 * share)
        light = linear * (gain + (1 - gain) * share)
    table: U8 = np.rint(255 * np.interp(np.minimum(light, 1.0), linear, _CODES)).astype(np.uint8)
    return table
