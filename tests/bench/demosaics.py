"""Demosaics for the bench of renderings: two linear ones written here, six of LibRaw's through rawpy.

Each takes noisy samples and white balance and gives the balanced linear picture, float32 (H, W, 3), clipped to 0..1.
LibRaw reads them from a DNG in memory, written by hqcam: it takes black and white from there, and knows no colour.
rawpy starts OpenMP threads: a process that has used it must not be forked.
"""

from __future__ import annotations

import functools
import io
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

import numpy as np
import rawpy

from device.bayer import offsets
from device.frame import F32, FrameMeta, RawFrame
from device.raw.dng_writer import encode_dng
from device.raw.jpeg import encode_picture_jpeg
from device.raw.shot_metadata import ShotMetadata
from device.sensors.imx477 import IMX477
from device.simulator.isp import empty_picture

Gains = tuple[float, float]
"""Of red and blue."""
Demosaic = Callable[[RawFrame, Gains], F32]

_SIDE: Final = np.array([[0, 1, 0], [1, 4, 1], [0, 1, 0]]) / 4
_CORNER: Final = np.array([[1, 2, 1], [2, 4, 2], [1, 2, 1]]) / 4
# Malvar, He and Cutler, "High-quality linear interpolation for demosaicing of Bayer-patterned color images" (2004).
_GREEN: Final = np.array([[0, 0, -1, 0, 0], [0, 0, 2, 0, 0], [-1, 2, 4, 2, -1], [0, 0, 2, 0, 0], [0, 0, -1, 0, 0]]) / 8
_IN_ROW: Final = (
    np.array([[0, 0, 0.5, 0, 0], [0, -1, 0, -1, 0], [-1, 4, 5, 4, -1], [0, -1, 0, -1, 0], [0, 0, 0.5, 0, 0]]) / 8
)
_ACROSS: Final = (
    np.array([[0, 0, -1.5, 0, 0], [0, 2, 0, 2, 0], [-1.5, 0, 6, 0, -1.5], [0, 2, 0, 2, 0], [0, 0, -1.5, 0, 0]]) / 8
)


def balanced(raw: RawFrame, gains: Gains) -> F32:
    """Give the mosaic (H, W) with white at 1, white-balanced; values under black stay negative."""
    mosaic = (raw.samples.astype(np.float32) - raw.black_dn[0]) / (raw.white_dn - raw.black_dn[0])
    for site, (row, column) in offsets(raw.cfa).items():
        mosaic[row::2, column::2] *= {"R": gains[0], "B": gains[1]}.get(site, 1.0)
    return mosaic


def bilinear(raw: RawFrame, gains: Gains) -> F32:
    """Fill each colour with the mean of its nearest samples."""
    mosaic = balanced(raw, gains)
    planes = np.zeros((3, *mosaic.shape), np.float32)
    for site, (row, column) in offsets(raw.cfa).items():
        planes["RGB".index(site[0]), row::2, column::2] = mosaic[row::2, column::2]
    filled = [_convolved(plane, kernel) for plane, kernel in zip(planes, (_CORNER, _SIDE, _CORNER), strict=True)]
    return _clipped(np.stack(filled, axis=-1))


def gradient_corrected(raw: RawFrame, gains: Gains) -> F32:
    """Fill as bilinear, and add what the site's own colour differs from its surroundings. RGGB only."""
    mosaic = balanced(raw, gains)
    green, row, column, across = (_convolved(mosaic, k) for k in (_GREEN, _IN_ROW, _IN_ROW.T, _ACROSS))
    rgb = np.stack([mosaic] * 3, axis=-1)
    red, red_row, blue_row, blue = (np.s_[y::2, x::2] for y in (0, 1) for x in (0, 1))  # R Gr / Gb B
    for site in (red, blue):
        rgb[..., 1][site] = green[site]
    for channel, own, same_row, other_row, opposite in (
        (0, red, red_row, blue_row, blue),
        (2, blue, blue_row, red_row, red),
    ):
        plane = rgb[..., channel]
        plane[own], plane[same_row], plane[other_row] = mosaic[own], row[same_row], column[other_row]
        plane[opposite] = across[opposite]
    return _clipped(rgb)


def libraw(algorithm: rawpy.DemosaicAlgorithm) -> Demosaic:
    """Give a demosaic of LibRaw: linear, no colour matrix, nothing done to noise."""

    def demosaic(raw: RawFrame, gains: Gains) -> F32:
        with rawpy.imread(io.BytesIO(_dng(raw))) as opened:
            rgb = opened.postprocess(
                demosaic_algorithm=algorithm,
                user_wb=[gains[0], 1.0, gains[1], 1.0],
                output_color=rawpy.ColorSpace.raw,
                output_bps=16,
                gamma=(1, 1),
                no_auto_bright=True,
                adjust_maximum_thr=0.0,
                user_flip=0,
            )
        result: F32 = rgb.astype(np.float32) / np.float32(65535)
        return result

    return demosaic


def _convolved(plane: F32, kernel: np.ndarray) -> F32:
    """Filter; beyond the ends the plane is mirrored, which keeps each site's colour. The kernels are symmetrical."""
    reach = kernel.shape[0] // 2
    padded = np.pad(plane, reach, mode="reflect")
    height, width = plane.shape
    out = np.zeros_like(plane)
    for y, x in np.argwhere(kernel):
        out += np.float32(kernel[y, x]) * padded[y : y + height, x : x + width]
    return out


def _clipped(rgb: F32) -> F32:
    return np.clip(rgb, 0, 1, out=rgb)


def _dng(raw: RawFrame) -> bytes:
    mode = IMX477.modes[-1]
    meta = FrameMeta(1, 0, 10_000.0, 1.0, 1.0, (2.0, 2.0), 5000.0, 100_000.0, "off", mode, simulated=True)
    shot = ShotMetadata(
        meta, datetime(2020, 1, 1, tzinfo=UTC), clock_synchronised=True, sensor=IMX477, software="bench"
    )
    return b"".join(encode_dng(raw, shot, preview_jpeg=_preview(), preview_size=(16, 16), form="16-bit"))


@functools.cache
def _preview() -> bytes:
    picture = empty_picture(16, 16)
    for plane in (picture.y, picture.u, picture.v):
        plane[:] = 128
    return encode_picture_jpeg(picture, 85)


DEMOSAICS: Final[dict[str, Demosaic]] = {
    "bilinear": bilinear,
    "gradient": gradient_corrected,
    **{name: libraw(rawpy.DemosaicAlgorithm[name]) for name in ("VNG", "AHD", "DCB", "PPG", "DHT", "AAHD")},
}
