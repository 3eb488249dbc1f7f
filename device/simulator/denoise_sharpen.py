"""Noise reduction and sharpening of a still's luma, after the ISP.

Detail is the difference between a picture and its blur ([1, 2, 1] / 4 in both axes). Noise reduction removes detail
smaller than the noise; sharpening multiplies the rest. Much simpler than the ISP of a Pi, but of the same kind.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from device.frame import U8, NoiseReduction

_NOISE_CODES: Final = 1.2  # chosen: the still's noise in mid grey at gain 1, in display codes (measured); it grows
_CORES: Final[dict[NoiseReduction, float]] = {"off": 0.0, "fast": 1.0, "best": 2.0}  # chosen: in sigmas of the noise
STRENGTH: Final = 0.5  # chosen: the gain of detail for each unit of sharpness
_ROWS: Final = 64  # chosen: a strip that stays in the cache


def denoise_and_sharpen(luma: U8, *, sharpness: float, noise_reduction: NoiseReduction, gain: float) -> None:
    """Change `luma` (H, W) in place."""
    core = round(_CORES[noise_reduction] * _NOISE_CODES * math.sqrt(gain) * 16)
    if core == 0 and sharpness == 0:
        return
    factor = np.float32((1 + STRENGTH * sharpness) / 16)
    above = luma[:1].copy()  # the row before a strip, before its change
    for y in range(0, luma.shape[0], _ROWS):
        strip = luma[y : y + _ROWS]
        last = strip[-1:].copy()
        rows = np.concatenate((above, strip, luma[y + _ROWS : y + _ROWS + 1])).astype(np.int16)
        if len(rows) == len(strip) + 1:  # the lowest strip: its last row is repeated
            rows = np.concatenate((rows, rows[-1:]))
        tall = rows[:-2] + 2 * rows[1:-1] + rows[2:]
        wide = np.pad(tall, ((0, 0), (1, 1)), mode="edge")
        blurred = wide[:, :-2] + 2 * wide[:, 1:-1] + wide[:, 2:]
        detail = 16 * rows[1:-1] - blurred
        detail -= np.clip(detail, -core, core)
        out = np.multiply(detail, factor, dtype=np.float32)
        out += blurred * np.float32(1 / 16)
        np.clip(out + np.float32(0.5), 0, 255, out=out)
        strip[:] = out
        above = last
