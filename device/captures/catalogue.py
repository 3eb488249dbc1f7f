"""What captures a folder has, newest first, without reading more than is asked for. `storage` asks it.

The order is that of `order`, read from its end; captures that are not in it (copied into the folder by somebody) come
after all others, by day and name. How many there are in all is counted once for each folder: the system marks a folder
with the time of its last change, and only folders whose mark is another one are counted again. The counts outlive the
program in a hidden file; without it, or where its marks are not those of the folders, they are made anew.
"""

from __future__ import annotations

import os
import re
import stat
import threading
import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import dropwhile, islice, takewhile
from pathlib import Path
from typing import Final, NamedTuple

from device.atomic import write_atomically
from device.captures.capture import KINDS, is_id
from device.captures.day_folders import day_folders
from device.captures.developed import is_of_another
from device.captures.order import ORDER_FILE, by_name, newest_first
from device.stored import read_bounded

COUNTS_FILE: Final = ".hqcam_counts"
_COUNTS_BYTES_MAX: Final = 2**20  # chosen: a line for each day of 60 years
_COUNT: Final = re.compile(rb"^(\d{4}-\d\d-\d\d) (\d{1,20}) (\d{1,9})$", re.MULTILINE)
_UNKNOWN_MOST: Final = 4  # chosen: folders that the file of counts may lack before it is written anew
_COARSE_NS: Final = 3_000_000_000  # FAT keeps times to 2 s: a change within them leaves no mark
Key = tuple[int, str, tuple[tuple[str, int], ...]]
"""What captures are sorted by, oldest first: sequence (0 where it has none), day, name."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the files of one capture are."""

    sequence: int
    day: str
    stem: str
    paths: list[Path]
    """Its files, sorted."""

    @property
    def key(self) -> Key:
        """Give its key."""
        return self.sequence, self.day, () if self.sequence else by_name(self.stem)

    @property
    def cursor(self) -> str:
        """What names its place in the order, also after it was deleted."""
        return str(self.sequence) if self.sequence else f"{self.day}/{self.stem}"


class Places(NamedTuple):
    """A part of the captures, newest first."""

    places: list[Place]
    total: int
    """How many there are in all."""
    more: bool
    """Whether there are older ones."""


class _Counted(NamedTuple):
    """How many captures a folder had when its mark was this."""

    mark: int
    captures: int
    here: bool = True
    """Whether this program counted them, and not one before it."""


class Catalogue:
    """The captures of one folder. Any thread."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._lock = threading.Lock()
        self._counts: dict[str, _Counted] | None = None

    def page(
        self,
        limit: int | None = None,
        *,
        offset: int = 0,
        cursor: str | None = None,
        until: str | None = None,
        skip: Callable[[str], bool] | None = None,
    ) -> Places:
        """Give up to `limit` captures after the first `offset` of those older than a cursor. Raises OSError.

        None is older than the cursor `until`. Of what `skip` leaves out by its id no file is looked at.
        """
        marks = self._marks()
        with self._lock:
            total = self._total(marks)
            counts = self._counts or {}
        places = self._walk({day: counts.get(day) for day in marks}, skip or _nothing)
        if cursor is not None:
            newest = _key_of(cursor)
            places = dropwhile(lambda place: place.key >= newest, places)
        if until is not None:
            oldest = _key_of(until)
            places = takewhile(lambda place: place.key >= oldest, places)
        found = list(islice(places, offset, None if limit is None else offset + limit + 1))
        more = limit is not None and len(found) > limit
        return Places(found[:limit], total, more)

    def version(self) -> str:
        """Give a text that changes when captures come or go, or what is recorded of them. Cheap; raises OSError."""
        marks = list(self._marks().items())
        return f"{zlib.crc32(repr((self._root, marks, self._order_status())).encode()):08x}"

    def _walk(self, days: Mapping[str, _Counted | None], skip: Callable[[str], bool]) -> Iterator[Place]:
        """Give all captures, newest first; a folder is read only when those in the order are at an end.

        And it is not, where this program has counted as many in it as are in the order.
        """
        seen, found = set[tuple[str, str]](), Counter[str]()
        for line in newest_first(self._root):
            if (line.day, line.stem) in seen:
                continue
            seen.add((line.day, line.stem))
            if skip(line.stem):
                continue
            if paths := _files(self._folder(line.day), line.stem):
                found[line.day] += 1
                yield Place(line.sequence, line.day, line.stem, paths)
        for day in sorted(days, reverse=True):
            counted = days[day]
            if counted is not None and counted.here and counted.captures == found[day]:
                continue
            with suppress(FileNotFoundError):  # removed meanwhile
                rest = [stem for stem in _stems(self._folder(day)) if (day, stem) not in seen and not skip(stem)]
                for stem in sorted(rest, key=by_name, reverse=True):
                    if paths := _files(self._folder(day), stem):
                        yield Place(0, day, stem, paths)

    def _total(self, marks: dict[str, int]) -> int:
        """Count the captures of all folders; those are looked at whose mark has changed."""
        kept = self._read_counts() if self._counts is None else self._counts
        counts, now_ns, unknown = dict[str, _Counted](), time.time_ns(), 0
        total = 0
        for day, mark in marks.items():
            known = kept.get(day)
            if known is None or known.mark != mark:
                with suppress(FileNotFoundError):
                    known = _Counted(mark, len(_stems(self._folder(day))))
                unknown += day not in kept
            if known is None:
                continue
            total += known.captures
            if abs(now_ns - mark) > _COARSE_NS:
                counts[day] = known
        self._counts = counts
        if unknown > _UNKNOWN_MOST:
            self._write_counts()
        return total

    def _read_counts(self) -> dict[str, _Counted]:
        try:
            data = read_bounded(self._root / COUNTS_FILE, _COUNTS_BYTES_MAX)
        except (OSError, ValueError):
            return {}
        return {m[1].decode(): _Counted(int(m[2]), int(m[3]), False) for m in _COUNT.finditer(data)}

    def _write_counts(self) -> None:
        lines = [f"{day} {known.mark} {known.captures}\n" for day, known in (self._counts or {}).items() if day]
        with suppress(OSError):  # a card that is full or cannot be written: the next start counts again
            write_atomically(self._root / COUNTS_FILE, ["".join(lines).encode()], replace=True)

    def _folder(self, day: str) -> Path:
        return self._root / day if day else self._root

    def _marks(self) -> dict[str, int]:
        """Give the mark of the root ("") and of each day."""
        found = {"": os.stat(self._root).st_mtime_ns}
        for folder in day_folders(self._root):
            with suppress(FileNotFoundError):  # removed meanwhile
                found[folder.name] = os.stat(folder).st_mtime_ns
        return found

    def _order_status(self) -> tuple[int, int]:
        try:
            status = os.stat(self._root / ORDER_FILE, follow_symlinks=False)
        except OSError:
            return 0, 0
        return status.st_ino, status.st_size


def _nothing(_: str) -> bool:
    return False


def _key_of(cursor: str) -> Key:
    day, _, stem = cursor.rpartition("/")
    return (0, day, by_name(stem)) if "/" in cursor else (int(cursor), "", ())


def _stems(folder: Path) -> set[str]:
    """Give the ids of the captures in a folder. Raises OSError."""
    with os.scandir(folder) as entries:
        names = [entry.name for entry in entries if entry.is_file(follow_symlinks=False)]
    kinds, there = tuple(KINDS), set(names)
    stems = {name[: -len(suffix)] for suffix in kinds for name in names if name.endswith(suffix)}
    return {stem for stem in stems if is_id(stem) and not is_of_another(stem, there.__contains__, kinds)}


def _files(folder: Path, stem: str) -> list[Path]:
    """Give the files of a capture that are there, sorted; links are none."""
    found = []
    for suffix in sorted(KINDS):
        path = os.path.join(folder, stem + suffix)
        with suppress(OSError):
            if stat.S_ISREG(os.lstat(path).st_mode):
                found.append(Path(path))
    return found
