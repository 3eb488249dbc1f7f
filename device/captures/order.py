"""The order in which the captures of a folder were taken, whatever the clock said: a hidden file with a line for each.

A line is the sequence, which only grows, and where the capture is: `1234 2026-11-20/hqcam_20261120_214501_123`. A save
reads the end of the file and adds a line, forced to the disk before the capture has its name; a line that a power cut
left half-written is skipped, and so is one whose capture was deleted or never got its name. Where the file is lost, the
next save looks at all folders once and writes it anew, by day and name. `storage` writes it, `catalogue` reads it.
"""

from __future__ import annotations

import math
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

from device.atomic import write_all, write_atomically
from device.captures import naming
from device.captures.day_folders import day_folders, files_by_stem
from device.stored import set_aside

ORDER_FILE: Final = ".hqcam_order"
BYTES_MAX: Final = 64 * 2**20  # chosen: over a million captures
_TAIL_BYTES: Final = 2048  # chosen: at least 20 captures, as a line has at most 106 bytes
_BLOCK_BYTES: Final = 16 * 1024  # chosen: some 200 captures
_LINE: Final = re.compile(rb"^(\d{1,12}) (?:(\d{4}-\d\d-\d\d)/)?([A-Za-z0-9_-]{1,80})$", re.MULTILINE)


class Line(NamedTuple):
    """One capture in the order."""

    sequence: int
    day: str
    """The name of its folder; "" in the root."""
    stem: str


def parse(data: bytes) -> Iterator[Line]:
    """Give each whole line of the file."""
    whole = data[: data.rfind(b"\n") + 1]
    return (Line(int(m[1]), (m[2] or b"").decode(), m[3].decode()) for m in _LINE.finditer(whole))


def newest(root: Path) -> list[Line]:
    """Give the captures at the end of the file, newest first: twenty or more; some may be deleted."""
    handle = _open(root / ORDER_FILE)
    if handle is None:
        return []
    try:
        return list(parse(_end_of(handle)))[::-1]
    finally:
        os.close(handle)


def newest_first(root: Path) -> Iterator[Line]:
    """Give the captures in the file, newest first, read as far as is asked for; some may be deleted.

    A line whose sequence is not below the one after it is none: somebody edited the file.
    """
    handle = _open(root / ORDER_FILE)
    if handle is None:
        return
    try:
        end, last = os.fstat(handle).st_size, math.inf
        rest = b""
        while end > 0:
            begin = max(0, end - _BLOCK_BYTES)
            block = os.pread(handle, end - begin, begin) + rest
            whole = block.find(b"\n") + 1 if begin else 0
            rest, end = block[:whole], begin
            for line in reversed(list(parse(block[whole:]))):
                if line.sequence < last:
                    last = line.sequence
                    yield line
    finally:
        os.close(handle)


def by_name(stem: str) -> tuple[tuple[str, int], ...]:
    """Give the key that sorts names with their numbers as numbers.

    >>> sorted(["M_10000", "M_9999", "M_9999-2"], key=by_name)
    ['M_9999', 'M_9999-2', 'M_10000']
    """
    return tuple((text, int(digits or -1)) for text, digits in re.findall(r"(\D*)(\d*)", stem))


class Order:
    """The file, open for one save. The folder is locked (`unused_name.folder_locked`)."""

    def __init__(self, root: Path, handle: int) -> None:
        self._root, self._handle = root, handle
        self._tail = _end_of(handle)
        self._lines = list(parse(self._tail))
        self.last = max((line.sequence for line in self._lines), default=0)
        """The highest sequence that was given; 0 where there is none."""

    def number(self, pattern: str) -> int:
        """Give the highest number that a pattern wrote into a name; 0 where it wrote none."""
        return _number(self._lines, pattern) or _number(list(parse(_end_of(self._handle, BYTES_MAX))), pattern)

    def add(self, folder: Path, stem: str) -> int:
        """Add a capture, force the line to the disk, and give the sequence. Raises OSError."""
        whole, sequence = not self._tail or self._tail.endswith(b"\n"), self.last + 1
        day = f"{folder.name}/" if folder != self._root else ""
        write_all(self._handle, memoryview(f"{'' if whole else chr(10)}{sequence} {day}{stem}\n".encode()))
        os.fdatasync(self._handle)
        return sequence


@contextmanager
def open_order(root: Path) -> Iterator[Order]:
    """Open the file of a folder that is locked; where it is lost, write it anew first. Raises OSError."""
    path = root / ORDER_FILE
    handle = _open(path, os.O_RDWR)
    if handle is None:
        if os.path.lexists(path):
            set_aside(path)
        lines = (f"{n} {place}\n" for n, place in enumerate(_all_by_name(root), 1))
        write_atomically(path, ["".join(lines).encode()], replace=True)
        handle = _open(path, os.O_RDWR, empty=True)
    if handle is None:
        raise OSError(f"{ORDER_FILE} cannot be used")
    try:
        yield Order(root, handle)
    finally:
        os.close(handle)


def _open(path: Path, access: int = os.O_RDONLY, *, empty: bool = False) -> int | None:
    """Open the file if it is one, and has a line (or `empty` allows none); None for anything else."""
    try:
        handle = os.open(path, access | os.O_APPEND | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    status = os.fstat(handle)
    if stat.S_ISREG(status.st_mode) and status.st_size <= BYTES_MAX:
        if any(parse(_end_of(handle))) or (empty and not status.st_size):
            return handle
    os.close(handle)
    return None


def _end_of(handle: int, most: int = _TAIL_BYTES) -> bytes:
    return os.pread(handle, most, max(0, os.fstat(handle).st_size - most))


def _all_by_name(root: Path) -> list[str]:
    """List where all captures are: those in the root, then day after day, by their names."""
    days = {"": root, **{f"{folder.name}/": folder for folder in day_folders(root)}}
    return [day + stem for day, folder in days.items() for stem in sorted(files_by_stem(folder), key=by_name)]


def _number(lines: list[Line], pattern: str) -> int:
    """Give the number in the last name that the pattern made: it only grows."""
    return next((number for line in reversed(lines) if (number := naming.number_in(line.stem, pattern))), 0)
