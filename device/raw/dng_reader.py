"""Reads the samples of a DNG that hqcam, PiDNG or rpicam-still wrote: a Bayer mosaic, or a sensor of one colour.

Strips or tiles of 8, 10, 12, 14 or 16 bits, uncompressed or (with the extra `lossless`) lossless JPEG; 2x2 RGB mosaics
or LinearRaw of one sample a pixel, either byte order. Anything else (lossy, linear RGB, X-Trans, floating point) raises
a BadFile that names it: this is not a raw converter.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from device.bayer import CFA_ORDERS, CfaOrder, offsets
from device.errors import BadFile
from device.frame import U16, RawFrame
from device.pixels.packed import TIFF_GROUP_PIXELS, tiff_row_bytes, unpack_tiff
from device.raw import lossless
from device.raw.dng_writer import CFA_COLOURS
from device.raw.exif import NOTE_LEVELS
from device.raw.file_metadata import metadata_of
from device.raw.limits import check_pixels
from device.raw.tags import (
    COMPRESSION_JPEG,
    COMPRESSION_NONE,
    PHOTOMETRIC_CFA,
    PHOTOMETRIC_LINEAR_RAW,
    PHOTOMETRIC_YCBCR,
    Tag,
)
from device.raw.tiff_reader import StoredDirectory, StoredTiff

PREVIEW_BYTES_MAX: Final = 32 * 2**20  # chosen: a JPEG of 12 megapixels has under 12 MB
_PLAIN_ONLY: Final = "a DNG of a Bayer or grey sensor, uncompressed or lossless, as hqcam, PiDNG or rpicam-still write"
_REMEDY: Final = "convert it to an uncompressed DNG first, or give its JPEG"
_COMPRESSIONS: Final = (COMPRESSION_NONE, COMPRESSION_JPEG)
_NOT_WRITTEN: Final = 2**32 - 1


@dataclass(frozen=True, slots=True)
class _Block:
    """A strip or a tile: where it goes in the picture and where it lies in the file."""

    row: int
    column: int
    rows: int
    columns: int
    offset: int
    length: int
    """Bytes in the file."""


@dataclass(frozen=True, slots=True)
class GreyRaw:
    """The samples of a sensor without colour filters, linear in light."""

    samples: U16
    """(H, W), right-justified at `bit_depth`."""
    bit_depth: int
    black_dn: tuple[float, float, float, float]
    """Of the first two by two samples, in reading order; the same for every further two by two."""
    white_dn: int
    levels_assumed: bool = False
    """True when the file does not tell black or white."""


def read_raw(tiff: StoredTiff) -> RawFrame:
    """Give the Bayer samples inside the active area, with their levels. Raises BadFile, also for a grey sensor."""
    samples = read_samples(tiff)
    if isinstance(samples, GreyRaw):
        raise _unusable("it holds no Bayer samples")
    return samples


def read_samples(tiff: StoredTiff) -> RawFrame | GreyRaw:
    """Give the samples inside the active area, with their levels. Raises BadFile."""
    directory = _raw_directory(tiff)
    bits = _checked_bits(directory)
    grey = directory.integer(Tag.PHOTOMETRIC_INTERPRETATION) == PHOTOMETRIC_LINEAR_RAW
    order = None if grey else _cfa_order(directory)
    samples = _samples(tiff, directory, bits)
    active = _active_area(directory, _checked_shape(directory))
    black, black_known = _black(directory)
    white, white_known = _white(directory, bits)
    if min(black) < 0 or max(black) >= white:
        raise _unusable(f"its black levels {black} are not below its white level {white}")
    # A 16-bit container may hold right-justified samples of fewer bits: the white level shows how many.
    depth = white.bit_length() if bits == 16 else bits
    assumed = not (black_known and white_known) or NOTE_LEVELS in metadata_of(tiff).notes
    if order is None:
        return GreyRaw(samples[active], depth, black, white, levels_assumed=assumed)
    red, green_red, green_blue, blue = (black[2 * row + column] for row, column in offsets(order).values())
    return RawFrame(samples[active], order, depth, (red, green_red, green_blue, blue), white, levels_assumed=assumed)


def raw_size(tiff: StoredTiff) -> tuple[int, int]:
    """Give (width, height) of what `read_samples` would give, from the directories alone. Raises BadFile."""
    directory = _raw_directory(tiff)
    rows, columns = _active_area(directory, _checked_shape(directory))
    return columns.stop - columns.start, rows.stop - rows.start


def preview_place(tiff: StoredTiff) -> tuple[int, int]:
    """Give where the largest JPEG preview of a DNG begins and ends in the file, from its directories alone.

    Raises BadFile.
    """
    previews = [
        (size, start)
        for directory in tiff.walk()
        if directory.integer(Tag.COMPRESSION) == COMPRESSION_JPEG
        and directory.integer(Tag.PHOTOMETRIC_INTERPRETATION) == PHOTOMETRIC_YCBCR
        for size, start in [_only_strip(directory)]
        if 0 < size <= PREVIEW_BYTES_MAX
    ]
    if not previews:
        raise _unusable("it holds no JPEG preview")
    size, start = max(previews)
    return start, start + size


def _only_strip(directory: StoredDirectory) -> tuple[int, int]:
    """Bytes and offset of a picture in one piece; no bytes for one in several."""
    starts, sizes = directory.integers(Tag.STRIP_OFFSETS), directory.integers(Tag.STRIP_BYTE_COUNTS)
    return (sizes[0], starts[0]) if len(starts) == len(sizes) == 1 else (0, 0)


def _raw_directory(tiff: StoredTiff) -> StoredDirectory:
    kinds = (PHOTOMETRIC_CFA, PHOTOMETRIC_LINEAR_RAW)
    raws = [d for d in tiff.walk() if d.integer(Tag.PHOTOMETRIC_INTERPRETATION) in kinds]
    if not raws:
        raise _unusable("it holds no raw samples")
    return max(raws, key=lambda d: (d.integer(Tag.NEW_SUBFILE_TYPE, 0) == 0, d.integer(Tag.IMAGE_WIDTH, 0) or 0))


def _checked_bits(directory: StoredDirectory) -> int:
    bits = directory.integer(Tag.BITS_PER_SAMPLE, 1) or 1
    compression = directory.integer(Tag.COMPRESSION, 1)
    if compression not in _COMPRESSIONS:
        raise _unusable(f"its compression is {compression}, not one of {_COMPRESSIONS}")
    plain = {
        "samples per pixel": (directory.integer(Tag.SAMPLES_PER_PIXEL, 1), 1),
        "fill order": (directory.integer(Tag.FILL_ORDER, 1), 1),
        "sample format": (directory.integer(Tag.SAMPLE_FORMAT, 1), 1),
        "CFA layout": (directory.integer(Tag.CFA_LAYOUT, 1), 1),
    }
    for what, (found, wanted) in plain.items():
        if found != wanted:
            raise _unusable(f"its {what} is {found}, not {wanted}")
    if bits not in TIFF_GROUP_PIXELS:
        raise _unusable(f"its samples have {bits} bits")
    if Tag.LINEARIZATION_TABLE in directory.fields:
        raise _unusable("its samples go through a linearisation table")
    return bits


def _cfa_order(directory: StoredDirectory) -> CfaOrder:
    size = directory.integers(Tag.CFA_REPEAT_PATTERN_DIM)
    codes = directory.integers(Tag.CFA_PATTERN)
    name = "".join(CFA_COLOURS[code] for code in codes if 0 <= code < len(CFA_COLOURS))
    order = next((known for known in CFA_ORDERS if known == name), None)
    if order is None or size != (2, 2):
        raise _unusable(f"its colour filter array is {codes} in {size}")
    return order


def _checked_shape(directory: StoredDirectory) -> tuple[int, int]:
    width, height = directory.integer(Tag.IMAGE_WIDTH, 0) or 0, directory.integer(Tag.IMAGE_LENGTH, 0) or 0
    check_pixels(width, height, least=2)
    return height, width


def _samples(tiff: StoredTiff, directory: StoredDirectory, bits: int) -> U16:
    height, width = _checked_shape(directory)
    compressed = directory.integer(Tag.COMPRESSION, 1) == COMPRESSION_JPEG
    blocks = list(_blocks(directory, width, height, None if compressed else bits))
    needed = sum(block.length for block in blocks)
    # Blocks that share bytes would let a small file ask for a large picture.
    if needed > len(tiff.data) or any(block.offset + block.length > len(tiff.data) for block in blocks):
        raise BadFile(
            f"the file ends before its samples: {width}x{height} at {bits} bits take {needed} bytes",
            expected=f"more than the {len(tiff.data)} bytes that are there",
            remedy="copy the file again from where it came; it was cut short",
        )
    samples = np.empty((height, width), np.uint16)
    for block in blocks:
        target = samples[block.row : block.row + block.rows, block.column : block.column + block.columns]
        decoded = _decompress(tiff, block, bits) if compressed else _decode(tiff, block, bits)
        target[:] = decoded[: target.shape[0], : target.shape[1]]
    return samples


def _blocks(directory: StoredDirectory, width: int, height: int, bits: int | None) -> Iterator[_Block]:
    """Give the strips or tiles. Their lengths follow from `bits`; where that is None they are taken from the file."""
    tiled = Tag.TILE_WIDTH in directory.fields
    rows = directory.integer(Tag.TILE_LENGTH if tiled else Tag.ROWS_PER_STRIP, _NOT_WRITTEN) or 0
    columns = (directory.integer(Tag.TILE_WIDTH, 0) or 0) if tiled else width
    places = directory.integers(Tag.TILE_OFFSETS if tiled else Tag.STRIP_OFFSETS)
    lengths = directory.integers(Tag.TILE_BYTE_COUNTS if tiled else Tag.STRIP_BYTE_COUNTS)
    if rows < 1 or columns < 1:
        raise _unusable(f"it is cut into pieces of {columns}x{rows}")
    across, down = -(-width // columns), -(-height // rows)
    if len(places) != across * down or (bits is None and len(lengths) != len(places)):
        raise _unusable(f"it lists {len(places)} pieces of samples where {across * down} make the picture")
    for index, offset in enumerate(places):
        row, column = index // across * rows, index % across * columns
        block_rows = rows if tiled else min(rows, height - row)
        length = lengths[index] if bits is None else block_rows * tiff_row_bytes(columns, bit_depth=bits)
        yield _Block(row, column, block_rows, columns, offset, length)


def _decode(tiff: StoredTiff, block: _Block, bits: int) -> U16:
    data = tiff.data[block.offset : block.offset + block.length]
    if bits == 16:
        return np.frombuffer(data, f"{tiff.order}u2").reshape(block.rows, block.columns)
    packed = np.frombuffer(data, np.uint8).reshape(block.rows, -1)
    return unpack_tiff(packed, block.columns, bit_depth=bits)


def _decompress(tiff: StoredTiff, block: _Block, bits: int) -> U16:
    data = tiff.data[block.offset : block.offset + block.length]
    samples = lossless.decode(data, rows=block.rows, columns=block.columns)
    if int(samples.max(initial=0)) >> bits:
        raise _unusable(f"a sample is {int(samples.max())}, beyond its {bits} bits")
    return samples


def _active_area(directory: StoredDirectory, shape: tuple[int, int]) -> tuple[slice, slice]:
    height, width = shape
    area = directory.integers(Tag.ACTIVE_AREA) or (0, 0, height, width)
    if len(area) != 4 or not (0 <= area[0] <= area[2] - 2 < height - 1 and 0 <= area[1] <= area[3] - 2 < width - 1):
        raise _unusable(f"its active area is {area} in a picture of {width}x{height}")
    top, left, bottom, right = area
    return slice(top, bottom), slice(left, right)


def _black(directory: StoredDirectory) -> tuple[tuple[float, float, float, float], bool]:
    """Give the levels of the first two by two samples in reading order, and whether the file gives them.

    DNG's default is 0.
    """
    values = directory.numbers(Tag.BLACK_LEVEL)
    size = directory.integers(Tag.BLACK_LEVEL_REPEAT_DIM) or (1, 1)
    if not values:
        return (0.0, 0.0, 0.0, 0.0), False
    if size not in ((1, 1), (2, 2)) or len(values) != size[0] * size[1] or not all(map(math.isfinite, values)):
        raise _unusable(f"its black levels are {values[:8]} in {size}")
    first, second, third, fourth = (float(v) for v in (values if len(values) == 4 else values * 4))
    return (first, second, third, fourth), True


def _white(directory: StoredDirectory, bits: int) -> tuple[int, bool]:
    """Give the white level, and whether the file gives it (DNG's default is the largest sample)."""
    level = directory.number(Tag.WHITE_LEVEL)
    if level is None:
        return 2**bits - 1, False
    if not (math.isfinite(level) and 1 <= level <= 2**bits - 1):
        raise _unusable(f"its white level is {level} for {bits}-bit samples")
    return int(level), True


def _unusable(found: str) -> BadFile:
    return BadFile(f"this DNG cannot be read here: {found}", expected=_PLAIN_ONLY, remedy=_REMEDY)
