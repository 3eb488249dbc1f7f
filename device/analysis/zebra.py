"""Zebras on the display signal: where the picture reaches a level. Raw samples may still be below clipping there.

All codes are full range: IRE = 100 * code / 255. **High**: luma, or any of R, G, B, or the one that the settings name,
at or above the level. **Band**: luma within the two levels, both included. **Low**: luma at or below the level. Every
pixel of the luma plane is compared, with the chroma sample that covers it.

R, G and B are BT.601 full range in 128ths, before clipping to 0..255 (exact factors in brackets):
    R = Y + (179 v + 64 >> 7)              1.3984 v                 (1.402)
    B = Y + (227 u + 64 >> 7)              1.7734 u                 (1.772)
    G = Y + (-44 u - 91 v + 64 >> 7)       -0.3438 u - 0.7109 v     (-0.3441, -0.7141)
with u = U - 128 and v = V - 128. These integers are on purpose not the floating-point factors of `device.pixels.bt601`:
in 128ths every product fits 16 bits, twice as many in a vector register as floats. The result is within one code of the
exact value, and equal to it on greys.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from device.analysis.settings import AssistSettings, ZebraChannel
from device.frame import I16, U8, Mask

_SLACK = 1e-9  # floating point: 60 IRE is code 153 exactly, however 60 * 255 / 100 is rounded


def code_at_or_above(ire: float) -> int:
    """Give the first code with 100 * code / 255 >= `ire`.

    >>> code_at_or_above(70), code_at_or_above(95), code_at_or_above(100)
    (179, 243, 255)
    """
    return math.ceil(ire * 255 / 100 - _SLACK)


def code_at_or_below(ire: float) -> int:
    """Give the last code with 100 * code / 255 <= `ire`.

    >>> code_at_or_below(0), code_at_or_below(3), code_at_or_below(100)
    (0, 7, 255)
    """
    return math.floor(ire * 255 / 100 + _SLACK)


@dataclass(frozen=True, slots=True)
class Codes:
    """The levels of the settings as codes; both ends of each range are included."""

    high: int
    band_from: int
    band_to: int
    low: int


def codes_for(settings: AssistSettings) -> Codes:
    """Turn the IRE levels into codes."""
    return Codes(
        high=code_at_or_above(settings.zebra_high_ire),
        band_from=code_at_or_above(settings.zebra_band_low_ire),
        band_to=code_at_or_below(settings.zebra_band_high_ire),
        low=code_at_or_below(settings.zebra_low_ire),
    )


class Scratch:
    """Working memory for strips of up to `rows` rows of luma, `width` pixels wide."""

    def __init__(self, rows: int, width: int) -> None:
        shape = (rows + 1) // 2, (width + 1) // 2
        self.chroma: I16 = np.empty((4, *shape), np.int16)
        self.ends: I16 = np.empty((2, shape[1]), np.int16)
        """Two rows, each of one value: with a scalar, numpy 2.4's maximum takes 18 times as long (measured)."""
        self.doubled = np.empty(shape, np.uint16)
        self.below = np.empty((rows, width), np.uint8)


def high(
    luma: U8,
    u: U8 | None,
    v: U8 | None,
    *,
    code: int,
    scratch: Scratch,
    out: Mask,
    channel: ZebraChannel = "any",
) -> None:
    """Light where `channel` is at or above `code`; "any" is luma, R, G or B. Without chroma the picture is grey.

    `luma` (n, W) begins on an even row; `u`, `v` are its ceil(n/2) rows of ceil(W/2) samples.
    """
    if u is None or v is None or channel == "luma":
        np.greater_equal(luma, np.uint8(code), out=out)
        return
    threshold = luma_thresholds(u, v, code=code, scratch=scratch, channel=channel)[:, : luma.shape[1]]
    for parity in (0, 1):
        rows = luma[parity::2]
        # One channel may lie below luma: its threshold can pass 255, where nothing may be lit.
        compare = np.greater_equal if channel == "any" else np.greater
        compare(rows, threshold[: len(rows)], out=out[parity::2])


def luma_thresholds(u: U8, v: U8, *, code: int, scratch: Scratch, channel: ZebraChannel = "any") -> U8:
    """Give the least luma at which luma or a channel reaches `code`, each value twice: (n, 2 * width of `u`).

    A view into `scratch`. The threshold is the code less the largest of 0, R - Y, G - Y and B - Y. For one channel it
    is the highest luma at which that channel alone does not reach the code (and 0 at least: black is never lit).
    """
    width = u.shape[1]
    excess = _excess(u, v, channel=channel, scratch=scratch)
    # Kept where the threshold lies in 0..code, or for one channel in 0..255: it then fits uint8.
    first, last = (0, code) if channel == "any" else (code - 256, code - 1)
    scratch.ends[0], scratch.ends[1] = first, last
    np.maximum(excess, scratch.ends[0, :width], out=excess)
    np.minimum(excess, scratch.ends[1, :width], out=excess)
    np.subtract(np.int16(code if channel == "any" else code - 1), excess, out=excess)
    doubled = scratch.doubled[: len(u), :width]
    np.multiply(excess.view(np.uint16), np.uint16(0x0101), out=doubled)
    return doubled.view(np.uint8)


def _excess(u: U8, v: U8, *, channel: ZebraChannel, scratch: Scratch) -> I16:
    """Give by how many codes the channel is above luma ("any": the highest of 0 and the three), in `scratch`."""
    rows, width = u.shape
    planes: tuple[I16, ...] = tuple(scratch.chroma[:, :rows, :width])
    blue, red, excess, term = planes
    for plane, difference in ((u, blue), (v, red)):
        np.copyto(difference, plane)
        np.subtract(difference, np.int16(128), out=difference)
    if channel in ("any", "green"):
        np.multiply(blue, np.int16(-44), out=excess)
        np.multiply(red, np.int16(-91), out=term)
        np.add(excess, term, out=excess)
    if channel == "any":
        np.maximum(excess, np.multiply(red, np.int16(179), out=red), out=excess)
        np.maximum(excess, np.multiply(blue, np.int16(227), out=blue), out=excess)
    elif channel == "red":
        np.multiply(red, np.int16(179), out=excess)
    elif channel == "blue":
        np.multiply(blue, np.int16(227), out=excess)
    np.add(excess, np.int16(64), out=excess)
    np.right_shift(excess, np.int16(7), out=excess)
    return excess


def band(luma: U8, *, first: int, last: int, scratch: Scratch, out: Mask) -> None:
    """Light where luma is from `first` to `last`, both included; nowhere when `first` is above `last`."""
    if first > last:
        out[...] = False
        return
    below = scratch.below[: len(luma)]
    # uint8 wraps: codes under `first` become large, so one comparison tests both ends.
    np.subtract(luma, np.uint8(first), out=below)
    np.less_equal(below, np.uint8(last - first), out=out)


def low(luma: U8, *, code: int, out: Mask) -> None:
    """Light where luma is at or below `code`."""
    np.less_equal(luma, np.uint8(code), out=out)
