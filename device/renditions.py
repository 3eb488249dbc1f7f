"""The picture of one view in several sizes: the finest for a good link, coarser ones for a slow one.

Each rung of the ladder is made once per view, by whoever asks for it first; all who want the same share it.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Final

import numpy as np

from device.analysis.overlay import encode, layers, reduce_or
from device.frame import U8, YuvPicture
from device.picture import halve

QUALITY_RANGE: Final = (12, 88)  # of libjpeg; below 12 colour breaks into blocks
QUALITY_FIRST: Final = 75
BYTES_PER_STEP: Final = 0.025  # a JPEG grows by some 2.5 % per step of quality (measured here)
PICTURE_SHARE_MIN: Final = 0.74  # of a rung's bytes, however much the overlays show: they are at most 0.35 of it
HEADER_BYTES: Final = 1_300  # some; see `web.wire`
GRAPHS_FROM_BYTES: Final = 30_000  # smaller bodies bring graphs only now and then


@dataclass(frozen=True, slots=True)
class Rung:
    """One way to send a view."""

    halvings: int
    """How often the picture is halved in both axes."""
    body_bytes: int
    """What picture, overlay and graphs together should weigh."""


# Chosen: about a factor of two from rung to rung, because a link's rate is known no better, and the width that looks
# best with that many bytes. The finest lets a reader on 300 kB/s (the edge of a Wi-Fi) have a whole frame within 0.35 s
# of the exposure; below the coarsest, figures and overlay would outweigh the picture.
RUNGS: Final = (Rung(0, 58_000), Rung(1, 30_000), Rung(1, 16_000), Rung(2, 9_500))
FINEST: Final = 0


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
class Rendition:
    """Picture and overlay of one view on one rung."""

    jpeg: bytes
    width: int
    height: int
    layers: tuple[str, ...]
    """Names of the overlay's layers with something lit."""
    overlay: bytes
    """These layers as `analysis.overlay.encode` gives them: rows of packed bits; empty without layers."""
    overlay_width: int
    overlay_height: int


class Qualities:
    """The JPEG quality of each rung, which follows what the last pictures weighed."""

    def __init__(self) -> None:
        self._quality = [QUALITY_FIRST] * len(RUNGS)
        self._locks = [threading.Lock() for _ in RUNGS]

    def compress(self, picture: YuvPicture, rung: int, target_bytes: float) -> bytes:
        """Encode, and learn for the next frame."""
        from simplejpeg import encode_jpeg_yuv_planes

        with self._locks[rung]:
            quality = self._quality[rung]
            jpeg: bytes = encode_jpeg_yuv_planes(picture.y, picture.u, picture.v, quality, fastdct=True)
            step = np.clip(np.log(target_bytes / len(jpeg)) / BYTES_PER_STEP, -12, 3)
            self._quality[rung] = int(np.clip(quality + int(step), *QUALITY_RANGE))
        return jpeg


class Renditions:
    """All rungs of one view. Any thread may ask."""

    def __init__(self, picture: YuvPicture, overlay: U8, qualities: Qualities, *, graph_bytes: int) -> None:
        """`picture` and `overlay` (flags, of the picture's size or half of it) must not change any more."""
        self._pictures, self._overlays = [picture], [overlay]
        self._qualities = qualities
        self._graph_bytes = graph_bytes
        self._made: dict[int, Rendition] = {}
        self._lock = threading.Lock()

    @property
    def full_size(self) -> tuple[int, int]:
        """(width, height) of the finest rung's picture."""
        height, width = self._pictures[0].y.shape
        return width, height

    def at(self, rung: int) -> Rendition:
        """Give one rung, made now if nobody asked for it yet."""
        with self._lock:
            if rung not in self._made:
                self._made[rung] = self._make(rung)
            return self._made[rung]

    def _make(self, rung: int) -> Rendition:
        halvings, body_bytes = RUNGS[rung].halvings, RUNGS[rung].body_bytes
        while len(self._pictures) <= halvings:
            self._pictures.append(halve(self._pictures[-1]))
            # An odd last row or column is dropped, as in the picture, so that both stay on top of each other.
            height, width = self._overlays[-1].shape
            self._overlays.append(reduce_or(self._overlays[-1][: height // 4 * 4, : width // 4 * 4], 2))
        picture, plane = self._pictures[halvings], self._overlays[halvings]
        lit = layers(plane)
        overlay = encode(lit)
        rest = body_bytes - HEADER_BYTES - len(overlay)
        if body_bytes >= GRAPHS_FROM_BYTES:
            rest -= self._graph_bytes
        height, width = picture.y.shape
        return Rendition(
            jpeg=self._qualities.compress(picture, rung, max(rest, PICTURE_SHARE_MIN * body_bytes)),
            width=width,
            height=height,
            layers=tuple(name for name, _ in lit),
            overlay=overlay,
            overlay_width=plane.shape[1],
            overlay_height=plane.shape[0],
        )
