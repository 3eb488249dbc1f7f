"""The ISP: raw samples to a full-range BT.601 YUV 4:2:0 picture, at the mode's full size and at half of it.

Black level, white balance, colour matrix and tone curve are those of the sensor's tuning, with the requested contrast
and saturation. No sharpening, no denoising (a still gets both later, in `denoise_sharpen`) and no lens shading: the
assists then read the sensor's data as they are.

Luma is computed at every photosite by a filter that removes the mosaic's carriers and keeps the detail; colour once per
2x2 cell from differences to that luma. Both use the same tone curve: a cell's mean luma is the Y of its colour.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from device.frame import F64, I16, U8, U16, YuvPicture
from device.pixels.bt601 import FROM_RGB
from device.pixels.int16_pairs import add_pairs, take_left
from device.sensors.base import ToneCurve
from device.simulator.layers import F32

_FULL: Final = 4095.0  # the tone tables' index of linear 1.0
_ROWS: Final = 48  # chosen: rows of a strip, measured: fewer need more calls, more do not fit the cache
_PAD: Final = 4  # around a strip: 2 for the luma filter, 2 more for the neighbouring cells' colour
_LUMA_STEPS: Final = 16  # the inverse table's steps per code of luma
# BT.601 luma and full-range (JPEG) colour differences, ITU-T T.871.
_TO_YUV: Final = np.array(FROM_RGB, np.float32)
_LEAST: Final = -2048.0  # darker balanced samples (gains above 7) are clipped: 16 bits then hold every sum
_TWO, _THREE, _SIX = np.int16(2), np.int16(3), np.int16(6)
_HIGH: Final = np.uint32(16)  # the shift to the second of two 16-bit numbers in a word
_BOTH: Final = np.uint32(0x0001_0001)
_OFFSET: Final = 4096  # index of linear 0 in the table for luma


def empty_picture(width: int, height: int) -> YuvPicture:
    """Make an unfilled 4:2:0 picture of even size."""
    chroma = (height // 2, width // 2)
    return YuvPicture(np.empty((height, width), np.uint8), np.empty(chroma, np.uint8), np.empty(chroma, np.uint8))


def half_size(width: int, height: int) -> tuple[int, int]:
    """Give half of a picture's size, made even as 4:2:0 needs."""
    return width // 4 * 2, height // 4 * 2


class Isp:
    """Develops raw frames of one size. Keeps scratch memory; use from one thread."""

    def __init__(self, width: int, height: int, tone: ToneCurve) -> None:
        self._width, self._height = width, height
        self._tuned = tone
        self._picture_style: tuple[float, float] | None = None
        self.set_picture_style(1.0, 1.0)
        self._balanced = np.empty((_ROWS + 2 * _PAD, width), np.float32)
        shape = (_ROWS + 2 * _PAD, width + 2 * _PAD)
        self._mosaic = np.empty(shape, np.int16)
        self._a, self._b, self._c = (np.zeros(shape[0] * shape[1] + 8, np.int16) for _ in range(3))
        cells = (_ROWS // 2) * (width // 2)
        self._rgb, self._mixed = np.empty(3 * cells, np.float32), np.empty(3 * cells, np.float32)
        self._index, self._cell_luma = np.empty(3 * cells, np.uint16), np.empty(cells, np.float32)
        margined = (_ROWS // 2 + 2) * shape[1] // 2
        self._words = np.zeros(margined, np.uint32)
        self._site, self._other = np.zeros(margined, np.int16), np.zeros(margined, np.int16)

    def set_picture_style(self, contrast: float, saturation: float) -> None:
        """Apply contrast to the tone curve and saturation to colour, from the next frame on; see `frame.Controls`."""
        if self._picture_style == (contrast, saturation):
            return
        self._picture_style = contrast, saturation
        self._to_yuv = _TO_YUV * np.array([[_LUMA_STEPS], [saturation], [saturation]], np.float32)
        tone = self._tuned.with_contrast(contrast)
        codes = 255 * tone.to_display(np.arange(_FULL + 1) / _FULL)
        self._tone = codes.astype(np.float32)
        self._tone_u8 = np.floor(codes + 0.5).astype(np.uint8)
        luma = np.arange(255 * _LUMA_STEPS + 1) / (255 * _LUMA_STEPS)
        self._untone = (tone.to_linear(luma) * _FULL + _OFFSET + 0.5).astype(np.float32)
        # With a cell's correction a luma may be below 0 or above 4095: the table is long enough for both.
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
        part: tuple[int, int] = (0, 1),
    ) -> None:
        """Develop `raw` (RGGB) into `main` and `small` (of `half_size`): part `part[0]` of `part[1]` equal parts.

        Parts are independent of each other; two threads need an `Isp` each.
        """
        strips = -(-self._height // _ROWS)
        first, last = (min(strips * edge // part[1] * _ROWS, self._height) for edge in (part[0], part[0] + 1))
        pattern = np.ones((2, self._width), np.float32)
        pattern[0, 0::2], pattern[1, 1::2] = colour_gains
        pattern *= np.float32(_FULL / (white_dn - black_dn))
        matrix = (ccm / 4).astype(np.float32)  # of colours times 4
        for y in range(first, last, _ROWS):
            rows = min(_ROWS, self._height - y)
            self._balance(raw, y, rows, np.float32(black_dn), pattern)
            self._render(y, rows, matrix, main, small)
        if small is not None:
            full, half = slice(first // 2, -(-last // 2)), slice(first // 4, -(-last // 4))
            _halve_chroma(main.u[full], small.u[half])
            _halve_chroma(main.v[full], small.v[half])

    def _balance(self, raw: U16, y: int, rows: int, black: np.float32, pattern: F32) -> None:
        """Fill the strip's mosaic, white at 4095, with mirrored margins that keep each site's colour."""
        top, bottom = max(y - _PAD, 0), min(y + rows + _PAD, self._height)
        mosaic = self._mosaic[: rows + 2 * _PAD]
        first, last = top - y + _PAD, bottom - y + _PAD
        inner = self._balanced[: bottom - top]
        np.copyto(inner, raw[top:bottom])
        inner -= black
        pairs = inner.reshape(-1, 2, self._width)
        pairs *= pattern
        np.clip(inner, np.float32(_LEAST), np.float32(_FULL), out=inner)
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
        """Give luma (R + 2 G + B) / 4 at every site but the outer two rows and columns of the margin.

        The filter is [-1, 4, 10, 4, -1] / 16 in both axes, as [1, 2, 1] / 4 and [-1, 6, -1] / 4: zero at the mosaic's
        own frequency, three quarters at half of it. The shifts round down, by three quarters of a code in all; this
        cancels, because only differences to this luma and its cells' means are used.
        """
        m = self._width + 2 * _PAD
        size = (rows + 2 * _PAD) * m
        tall = _filtered(self._mosaic.reshape(-1)[:size], m, self._a, self._b)
        return _filtered(tall, 1, self._a, self._c).reshape(-1, m)

    def _render(self, y: int, rows: int, ccm: F32, main: YuvPicture, small: YuvPicture | None) -> None:
        luma = self._carrier_free(rows)
        shape = (3, rows // 2, self._width // 2)
        size = shape[1] * shape[2]
        rgb, mixed = (part[: 3 * size].reshape(shape) for part in (self._rgb, self._mixed))
        index = self._index[: 3 * size].reshape(shape)
        cell_luma = self._cell_luma[:size].reshape(shape[1:])
        self._cell_sums(luma[2:-2], out=cell_luma)
        self._cell_colours(luma, cell_luma, rgb)
        np.matmul(ccm, rgb.reshape(3, -1), out=mixed.reshape(3, -1))
        np.clip(mixed, np.float32(0), np.float32(_FULL), out=mixed)
        np.copyto(index, mixed, casting="unsafe")
        np.take(self._tone, index, out=rgb, mode="wrap")
        np.matmul(self._to_yuv, rgb.reshape(3, -1), out=mixed.reshape(3, -1))
        rows_of_cells = slice(y // 2, y // 2 + shape[1])
        self._store_colour(mixed[1:], main.u[rows_of_cells], main.v[rows_of_cells])
        np.copyto(index[0], mixed[0], casting="unsafe")
        if small is not None:
            part = small.y[rows_of_cells]
            np.copyto(part, (index[0, : len(part)] + np.uint16(_LUMA_STEPS // 2)) // _LUMA_STEPS, casting="unsafe")
        correction = np.take(self._untone, index[0], out=rgb[0], mode="wrap")
        cell_luma *= np.float32(0.25)
        correction -= cell_luma
        self._detail(luma[2:-2], correction, main.y[y : y + rows])

    def _cell_sums(self, luma: I16, *, out: F32) -> None:
        """Sum the luma of each 2x2 cell of the picture."""
        pairs = luma.reshape(-1, 2, luma.shape[1])
        tall = np.add(pairs[:, 0], pairs[:, 1], out=self._b[: luma.size // 2].reshape(-1, luma.shape[1]))
        sums = self._site[: tall.size // 2].reshape(len(tall), -1)
        add_pairs(tall, out=sums, spare=self._words.view(np.int16))
        np.copyto(out, sums[:, 1 : 1 + out.shape[1]])

    def _cell_colours(self, luma: I16, cell_sums: F32, rgb: F32) -> None:
        """Fill `rgb` with the colour at each cell's centre, times 4: its luma plus the differences of its sites.

        Red and blue are half a pixel off the centre, on opposite sides: weights 3/4 and 1/4 with the next cell move
        them to the centre, which avoids colour fringes at edges. `luma` has one more cell on each side.
        """
        m = luma.shape[1]
        first = 2 * m + 2
        differences = self._a[: luma.size]
        mosaic = self._mosaic.reshape(-1)[first : first + luma.size - 4]
        np.subtract(mosaic, luma.reshape(-1)[:-4], out=differences[:-4])
        pairs = differences.view(np.uint32).reshape(-1, 2, m // 2)
        even, odd = pairs[:, 0], pairs[:, 1]
        words = self._words[: even.size].reshape(even.shape)
        site, other = (part[: even.size].reshape(even.shape) for part in (self._site, self._other))
        inner, before, after = slice(1, -1), slice(0, -2), slice(2, None)
        left, middle, right = (slice(first, first + rgb.shape[2]) for first in range(3))
        take_left(even, out=site)
        between = _between(site[inner], site[after], out=other[inner])
        np.copyto(rgb[0], _weighed(between[:, middle], between[:, right], out=site[inner, middle]))
        _take_right(odd, words, out=site)
        between = _between(site[inner], site[before], out=other[inner])
        np.copyto(rgb[2], _weighed(between[:, middle], between[:, left], out=site[inner, middle]))
        _take_right(even, words, out=site)
        take_left(odd, out=other)
        site += other
        site += site
        np.copyto(rgb[1], site[inner, middle])
        rgb += cell_sums

    def _store_colour(self, colour: F32, u: U8, v: U8) -> None:
        """Round the strip's colour differences (2, rows, columns) into the picture; overwrites them."""
        colour += np.float32(128.5)
        np.clip(colour, np.float32(0), np.float32(255), out=colour)
        np.copyto(u, colour[0], casting="unsafe")
        np.copyto(v, colour[1], casting="unsafe")

    def _detail(self, luma: I16, correction: F32, out: U8) -> None:
        """Add each cell's correction to its four lumas and apply the tone curve."""
        rows, columns = correction.shape
        m = luma.shape[1]
        cells = self._site[: rows * columns].reshape(rows, columns)
        np.copyto(cells, correction, casting="unsafe")
        wide = self._words[: rows * m // 2].reshape(rows, -1)
        both = wide[:, 1 : 1 + columns]
        np.copyto(both, cells.view(np.uint16))
        both *= _BOTH
        pairs = luma.reshape(-1, 2, m)
        pairs += wide.view(np.int16)[:, None]
        np.take(self._tone_u8, luma[:, 2 : 2 + 2 * columns], out=out, mode="wrap")


def _filtered(x: I16, step: int, a: I16, b: I16) -> I16:
    """[-1, 4, 10, 4, -1] / 16 along one axis of a flat picture; element i is centred on element i + 2 `step` of `x`.

    Flat, because numpy has a cost for every row of a two-dimensional view; only the margin wraps around a row's end.
    The last 4 `step` elements are unfiltered when `step` is 1 (they are margin), and missing otherwise.
    """
    n = x.size
    np.add(x[:-step], x[step:], out=a[: n - step])
    half = b[: n - 2 * step]
    np.add(a[: n - 2 * step], a[step : n - step], out=half)
    half >>= _TWO
    np.add(half[: -2 * step], half[2 * step :], out=a[: n - 4 * step])
    out = half[step : n - 3 * step]
    out *= _SIX
    out -= a[: n - 4 * step]
    out >>= _TWO
    return b[step : n - 3 * step] if step > 1 else b[1 : n + 1]


def _take_right(words: NDArray[np.uint32], scratch: NDArray[np.uint32], *, out: I16) -> None:
    """Copy the second 16-bit number of each word into `out`."""
    take_left(np.right_shift(words, _HIGH, out=scratch), out=out)


def _weighed(near: I16, far: I16, *, out: I16) -> I16:
    """Give 3 `near` + `far`: three quarters of one and a quarter of the other, times 4."""
    np.multiply(near, _THREE, out=out)
    out += far
    return out


def _between(near: I16, far: I16, *, out: I16) -> I16:
    """Give (3 `near` + `far`) / 4, rounded."""
    _weighed(near, far, out=out)
    out += _TWO
    out >>= _TWO
    return out


def _halve_chroma(full: U8, half: U8) -> None:
    """Average 2x2 with rounding, into a plane that may have a row less than half."""
    height, width = half.shape
    pairs = np.add(full[0 : 2 * height : 2], full[1 : 2 * height : 2], dtype=np.uint16)
    total = pairs[:, 0 : 2 * width : 2] + pairs[:, 1 : 2 * width : 2]
    total += np.uint16(2)
    total >>= np.uint16(2)
    half[:] = total
