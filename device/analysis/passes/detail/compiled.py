"""The passes of `detail` in C: calls `device/kernels/detail.c` and `blocks.c`."""

from __future__ import annotations

import ctypes

import numpy as np

from device.analysis.passes.detail.contract import BLOCK, BLUE_NOISE, RED_NOISE, BlockSums, Terms
from device.frame import F32, I16, U8, Mask
from device.kernels import chroma_in_rows, in_rows, places_of


class CompiledDetail:
    """See `DetailPass`. Keeps some rows and a mask; other threads can run while a C function does."""

    def __init__(self, height: int, width: int, functions: ctypes.CDLL) -> None:
        self._functions = functions
        self._size = height, width
        self._spare = np.empty(28 * -(-width // BLOCK) + 16, np.int16)
        self._mask: Mask | None = None

    def sums(self, luma: U8, out: BlockSums) -> None:
        """See `DetailPass`."""
        luma = in_rows(luma)
        self._functions.hqcam_block_sums(
            *(luma.ctypes.data, luma.strides[0], *self._size),
            *(
                out.fine.ctypes.data,
                out.coarse.ctypes.data,
                out.level.ctypes.data,
                out.clipped.ctypes.data,
                self._spare.ctypes.data,
            ),
        )

    def average(self, sums: F32, out: F32) -> None:
        """See `DetailPass`."""
        self._functions.hqcam_average(sums.ctypes.data, *sums.shape, out.ctypes.data, self._spare.ctypes.data)

    def noise(self, table: F32, level: U8, chroma: tuple[U8, U8] | None, out: F32) -> None:
        """See `DetailPass`."""
        u, v = chroma_in_rows(chroma)
        weights = np.array([BLUE_NOISE / RED_NOISE, RED_NOISE], np.float32)
        self._functions.hqcam_noise(
            *(level.ctypes.data, *level.shape, table.ctypes.data),
            *places_of(u, v),
            *(weights.ctypes.data, out.ctypes.data, self._spare.ctypes.data),
        )

    def compare(self, fine: F32, coarse: F32, noise: F32, terms: Terms, *, squared: F32, certain: Mask) -> None:
        """See `DetailPass`."""
        given = np.array(
            [terms.coarse_noise, terms.doubt, terms.floor, terms.noise_removed, terms.least_over_noise], np.float32
        )
        self._functions.hqcam_compare(
            *(fine.ctypes.data, coarse.ctypes.data, noise.ctypes.data, fine.size),
            *(given.ctypes.data, squared.ctypes.data, certain.ctypes.data),
        )

    def peaking_mask(self, luma: U8, least: I16) -> Mask:
        """See `DetailPass`."""
        if self._mask is None:
            self._mask = np.empty(self._size, np.bool_)
        luma, least = in_rows(luma), np.ascontiguousarray(least)
        self._functions.hqcam_peaking_mask(
            *(luma.ctypes.data, luma.strides[0], *self._size),
            *(least.ctypes.data, self._mask.ctypes.data, self._spare.ctypes.data),
        )
        return self._mask
