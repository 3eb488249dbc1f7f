"""Reads the structure of a TIFF file from any source, and trusts nothing in it.

Every count and offset is checked against the length of the file before it is used or memory is allocated for it. A
field that points outside the file is left out, as if it had not been written; a structure that cannot be followed at
all raises BadFile.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from device.errors import BadFile
from device.raw.tags import Tag
from device.raw.tiff_writer import FORMATS, Type

DIRECTORIES_MAX: Final = 64  # chosen: a raw file has two to ten; more is a loop or an attack
ENTRIES_MAX: Final = 1024  # chosen: the fullest DNG directories have under 100
VALUES_MAX: Final = 1 << 16  # chosen: one offset per row of the tallest picture
TEXT_MAX: Final = 300
_POINTERS: Final = (Tag.SUB_IFDS, Tag.EXIF_IFD)
_WHOLE: Final = frozenset({Type.BYTE, Type.SHORT, Type.LONG, Type.SBYTE, Type.SSHORT, Type.SLONG, Type.IFD})
_NAN: Final = float("nan")


@dataclass(frozen=True, slots=True)
class StoredField:
    """One field as it lies in the file: a view of its bytes, decoded when asked for."""

    type: Type
    count: int
    data: memoryview
    order: str
    """struct's byte order: "<" or ">"."""


@dataclass(slots=True)
class StoredDirectory:
    """An IFD of a file."""

    fields: dict[int, StoredField] = field(default_factory=dict)
    below: dict[int, list[StoredDirectory]] = field(default_factory=dict)

    def numbers(self, tag: int) -> tuple[float, ...]:
        """Give the values of a numeric field; a fraction over zero is NaN; () when missing or not numeric."""
        stored = self.fields.get(tag)
        if stored is None or stored.type is Type.ASCII or stored.count > VALUES_MAX:
            return ()
        if stored.type is Type.UNDEFINED:
            return tuple(stored.data)
        values = struct.unpack(f"{stored.order}{stored.count * len(FORMATS[stored.type])}{_code(stored)}", stored.data)
        if stored.type in (Type.RATIONAL, Type.SRATIONAL):
            pairs = zip(values[::2], values[1::2], strict=True)
            return tuple(above / below if below else _NAN for above, below in pairs)
        return values

    def integers(self, tag: int) -> tuple[int, ...]:
        """Give the values of a field of whole numbers; () when missing or of another kind."""
        stored = self.fields.get(tag)
        if stored is None or stored.type not in _WHOLE:
            return ()
        return tuple(int(value) for value in self.numbers(tag))

    def integer(self, tag: int, default: int | None = None) -> int | None:
        """Give the first value of a field of whole numbers."""
        return next(iter(self.integers(tag)), default)

    def number(self, tag: int) -> float | None:
        """Give the first value of a numeric field."""
        return next(iter(self.numbers(tag)), None)

    def text(self, tag: int) -> str | None:
        """Give an ASCII field as printable text (UTF-8 is tolerated), cut at 300 characters; None when empty."""
        stored = self.fields.get(tag)
        if stored is None or stored.type is not Type.ASCII:
            return None
        decoded = bytes(stored.data[: 4 * TEXT_MAX]).split(b"\0")[0].decode("utf-8", "replace")
        clean = "".join(c if c.isprintable() else " " for c in decoded).strip()
        return clean[:TEXT_MAX] or None

    def walk(self, *, without: tuple[int, ...] = ()) -> Iterator[StoredDirectory]:
        """Give this directory and all below it, except those that a tag in `without` points to."""
        yield self
        for tag, children in self.below.items():
            for child in children if tag not in without else ():
                yield from child.walk(without=without)


@dataclass(frozen=True, slots=True)
class StoredTiff:
    """A file's directories, and its bytes."""

    data: memoryview
    order: str
    directories: tuple[StoredDirectory, ...]
    """The main chain; the first is IFD0."""

    def walk(self, *, without: tuple[int, ...] = ()) -> Iterator[StoredDirectory]:
        """Give every directory of the file, except those that a tag in `without` points to."""
        for directory in self.directories:
            yield from directory.walk(without=without)


def read_tiff(data: bytes | memoryview) -> StoredTiff:
    """Read all directories. Raises BadFile when the bytes are not a TIFF structure that can be followed."""
    view = memoryview(data).cast("B")
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(bytes(view[:4]))
    if order is None or len(view) < 8:
        raise _broken("it does not begin like a TIFF file")
    return _Reader(view, order).read()


class _Reader:
    """Reads one file. Remembers the directories it has read, so that directories that point in a circle raise."""

    def __init__(self, view: memoryview, order: str) -> None:
        self._view, self._order = view, order
        self._seen: set[int] = set()

    def read(self) -> StoredTiff:
        (offset,) = struct.unpack_from(f"{self._order}I", self._view, 4)
        chain = []
        while offset:
            directory, offset = self._directory(offset)
            chain.append(directory)
        if not chain:
            raise _broken("it has no directory")
        return StoredTiff(self._view, self._order, tuple(chain))

    def _directory(self, offset: int) -> tuple[StoredDirectory, int]:
        if offset in self._seen:
            raise _broken("its directories run in a circle")
        if len(self._seen) >= DIRECTORIES_MAX:
            raise _broken(f"it has more than {DIRECTORIES_MAX} directories")
        self._seen.add(offset)
        entries, following = self._entries(offset)
        directory = StoredDirectory(entries)
        for tag in _POINTERS:
            children = [self._directory(place)[0] for place in directory.integers(tag)]
            if children:
                directory.below[tag] = children
        return directory, following

    def _entries(self, offset: int) -> tuple[dict[int, StoredField], int]:
        """Give the fields of the directory at `offset`, and where the next directory of the chain is."""
        (count,) = self._unpack("H", offset)
        if count > ENTRIES_MAX:
            raise _broken(f"a directory claims {count} fields")
        fields: dict[int, StoredField] = {}
        for entry in range(offset + 2, offset + 2 + 12 * count, 12):
            tag, kind, values = self._unpack("HHI", entry)
            stored = self._field(kind, values, entry + 8)
            if stored is not None:
                fields[tag] = stored
        (following,) = self._unpack("I", offset + 2 + 12 * count)
        return fields, following

    def _field(self, kind: int, count: int, place: int) -> StoredField | None:
        if kind not in Type.__members__.values() or not count:
            return None
        length = count * struct.calcsize(f"={FORMATS[Type(kind)]}")
        if length > 4:
            (place,) = self._unpack("I", place)
        if place + length > len(self._view):
            return None
        return StoredField(Type(kind), count, self._view[place : place + length], self._order)

    def _unpack(self, codes: str, place: int) -> tuple[int, ...]:
        if place + struct.calcsize(f"={codes}") > len(self._view):
            raise _broken("it ends inside a directory")
        return struct.unpack_from(f"{self._order}{codes}", self._view, place)


def _code(stored: StoredField) -> str:
    return FORMATS[stored.type][0]


def _broken(found: str) -> BadFile:
    return BadFile(
        f"the file's structure cannot be followed: {found}",
        expected="a whole TIFF or DNG file",
        remedy="copy the file again from where it came; it may have been cut short",
    )
