"""The plane in which focus is judged: the luma, or the raw's green samples, at the size that `Subject.focus_size` says.

Green samples have the sensor's own noise, whose size and spectrum are known before the picture is seen: nothing is left
to guess in a picture that has no flat place. They go through the tone curve, so that everything after them is the same
as for luma. At half the size they are the mean of both samples of a cell, else the missing ones are the mean of their
four neighbours. On generated leaves sharp to the pixel, of the textured cells were told at gain 1, 4, 16, with nothing
lying: from green 100, 96, 74 %, from luma 99, 85, 49; at half the size 98, 89, 56 and 92, 75, 38. Green whose noise is
measured as luma's is: 99, 93, 64 and 93, 76, 35. The live view stays with luma: its samples come packed, and would have
to be unpacked and filled up in each frame.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from device.analysis.area import Area
from device.analysis.processing import HALF_GREEN, PROCESSINGS, Processing
from device.analysis.subject import Chroma, Subject
from device.bayer import offsets
from device.frame import U8, AnyRaw, Mask, ProcessingName
from device.pixels.yuv import halve_plane
from device.sensors.base import ToneCurve

_AT_HALF: Final[dict[ProcessingName, ProcessingName]] = {"none": "halved", "camera": "halved"}
"""What halving makes of a processing; the others stay: what a JPEG has lost is not back at half its size (measured)."""

_NOT_HALVED: Final[dict[ProcessingName, ProcessingName]] = {"shot": "jpeg"}
"""A shot's JPEG has all pixels; what hqcam developed smaller is sharper than a lens."""


@dataclass(frozen=True, slots=True)
class FocusPlane:
    """A part of a picture, ready to be measured."""

    luma: U8
    chroma: Chroma | None
    processing: Processing
    size: tuple[int, ...]
    """(H, W) of the same part of the picture."""
    halved: bool

    def at_picture_size(self, mask: Mask) -> Mask:
        """Repeat each pixel of a mask twice along both axes where the plane was halved.

        What the picture has more at the right and bottom is not lit.
        """
        if not self.halved:
            return mask
        height, width = mask.shape
        pairs = (mask.astype(np.uint16) * np.uint16(0x101)).view(np.bool_)
        whole = np.zeros(self.size, np.bool_)
        whole[: 2 * height].reshape(height, 2, -1)[..., : 2 * width] = pairs[:, np.newaxis]
        return whole


def focus_plane(subject: Subject, area: Area) -> FocusPlane:
    """Give the plane of an area of the picture. Called by the analyser for each frame with a focus assist."""
    halved = subject.focus_size != subject.luma.shape
    luma, name = area.cut(subject.luma), subject.processing
    if name == "raw":
        raw = subject.raw
        if raw is not None and raw.shape == subject.luma.shape and min(raw.shape) > 1:
            green = half_green(raw, subject.sensor.tone) if halved else filled_green(raw, subject.sensor.tone)
            rows, columns = (slice(0, side) for side in subject.focus_size)
            part = area.cut(green[rows, columns])
            return FocusPlane(part, None, HALF_GREEN if halved else PROCESSINGS["raw"], luma.shape, halved)
        name = "none"
    chroma = None if subject.chroma is None else (area.cut(subject.chroma[0]), area.cut(subject.chroma[1]))
    if not halved:
        return FocusPlane(luma, chroma, PROCESSINGS[_NOT_HALVED.get(name, name)], luma.shape, halved)
    height, width = (side // 4 * 2 for side in luma.shape)
    half = halve_plane(luma, (height, width))
    if chroma is not None:
        u, v = (halve_plane(plane, (height // 2, width // 2)) for plane in chroma)
        chroma = u, v
    return FocusPlane(half, chroma, PROCESSINGS[_AT_HALF.get(name, name)], luma.shape, halved)


def half_green(raw: AnyRaw, tone: ToneCurve) -> U8:
    """Give the display codes (H // 2, W // 2) of the mean of both green samples of each cell of 2 x 2."""
    samples = raw.samples[: raw.shape[0] // 2 * 2, : raw.shape[1] // 2 * 2]
    first, second = (samples[y::2, x::2] for y, x in _greens(raw))
    codes: U8 = np.take(_codes(raw, tone, samples=2), np.add(first, second, dtype=np.uint32))
    return codes


def filled_green(raw: AnyRaw, tone: ToneCurve) -> U8:
    """Give the display codes (H, W) of green; at red and blue it is the mean of the four neighbours."""
    samples = raw.samples
    around = np.pad(samples, 1, mode="reflect").astype(np.uint32)
    total = around[:-2, 1:-1] + around[2:, 1:-1]
    total += around[1:-1, :-2]
    total += around[1:-1, 2:]
    for y, x in _greens(raw):
        total[y::2, x::2] = samples[y::2, x::2] * np.uint32(4)
    codes: U8 = np.take(_codes(raw, tone, samples=4), total)
    return codes


def _greens(raw: AnyRaw) -> tuple[tuple[int, int], tuple[int, int]]:
    sites = offsets(raw.cfa)
    return sites["Gr"], sites["Gb"]


def _codes(raw: AnyRaw, tone: ToneCurve, *, samples: int) -> U8:
    """Give the display code of each sum of so many samples."""
    black_dn = (raw.black_dn[1] + raw.black_dn[2]) / 2
    mean_dn = np.arange(samples * (2**16 - 1) + 1) / samples
    linear = np.clip((mean_dn - black_dn) / (raw.white_dn - black_dn), 0, 1)
    codes: U8 = np.rint(255 * tone.to_display(linear)).astype(np.uint8)
    return codes
