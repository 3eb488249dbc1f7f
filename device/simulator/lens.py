"""The lens: turns a scene's layers into the light on the sensor's mosaic, with thin-lens defocus and diffraction.

Each layer is blurred with its own blur disc and laid over the layers behind it, back to front, in strips of rows. Small
blurs (in focus: diffraction, the lens's own softness, discs below about 3 px of radius) are a Gaussian of the same
variance at the output's resolution. Larger blurs are a disc on a smaller level, which is then enlarged; the blur that
shrinking and enlarging add is subtracted from the disc's variance. Not modelled: the exact light at depth edges hidden
behind nearer objects, distortion, vignetting, chromatic aberration.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from device.frame import U16, Mode
from device.lenses.optics import airy_sigma_um, blur_circle_um, magnification
from device.sensors.base import Sensor
from device.simulator.layers import CODES_PER_WHITE, DITHER_ROWS, F32, TOP_LEVEL, Layer, dithered

LENS_SIGMA_UM: Final = 1.3  # assumed: a fair kit lens, contrast 50 % at 144 line pairs/mm before diffraction
GAUSSIAN_UP_TO_PX2: Final = 2.5  # chosen: above this variance (a disc of 3.2 px radius) a smaller level is faster
_COLUMNS: Final = (512, 256)  # chosen: 1/8 of the width, over which the blur of a tilted lens counts as one
_ROWS: Final = (64, DITHER_ROWS)  # output rows of a strip at level 0 and 1: about the same memory for a still
_ENLARGE_VARIANCE: Final = 3 / 16  # of the weights 3/4, 1/4 at 1/4 and 3/4 of a coarse pixel, in coarse pixels^2
_TAP_VARIANCE: Final = 1 / 12  # taps are means over square pixels, which adds this variance, in pixels^2
_MAX_VARIANCE_PX2: Final = 3.0  # chosen: discs have 0.9 to 3.2 px of radius on their level


@dataclass(frozen=True, slots=True)
class LensSetting:
    """Focal length, aperture and focus distance of the lens, and where its mount holds it."""

    focal_mm: float
    f_number: float
    focus_m: float
    back_focus_um: float = 0.0
    """How much farther from the lens the middle of the sensor is than where the focus distance is drawn."""
    tilt_um: float = 0.0
    """How much farther the sensor's right end is than its left one."""
    breathing: float = 0.0
    """By which share of its magnification the picture grows as it is focused nearer: 1 if it moves as a whole."""

    @property
    def field_focal_mm(self) -> float:
        """The focal length that at infinity sees the same field: f (1 + breathing m)."""
        if not self.breathing:
            return self.focal_mm
        return self.focal_mm * (1 + self.breathing * magnification(self.focal_mm, self.focus_m))


@dataclass(frozen=True, slots=True)
class _Blur:
    level: int
    taps: F32
    """1-D Gaussian half (level = output level) or 2-D disc quadrant, centre first."""


MapWork = Callable[[Callable[[int], None], Iterable[int]], Iterable[None]]
"""As `map`, or that of a pool of threads."""


def project(layers: list[Layer], lens: LensSetting, mode: Mode, sensor: Sensor, *, map_work: MapWork = map) -> U16:
    """Give the light on each photosite of `mode`, in codes (see `layers`), as a mosaic (H, W) in RGGB order.

    `map_work` goes through the strips of rows, which are independent of each other.
    """
    level = mode.binning - 1
    top, left = mode.crop.y >> level, mode.crop.x >> level
    pixel_um, width = sensor.pixel_pitch_um * mode.binning, sensor.active_width >> level
    step = _COLUMNS[level] if lens.tilt_um else mode.width
    columns = [(x, min(x + step, mode.width)) for x in range(0, mode.width, step)]
    tilts = [lens.tilt_um * ((left + (x0 + x1) / 2) / width - 0.5) for x0, x1 in columns]
    blurs = [
        [
            _blur(layer.distance_m, replace(lens, back_focus_um=lens.back_focus_um + tilt), pixel_um, level)
            for layer in layers
        ]
        for tilt in tilts
    ]
    out = np.empty((mode.height, mode.width), np.uint16)

    def fill(y: int) -> None:
        rows = min(_ROWS[level], mode.height - y)
        parts = [
            _strip(layers, blur, level, (top + y, top + y + rows, left + x0, left + x1))
            for blur, (x0, x1) in zip(blurs, columns, strict=True)
        ]
        out[y : y + rows] = dithered(parts[0] if len(parts) == 1 else np.concatenate(parts, axis=1))

    for _ in map_work(fill, range(0, mode.height, _ROWS[level])):
        pass
    return out


def _blur(distance_m: float, lens: LensSetting, pixel_um: float, level: int) -> _Blur:
    """Choose level and kernel of the blur of a layer at `distance_m`; variances in output pixels^2."""
    circle_um = blur_circle_um(
        focal_mm=lens.focal_mm,
        f_number=lens.f_number,
        focus_m=lens.focus_m,
        distance_m=distance_m,
        back_focus_um=lens.back_focus_um,
    )
    soft = (airy_sigma_um(lens.f_number) ** 2 + LENS_SIGMA_UM**2) / pixel_um**2
    wanted = (circle_um / 2 / pixel_um) ** 2 / 4 + soft  # a disc of radius r has variance r^2/4 on each axis
    if wanted <= GAUSSIAN_UP_TO_PX2:
        return _Blur(level, _gaussian(max(wanted - _TAP_VARIANCE, 0.04)))
    steps = 1
    while wanted > _MAX_VARIANCE_PX2 * 4**steps and level + steps < TOP_LEVEL:
        steps += 1
    scale2 = 4.0**steps
    added = (scale2 - 1) / 12 + sum(_ENLARGE_VARIANCE * 4.0**s for s in range(1, steps + 1))
    radius = 2 * math.sqrt(max((wanted - added) / scale2 - _TAP_VARIANCE, 0.01))
    return _Blur(level + steps, _disc(min(radius, 40.0)))


def _gaussian(variance: float) -> F32:
    reach = max(1, math.ceil(2.6 * math.sqrt(variance)))
    # Integrated over each pixel: sampled at its centre, a narrow Gaussian would be too sharp.
    edges = [math.erf((i + 0.5) / math.sqrt(2 * variance)) for i in range(reach + 1)]
    taps = np.array([2 * edges[0], *np.diff(edges)], np.float32)
    taps /= taps[0] + 2 * taps[1:].sum()
    return taps


def _disc(radius: float) -> F32:
    """Give a disc's quadrant with smooth edges, from 8x8 points per pixel."""
    reach = math.ceil(radius + 0.5)
    fine = (np.arange(-4, 8 * reach + 4) + 0.5) / 8
    inside = (fine[:, None] ** 2 + fine[None, :] ** 2 <= radius**2).astype(np.float32)
    quadrant: F32 = inside.reshape(reach + 1, 8, reach + 1, 8).mean(axis=(1, 3))
    total = quadrant[0, 0] + 2 * quadrant[0, 1:].sum() + 2 * quadrant[1:, 0].sum() + 4 * quadrant[1:, 1:].sum()
    quadrant /= total
    return quadrant


def _strip(layers: list[Layer], blurs: list[_Blur], level: int, block: tuple[int, int, int, int]) -> F32:
    """Lay the layers over each other for one block (y0, y1, x0, x1) of the output level, back to front."""
    y0, y1, x0, x1 = block
    light = np.zeros((y1 - y0, x1 - x0), np.float32)
    covered: F32 | None = None if layers[0].opaque else np.zeros_like(light)
    for layer, blur in zip(layers, blurs, strict=True):
        reach = _reach(blur, level)
        by0, by1, bx0, bx1 = (v << 1 if level == 0 else v for v in _sides(layer))
        ty0, ty1 = max(y0, (by0 - reach) & ~1), min(y1, by1 + reach)
        tx0, tx1 = max(x0, (bx0 - reach) & ~1), min(x1, bx1 + reach)
        if ty1 <= ty0 or tx1 <= tx0:
            continue
        mosaic, cover = _blurred(layer, blur, level, (ty0, ty1, tx0, tx1))
        part = (slice(ty0 - y0, ty1 - y0), slice(tx0 - x0, tx1 - x0))
        for plane, new in ((light, mosaic), (covered, cover)):
            if plane is None:
                continue
            if cover is not None:
                plane[part] -= plane[part] * cover
            plane[part] += new if new is not None else 1.0
    if covered is not None:
        light /= np.maximum(covered, np.float32(0.02))
    return light


def _sides(layer: Layer) -> tuple[int, int, int, int]:
    return layer.box.y0, layer.box.y1, layer.box.x0, layer.box.x1


def _reach(blur: _Blur, level: int) -> int:
    """Give how far the blur spreads a layer beyond its box, in output pixels, rounded up to even."""
    return (((len(blur.taps) + 2) << (blur.level - level)) + 1) & ~1


def _blurred(layer: Layer, blur: _Blur, level: int, block: tuple[int, int, int, int]) -> tuple[F32, F32 | None]:
    """Give the mosaic and the coverage (0..1) of one blurred layer inside `block`, whose bounds are even."""
    if blur.level == level:
        return _in_focus(layer, blur.taps, level, block)
    y0, y1, x0, x1 = block
    steps, reach = blur.level - level, len(blur.taps) - 1
    cy0, cx0 = (y0 >> steps) - 2, (x0 >> steps) - 2
    cy1, cx1 = -(-y1 >> steps) + 2, -(-x1 >> steps) + 2
    planes = _convolved(layer.block(blur.level, cy0 - reach, cy1 + reach, cx0 - reach, cx1 + reach), blur.taps)
    for at in range(steps - 1, 0, -1):
        # Only the part that the next levels need is enlarged.
        need = ((y0 >> at) - 2, -(-y1 >> at) + 2, (x0 >> at) - 2, -(-x1 >> at) + 2)
        planes, cy0, cx0 = _enlarged(planes, cy0, cx0, need)
    return _to_mosaic(planes, cy0, cx0, block)


def _convolved(planes: F32, quadrant: F32) -> F32:
    """Convolve with the symmetric kernel given by its quadrant; gives the valid part."""
    reach = len(quadrant) - 1
    height, width = planes.shape[1] - 2 * reach, planes.shape[2] - 2 * reach
    pairs = [planes[:, :, reach : reach + width]]
    for dx in range(1, reach + 1):
        pairs.append(planes[:, :, reach - dx : reach - dx + width] + planes[:, :, reach + dx : reach + dx + width])
    out = np.zeros((planes.shape[0], height, width), np.float32)
    row, scratch = np.empty_like(pairs[0], order="C"), np.empty_like(pairs[0], order="C")
    for dy in range(reach + 1):
        weights = quadrant[dy]
        np.multiply(pairs[0], weights[0], out=row)
        for dx in range(1, reach + 1):
            if weights[dx]:
                np.multiply(pairs[dx], weights[dx], out=scratch)
                row += scratch
        out += row[:, reach - dy : reach - dy + height]
        if dy:
            out += row[:, reach + dy : reach + dy + height]
    return out


def _enlarged(planes: F32, y: int, x: int, need: tuple[int, int, int, int]) -> tuple[F32, int, int]:
    """Double the size with weights 3/4, 1/4; gives (planes, y, x of the first pixel) cropped to `need`."""
    quarter, three = np.float32(0.25), np.float32(0.75)
    middle = planes[:, 1:-1] * three
    tall = np.empty((planes.shape[0], 2 * middle.shape[1], planes.shape[2]), np.float32)
    tall[:, 0::2] = middle + planes[:, :-2] * quarter
    tall[:, 1::2] = middle + planes[:, 2:] * quarter
    middle = tall[:, :, 1:-1] * three
    wide = np.empty((planes.shape[0], tall.shape[1], 2 * middle.shape[2]), np.float32)
    wide[:, :, 0::2] = middle + tall[:, :, :-2] * quarter
    wide[:, :, 1::2] = middle + tall[:, :, 2:] * quarter
    oy, ox = 2 * (y + 1), 2 * (x + 1)
    cy0, cy1, cx0, cx1 = max(need[0], oy), min(need[1], oy + wide.shape[1]), max(need[2], ox), need[3]
    return wide[:, cy0 - oy : cy1 - oy, cx0 - ox : cx1 - ox], cy0, cx0


def _to_mosaic(planes: F32, y: int, x: int, block: tuple[int, int, int, int]) -> tuple[F32, F32 | None]:
    """Do the last enlargement, only at the mosaic's sites; give mosaic and coverage."""
    y0, y1, x0, x1 = block
    height, width = (y1 - y0) // 2, (x1 - x0) // 2
    mosaic = np.empty((y1 - y0, x1 - x0), np.float32)
    cover = np.empty_like(mosaic) if planes.shape[0] == 4 else None
    qy, qx = y0 // 2 - y, x0 // 2 - x
    for dy in (0, 1):
        step = 1 if dy else -1
        rows = planes[:, qy : qy + height] * np.float32(0.75)
        rows += planes[:, qy + step : qy + step + height] * np.float32(0.25)
        for dx in (0, 1):
            side = 1 if dx else -1
            for target, plane in ((mosaic, dy + dx), (cover, 3)):
                if target is None:
                    continue
                site = rows[plane, :, qx : qx + width] * np.float32(0.75)
                site += rows[plane, :, qx + side : qx + side + width] * np.float32(0.25)
                target[dy::2, dx::2] = site
    if cover is not None:
        cover *= np.float32(1 / CODES_PER_WHITE)
    return mosaic, cover


def _in_focus(layer: Layer, taps: F32, level: int, block: tuple[int, int, int, int]) -> tuple[F32, F32 | None]:
    y0, y1, x0, x1 = block
    reach = len(taps) - 1
    planes = layer.block(level, y0 - reach, y1 + reach, x0 - reach, x1 + reach)
    mosaic = np.empty((y1 - y0, x1 - x0), np.float32)
    for dy in (0, 1):
        for dx in (0, 1):
            mosaic[dy::2, dx::2] = _filtered(planes[dy + dx], taps, dy, dx, 2)
    if layer.opaque:
        return mosaic, None
    return mosaic, _filtered(planes[3], taps, 0, 0, 1) * np.float32(1 / CODES_PER_WHITE)


def _filtered(plane: F32, taps: F32, dy: int, dx: int, step: int) -> F32:
    """Separable symmetric filter, evaluated at every `step`-th pixel from (dy, dx) of the valid part."""
    reach = len(taps) - 1
    height, width = plane.shape[0] - 2 * reach, plane.shape[1] - 2 * reach

    def at(offset: int, first: int, size: int) -> slice:
        start = reach + offset + first
        return slice(start, reach + offset + size, step)

    across = plane[:, at(0, dx, width)] * taps[0]
    for i in range(1, reach + 1):
        across += (plane[:, at(-i, dx, width)] + plane[:, at(i, dx, width)]) * taps[i]
    out: F32 = across[at(0, dy, height)] * taps[0]
    for i in range(1, reach + 1):
        out += (across[at(-i, dy, height)] + across[at(i, dy, height)]) * taps[i]
    return out
