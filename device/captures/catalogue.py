"""What captures a folder has, newest first, without reading it again where nothing has changed. `storage` asks it.

The system marks a folder with the time of its last change: only folders whose mark is another one are read again, and
of those only the names that are new are looked at. The order is that of `order`; captures that are not in it (copied
into the folder by somebody) come after all others, by day and name.
"""

from __future__ import annotations

import os
import threading
import time
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from device.captures.capture import KINDS, is_id
from device.captures.day_folders import day_folders
from device.captures.order import BYTES_MAX, ORDER_FILE, by_name, parse
from device.stored import read_bounded

_COARSE_NS: Final = 3_000_000_000  # FAT keeps times to 2 s: a change within them leaves no mark
Key = tuple[int, str, tuple[tuple[str, int], ...]]
"""What captures are sorted by, oldest first: sequence (0 where it has none), day, name."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the files of one capture are."""

    key: Key
    stem: str
    folder: Path
    suffixes: tuple[str, ...]

    @property
    def paths(self) -> list[Path]:
        """Its files, sorted."""
        return [self.folder / (self.stem + suffix) for suffix in self.suffixes]

    @property
    def cursor(self) -> str:
        """What names its place in the order, also after it was deleted."""
        return str(self.key[0]) if self.key[0] else f"{self.key[1]}/{self.stem}"


@dataclass(slots=True)
class _Folder:
    """One folder as it was read last."""

    mark: int = -1
    names: set[str] = field(default_factory=set)
    places: dict[str, Place] = field(default_factory=dict)


class Catalogue:
    """The captures of one folder. Any thread."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._lock = threading.Lock()
        self._folders: dict[Path, _Folder] = {}
        self._sequences: dict[str, int] = {}
        self._order_read = (0, 0)  # inode, bytes
        self._newest_first: list[Place] = []

    def newest_first(self) -> list[Place]:
        """List all captures; the list is not changed later. Raises OSError."""
        with self._lock:
            changed = self._read_order()
            marks = self._marks()
            for gone in self._folders.keys() - marks.keys():
                del self._folders[gone]
                changed = True
            for folder, mark in marks.items():
                changed |= self._read_folder(folder, mark)
            if changed:
                places = [place for known in self._folders.values() for place in known.places.values()]
                self._newest_first = sorted(places, key=lambda place: place.key, reverse=True)
            return self._newest_first

    def version(self) -> str:
        """Give a text that changes when captures come or go, or what is recorded of them. Cheap; raises OSError."""
        marks = [(folder.name, mark) for folder, mark in self._marks().items()]
        return f"{zlib.crc32(repr((self._root, marks, self._order_status())).encode()):08x}"

    def _marks(self) -> dict[Path, int]:
        found = {self._root: os.stat(self._root).st_mtime_ns}
        for folder in day_folders(self._root):
            try:
                found[folder] = os.stat(folder).st_mtime_ns
            except FileNotFoundError:  # removed meanwhile
                continue
        return found

    def _read_folder(self, folder: Path, mark: int) -> bool:
        """Read a folder again if its mark has changed; give whether its captures have."""
        known = self._folders.setdefault(folder, _Folder())
        if known.mark == mark:
            return False
        names, is_old = set(), abs(time.time_ns() - mark) > _COARSE_NS
        with os.scandir(folder) as entries:
            for entry in entries:
                name = entry.name
                if name in known.names or (_is_of_capture(name) and entry.is_file(follow_symlinks=False)):
                    names.add(name)
        stems = {os.path.splitext(name)[0] for name in names ^ known.names}
        known.mark, known.names = mark if is_old else -1, names
        for stem in stems:
            self._put(folder, known, stem)
        return bool(stems)

    def _put(self, folder: Path, known: _Folder, stem: str) -> None:
        suffixes = tuple(suffix for suffix in sorted(KINDS) if stem + suffix in known.names)
        if suffixes:
            sequence, day = self._sequences.get(stem, 0), folder.name if folder != self._root else ""
            known.places[stem] = Place((sequence, day, by_name(stem)), stem, folder, suffixes)
        else:
            known.places.pop(stem, None)

    def _read_order(self) -> bool:
        """Read what was added to the order, or all of another one; give whether it changed."""
        status = self._order_status()
        if status == self._order_read:
            return False
        grown = status[0] == self._order_read[0] and status[1] > self._order_read[1]
        try:
            data = read_bounded(self._root / ORDER_FILE, BYTES_MAX)
        except (OSError, ValueError):
            data = b""
        whole = data.rfind(b"\n") + 1
        added = {line.stem: line.sequence for line in parse(data[self._order_read[1] if grown else 0 :])}
        stems = set(added) if grown else added.keys() | self._sequences.keys()
        if grown:
            self._sequences.update(added)
        else:
            self._sequences = added
        self._order_read = status[0], whole if data else status[1]
        for folder, known in self._folders.items():
            for stem in stems & known.places.keys():
                self._put(folder, known, stem)
        return True

    def _order_status(self) -> tuple[int, int]:
        try:
            status = os.stat(self._root / ORDER_FILE, follow_symlinks=False)
        except OSError:
            return 0, 0
        return status.st_ino, status.st_size


def after(places: list[Place], cursor: str) -> int:
    """Give the index in `places` (newest first) of the first one that is older than what the cursor names."""
    day, _, stem = cursor.rpartition("/")
    key: Key = (0, day, by_name(stem)) if "/" in cursor else (int(cursor), "", ())
    return next((index for index, place in enumerate(places) if place.key < key), len(places))


def _is_of_capture(name: str) -> bool:
    stem, suffix = os.path.splitext(name)
    return suffix in KINDS and is_id(stem)
