"""Focus peaking: marks what is in focus, not what has contrast, and not noise.

A pixel is lit when all three hold, on full-resolution display luma:
1. **detail**: the range over 3 pixels in a row or in a column is above the gate, which follows the sensor's noise at
   that level, gain and binning;
2. **support**: the same detail is there in a neighbour along the edge (noise stands alone, edges do not);
3. **focus**: the fine range is at least 2/3 of the range in the 7 columns by 6 rows around it. Out of focus, a ramp
   rises over more than 3 pixels and fails however strong it is: with a blur disc of radius r the fine range of a weak
   edge is (2/pi)(asin(1/r) + sqrt(1 - 1/r^2)/r) of the whole: 0.78 at r = 1.5, 0.61 at 2, 0.42 at 3.

Limits: the outline of a blurred line or point under 4 pixels wide is steep (a lens draws it as a disc with a rim) and
is lit up to r = 3 or 4; so is the outline of a blurred *clipped* highlight, which the display cuts off. Bars closer
than the window blur into faint ones that look sharp. A single bright pixel is taken for noise. The noise is that of
the plain rendering (`noise`): a picture sharpened or digitally amplified afterwards has more.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from device.analysis.settings import PeakingSensitivity
from device.frame import U8
from device.sensors.base import F64

Mask = NDArray[np.bool_]

MARGIN = 3
"""Rows and columns that `detect` looks at beyond the pixels it decides on."""


@dataclass(frozen=True, slots=True)
class Level:
    """What one sensitivity asks for."""

    sigmas: float
    """The gate in standard deviations of a difference of two pixels of flat noise."""
    floor_codes: int
    """The least fine range, in display codes, however low the noise."""
    rest_codes: int
    """The most by which the range around may exceed the fine range, which itself must be 2/3 of the range around.

    The tone curve steepens the dark foot of a strong blurred ramp; this asks more of strong edges."""


# Chosen on rendered edges and noisy flats (tests/unit/test_analysis_peaking.py). At 4.5 sigmas of white noise, two
# neighbours and three differences each, a 3-megapixel flat has 6e6 * (3 * 6.8e-6)^2 = 0.003 false marks [calc].
LEVELS: dict[PeakingSensitivity, Level] = {
    "low": Level(sigmas=8.0, floor_codes=36, rest_codes=48),
    "medium": Level(sigmas=5.5, floor_codes=14, rest_codes=56),
    "high": Level(sigmas=4.5, floor_codes=8, rest_codes=64),
}


@dataclass(frozen=True, slots=True)
class Gate:
    """The least fine range at a level: max(`floor`, `top` - (level >> `shift`)); never below the noise it is for."""

    floor: int
    top: int
    shift: int
    level: Level


def gate_for(sigma: F64, sensitivity: PeakingSensitivity) -> Gate:
    """Fit the tightest gate above the noise `sigma` (display codes, one value per code 0..255)."""
    level = LEVELS[sensitivity]
    # Up to 254, so that with the largest shift, which takes 0 or 1 off, the top still fits uint8.
    wanted = np.clip(np.ceil(level.sigmas * np.sqrt(2.0) * sigma), level.floor_codes, 254).astype(int)
    floor = int(wanted.min())
    codes = np.arange(256)
    fits = []
    for shift in range(8):
        top = int((wanted + (codes >> shift)).max())
        if 255 >> shift <= top <= 255:  # neither the top nor the difference may wrap
            fits.append((int(np.maximum(floor, top - (codes >> shift)).sum()), top, shift))
    _, top, shift = min(fits)
    return Gate(floor, top, shift, level)


class Scratch:
    """Working memory for strips of up to `rows` (even) rows of `stride` pixels, margins included in `stride`."""

    def __init__(self, rows: int, stride: int) -> None:
        # Arrays of their own: numpy 1.24 leaves its fast loops where operands touch, as rows of one array do.
        size = (rows + 2) * stride
        self.across, self.along, self.low, self.gate = (np.empty(size, np.uint8) for _ in range(4))
        self.lit, self.pairs, self.edges = (np.empty(size, np.bool_) for _ in range(3))
        self.coarse = [np.empty((rows // 2 + 2) * stride, np.uint8) for _ in range(4)]
        self.constant = np.empty(stride, np.uint8)
        """One row of one value: numpy's maximum and minimum are 18 times slower with a scalar (2.4, measured)."""


def detect(strip: U8, *, gate: Gate, scratch: Scratch, out: Mask) -> None:
    """Decide on the inner pixels of `strip`: C-contiguous, an even number of rows plus `MARGIN` on all four sides.

    `out` is the inner pixels' mask, (rows, columns); the last row may be missing (pictures of odd height).
    Arrays are handled as one long row: one offset is one shift, and numpy's loops are at their fastest.
    """
    rows, stride = strip.shape[0] - 2 * MARGIN, strip.shape[1]
    size = rows * stride
    flat = strip.reshape(-1)
    wide = slice(0, size + 2 * stride)  # one row more on both sides, for the support of the outermost rows
    across, along = scratch.across[wide], scratch.along[wide]
    low, threshold = scratch.low[wide], scratch.gate[wide]
    _range_of_3(flat, 1, start=2 * stride, low=low, out=across)
    _range_of_3(flat, stride, start=2 * stride, low=low, out=along)
    _thresholds(flat[2 * stride :][wide].reshape(-1, stride), gate, scratch=scratch, out=threshold.reshape(-1, stride))
    _supported(across, along, threshold=threshold, stride=stride, scratch=scratch, out=scratch.edges[:size])
    inner = slice(stride, stride + size)
    fine = across[inner].reshape(rows, stride), along[inner].reshape(rows, stride)
    _coarse_range(strip, scratch)
    focused = _concentrated(*fine, level=gate.level, scratch=scratch)
    edges = scratch.edges[:size].reshape(rows, stride)
    inner_pixels = np.s_[: len(out), MARGIN : stride - MARGIN]
    np.logical_and(edges[inner_pixels], focused[inner_pixels], out=out)


def _range_of_3(flat: U8, step: int, *, start: int, low: U8, out: U8) -> None:
    size = out.size
    before, here, after = (flat[start + k * step : start + k * step + size] for k in (-1, 0, 1))
    np.maximum(before, here, out=out)
    np.maximum(out, after, out=out)
    np.minimum(before, here, out=low)
    np.minimum(low, after, out=low)
    np.subtract(out, low, out=out)


def _thresholds(levels: U8, gate: Gate, *, scratch: Scratch, out: U8) -> None:
    scratch.constant[...] = gate.floor
    np.right_shift(levels, np.uint8(gate.shift), out=out)
    np.subtract(np.uint8(gate.top), out, out=out)
    np.maximum(out, scratch.constant, out=out)


def _supported(across: U8, along: U8, *, threshold: U8, stride: int, scratch: Scratch, out: Mask) -> None:
    """Light the upper of two rows that both pass across, and the left of two columns that both pass along."""
    size = out.size
    lit, level = scratch.lit[: across.size], scratch.pairs[:size]
    np.greater_equal(across, threshold, out=lit)
    np.logical_and(lit[stride:-stride], lit[2 * stride :], out=out)
    np.greater_equal(along, threshold, out=lit)
    np.logical_and(lit[stride:-stride], lit[stride + 1 : 1 - stride], out=level)
    np.logical_or(out, level, out=out)


def _coarse_range(strip: U8, scratch: Scratch) -> None:
    """Leave in `scratch.coarse[0]` one row per two rows: the range over 6 rows, and 7 columns starting at each."""
    rows, stride = strip.shape[0] - 2 * MARGIN, strip.shape[1]
    size = rows // 2 * stride
    upper, lower = strip[1:-1:2], strip[2:-1:2]
    buffers = scratch.coarse
    for extreme, first, second in ((np.maximum, buffers[0], buffers[1]), (np.minimum, buffers[2], buffers[3])):
        pair = first[: size + 2 * stride]
        extreme(upper, lower, out=pair.reshape(-1, stride))
        tall = extreme(pair[: -2 * stride], pair[stride:-stride], out=second[:size])
        extreme(tall, pair[2 * stride :], out=tall)
        by2 = extreme(tall[:-1], tall[1:], out=first[: size - 1])
        by4 = extreme(by2[:-2], by2[2:], out=second[: size - 3])
        extreme(by4[:-3], by4[3:], out=first[: size - 6])
    highest, lowest = buffers[0][: size - 6], buffers[2][: size - 6]
    np.subtract(highest, lowest, out=highest)


def _concentrated(across: U8, along: U8, *, level: Level, scratch: Scratch) -> Mask:
    """Light where the coarse range exceeds the fine one by no more than `level` allows. Uses up `along`.

    The fine range is the larger of the two plus half the smaller: a length that is the same to 12 % in all directions.
    """
    rows, stride = across.shape
    # Window i..i+6 is centred on i+3; the last 6 values are of no window and fall into the margins.
    coarse = scratch.coarse[0][: rows // 2 * stride].reshape(-1, stride)[:, : stride - 2 * MARGIN]
    rest, fine = (a[: rows * stride].reshape(rows, stride) for a in (scratch.gate, scratch.low))
    np.maximum(across, along, out=fine)
    np.minimum(across, along, out=along)
    np.right_shift(along, np.uint8(1), out=along)
    columns = slice(MARGIN, stride - MARGIN)
    for parity in (0, 1):
        np.subtract(coarse, fine[parity::2, columns], out=rest[parity::2, columns])
    np.minimum(along, rest, out=along)  # uint8 must not wrap
    np.subtract(rest, along, out=rest)
    np.add(fine, along, out=fine)
    allowed = np.right_shift(fine, np.uint8(1), out=fine)
    scratch.constant[...] = level.rest_codes
    np.minimum(allowed, scratch.constant, out=allowed)
    focused = scratch.lit[: rows * stride].reshape(rows, stride)
    np.less_equal(rest, allowed, out=focused)
    return focused
