"""What has arrived at a destination: one line for each file, appended once its sum was compared there.

`uploads/NAME.jsonl` beside the settings. It outlives restarts, and a line that a power cut left half-written is left
out: that file is sent again, found there with the same sum, and not sent twice.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from device.atomic import as_storage_error, write_all
from device.errors import StorageError

_SAFE: Final = re.compile(r"[A-Za-z0-9_-]{1,40}")
_BLOCK: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class FileKey:
    """Which file it was: the same name on another card is another file."""

    name: str
    size_bytes: int
    modified_s: int
    """Unix time, whole seconds."""


class Journal:
    """What has arrived, and what was there before and is not to be sent. One thread; other processes append too."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read_bytes = 0
        self._inode = 0
        self._sent: set[FileKey] = set()
        self._left_out: set[FileKey] = set()

    @property
    def sent(self) -> int:
        """How many files have arrived."""
        return len(self._sent)

    @property
    def left_out(self) -> int:
        """How many files were there before, and are not to be sent."""
        return len(self._left_out)

    def __contains__(self, key: FileKey) -> bool:
        return key in self._sent or key in self._left_out

    def read(self) -> None:
        """Read what was appended since. Raises StorageError."""
        try:
            with open(self._path, "rb") as file:
                status = os.fstat(file.fileno())
                if status.st_ino != self._inode or status.st_size < self._read_bytes:
                    self._inode, self._read_bytes = status.st_ino, 0
                    self._sent.clear()
                    self._left_out.clear()
                file.seek(self._read_bytes)
                rest = b""
                while block := file.read(_BLOCK):
                    *lines, rest = (rest + block).split(b"\n")
                    for line in lines:
                        self._take(line)
                        self._read_bytes += len(line) + 1
        except FileNotFoundError:
            self._inode = self._read_bytes = 0
            self._sent.clear()
            self._left_out.clear()
        except OSError as error:
            raise as_storage_error(error, self._path, "read") from error

    def add_sent(self, key: FileKey, sha256: bytes) -> None:
        """A file has arrived. Raises StorageError, and does not count it then."""
        self._append([{"sent": [key.name, key.size_bytes, key.modified_s], "sha256": sha256.hex()}])
        self._sent.add(key)

    def add_left_out(self, keys: Iterable[FileKey]) -> None:
        """These files are not to be sent. Raises StorageError."""
        new = [key for key in keys if key not in self]
        self._append([{"left_out": [key.name, key.size_bytes, key.modified_s]} for key in new])
        self._left_out.update(new)

    def take_back_left_out(self) -> None:
        """Send what was left out after all. Raises StorageError."""
        self._append([{"left_out": None}])
        self._left_out.clear()

    def forget_sent(self) -> None:
        """Nothing has arrived: the destination is elsewhere now. Raises StorageError."""
        self._append([{"sent": None}])
        self._sent.clear()

    def _append(self, lines: list[dict[str, object]]) -> None:
        if not lines:
            return
        text = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines).encode()
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
            try:
                if _ends_within_a_line(self._path):
                    text = b"\n" + text
                write_all(handle, memoryview(text))
                os.fsync(handle)
            finally:
                os.close(handle)
        except OSError as error:
            raise error if isinstance(error, StorageError) else as_storage_error(error, self._path) from error

    def _take(self, line: bytes) -> None:
        try:
            told = json.loads(line)
            if "sent" in told and told["sent"] is None:
                self._sent.clear()
            elif "sent" in told:
                self._sent.add(_key(told["sent"]))
            elif told["left_out"] is None:
                self._left_out.clear()
            else:
                self._left_out.add(_key(told["left_out"]))
        except (ValueError, TypeError, LookupError, RecursionError):
            return  # a power cut, or another program


@contextmanager
def only_one(path: Path) -> Iterator[bool]:
    """Give whether no other process sends by this journal meanwhile. Raises StorageError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path.with_suffix(".lock"), os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise as_storage_error(error, path) from error
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        except OSError:
            pass  # a file system without locks
        yield True
    finally:
        os.close(handle)


def journal_path(folder: Path, name: str) -> Path:
    """Give the file of a destination's journal: its name where that is a safe one, else a sum of it."""
    return folder / f"{name if _SAFE.fullmatch(name) else hashlib.sha256(name.encode()).hexdigest()[:32]}.jsonl"


def _ends_within_a_line(path: Path) -> bool:
    with open(path, "rb") as file:
        size = file.seek(0, os.SEEK_END)
        if not size:
            return False
        file.seek(size - 1)
        return file.read(1) != b"\n"


def _key(told: list[object]) -> FileKey:
    name, size, modified = told
    if not isinstance(name, str) or not isinstance(size, int) or not isinstance(modified, int):
        raise TypeError
    return FileKey(name, size, modified)
