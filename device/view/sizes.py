"""The picture of one view in several sizes: the finest for a good link, coarser ones for a slow one.

Each rung of the ladder is made once per view, by whoever asks for it first; all who want the same share it. Pictures
are there before the assists have looked at the frame, overlays after.
"""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

import numpy as np

from device.analysis.overlay import encode, layers, reduce_or
from device.frame import U8, YuvPicture
from device.pixels.yuv import halve

T = TypeVar("T")
QUALITY_RANGE: Final = (12, 88)  # of libjpeg; below 12 colour breaks into blocks
QUALITY_FIRST: Final = 75
BYTES_PER_STEP: Final = 0.025  # a JPEG grows by some 2.5 % per step of quality (measured here)
BESIDE_SHARE_MAX: Final = 0.33  # of the picture: overlay, graphs and header together are to stay below 0.35 of it
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
class Picture:
    """The picture of one view on one rung."""

    jpeg: bytes
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Marks:
    """What the assists lit in one view, on one rung."""

    layers: tuple[str, ...]
    """Names of the overlay's layers with something lit."""
    packed: bytes
    """These layers as `analysis.overlay.encode` gives them: rows of packed bits; empty without layers."""
    width: int
    height: int


class Qualities:
    """The JPEG quality of each rung, which follows what the last pictures weighed, and what came beside them."""

    def __init__(self) -> None:
        self._quality = [QUALITY_FIRST] * len(RUNGS)
        self._beside = [0.0] * len(RUNGS)
        self._locks = [threading.Lock() for _ in RUNGS]

    def note_beside(self, rung: int, size: int) -> None:
        """Learn what overlay and graphs weighed: the next picture leaves room for them."""
        self._beside[rung] = size

    def compress(self, picture: YuvPicture, rung: int) -> bytes:
        """Encode, and learn for the next frame."""
        from simplejpeg import encode_jpeg_yuv_planes

        body_bytes = RUNGS[rung].body_bytes
        beside = HEADER_BYTES + self._beside[rung]
        target_bytes = max(body_bytes - beside, beside / BESIDE_SHARE_MAX)
        with self._locks[rung]:
            quality = self._quality[rung]
            jpeg: bytes = encode_jpeg_yuv_planes(picture.y, picture.u, picture.v, quality, fastdct=True)
            step = np.clip(np.log(target_bytes / len(jpeg)) / BYTES_PER_STEP, -12, 3)
            self._quality[rung] = int(np.clip(quality + int(step), *QUALITY_RANGE))
        return jpeg


class _Ladder(ABC, Generic[T]):
    """Makes each rung once, when it is first asked for. Any thread may ask."""

    def __init__(self) -> None:
        self._made: dict[int, T] = {}
        self._lock = threading.Lock()

    def at(self, rung: int) -> T:
        """Give one rung, made now if nobody asked for it yet."""
        with self._lock:
            if rung not in self._made:
                self._made[rung] = self._make(rung)
            return self._made[rung]

    @abstractmethod
    def _make(self, rung: int) -> T:
        """Make one rung."""


class Pictures(_Ladder[Picture]):
    """The picture of one view on all rungs."""

    def __init__(self, picture: YuvPicture, qualities: Qualities) -> None:
        """`picture` must not change any more."""
        super().__init__()
        self._halved = [picture]
        self._qualities = qualities

    @property
    def full_size(self) -> tuple[int, int]:
        """(width, height) of the finest rung's picture."""
        height, width = self._halved[0].y.shape
        return width, height

    def _make(self, rung: int) -> Picture:
        while len(self._halved) <= RUNGS[rung].halvings:
            self._halved.append(halve(self._halved[-1]))
        picture = self._halved[RUNGS[rung].halvings]
        height, width = picture.y.shape
        return Picture(self._qualities.compress(picture, rung), width, height)


class Overlays(_Ladder[Marks]):
    """The overlay of one view on all rungs."""

    def __init__(self, flags: U8, qualities: Qualities, *, graph_bytes: int) -> None:
        """`flags` (of the picture's size or half of it) must not change any more."""
        super().__init__()
        self._halved = [flags]
        self._qualities, self._graph_bytes = qualities, graph_bytes

    def _make(self, rung: int) -> Marks:
        while len(self._halved) <= RUNGS[rung].halvings:
            # An odd last row or column is dropped, as in the picture, so that both stay on top of each other.
            height, width = self._halved[-1].shape
            self._halved.append(reduce_or(self._halved[-1][: height // 4 * 4, : width // 4 * 4], 2))
        plane = self._halved[RUNGS[rung].halvings]
        lit = layers(plane)
        packed = encode(lit)
        with_graphs = RUNGS[rung].body_bytes >= GRAPHS_FROM_BYTES
        self._qualities.note_beside(rung, len(packed) + (self._graph_bytes if with_graphs else 0))
        return Marks(tuple(name for name, _ in lit), packed, plane.shape[1], plane.shape[0])
