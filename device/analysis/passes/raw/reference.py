"""The pass of `raw` in numpy, strip by strip: the reference, and what runs where nothing was compiled."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from device.analysis.overlay import Flag, double, reduce_or
from device.analysis.passes.raw.contract import CLIP_FLAGS, SHADOW_SITE
from device.bayer import CfaOrder, offsets
from device.frame import U8, U16, Mask, RawFrame

STRIP_SAMPLES = 240_000  # measured on 2028x1520: 0.66 ms a frame, 0.78 ms at half of it


class ReferenceRaw:
    """See `RawPass`. Keeps memory for one strip: some 2 MB."""

    def __init__(self, height: int, width: int, factor: int) -> None:
        step = factor if factor % 2 == 0 else 2 * factor  # whole quads and whole overlay rows
        self._factor, self._rows = factor, max(1, min(STRIP_SAMPLES // width, height + step - 1) // step) * step
        columns = (width + 1) // 2
        self._lit = np.zeros((self._rows, 2 * columns), np.bool_)
        self._words: NDArray[np.uint16] = np.empty((2, self._rows // 2, columns), np.uint16)
        self._quads = np.empty((self._rows // 2, columns), np.uint8)

    def mark(
        self, raw: RawFrame, *, clip_level: int | None, shadow_level: int | None, overlay: U8 | None
    ) -> dict[str, int]:
        """See `RawPass`."""
        counts = dict.fromkeys("RGB", 0)
        for first in range(0, len(raw.samples), self._rows):
            samples = raw.samples[first : first + self._rows]
            last = first + len(samples)
            part = None if overlay is None else overlay[first // self._factor : -(-last // self._factor)]
            if clip_level is not None:
                self._mark_clipped(samples, raw.cfa, clip_level, counts, part)
            if shadow_level is not None and part is not None:
                self._mark_shadow(samples, raw.cfa, shadow_level, part)
        return counts

    def _mark_clipped(
        self, samples: U16, cfa: CfaOrder, level: int, counts: dict[str, int], overlay: U8 | None
    ) -> None:
        lit = self._lit_of(samples.shape)
        np.greater_equal(samples, np.uint16(level), out=lit[: len(samples), : samples.shape[1]])
        total = int(np.count_nonzero(lit))
        if not total:
            return
        quads = self._quads_of(lit, (_weights(cfa, 0), _weights(cfa, 1)))
        # One R and one B per quad, so their flags count samples; what is left of the total is green.
        for colour in ("R", "B"):
            clipped = int(np.count_nonzero(quads & np.uint8(CLIP_FLAGS[colour])))
            counts[colour] += clipped
            total -= clipped
        counts["G"] += total
        if overlay is not None:
            self._merge(quads, overlay)

    def _mark_shadow(self, samples: U16, cfa: CfaOrder, level: int, overlay: U8) -> None:
        row, column = offsets(cfa)[SHADOW_SITE]
        lit = self._lit_of(samples.shape)
        lit[:] = False
        target = lit[: len(samples), : samples.shape[1]][row::2, column::2]
        np.less_equal(samples[row::2, column::2], np.uint16(level), out=target)
        flag = np.uint16(int(Flag.RAW_SHADOW) * 257)
        self._merge(self._quads_of(lit, (flag, flag)), overlay)

    def _lit_of(self, size: tuple[int, ...]) -> Mask:
        """Give whole quads of memory for a strip; what is beyond the strip is not lit."""
        lit = self._lit[: size[0] + size[0] % 2]
        lit[size[0] :] = False
        lit[:, size[1] :] = False
        return lit

    def _quads_of(self, lit: Mask, weights: tuple[np.uint16, np.uint16]) -> U8:
        """Give one byte of flags per 2x2 quad.

        Two neighbouring booleans are one little-endian word b0 + 256 b1. Times (w1 + 256 w0) its high byte is
        b0 w0 + b1 w1: both flags with one multiplication.
        """
        half = len(lit) // 2
        upper, lower = self._words[:, :half]
        words = lit.view("<u2")
        np.multiply(words[0::2], weights[0], out=upper)
        np.multiply(words[1::2], weights[1], out=lower)
        np.bitwise_or(upper, lower, out=upper)
        np.right_shift(upper, np.uint16(8), out=upper)
        quads = self._quads[:half]
        np.copyto(quads, upper, casting="unsafe")
        return quads

    def _merge(self, quads: U8, overlay: U8) -> None:
        height, width = overlay.shape
        factor = self._factor
        if factor % 2:
            plane = double(quads)[: height * factor, : width * factor]
            reduced = reduce_or(plane, factor) if factor > 1 else plane
        else:
            reduced = reduce_or(quads, factor // 2) if factor > 2 else quads
        np.bitwise_or(overlay, reduced[:height, :width], out=overlay)


def _weights(cfa: CfaOrder, row: int) -> np.uint16:
    """Give the clip flags of a quad row's two samples as one multiplier; see `_quads_of`."""
    named = {at: site for site, at in offsets(cfa).items()}
    left, right = (int(CLIP_FLAGS[named[row, column]]) for column in (0, 1))
    return np.uint16(right + 256 * left)
