"""Raw clipping: which samples of the sensor itself are at their end, by colour. The only assist that may say "clipped".

A sample counts as clipped at or above white - 1 % of the span from black to white: near its end the response bends,
and noise pulls full samples down. For the IMX477 at 12 bit: 4095 - 38 = 4057. Every sample is read.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from device.analysis.overlay import Flag, double, reduce_or
from device.analysis.readings import RawClipping
from device.bayer import CfaOrder, offsets
from device.frame import U8, RawFrame

MARGIN_SHARE = 0.01  # chosen: 38 DN at 12 bit covers noise near full well (std some 42 DN / sqrt(binning)) and bending
FLAGS: dict[str, Flag] = {
    "R": Flag.RAW_CLIP_R,
    "Gr": Flag.RAW_CLIP_G,
    "Gb": Flag.RAW_CLIP_G,
    "B": Flag.RAW_CLIP_B,
}


STRIP_SAMPLES = 240_000  # measured on 2028x1520: 0.66 ms a frame, 0.78 ms at half of it


def strip_rows(width: int, factor: int) -> int:
    """Give how many rows to take at a time: whole quads and whole overlay rows."""
    step = factor if factor % 2 == 0 else 2 * factor
    return max(1, STRIP_SAMPLES // (width * step)) * step


def clip_level(raw: RawFrame) -> int:
    """Give the least value that counts as clipped."""
    span_dn = raw.white_dn - sum(raw.black_dn) / 4
    return raw.white_dn - round(MARGIN_SHARE * span_dn)


class Scratch:
    """Working memory for strips of up to `rows` (even) rows of `width` samples."""

    def __init__(self, rows: int, width: int) -> None:
        columns = (width + 1) // 2
        self.lit = np.zeros((rows, 2 * columns), np.bool_)
        self.words: NDArray[np.uint16] = np.empty((2, rows // 2, columns), np.uint16)
        self.quads = np.empty((rows // 2, columns), np.uint8)
        self.bit = np.empty((rows // 2, columns), np.uint8)


class Counter:
    """Counts clipped samples by colour over the strips of one frame, and flags their quads in the overlay."""

    def __init__(self, raw: RawFrame, scratch: Scratch) -> None:
        self.level = clip_level(raw)
        self._raw = raw
        self._scratch = scratch
        self._weights = tuple(_row_weights(raw.cfa, row) for row in (0, 1))
        self._clipped = {"R": 0, "G": 0, "B": 0}

    def strip(self, first: int, last: int, *, factor: int, overlay: U8 | None) -> None:
        """Take rows `first` (even) to `last`; OR their flags into `overlay`, the same rows brought down by `factor`."""
        scratch, samples = self._scratch, self._raw.samples[first:last]
        rows, width = samples.shape
        lit = scratch.lit[: rows + rows % 2]
        lit[rows:] = False
        np.greater_equal(samples, np.uint16(self.level), out=lit[:rows, :width])
        total = int(np.count_nonzero(lit))
        if not total:
            return
        quads = self._quads(lit)
        self._count(total, quads)
        if overlay is not None:
            merge_quads(quads, factor, overlay)

    def reading(self) -> RawClipping:
        """Give the shares over all strips taken."""
        height, width = self._raw.samples.shape
        totals = {"R": 0, "G": 0, "B": 0}
        for site, (row, column) in offsets(self._raw.cfa).items():
            totals[site[0]] += ((height - row + 1) // 2) * ((width - column + 1) // 2)
        percent = {c: 100.0 * self._clipped[c] / totals[c] if totals[c] else 0.0 for c in totals}
        return RawClipping(percent["R"], percent["G"], percent["B"], self.level, self._raw.levels_assumed)

    def _quads(self, lit: NDArray[np.bool_]) -> U8:
        """Give one byte of flags per 2x2 quad.

        Two neighbouring booleans are one little-endian word b0 + 256 b1. Times (w1 + 256 w0) its high byte is
        b0 w0 + b1 w1: both flags with one multiplication.
        """
        half = len(lit) // 2
        upper, lower = self._scratch.words[:, :half]
        words = lit.view("<u2")
        np.multiply(words[0::2], self._weights[0], out=upper)
        np.multiply(words[1::2], self._weights[1], out=lower)
        np.bitwise_or(upper, lower, out=upper)
        np.right_shift(upper, np.uint16(8), out=upper)
        quads = self._scratch.quads[:half]
        np.copyto(quads, upper, casting="unsafe")
        return quads

    def _count(self, total: int, quads: U8) -> None:
        # One R and one B per quad, so their flags count samples; what is left of the total is green.
        bit = self._scratch.bit[: len(quads)]
        for colour in ("R", "B"):
            np.bitwise_and(quads, np.uint8(FLAGS[colour]), out=bit)
            clipped = int(np.count_nonzero(np.greater(bit, np.uint8(0), out=bit.view(np.bool_))))
            self._clipped[colour] += clipped
            total -= clipped
        self._clipped["G"] += total


def _row_weights(cfa: CfaOrder, row: int) -> np.uint16:
    left, right = (FLAGS[site] for column in (0, 1) for site, at in offsets(cfa).items() if at == (row, column))
    return np.uint16(int(right) + 256 * int(left))


def merge_quads(quads: U8, factor: int, overlay: U8) -> None:
    """OR a plane of flags, one per 2x2 quad, into the overlay's rows, the picture brought down by `factor`."""
    height, width = overlay.shape
    if factor % 2:
        plane = double(quads)[: height * factor, : width * factor]
        reduced = reduce_or(plane, factor) if factor > 1 else plane
    else:
        reduced = reduce_or(quads, factor // 2) if factor > 2 else quads
    np.bitwise_or(overlay, reduced[:height, :width], out=overlay)
