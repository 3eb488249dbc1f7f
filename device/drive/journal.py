"""The journal of a series in progress: a hidden file in the folder of captures, to which a line is added per event.

The first line points to the manifest. Each other one is forced to the disk before its event counts: a shot that is
about to get its name, a shot that was taken, a value of the whole series. The process that takes the series locks
the file; the system drops the lock when that process ends in any way. So a journal without a lock is what a kill or a
power cut left, whatever number a process has now. `manifest` writes and reads the journals. Use from one thread.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from device.atomic import as_storage_error, discard, sync_folder, temporary_name, write_all
from device.stored import parse_json

BYTES_MAX: Final = 64 * 2**20  # chosen: 100,000 frames take some 40 MB
_PREFIX: Final = ".hqcam_series_"
_SUFFIX: Final = ".jsonl"


def journal_path(root: Path, series_id: str) -> Path:
    """Where the journal of a series is while it is in progress."""
    return root / f"{_PREFIX}{series_id}{_SUFFIX}"


def journals(root: Path) -> list[Path]:
    """List the journals of a folder, by the time at which their series began."""
    found = sorted(path for path in root.glob(f"{_PREFIX}*{_SUFFIX}") if path.is_file() and not path.is_symlink())
    return [path for path in found if ".broken" not in path.name]  # which were set aside


def is_owned(path: Path) -> bool:
    """Whether a process holds this journal now."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        return not _locked(handle, fcntl.LOCK_SH)
    finally:
        os.close(handle)


def read_events(data: bytes) -> Iterator[dict[str, Any]]:
    """Give the events in the bytes of a journal; a line that a power cut left half-written is none."""
    for line in data[: data.rfind(b"\n") + 1].splitlines():
        with suppress(ValueError):
            event = parse_json(line)
            if isinstance(event, dict):
                yield event


class Journal:
    """One open journal, locked by this process."""

    def __init__(self, path: Path, handle: int) -> None:
        self.path, self._handle = path, handle

    @classmethod
    def create(cls, path: Path, **first: Any) -> Journal:
        """Begin a journal, locked before it has its name. Raises StorageError."""
        temporary = temporary_name(path)
        handle = -1
        try:
            handle = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o666)
            _locked(handle, fcntl.LOCK_EX)
            write_all(handle, _line(first))
            os.fsync(handle)
            os.rename(temporary, path)
            sync_folder(path.parent)
        except OSError as error:
            discard(temporary)
            if handle >= 0:
                os.close(handle)
            raise as_storage_error(error, path) from error
        return cls(path, handle)

    @classmethod
    def adopt(cls, path: Path) -> Journal | None:
        """Take over a journal that was left; None while another process holds it. Raises OSError."""
        handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC)
        if _locked(handle, fcntl.LOCK_EX) and os.fstat(handle).st_nlink:
            return cls(path, handle)
        os.close(handle)  # it is held, or its series has just ended
        return None

    def lines(self) -> Iterator[dict[str, Any]]:
        """Give the events from the first line on; what a power cut left half-written at the end is cut off."""
        data = os.pread(self._handle, BYTES_MAX, 0)
        with suppress(OSError):
            os.ftruncate(self._handle, data.rfind(b"\n") + 1)
        return read_events(data)

    def append(self, **event: Any) -> None:
        """Add an event, and force it to the disk. Raises StorageError: the event is not there."""
        before = os.fstat(self._handle).st_size
        try:
            write_all(self._handle, _line(event))
            os.fdatasync(self._handle)
        except OSError as error:
            with suppress(OSError):
                os.ftruncate(self._handle, before)
            raise as_storage_error(error, self.path) from error

    def forget_events(self) -> None:
        """Keep the first line only: the events are in the manifest. A failure is harmless: they are skipped then."""
        with suppress(OSError):
            first = os.pread(self._handle, 4096, 0).find(b"\n") + 1
            if first:
                os.ftruncate(self._handle, first)

    def release(self) -> None:
        """Leave the journal to whoever goes on with the series. Harmless when it is released already."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1

    def end(self) -> None:
        """Remove the journal: its series has ended."""
        discard(self.path)
        self.release()


def _line(event: dict[str, Any]) -> memoryview:
    return memoryview(json.dumps(event).encode() + b"\n")


def _locked(handle: int, kind: int) -> bool:
    """Lock without waiting; give whether it is locked. A file system without locks has none to respect."""
    try:
        fcntl.flock(handle, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True
