"""The pass of `display` in numpy, strip by strip: the reference, and what runs where nothing was compiled."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from device.analysis import zebra
from device.analysis.overlay import Flag, reduce_or
from device.analysis.passes.display.contract import LAYERS
from device.analysis.settings import AssistSettings
from device.frame import U8, Mask

STRIP_PIXELS = 320_000  # measured on 2028x1520 with 1 MB of second cache: smaller strips cost more calls


class ReferenceDisplay:
    """See `DisplayPass`. Keeps memory for one strip."""

    def __init__(self, height: int, width: int, factor: int) -> None:
        step = factor if factor % 2 == 0 else 2 * factor  # whole chroma rows and whole overlay rows
        wanted = min(STRIP_PIXELS // width, height + step - 1)
        self._factor, self._rows = factor, max(1, wanted // step) * step
        shape = self._rows, width
        self._zebra = zebra.Scratch(*shape)
        self._lit = np.empty(shape, np.bool_)
        self._bit, self._flags = (np.empty(shape, np.uint8) for _ in range(2))

    def mark(
        self, luma: U8, chroma: tuple[U8, U8] | None, peaking: Mask | None, *, settings: AssistSettings, overlay: U8
    ) -> dict[Flag, int]:
        """See `DisplayPass`."""
        height, factor = luma.shape[0], self._factor
        counts = dict.fromkeys(LAYERS, 0)
        planes = None if chroma is None else (_cover(chroma[0], luma.shape), _cover(chroma[1], luma.shape))
        for first in range(0, height, self._rows):
            last = min(first + self._rows, height)
            flags = self._flags[: last - first]
            if peaking is None:
                flags[...] = 0
            else:
                flags.view(np.bool_)[...] = peaking[first:last]  # peaking's flag is 1, as a boolean's True is
                counts[Flag.PEAKING] += int(np.count_nonzero(flags))
            half = slice(first // 2, (last + 1) // 2)
            rows = None if planes is None else (planes[0][half], planes[1][half])
            for flag, lit in self._zebras(luma[first:last], rows, settings):
                counts[flag] += self._add(flag, lit, flags)
            target = overlay[first // factor : -(-last // factor)]
            target[...] = flags if factor == 1 else reduce_or(flags, factor)
        return counts

    def _add(self, flag: Flag, lit: Mask, flags: U8) -> int:
        count = int(np.count_nonzero(lit))
        if count:
            bit = np.multiply(lit.view(np.uint8), np.uint8(flag), out=self._bit[: len(lit)])
            np.bitwise_or(flags, bit, out=flags)
        return count

    def _zebras(self, rows: U8, chroma: tuple[U8, U8] | None, settings: AssistSettings) -> Iterator[tuple[Flag, Mask]]:
        """Give each zebra that is on; what it lights is overwritten by the next."""
        codes, scratch, lit = zebra.codes_for(settings), self._zebra, self._lit[: len(rows)]
        if settings.zebra_high:
            u, v = chroma or (None, None)
            zebra.high(rows, u, v, code=codes.high, scratch=scratch, out=lit, channel=settings.zebra_high_channel)
            yield Flag.ZEBRA_HIGH, lit
        if settings.zebra_band:
            zebra.band(rows, first=codes.band_from, last=codes.band_to, scratch=scratch, out=lit)
            yield Flag.ZEBRA_BAND, lit
        if settings.zebra_low:
            zebra.low(rows, code=codes.low, out=lit)
            yield Flag.ZEBRA_LOW, lit


def _cover(plane: U8, shape: tuple[int, ...]) -> U8:
    """Give chroma for the odd last row and column too: a plane of floor(size / 2) has its ends repeated."""
    missing = [(0, max(0, (full + 1) // 2 - half)) for full, half in zip(shape, plane.shape, strict=True)]
    covering = np.pad(plane, missing, mode="edge") if any(after for _, after in missing) else plane
    return covering[: (shape[0] + 1) // 2, : (shape[1] + 1) // 2]
