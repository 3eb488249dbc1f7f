"""Writes the structure of a TIFF file: directories, their fields, the pixel data they point to.

Little-endian, classic (32-bit offsets), fields sorted by tag, everything on an even offset, as TIFF 6.0 requires.
Pixel data is passed on by reference and never copied. DNG files and the Exif block of a JPEG are written with it.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from fractions import Fraction

from device.errors import BadInput
from device.raw.tags import Tag

Buffer = bytes | bytearray | memoryview
Rational = tuple[int, int]

U32_MAX = 2**32 - 1


class Type(IntEnum):
    """TIFF 6.0's field types, and IFD from TIFF Technical Note 1."""

    BYTE = 1
    ASCII = 2
    SHORT = 3
    LONG = 4
    RATIONAL = 5
    SBYTE = 6
    UNDEFINED = 7
    SSHORT = 8
    SLONG = 9
    SRATIONAL = 10
    FLOAT = 11
    DOUBLE = 12
    IFD = 13


FORMATS: dict[Type, str] = {
    Type.BYTE: "B",
    Type.ASCII: "s",
    Type.SHORT: "H",
    Type.LONG: "I",
    Type.RATIONAL: "II",
    Type.SBYTE: "b",
    Type.UNDEFINED: "s",
    Type.SSHORT: "h",
    Type.SLONG: "i",
    Type.SRATIONAL: "ii",
    Type.FLOAT: "f",
    Type.DOUBLE: "d",
    Type.IFD: "I",
}
"""`struct` codes of one value of each type."""


@dataclass(frozen=True, slots=True)
class Field:
    """One tag's value, already in TIFF's bytes."""

    type: Type
    count: int
    data: bytes


@dataclass(slots=True)
class Directory:
    """An IFD: its fields, directories below and behind it, and its pixel data in strips or tiles."""

    fields: dict[int, Field] = field(default_factory=dict)
    below: dict[int, Directory] = field(default_factory=dict)
    """By the tag that points to it (SubIFDs, ExifIFD)."""
    strip: Buffer | None = None
    """Contiguous bytes; their offset and length are written for them."""
    tiles: Sequence[Buffer] = ()
    """In place of a strip; TileOffsets and TileByteCounts are written for them."""
    following: Directory | None = None
    """The next of the chain (Exif keeps the thumbnail there); only the root has one."""
    strip_tags: tuple[int, int] = (Tag.STRIP_OFFSETS, Tag.STRIP_BYTE_COUNTS)
    """The tags for offset and length of the strip; an Exif thumbnail has tags of its own."""

    @property
    def pieces(self) -> Sequence[Buffer]:
        """The pixel data, in order."""
        return self.tiles if self.strip is None else (self.strip,)


def numbers(kind: Type, *values: int | float) -> Field:
    """Make a field of whole or floating numbers.

    >>> numbers(Type.SHORT, 1, 2).data.hex()
    '01000200'
    """
    return Field(kind, len(values), struct.pack(f"<{len(values)}{FORMATS[kind]}", *values))


def text(value: str) -> Field:
    """Make an ASCII field; characters outside ASCII become `?`, control characters become spaces."""
    clean = "".join(c if c.isprintable() else " " for c in value)
    data = clean.encode("ascii", "replace") + b"\0"
    return Field(Type.ASCII, len(data), data)


def raw_bytes(kind: Type, data: bytes) -> Field:
    """Make a BYTE or UNDEFINED field."""
    return Field(kind, len(data), data)


def rationals(*values: float | Fraction | Rational) -> Field:
    """Make an unsigned RATIONAL field; a number becomes the closest fraction, a pair is written as it is."""
    pairs = [value if isinstance(value, tuple) else rational(value) for value in values]
    return Field(Type.RATIONAL, len(pairs), b"".join(struct.pack("<2I", *pair) for pair in pairs))


def signed_rationals(values: Sequence[float], *, denominator: int = 10_000) -> Field:
    """Make an SRATIONAL field on one denominator, as DNG's colour matrices are customarily written."""
    pairs = [(round(v * denominator), denominator) for v in values]
    return Field(Type.SRATIONAL, len(pairs), b"".join(struct.pack("<2i", *p) for p in pairs))


def rational(value: float | Fraction) -> Rational:
    """Give the closest fraction whose two parts fit 32 bits.

    >>> rational(Fraction(31, 1_000_000)), rational(0.6), rational(1.3), rational(650.0)
    ((31, 1000000), (3, 5), (13, 10), (650, 1))
    """
    if not math.isfinite(value) or not 0 <= value <= U32_MAX:
        raise BadInput(f"{value} cannot be written as a fraction", expected=f"a number from 0 to {U32_MAX}")
    exact = Fraction(value)
    largest = U32_MAX if exact < 1 else int(U32_MAX / exact)
    closest = exact.limit_denominator(max(1, largest))
    return closest.numerator, closest.denominator


def write(root: Directory) -> list[Buffer]:
    """Lay `root` and all below it out as one TIFF file, in buffers to be written one after the other."""
    directories = _all(root)
    places, offset = _place_directories(directories)
    pieces = [piece for directory in directories for piece in directory.pieces]
    for directory in directories:
        offset = _add_piece_fields(directory, offset)
    head = bytearray(struct.pack("<2sHI", b"II", 42, places[id(root)]))
    for directory in directories:
        head += _serialise(directory, places)
    buffers: list[Buffer] = [bytes(head)]
    for piece in pieces:
        buffers.append(piece)
        if memoryview(piece).nbytes % 2:
            buffers.append(b"\0")
    return buffers


def _all(directory: Directory) -> list[Directory]:
    below = [d for _, child in sorted(directory.below.items()) for d in _all(child)]
    return [directory, *below, *(_all(directory.following) if directory.following else ())]


def _place_directories(directories: Sequence[Directory]) -> tuple[dict[int, int], int]:
    """Choose the offset of every directory; give them by identity, and the end of the last one."""
    places, offset = {}, 8
    for directory in directories:
        if directory.pieces:
            for tag in _piece_tags(directory):
                directory.fields[tag] = numbers(Type.LONG, *[0] * len(directory.pieces))
        for tag in directory.below:
            directory.fields[tag] = numbers(Type.LONG, 0)
        places[id(directory)] = offset
        offset += _size(directory)
    return places, offset


def _piece_tags(directory: Directory) -> tuple[int, int]:
    return directory.strip_tags if directory.strip is not None else (Tag.TILE_OFFSETS, Tag.TILE_BYTE_COUNTS)


def _add_piece_fields(directory: Directory, offset: int) -> int:
    """Point the directory to its pieces, the first at `offset`; give the next even offset after them."""
    if not directory.pieces:
        return offset
    lengths = [memoryview(piece).nbytes for piece in directory.pieces]
    offsets = []
    for length in lengths:
        offsets.append(offset)
        offset += _even(length)
    if offset > U32_MAX:
        raise BadInput(f"the file would be {offset} bytes", expected="less than 4 GiB, TIFF's limit")
    for tag, values in zip(_piece_tags(directory), (offsets, lengths), strict=True):
        directory.fields[tag] = numbers(Type.LONG, *values)
    return offset


def _size(directory: Directory) -> int:
    outside = sum(_even(len(f.data)) for f in directory.fields.values() if len(f.data) > 4)
    return 2 + 12 * len(directory.fields) + 4 + outside


def _serialise(directory: Directory, places: dict[int, int]) -> bytes:
    for tag, child in directory.below.items():
        directory.fields[tag] = numbers(Type.LONG, places[id(child)])
    values_at = places[id(directory)] + 2 + 12 * len(directory.fields) + 4
    entries, values = bytearray(), bytearray()
    for tag, value in sorted(directory.fields.items()):
        entries += struct.pack("<HHI", tag, value.type, value.count)
        if len(value.data) <= 4:
            entries += value.data.ljust(4, b"\0")
        else:
            entries += struct.pack("<I", values_at + len(values))
            values += value.data.ljust(_even(len(value.data)), b"\0")
    following = places[id(directory.following)] if directory.following else 0
    return struct.pack("<H", len(directory.fields)) + bytes(entries) + struct.pack("<I", following) + bytes(values)


def _even(length: int) -> int:
    return length + length % 2
