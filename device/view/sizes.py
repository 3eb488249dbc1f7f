"""The picture of one view in several sizes: the finest for a good link, coarser ones for a slow one.

Each rung of the ladder is made once per view, on the thread that requests it first (a web server's), and shared.
Pictures are ready before the analysis of the frame, overlays after it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np

from device.analysis.overlay import encode, layers, reduce_or
from device.frame import U8, YuvPicture
from device.pixels.yuv import halve
from device.view.made_once import MadeOnce

T = TypeVar("T")
QUALITY_RANGE: Final = (12, 88)  # of libjpeg; below 12 colour breaks into blocks
QUALITY_FIRST: Final = 75
BYTES_PER_STEP: Final = 0.025  # a JPEG grows by some 2.5 % per step of quality (measured here)
EXTRA_SHARE_MAX: Final = 0.33  # of the picture; the target for overlay, graphs and header together is below 0.35
HEADER_BYTES: Final = 1_300  # about; see `web.wire`
GRAPHS_FROM_BYTES: Final = 30_000  # smaller bodies have graphs only in some frames


@dataclass(frozen=True, slots=True)
class Rung:
    """One way to send a view."""

    halvings: int
    """How often the picture is halved in both axes."""
    body_bytes: int
    """The target size of picture, overlay and graphs together."""


# Chosen: about a factor of two from rung to rung, because a link's rate is known no better; each with the width that
# looks best with that many bytes. With the finest, a reader on 300 kB/s (the edge of a Wi-Fi) has a whole frame within
# 0.35 s of the exposure; below the coarsest, readings and overlay would be larger than the picture.
RUNGS: Final = (Rung(0, 58_000), Rung(1, 30_000), Rung(1, 16_000), Rung(2, 9_500))
FINEST: Final = 0
HALVINGS_MOST: Final = max(rung.halvings for rung in RUNGS)


def rung_for(body_bytes: float | None, width: float | None, full_width: int) -> int:
    """Choose a rung: the finest of at most `body_bytes`, and no wider than needed for `width` pixels on the screen.

    >>> [rung_for(b, None, 1014) for b in (None, 60_000, 20_000, 100)], rung_for(None, 500, 1014)
    ([0, 0, 2, 3], 1)
    """
    halvings = max(r.halvings for r in RUNGS if not r.halvings or (width and full_width >> r.halvings >= width))
    for index, rung in enumerate(RUNGS):
        if rung.halvings >= halvings and (body_bytes is None or rung.body_bytes <= body_bytes):
            return index
    return len(RUNGS) - 1


@dataclass(frozen=True, slots=True)
class Picture:
    """The picture of one view on one rung."""

    jpeg: bytes
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Overlay:
    """What the assists lit in one view, on one rung."""

    layers: tuple[str, ...]
    """Names of the layers with something lit."""
    packed: bytes
    """These layers as `analysis.overlay.encode` gives them: rows of packed bits; empty without layers."""
    width: int
    height: int


class JpegQualities:
    """The JPEG quality of each rung, adjusted by the size of the last picture and of its overlay and graphs.

    Any thread. When two threads encode the same rung of two views at once, only one of their adjustments is kept, which
    does no harm.
    """

    def __init__(self) -> None:
        self._quality = [QUALITY_FIRST] * len(RUNGS)
        self._extra_bytes = [0.0] * len(RUNGS)

    def note_extra_bytes(self, rung: int, size: int) -> None:
        """Note the bytes of overlay and graphs: the next picture leaves room for them."""
        self._extra_bytes[rung] = size

    def compress(self, picture: YuvPicture, rung: int) -> bytes:
        """Encode a picture as JPEG, and adjust the quality for the next frame."""
        from simplejpeg import encode_jpeg_yuv_planes

        extra_bytes = HEADER_BYTES + self._extra_bytes[rung]
        target_bytes = max(RUNGS[rung].body_bytes - extra_bytes, extra_bytes / EXTRA_SHARE_MAX)
        quality = self._quality[rung]
        jpeg: bytes = encode_jpeg_yuv_planes(picture.y, picture.u, picture.v, quality, fastdct=True)
        step = np.clip(np.log(target_bytes / len(jpeg)) / BYTES_PER_STEP, -12, 3)
        self._quality[rung] = int(np.clip(quality + int(step), *QUALITY_RANGE))
        return jpeg


def pictures_of(picture: YuvPicture, qualities: JpegQualities) -> MadeOnce[int, Picture]:
    """Give one view's pictures by rung. `picture` must not change any more."""
    halved = _halved(picture, halve)

    def make(rung: int) -> Picture:
        smaller = halved(RUNGS[rung].halvings)
        height, width = smaller.y.shape
        return Picture(qualities.compress(smaller, rung), width, height)

    return MadeOnce(make)


def overlays_of(flags: U8, qualities: JpegQualities, *, graph_bytes: int) -> MadeOnce[int, Overlay]:
    """Give one view's overlays by rung. `flags` (H, W), of the picture's size, must not change any more.

    `graph_bytes` is the size of the view's graphs: the quality of the next picture leaves room for them.
    """
    halved = _halved(flags, _halve_flags)

    def make(rung: int) -> Overlay:
        plane = halved(RUNGS[rung].halvings)
        lit = layers(plane)
        packed = encode(lit)
        with_graphs = RUNGS[rung].body_bytes >= GRAPHS_FROM_BYTES
        qualities.note_extra_bytes(rung, len(packed) + (graph_bytes if with_graphs else 0))
        return Overlay(tuple(name for name, _ in lit), packed, plane.shape[1], plane.shape[0])

    return MadeOnce(make)


def _halved(whole: T, halve_once: Callable[[T], T], most: int = HALVINGS_MOST) -> Callable[[int], T]:
    """Give a function that halves `whole` n times, n up to `most`; each size is made once, from the next larger one."""
    if most == 0:
        return lambda _: whole
    larger = _halved(whole, halve_once, most - 1)
    smallest = MadeOnce[int, T](lambda n: halve_once(larger(n - 1)))
    return lambda n: smallest.at(n) if n == most else larger(n)


def _halve_flags(flags: U8) -> U8:
    # An odd last row or column is dropped, as in the picture, so that both still match.
    height, width = flags.shape
    return reduce_or(flags[: height // 4 * 4, : width // 4 * 4], 2)
