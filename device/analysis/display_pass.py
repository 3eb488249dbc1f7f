"""One walk over the display picture: peaking's mask and the zebras, strip by strip, into the overlay."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from device.analysis import zebra
from device.analysis.detail import Mask
from device.analysis.overlay import Flag, reduce_or
from device.analysis.settings import AssistSettings
from device.frame import U8

STRIP_PIXELS = 320_000  # measured on 2028x1520 with 1 MB of second cache: smaller strips cost more calls


class Scratch:
    """Working memory for pictures of one size and overlays of one factor."""

    def __init__(self, height: int, width: int, factor: int) -> None:
        step = factor if factor % 2 == 0 else 2 * factor  # whole chroma rows and whole overlay rows
        wanted = min(STRIP_PIXELS // width, height + step - 1)
        self.rows = max(1, wanted // step) * step
        self.zebra = zebra.Scratch(self.rows, width)
        self.lit = np.empty((self.rows, width), np.bool_)
        self.bit = np.empty((self.rows, width), np.uint8)
        self.flags = np.empty((self.rows, width), np.uint8)


class DisplayPass:
    """Runs the display detectors over the strips of one frame and counts what is lit."""

    def __init__(self, luma: U8, chroma: tuple[U8, U8] | None, *, settings: AssistSettings, scratch: Scratch) -> None:
        self._luma = luma
        self._chroma = None if chroma is None else tuple(_cover(plane, luma.shape) for plane in chroma)
        self._codes = zebra.codes_for(settings)
        self._settings = settings
        self._scratch = scratch
        self._lit = {flag: 0 for flag in Flag}

    def run(self, peaks: Mask | None, *, factor: int, overlay: U8) -> None:
        """Fill `overlay` (written, not OR'd). `peaks` is what peaking lit, None when it is off."""
        height, rows = self._luma.shape[0], self._scratch.rows
        for first in range(0, height, rows):
            last = min(first + rows, height)
            flags = self._scratch.flags[: last - first]
            if peaks is None:
                flags[...] = 0
            else:
                flags.view(np.bool_)[...] = peaks[first:last]  # peaking's flag is 1, as a boolean's True is
                self._lit[Flag.PEAKING] += int(np.count_nonzero(flags))
            self._zebras(first, last, flags)
            target = overlay[first // factor : -(-last // factor)]
            target[...] = flags if factor == 1 else reduce_or(flags, factor)

    def percent(self, flag: Flag) -> float:
        """Give the share of the picture's pixels lit by one detector, before the reduction."""
        return 100.0 * self._lit[flag] / self._luma.size

    def _add(self, flag: Flag, lit: NDArray[np.bool_], flags: U8) -> None:
        count = int(np.count_nonzero(lit))
        if not count:
            return
        self._lit[flag] += count
        bit = np.multiply(lit.view(np.uint8), np.uint8(flag), out=self._scratch.bit[: len(lit)])
        np.bitwise_or(flags, bit, out=flags)

    def _zebras(self, first: int, last: int, flags: U8) -> None:
        settings, codes, scratch = self._settings, self._codes, self._scratch.zebra
        rows, lit = self._luma[first:last], self._scratch.lit[: last - first]
        if settings.zebra_high:
            u, v = self._chroma_rows(first, last)
            zebra.high(rows, u, v, code=codes.high, scratch=scratch, out=lit, channel=settings.zebra_high_channel)
            self._add(Flag.ZEBRA_HIGH, lit, flags)
        if settings.zebra_band:
            zebra.band(rows, first=codes.band_from, last=codes.band_to, scratch=scratch, out=lit)
            self._add(Flag.ZEBRA_BAND, lit, flags)
        if settings.zebra_low:
            zebra.low(rows, code=codes.low, out=lit)
            self._add(Flag.ZEBRA_LOW, lit, flags)

    def _chroma_rows(self, first: int, last: int) -> tuple[U8 | None, U8 | None]:
        if self._chroma is None:
            return None, None
        u, v = self._chroma
        return u[first // 2 : (last + 1) // 2], v[first // 2 : (last + 1) // 2]


def _cover(plane: U8, shape: tuple[int, ...]) -> U8:
    """Give chroma for the odd last row and column too: a plane of floor(size / 2) has its ends repeated."""
    missing = [(0, max(0, (full + 1) // 2 - half)) for full, half in zip(shape, plane.shape, strict=True)]
    covering = np.pad(plane, missing, mode="edge") if any(after for _, after in missing) else plane
    return covering[: (shape[0] + 1) // 2, : (shape[1] + 1) // 2]
