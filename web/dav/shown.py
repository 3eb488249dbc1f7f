"""What is shown of a folder: its files and folders as they are on the disk, by the bytes of their names.

Never shown, and not found by their names either: what is hidden or not written whole (`.part`), and what is neither a
file nor a folder. Links are not followed. Each step down a path is taken from the folder above it, so that no link and
no name leads out of the folder, also where it is put there meanwhile.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from device.atomic import TEMPORARY_SUFFIX, as_storage_error
from device.captures.capture import StoredFile
from device.errors import NotFound
from web.transfer.opened import OpenedFile

PARTS_MOST: Final = 64
"""Chosen: folders in folders; hqcam makes one level."""
_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_NOT_THERE: Final = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG, errno.EINVAL)


@dataclass(frozen=True, slots=True)
class Shown:
    """One file or folder."""

    path: bytes
    """Its path below the folder that is shared, without slashes at its ends; empty for that folder itself."""
    status: os.stat_result

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder."""
        return stat.S_ISDIR(self.status.st_mode)

    @property
    def name(self) -> bytes:
        """The last part of its path."""
        return self.path.rpartition(b"/")[2]


def parts_of(path: bytes) -> tuple[bytes, ...]:
    """Give the names in a path. Raises NotFound for one that nothing shown has."""
    parts = tuple(part for part in path.split(b"/") if part)
    if len(parts) > PARTS_MOST or not all(map(_is_shown, parts)):
        raise _nothing(path)
    return parts


def find(root: Path, path: bytes) -> Shown:
    """Find a file or folder below `root`. Raises NotFound, StorageError."""
    parts = parts_of(path)
    handle = _open_folder(root, parts[:-1])
    try:
        status = os.stat(parts[-1], dir_fd=handle, follow_symlinks=False) if parts else os.fstat(handle)
    except (OSError, ValueError) as error:
        raise _failure(error, root, path) from error
    finally:
        os.close(handle)
    found = Shown(b"/".join(parts), status)
    if not found.is_folder and not stat.S_ISREG(status.st_mode):
        raise _nothing(path)
    return found


def open_file(root: Path, path: bytes) -> OpenedFile:
    """Open a file below `root`. Raises NotFound, StorageError."""
    parts = parts_of(path)
    if not parts:
        raise _nothing(path)
    handle = _open_folder(root, parts[:-1])
    try:
        whole = root.joinpath(*map(os.fsdecode, parts))
        return OpenedFile(StoredFile(whole.name, "", whole, 0), folder=handle)
    finally:
        os.close(handle)


class Members:
    """What is in a folder, in the order of the disk, read while it is asked for. One request has it, and closes it."""

    def __init__(self, root: Path, path: bytes) -> None:
        """Raises NotFound where there is no such folder, StorageError."""
        parts = parts_of(path)
        self._path, self._root = b"/".join(parts), root
        self._handle = _open_folder(root, parts)
        try:
            self._entries = os.scandir(self._handle)
        except OSError as error:
            os.close(self._handle)
            raise _failure(error, root, path) from error

    def __iter__(self) -> Iterator[Shown]:
        """Give one after the other; what vanishes meanwhile is not told. Raises StorageError."""
        try:
            for entry in self._entries:
                name = os.fsencode(entry.name)
                if not _is_shown(name):
                    continue
                try:
                    status = os.stat(name, dir_fd=self._handle, follow_symlinks=False)
                except FileNotFoundError:
                    continue
                if stat.S_ISDIR(status.st_mode) or stat.S_ISREG(status.st_mode):
                    yield Shown(b"/".join(filter(None, (self._path, name))), status)
        except OSError as error:  # the drive was pulled out
            raise as_storage_error(error, self._root, "read") from error

    def close(self) -> None:
        """Close it; a second time does nothing."""
        handle, self._handle = self._handle, -1
        if handle >= 0:
            self._entries.close()
            os.close(handle)


def _open_folder(root: Path, parts: tuple[bytes, ...]) -> int:
    """Open the folder with this path below `root`, one step after the other. Raises NotFound, StorageError."""
    try:
        handle = os.open(root, _FOLDER)
        for part in parts:
            above = handle
            try:
                handle = os.open(part, _FOLDER | os.O_NOFOLLOW, dir_fd=above)
            finally:
                os.close(above)
    except (OSError, ValueError) as error:  # ValueError: a name with a zero byte
        raise _failure(error, root, b"/".join(parts)) from error
    return handle


def _is_shown(name: bytes) -> bool:
    return not name.startswith(b".") and not name.endswith(TEMPORARY_SUFFIX.encode()) and b"\0" not in name


def _failure(error: OSError | ValueError, root: Path, path: bytes) -> Exception:
    if isinstance(error, ValueError) or error.errno in _NOT_THERE:
        return _nothing(path)
    return as_storage_error(error, root, "read")


def _nothing(path: bytes) -> NotFound:
    name = path.decode(errors="replace")[-80:]
    return NotFound(f"there is nothing shown at {name!r}", remedy="list the folder again")
