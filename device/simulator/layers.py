"""A scene as layers: flat pictures at one distance each, stored as image pyramids, whose small levels are fast to blur.

A layer holds the light on the sensor's photosites before exposure: camera RGB (not sRGB), premultiplied with the
layer's coverage, as whole codes of 1/`CODES_PER_WHITE` of a white object in the green channel.

Level 0 has the sensor's full size, each further level half the size. Level 0 is never stored: it is painted again,
strip by strip, for each still.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from device.frame import U16
from device.sensors.base import Sensor
from device.sensors.imx477 import IMX477

F32 = NDArray[np.float32]

CODES_PER_WHITE = 4096.0  # chosen: 16 bits then reach 4 stops above white; the dither is below sensor noise
TOP_LEVEL = 6
ALIGN = 1 << (TOP_LEVEL - 1)  # level-1 boxes are multiples of this, so that all levels are aligned
DITHER_ROWS = 256
_PAINT_ROWS = 64  # chosen: about 1 MB of scratch memory for a strip

Painter = Callable[[F32, F32, float], tuple[F32, F32 | None]]
"""(x, y, pixel) in scene units -> linear sRGB (3, h, w) and coverage (h, w) or None where opaque.

Scene units: the kit lens on the HQ camera sees x 0..4, y 0..3 (down). `pixel` is the size of one pixel, for smooth
edges.
"""


@dataclass(frozen=True, slots=True)
class Box:
    """Rows and columns of level-1 pixels, half open."""

    y0: int
    y1: int
    x0: int
    x1: int


@dataclass(frozen=True, slots=True)
class FieldOfView:
    """The part of the scene that a lens sees on a sensor: converts plate pixels to scene units.

    `zoom` is the focal length in units of the kit's lens: 2 shows half the scene, around its middle. A larger sensor
    sees more of it, and more pixels see it finer.
    """

    zoom: float = 1.0
    width: int = IMX477.active_width
    height: int = IMX477.active_height
    pitch_um: float = IMX477.pixel_pitch_um

    @staticmethod
    def on(sensor: Sensor, zoom: float = 1.0) -> FieldOfView:
        """Give the field of a sensor."""
        return FieldOfView(zoom, sensor.active_width, sensor.active_height, sensor.pixel_pitch_um)

    @property
    def plate(self) -> tuple[int, int]:
        """Width and height of level 1: half of the sensor's pixels, rounded up to ALIGN."""
        return -(-self.width // 2 // ALIGN) * ALIGN, -(-self.height // 2 // ALIGN) * ALIGN

    def _corner(self) -> tuple[float, float]:
        shown = self.pitch_um / IMX477.pixel_pitch_um / self.zoom
        width, height = (a / b for a, b in ((self.width, IMX477.active_width), (self.height, IMX477.active_height)))
        return 2.0 * (1 - width * shown), 1.5 * (1 - height * shown)

    def _pixel(self) -> float:
        return 4.0 / IMX477.active_width * self.pitch_um / IMX477.pixel_pitch_um / self.zoom

    def axes(self, level: int, y0: int, y1: int, x0: int, x1: int) -> tuple[F32, F32, float]:
        """Give the scene coordinates of the pixel centres of a block of `level`: (x, y, pixel size)."""
        pixel, (left, top) = self._pixel() * (1 << level), self._corner()
        x = (np.arange(x0, x1) + 0.5) * pixel + left
        y = (np.arange(y0, y1) + 0.5) * pixel + top
        return x.astype(np.float32), y.astype(np.float32), pixel

    def box_of(self, x0: float, y0: float, x1: float, y1: float) -> Box | None:
        """Give the aligned level-1 box around a rectangle of scene units; None when it is outside the picture."""
        pixel, (left, top) = 2 * self._pixel(), self._corner()

        def cells(low: float, high: float, origin: float, size: int) -> tuple[int, int]:
            first = int(np.floor((low - origin) / pixel / ALIGN)) * ALIGN
            last = int(np.ceil((high - origin) / pixel / ALIGN)) * ALIGN
            return max(first, 0), min(last, size)

        width, height = self.plate
        (bx0, bx1), (by0, by1) = cells(x0, x1, left, width), cells(y0, y1, top, height)
        return Box(by0, by1, bx0, bx1) if bx1 > bx0 and by1 > by0 else None


BlockPainter = Callable[[int, int, int, int, int], F32]
"""(level, y0, y1, x0, x1) in that level's pixels -> codes (planes, h, w)."""


@dataclass(slots=True)
class Plate:
    """A painted rectangle at level 1 and up; 3 planes are opaque colour, 4 have coverage last, 1 is coverage alone."""

    box: Box
    levels: dict[int, U16]
    """Level 1 and up: (planes, h, w)."""
    paint: BlockPainter
    """Paints a block of any level; used for level 0, which is not stored."""
    whole: tuple[int, int]
    """Width and height of the picture at level 1: a box that ends there goes on beyond it."""

    @property
    def planes(self) -> int:
        """The number of planes."""
        return int(self.levels[1].shape[0])

    def block(self, level: int, y0: int, y1: int, x0: int, x1: int) -> F32:
        """Give the codes of a block at `level`. Outside the box: the edge repeats at an edge of the picture, else 0."""
        box = self.box
        by0, by1, bx0, bx1 = (v << 1 if level == 0 else v >> (level - 1) for v in (box.y0, box.y1, box.x0, box.x1))
        iy0, iy1, ix0, ix1 = max(y0, by0), min(y1, by1), max(x0, bx0), min(x1, bx1)
        if (iy0, iy1, ix0, ix1) == (y0, y1, x0, x1) and level == 0:
            return self.paint(0, y0, y1, x0, x1)
        out = np.zeros((self.planes, y1 - y0, x1 - x0), np.float32)
        if iy1 <= iy0 or ix1 <= ix0:
            return out
        inner = (slice(None), slice(iy0 - y0, iy1 - y0), slice(ix0 - x0, ix1 - x0))
        if level == 0:
            out[inner] = self.paint(0, iy0, iy1, ix0, ix1)
        else:
            out[inner] = self.levels[level][:, iy0 - by0 : iy1 - by0, ix0 - bx0 : ix1 - bx0]
        if box.y0 == 0 and iy0 > y0:
            out[:, : iy0 - y0] = out[:, iy0 - y0 : iy0 - y0 + 1]
        if box.y1 == self.whole[1] and iy1 < y1:
            out[:, iy1 - y0 :] = out[:, iy1 - y0 - 1 : iy1 - y0]
        if box.x0 == 0 and ix0 > x0:
            out[:, :, : ix0 - x0] = out[:, :, ix0 - x0 : ix0 - x0 + 1]
        if box.x1 == self.whole[0] and ix1 < x1:
            out[:, :, ix1 - x0 :] = out[:, :, ix1 - x0 - 1 : ix1 - x0]
        return out


@dataclass(slots=True)
class Layer:
    """The picture at `distance_m`: a plate, or the part of a shared opaque plate that `mask` covers."""

    distance_m: float
    plate: Plate
    mask: Plate | None = None

    @property
    def box(self) -> Box:
        """The rectangle that it covers."""
        return (self.mask or self.plate).box

    @property
    def opaque(self) -> bool:
        """Whether it hides everything behind it."""
        return self.mask is None and self.plate.planes == 3

    def block(self, level: int, y0: int, y1: int, x0: int, x1: int) -> F32:
        """Give the codes (3 or 4 planes) of a block, colours premultiplied with the coverage."""
        planes = self.plate.block(level, y0, y1, x0, x1)
        if self.mask is None:
            return planes
        cover = self.mask.block(level, y0, y1, x0, x1)
        planes *= cover * np.float32(1 / CODES_PER_WHITE)
        return np.concatenate((planes, cover))


def make_plate(box: Box, paint: BlockPainter, field: FieldOfView) -> Plate:
    """Paint a plate's level 1 and shrink it to the levels above."""
    h, w = box.y1 - box.y0, box.x1 - box.x0
    first = dithered(paint(1, box.y0, box.y0 + 1, box.x0, box.x1))
    whole = np.empty((first.shape[0], h, w), np.uint16)
    for y in range(0, h, _PAINT_ROWS):
        rows = min(_PAINT_ROWS, h - y)
        whole[:, y : y + rows] = dithered(paint(1, box.y0 + y, box.y0 + y + rows, box.x0, box.x1))
    levels = {1: whole}
    for level in range(2, TOP_LEVEL + 1):
        levels[level] = _halved(levels[level - 1])
    return Plate(box, levels, paint, field.plate)


def coloured(painter: Painter, field: FieldOfView, to_camera: F32) -> BlockPainter:
    """Turn a painter in scene units into a painter of blocks of camera codes."""

    def paint(level: int, y0: int, y1: int, x0: int, x1: int) -> F32:
        rgb, coverage = painter(*field.axes(level, y0, y1, x0, x1))
        planes = np.empty((3 if coverage is None else 4, *rgb.shape[1:]), np.float32)
        np.matmul(to_camera * np.float32(CODES_PER_WHITE), rgb.reshape(3, -1), out=planes[:3].reshape(3, -1))
        np.clip(planes[:3], 0, 65000, out=planes[:3])
        if coverage is not None:
            planes[:3] *= coverage
            np.multiply(coverage, np.float32(CODES_PER_WHITE), out=planes[3])
        return planes

    return paint


def dithered(codes: F32) -> U16:
    """Round up to 256 rows to whole codes with random dither, which avoids banding; overwrites `codes`."""
    height, width = codes.shape[-2:]
    codes += _dither(width)[:height]
    np.clip(codes, 0, 65535, out=codes)
    return codes.astype(np.uint16)


@lru_cache(maxsize=2)
def _dither(width: int) -> F32:
    return np.random.default_rng(0).random((DITHER_ROWS, width), dtype=np.float32)


def _halved(plane: U16) -> U16:
    total = plane[:, 0::2, 0::2].astype(np.uint32)
    for dy, dx in ((0, 1), (1, 0), (1, 1)):
        total += plane[:, dy::2, dx::2]
    total += 2
    total >>= 2
    return total.astype(np.uint16)
