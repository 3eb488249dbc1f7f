"""The passes of `detail` in C: calls `device/kernels/detail.c` and `blocks.c`."""

from __future__ import annotations

import ctypes

import numpy as np

from device.analysis.passes.detail.contract import BLOCK, Averages, BlockSums, NoiseTable, Terms
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
                out.total.ctypes.data,
                out.clipped.ctypes.data,
                self._spare.ctypes.data,
            ),
        )

    def average(self, sums: F32, out: F32) -> None:
        """See `DetailPass`."""
        self._functions.hqcam_average(sums.ctypes.data, *sums.shape, out.ctypes.data, self._spare.ctypes.data)

    def steps(self, total: I16, out: F32) -> None:
        """See `DetailPass`."""
        self._functions.hqcam_steps(total.ctypes.data, *total.shape, out.ctypes.data)

    def noise(self, table: NoiseTable, total: I16, chroma: tuple[U8, U8] | None, *, fine: F32, coarse: F32) -> None:
        """See `DetailPass`."""
        u, v = chroma_in_rows(chroma)
        self._functions.hqcam_noise(
            *(total.ctypes.data, *total.shape),
            *(table.bare.ctypes.data, table.factor.ctypes.data, table.coarse.ctypes.data),
            *places_of(u, v),
            *(fine.ctypes.data, coarse.ctypes.data, self._spare.ctypes.data),
        )

    def compare(self, total: I16, averages: Averages, terms: Terms, *, squared: F32, certain: Mask) -> None:
        """See `DetailPass`."""
        given = np.array(
            [
                *(terms.doubt, terms.floor, terms.noise_removed, terms.least_over_noise),
                *(terms.flat, terms.white, terms.noisy, terms.dark, terms.bright),
            ],
            np.float32,
        )
        self._functions.hqcam_compare(
            *(total.ctypes.data, averages.fine.ctypes.data, averages.coarse.ctypes.data, averages.steps.ctypes.data),
            *(averages.noise.ctypes.data, averages.coarse_noise.ctypes.data, total.size),
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
