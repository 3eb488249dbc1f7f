"""The pass of `display` in C: calls `device/kernels/display.c`."""

from __future__ import annotations

import ctypes

import numpy as np

from device.analysis.overlay import Flag
from device.analysis.passes.display.contract import LAYERS
from device.analysis.settings import AssistSettings
from device.analysis.zebra import codes_for
from device.frame import U8, Mask
from device.kernels import chroma_in_rows, in_rows, place_of, places_of

CHANNELS = ("any", "luma", "red", "green", "blue")
"""In the order that the C source numbers them."""


class CompiledDisplay:
    """See `DisplayPass`. Keeps a few rows; other threads can run while the C function does."""

    def __init__(self, height: int, width: int, factor: int, functions: ctypes.CDLL) -> None:
        self._functions = functions
        self._size, self._factor = (height, width), factor
        self._spare = np.empty(7 * width + 2, np.uint8)

    def mark(
        self, luma: U8, chroma: tuple[U8, U8] | None, peaking: Mask | None, *, settings: AssistSettings, overlay: U8
    ) -> dict[Flag, int]:
        """See `DisplayPass`."""
        luma, peaking = in_rows(luma), None if peaking is None else in_rows(peaking)
        u, v = chroma_in_rows(chroma)
        counts, levels = np.empty(len(LAYERS), np.int64), _levels(settings)
        self._functions.hqcam_display(
            *(luma.ctypes.data, luma.strides[0], *self._size),
            *places_of(u, v),
            *(*place_of(peaking), levels.ctypes.data, self._factor),
            *(overlay.ctypes.data, counts.ctypes.data, self._spare.ctypes.data),
        )
        return dict(zip(LAYERS, counts.tolist(), strict=True))


def _levels(settings: AssistSettings) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    codes = codes_for(settings)
    high = codes.high if settings.zebra_high else -1
    band = (codes.band_from, codes.band_to) if settings.zebra_band else (1, 0)
    low = codes.low if settings.zebra_low else -1
    return np.array([CHANNELS.index(settings.zebra_high_channel), high, *band, low], np.int32)
