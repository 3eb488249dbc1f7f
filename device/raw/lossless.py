"""Lossless JPEG (ITU-T T.81 process 14, SOF3) as DNG keeps Bayer samples: tiles of two components, predictor 1.

Even and odd columns are a component each, so that a sample is predicted from its left neighbour of the same colour.
Predictor 1 is the one that every raw converter reads. The codec comes with the extra `lossless`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np

from device.errors import BadFile, ExtraMissing
from device.frame import U16
from device.raw.jpeg_header import EOI, SOF3, START_OF_FRAME, scans_of, segments
from device.raw.limits import SCANS_MAX, check_pixels, check_scans

TILE_COLUMNS: Final = 2048  # chosen: two tiles across 4056, which keeps the padding to multiples of 16 small
TILE_ROWS: Final = 256  # chosen: 24 tiles of a full frame keep four cores busy to the end
_STEP: Final = 16  # TIFF 6.0: sides of a tile are multiples of 16
PREDICTOR: Final = 1
COMPONENTS: Final = 2


class MapWork(Protocol):
    """A function that does the same work on many things: the built-in `map`, or the `map` of an executor."""

    def __call__(self, work: Any, things: Iterable[Any], /) -> Iterable[Any]:
        """Give the results in order."""


@dataclass(frozen=True, slots=True)
class Tiles:
    """A picture cut into tiles of one size, row by row; they may reach beyond its right and lower sides."""

    columns: int
    rows: int
    data: tuple[bytes, ...]


def encode_tiles(samples: U16, *, bit_depth: int, map_work: MapWork = map) -> Tiles:
    """Compress (H, W) samples of `bit_depth` bits. Raises ExtraMissing."""
    jpeg = codec()
    height, width = samples.shape
    columns = _even_share(width, TILE_COLUMNS)
    rows = _even_share(height, TILE_ROWS)

    def encode(tile: U16) -> bytes:
        pairs = tile.reshape(rows, columns // COMPONENTS, COMPONENTS)
        # "unknown": the components are no colours, so nothing may be converted.
        data: bytes = jpeg.jpeg8_encode(
            pairs,
            lossless=True,
            predictor=PREDICTOR,
            bitspersample=bit_depth,
            colorspace="unknown",
            outcolorspace="unknown",
        )
        return data

    return Tiles(columns, rows, tuple(map_work(encode, _cut(samples, rows, columns))))


def decode(data: bytes | memoryview, *, rows: int, columns: int) -> U16:
    """Give the samples of one strip or tile. Raises BadFile, ExtraMissing."""
    check_pixels(columns, rows)
    data = bytes(data)
    _check_size(data, rows * columns)
    if EOI not in data[-3:]:  # the codec would fill up what is missing; a byte of padding may follow
        raise BadFile("a tile is cut short", expected="a whole file", remedy="copy the file again from where it came")
    jpeg = codec()
    try:
        samples = np.asarray(jpeg.jpeg8_decode(data))
    except (ValueError, RuntimeError, OverflowError) as error:  # imagecodecs: Jpeg8Error is a RuntimeError
        raise BadFile(f"its lossless JPEG cannot be decoded: {error}", expected="a whole file") from error
    if samples.size != rows * columns:
        raise BadFile(f"a tile has {samples.size} samples", expected=f"{rows} x {columns}")
    return samples.astype(np.uint16, copy=False).reshape(rows, columns)


def _check_size(data: bytes, samples: int) -> None:
    """Check the size in the frame header before anything is allocated for it. Raises BadFile."""
    for marker, start, end in segments(data):
        if marker in START_OF_FRAME:
            frame = data[start + 4 : end]
            if marker != SOF3:
                raise BadFile("its samples are JPEG pictures, not lossless JPEG", expected="lossless JPEG (SOF3)")
            if len(frame) >= 6:
                high, wide = int.from_bytes(frame[1:3], "big"), int.from_bytes(frame[3:5], "big")
                if high * wide * frame[5] == samples:
                    check_scans(scans_of(data, SCANS_MAX), samples)
                    return
            raise BadFile("a tile's JPEG is not of the size the file tells", expected=f"{samples} samples")
    raise BadFile("a tile is no JPEG", expected="lossless JPEG (SOF3)")


def _even_share(side: int, most: int) -> int:
    """Cut `side` into equal parts near `most`; give the part, on TIFF's step."""
    parts = max(1, round(side / most))
    return -(-side // (parts * _STEP)) * _STEP


def _cut(samples: U16, rows: int, columns: int) -> Iterator[U16]:
    height, width = samples.shape
    for row in range(0, height, rows):
        for column in range(0, width, columns):
            tile = samples[row : row + rows, column : column + columns]
            missing = (rows - tile.shape[0], columns - tile.shape[1])
            # Repeating the edge costs next to nothing in the file.
            padded = np.pad(tile, ((0, missing[0]), (0, missing[1])), mode="edge") if any(missing) else tile
            yield np.ascontiguousarray(padded)


def codec() -> Any:
    """Give the module imagecodecs. Raises ExtraMissing; callers check this before they begin."""
    try:
        import imagecodecs  # not at module level: an extra, and costs start-up
    except ImportError as error:
        raise ExtraMissing(
            "lossless JPEG needs the package imagecodecs, which is not installed",
            expected="hqcam with its extra 'lossless'",
            remedy="install hqcam again with [lossless], or store the samples packed",
        ) from error
    return imagecodecs
