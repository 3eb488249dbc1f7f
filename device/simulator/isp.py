"""The ISP: raw samples to a full-range BT.601 YUV 4:2:0 picture, at the mode's full size and at half of it.

Black level, white balance, colour matrix, tone curve: those of the sensor's tuning, with the contrast and saturation
that are asked. No sharpening, no denoising (a still gets them after: `finish`), no lens shading, so that the assists
see the sensor and not the ISP's taste.

Luma is made at every photosite by a filter that nulls the mosaic's carriers and keeps the detail; colour once per 2x2
cell from differences to that luma. Both meet in the same tone curve: a cell's mean luma is the Y of its colour.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from device.frame import U8, U16, YuvPicture
from device.sensors.base import F64, ToneCurve
from device.simulator.layers import F32

_FULL: Final = 4095.0  # the tone tables' index of linear 1.0
_ROWS: Final = 64  # chosen: rows a strip, measured: fewer cost more calls, more leave the cache
_PAD: Final = 4  # around a strip: 2 for the luma filter, 2 more for the neighbouring cells' colour
_LUMA_STEPS: Final = 16  # the inverse table's steps per code of luma
# BT.601 luma and full-range (JPEG) colour differences, ITU-T T.871.
_TO_YUV: Final = np.array([[0.299, 0.587, 0.114], [-0.168736, -0.331264, 0.5], [0.5, -0.418688, -0.081312]], np.float32)
_THREE, _QUARTER = np.float32(0.75), np.float32(0.25)
_TWO, _FOUR, _SIX = np.int16(2), np.int16(4), np.int16(6)
_OFFSET: Final = 4096  # index of linear 0 in the table for luma

I16 = NDArray[np.int16]


def empty_picture(width: int, height: int) -> YuvPicture:
    """Make an unfilled 4:2:0 picture of even size."""
    chroma = (height // 2, width // 2)
    return YuvPicture(np.empty((height, width), np.uint8), np.empty(chroma, np.uint8), np.empty(chroma, np.uint8))


def half_size(width: int, height: int) -> tuple[int, int]:
    """Half of a picture's size, made even as 4:2:0 needs."""
    return width // 4 * 2, height // 4 * 2


class Isp:
    """Develops raw frames of one size. Keeps its scratch; use from one thread."""

    def __init__(self, width: int, height: int, tone: ToneCurve) -> None:
        self._width, self._height = width, height
        self._tuned = tone
        self._look: tuple[float, float] | None = None
        self.set_look(1.0, 1.0)
        self._balanced = np.empty((_ROWS + 2 * _PAD, width), np.float32)
        shape = (_ROWS + 2 * _PAD, width + 2 * _PAD)
        self._mosaic = np.empty(shape, np.int16)
        self._a, self._b, self._c = (np.zeros(shape[0] * shape[1] + 8, np.int16) for _ in range(3))
        cells = 3 * (_ROWS // 2) * (width // 2)
        self._rgb, self._mixed = np.empty(cells, np.float32), np.empty(cells, np.float32)
        self._index = np.empty(cells, np.uint16)

    def set_look(self, contrast: float, saturation: float) -> None:
        """Bend the tone curve and scale the colour differences from the next frame on; see `frame.Controls`."""
        if self._look == (contrast, saturation):
            return
        self._look = contrast, saturation
        self._to_yuv = _TO_YUV * np.array([[1], [saturation], [saturation]], np.float32)
        tone = self._tuned.with_contrast(contrast)
        codes = 255 * tone.to_display(np.arange(_FULL + 1) / _FULL)
        self._tone = codes.astype(np.float32)
        self._tone_u8 = np.floor(codes + 0.5).astype(np.uint8)
        luma = np.arange(255 * _LUMA_STEPS + 1) / (255 * _LUMA_STEPS)
        self._untone = (tone.to_linear(luma) * _FULL).astype(np.float32)
        # A cell's correction may lead a luma below 0 or above 4095 on the way: the table is long enough for both.
        self._tone_u8 = self._tone_u8[np.clip(np.arange(4 * _OFFSET) - _OFFSET, 0, int(_FULL))]

    def develop(
        self,
        raw: U16,
        *,
        black_dn: float,
        white_dn: int,
        colour_gains: tuple[float, float],
        ccm: F64,
        main: YuvPicture,
        small: YuvPicture | None,
        strips: tuple[int, int] | None = None,
    ) -> None:
        """Develop `raw` (RGGB) into `main`, and into `small` of `half_size`: whole, or from one strip to another.

        Strips are independent of each other; two threads need an `Isp` each.
        """
        first, last = (edge * _ROWS for edge in strips or (0, self.strips))
        last = min(last, self._height)
        pattern = np.ones((2, self._width), np.float32)
        pattern[0, 0::2], pattern[1, 1::2] = colour_gains
        pattern *= np.float32(_FULL / (white_dn - black_dn))
        matrix = ccm.astype(np.float32)
        for y in range(first, last, _ROWS):
            rows = min(_ROWS, self._height - y)
            self._balance(raw, y, rows, np.float32(black_dn), pattern)
            self._render(y, rows, matrix, main, small)
        if small is not None:
            full, half = slice(first // 2, -(-last // 2)), slice(first // 4, -(-last // 4))
            _halve_chroma(main.u[full], small.u[half])
            _halve_chroma(main.v[full], small.v[half])

    @property
    def strips(self) -> int:
        """How many strips a picture has."""
        return -(-self._height // _ROWS)

    def _balance(self, raw: U16, y: int, rows: int, black: np.float32, pattern: F32) -> None:
        """Fill the strip's mosaic, white at 4095, with mirrored margins that keep each site's colour."""
        top, bottom = max(y - _PAD, 0), min(y + rows + _PAD, self._height)
        mosaic = self._mosaic[: rows + 2 * _PAD]
        first, last = top - y + _PAD, bottom - y + _PAD
        inner = self._balanced[: bottom - top]
        np.subtract(raw[top:bottom], black, out=inner, dtype=np.float32)
        inner[0::2] *= pattern[0]
        inner[1::2] *= pattern[1]
        np.clip(inner, np.float32(-_FULL), np.float32(_FULL), out=inner)
        np.copyto(mosaic[first:last, _PAD:-_PAD], inner, casting="unsafe")
        for row in range(first):
            mosaic[row] = mosaic[2 * first - row]
        for row in range(last, len(mosaic)):
            mosaic[row] = mosaic[2 * (last - 1) - row]
        right = _PAD + self._width
        for column in range(_PAD):
            mosaic[:, column] = mosaic[:, 2 * _PAD - column]
            mosaic[:, right + column] = mosaic[:, right - 2 - column]

    def _carrier_free(self, rows: int) -> I16:
        """Luma (R + 2 G + B) / 4 at every site but the outer two rows and columns of the margin.

        The filter is [-1, 4, 10, 4, -1] / 16 both ways, done as [1, 2, 1] / 4 and [-1, 6, -1] / 4: nothing passes at
        the mosaic's own frequency, three quarters at half of it. The halves added make up for what shifting cuts off.
        """
        m = self._width + 2 * _PAD
        size = (rows + 2 * _PAD) * m
        tall = _filtered(self._mosaic.reshape(-1)[:size], m, self._a, self._b)
        return _filtered(tall, 1, self._a, self._c).reshape(-1, m)

    def _render(self, y: int, rows: int, ccm: F32, main: YuvPicture, small: YuvPicture | None) -> None:
        luma = self._carrier_free(rows)
        shape = (3, rows // 2, self._width // 2)
        size = shape[0] * shape[1] * shape[2]
        rgb, mixed = self._rgb[:size].reshape(shape), self._mixed[:size].reshape(shape)
        index = self._index[:size].reshape(shape)
        m = self._width + 2 * _PAD
        first = 2 * m + 2
        differences = self._a[: luma.size]
        np.subtract(
            self._mosaic.reshape(-1)[first : first + luma.size - 4], luma.reshape(-1)[:-4], out=differences[:-4]
        )
        inner = luma[2:-2, 2 : self._width + 2]
        cell_luma = _cell_means(luma[2:-2], self._b[: shape[1] * m].reshape(-1, m))[:, 1 : 1 + shape[2]]
        differences = differences.reshape(-1, m)[:, : self._width + 4]
        _cell_colours(differences, cell_luma, rgb)
        np.matmul(ccm, rgb.reshape(3, -1), out=mixed.reshape(3, -1))
        np.clip(mixed, np.float32(0), np.float32(_FULL), out=mixed)
        np.copyto(index, mixed, casting="unsafe")
        np.take(self._tone, index, out=rgb, mode="wrap")
        np.matmul(self._to_yuv, rgb.reshape(3, -1), out=mixed.reshape(3, -1))
        _store_colour(mixed, y // 2, main, small)
        mixed[0] *= np.float32(_LUMA_STEPS)
        np.copyto(index[0], mixed[0], casting="unsafe")
        np.take(self._untone, index[0], out=rgb[0], mode="wrap")
        rgb[0] -= cell_luma
        self._detail(inner, rgb[0], main.y[y : y + rows])

    def _detail(self, luma: I16, correction: F32, out: U8) -> None:
        """Add each cell's correction to its four lumas and put them through the tone curve."""
        correction += np.float32(_OFFSET + 0.5)
        wide = self._b[: len(correction) * self._width].reshape(-1, self._width)
        np.copyto(wide[:, 0::2], correction, casting="unsafe")
        wide[:, 1::2] = wide[:, 0::2]
        luma[0::2] += wide
        luma[1::2] += wide
        np.take(self._tone_u8, luma, out=out, mode="wrap")


def _filtered(x: I16, step: int, a: I16, b: I16) -> I16:
    """[-1, 4, 10, 4, -1] / 16 along one axis of a flat picture; element i is centred on element i + 2 `step` of `x`.

    Flat, because numpy pays for every row of a two-dimensional view; what wraps around a row's end is in the margin.
    The last 4 `step` elements are left as they are when `step` is 1 (margin), and cut off otherwise.
    """
    n = x.size
    np.add(x[:-step], x[step:], out=a[: n - step])
    half = b[: n - 2 * step]
    np.add(a[: n - 2 * step], a[step : n - step], out=half)
    half += _TWO
    half >>= _TWO
    np.add(half[: -2 * step], half[2 * step :], out=a[: n - 4 * step])
    out = half[step : n - 3 * step]
    out *= _SIX
    out -= a[: n - 4 * step]
    out >>= _TWO
    return b[step : n - 3 * step] if step > 1 else b[1 : n + 1]


def _cell_means(luma: I16, scratch: I16) -> F32:
    """Mean of each 2x2 cell."""
    np.add(luma[0::2], luma[1::2], out=scratch)
    means = np.add(scratch[:, 0::2], scratch[:, 1::2], dtype=np.float32)
    means *= _QUARTER
    return means


def _cell_colours(differences: I16, cell_luma: F32, rgb: F32) -> None:
    """Fill `rgb` with the colour at each cell's middle: its mean luma plus its sites' differences to their luma.

    Red and blue sit half a pixel off the middle, on opposite sides: weights 3/4 and 1/4 with the next cell bring them
    to the same place, else edges had coloured seams. `differences` has a cell more on each side.
    """
    red, blue = differences[0::2, 0::2], differences[1::2, 1::2]
    _between(red[1:-1], red[2:], slice(1, -1), slice(2, None), rgb[0])
    _between(blue[1:-1], blue[:-2], slice(1, -1), slice(0, -2), rgb[2])
    odd, even = slice(3, -2, 2), slice(2, -2, 2)
    np.add(differences[even, odd], differences[odd, even], out=rgb[1], dtype=np.float32)
    rgb[1] *= np.float32(0.5)
    rgb += cell_luma


def _between(near: I16, far: I16, middle: slice, side: slice, out: F32) -> None:
    rows = np.multiply(near, _THREE, dtype=np.float32)
    rows += np.multiply(far, _QUARTER, dtype=np.float32)
    np.multiply(rows[:, middle], _THREE, out=out)
    rows *= _QUARTER
    out += rows[:, side]


def _store_colour(yuv: F32, cell_row: int, main: YuvPicture, small: YuvPicture | None) -> None:
    """Round the strip's colour differences into `main` and its cells' luma into `small`; spoils the former."""
    rows = slice(cell_row, cell_row + yuv.shape[1])
    yuv[1:] += np.float32(128.5)
    np.clip(yuv[1:], np.float32(0), np.float32(255), out=yuv[1:])
    np.copyto(main.u[rows], yuv[1], casting="unsafe")
    np.copyto(main.v[rows], yuv[2], casting="unsafe")
    if small is not None:
        kept = min(yuv.shape[1], small.y.shape[0] - cell_row)
        np.add(yuv[0], np.float32(0.5), out=yuv[1])
        np.copyto(small.y[cell_row : cell_row + kept], yuv[1, :kept], casting="unsafe")


def _halve_chroma(full: U8, half: U8) -> None:
    """Average 2x2 with rounding, into a plane that may be a row shorter."""
    height, width = half.shape
    pairs = np.add(full[0 : 2 * height : 2], full[1 : 2 * height : 2], dtype=np.uint16)
    total = pairs[:, 0 : 2 * width : 2] + pairs[:, 1 : 2 * width : 2]
    total += np.uint16(2)
    total >>= np.uint16(2)
    half[:] = total
