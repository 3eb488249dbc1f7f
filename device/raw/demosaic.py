"""A plain picture of raw samples, to look at and to measure: black, white balance, demosaic, colour, tone.

Not the rendering of the camera: no lens shading, denoising, sharpening or adaptive contrast. The demosaic is Malvar, He
and Cutler, "High-quality linear interpolation for demosaicing of Bayer-patterned color images" (ICASSP 2004), whose
5x5 kernels keep edges as sharp as a linear method can, so that focus can be judged on the result.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from device.bayer import offsets
from device.frame import F32, U8, RawFrame
from device.raw.colour import kelvin_of
from device.raw.dng_reader import GreyRaw
from device.sensors.base import ColourModel, ToneCurve

_STRIP_ROWS: Final = 64  # even; working planes of a 4056-wide strip stay in a core's cache
_REACH: Final = 2
_LEVELS: Final = 65536

Kernel = dict[tuple[int, int], float]

# Taps (row, column) from the pixel, with weights in eighths: figure 2 of the paper.
_SAME_COLOUR: Final = ((-2, 0), (2, 0), (0, -2), (0, 2))
_SIDES: Final = ((-1, 0), (1, 0), (0, -1), (0, 1))
_CORNERS: Final = ((-1, -1), (-1, 1), (1, -1), (1, 1))
GREEN_AT_COLOUR: Final[Kernel] = {(0, 0): 4, **dict.fromkeys(_SIDES, 2), **dict.fromkeys(_SAME_COLOUR, -1)}
COLOUR_AT_OTHER: Final[Kernel] = {(0, 0): 6, **dict.fromkeys(_CORNERS, 2), **dict.fromkeys(_SAME_COLOUR, -1.5)}
COLOUR_IN_ROW: Final[Kernel] = {
    (0, 0): 5,
    (0, -1): 4,
    (0, 1): 4,
    **dict.fromkeys(_CORNERS, -1),
    (0, -2): -1,
    (0, 2): -1,
    (-2, 0): 0.5,
    (2, 0): 0.5,
}
COLOUR_IN_COLUMN: Final[Kernel] = {(column, row): weight for (row, column), weight in COLOUR_IN_ROW.items()}


def picture_of_raw(
    raw: RawFrame, *, gains: tuple[float, float] | None, colour: ColourModel | None, tone: ToneCurve
) -> U8:
    """Give (H, W, 3) uint8 at the raw's full size.

    `gains` (red, blue) balance the white, None leaves the sensor's own colour; `colour` adds the colour correction
    matrix of a known sensor. Samples clip at the white level after balancing, so blown highlights stay neutral.
    """
    height, width = raw.samples.shape
    matrix = _matrix(gains, colour)
    curve = _curve(tone)
    scale, shift = _balance(raw, gains)
    rgb = np.empty((height, width, 3), np.uint8)
    padded = np.pad(raw.samples, ((_REACH, _REACH + height % 2), (_REACH, _REACH + width % 2)), mode="reflect")
    for row in range(0, height, _STRIP_ROWS):
        rows = min(_STRIP_ROWS, height + height % 2 - row)
        strip = padded[row : row + rows + 2 * _REACH]
        phases = {place: _phase(strip, place, scale[place], shift[place]) for place in scale}
        for place, planes in _demosaic(phases, raw):
            _finish(planes, matrix, curve, rgb[row : row + rows], place)
    return rgb


def picture_of_grey(raw: GreyRaw, *, tone: ToneCurve) -> U8:
    """Give (H, W) uint8 of the samples of a sensor without colour filters; nothing has to be interpolated."""
    curve = _curve(tone)
    luma = np.empty(raw.samples.shape, np.uint8)
    for place, black in zip(np.ndindex(2, 2), raw.black_dn, strict=True):
        codes = np.arange(_LEVELS)
        light = np.clip((codes - black) / (raw.white_dn - black), 0.0, 1.0)
        table = curve[np.rint(light * (_LEVELS - 1)).astype(np.uint16)]
        luma[place[0] :: 2, place[1] :: 2] = table[raw.samples[place[0] :: 2, place[1] :: 2]]
    return luma


def _balance(raw: RawFrame, gains: tuple[float, float] | None) -> tuple[dict[tuple[int, int], float], ...]:
    """Give per place in the 2x2 cell what to multiply with and to add, so that black is 0 and white is 1."""
    red, blue = gains or (1.0, 1.0)
    # The least gain is 1, or white would come out as a colour.
    least = min(red, 1.0, blue)
    by_channel = {"R": red / least, "Gr": 1.0 / least, "Gb": 1.0 / least, "B": blue / least}
    scale, shift = {}, {}
    for (channel, place), black in zip(offsets(raw.cfa).items(), raw.black_dn, strict=True):
        scale[place] = by_channel[channel] / (raw.white_dn - black)
        shift[place] = -black * scale[place]
    return scale, shift


def _phase(strip: NDArray[np.uint16], place: tuple[int, int], scale: float, shift: float) -> F32:
    """Give one colour of the mosaic as a plane of its own, balanced and clipped to 0..1."""
    plane = strip[place[0] :: 2, place[1] :: 2].astype(np.float32)
    plane *= np.float32(scale)
    plane += np.float32(shift)
    return np.clip(plane, 0.0, 1.0, out=plane)


def _demosaic(phases: dict[tuple[int, int], F32], raw: RawFrame) -> Iterator[tuple[tuple[int, int], tuple[F32, ...]]]:
    """Give, for each place in the 2x2 cell, the red, green and blue planes of the pixels there."""
    at = offsets(raw.cfa)
    for channel, other in (("R", "B"), ("B", "R")):
        same = _convolve(phases, at[channel], {(0, 0): 8})
        green = _convolve(phases, at[channel], GREEN_AT_COLOUR)
        opposite = _convolve(phases, at[channel], COLOUR_AT_OTHER)
        yield at[channel], (same, green, opposite) if other == "B" else (opposite, green, same)
    for channel in ("Gr", "Gb"):
        green = _convolve(phases, at[channel], {(0, 0): 8})
        along = _convolve(phases, at[channel], COLOUR_IN_ROW)
        across = _convolve(phases, at[channel], COLOUR_IN_COLUMN)
        yield at[channel], (along, green, across) if channel == "Gr" else (across, green, along)


def _convolve(phases: dict[tuple[int, int], F32], place: tuple[int, int], kernel: Kernel) -> F32:
    """Weigh the neighbours of every pixel at `place`; the phases carry a border of `_REACH` pixels."""
    any_phase = next(iter(phases.values()))
    rows, columns = any_phase.shape[0] - _REACH, any_phase.shape[1] - _REACH
    total: F32 = np.zeros((rows, columns), np.float32)
    term = np.empty_like(total)
    for (down, right), eighths in kernel.items():
        row, column = place[0] + _REACH + down, place[1] + _REACH + right
        source = phases[row % 2, column % 2][row // 2 : row // 2 + rows, column // 2 : column // 2 + columns]
        total += np.multiply(source, np.float32(eighths / 8), out=term)
    return total


def _finish(planes: tuple[F32, ...], matrix: F32 | None, curve: U8, target: U8, place: tuple[int, int]) -> None:
    """Correct the colour, apply the tone curve, and put the pixels where they belong."""
    for channel in range(3):
        if matrix is None:
            mixed = planes[channel] * np.float32(_LEVELS - 1)
        else:
            weights = matrix[channel] * np.float32(_LEVELS - 1)
            mixed = planes[0] * weights[0] + planes[1] * weights[1] + planes[2] * weights[2]
        codes = np.clip(mixed, 0, _LEVELS - 1, out=mixed).astype(np.uint16)
        into = target[place[0] :: 2, place[1] :: 2, channel]
        into[:] = curve[codes[: into.shape[0], : into.shape[1]]]


def _matrix(gains: tuple[float, float] | None, colour: ColourModel | None) -> F32 | None:
    if gains is None or colour is None:
        return None
    return colour.ccm_at(kelvin_of(gains, colour)).astype(np.float32)


def _curve(tone: ToneCurve) -> U8:
    display = tone.to_display(np.linspace(0.0, 1.0, _LEVELS))
    return np.rint(display * 255).astype(np.uint8)
