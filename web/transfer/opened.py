"""One file of a capture, open: its bytes stay those of one version, whatever happens to its name meanwhile."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from typing import Final

from device.atomic import as_storage_error
from device.captures.capture import StoredFile
from device.errors import NotFound
from web.errors import FileChanged

PIECE_BYTES: Final = 128 * 1024
"""Chosen: what a stalled download keeps in memory, and large enough that a fast card is read at its full speed."""
_DATE_MOST_S: Final = 253_370_764_800.0  # the year 9999
_GONE: Final = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP)


class OpenedFile:
    """A file that is read in pieces. One request has it, and closes it."""

    def __init__(self, stored: StoredFile, *, folder: int | None = None) -> None:
        """`folder` is the handle of the folder that the file is in, where one is held; it stays open.

        Raises NotFound for what was deleted meanwhile or is no file (a link, a pipe); StorageError.
        """
        self.path = stored.path
        where = stored.path if folder is None else stored.path.name
        try:
            self._handle = os.open(where, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
        except OSError as error:
            if error.errno in _GONE:
                raise _not_there(stored.name) from error
            raise as_storage_error(error, stored.path, "read") from error
        self._status = os.fstat(self._handle)
        if not stat.S_ISREG(self._status.st_mode):
            self.close()
            raise _not_there(stored.name)

    @property
    def size_bytes(self) -> int:
        """Its length when it was opened."""
        return self._status.st_size

    @property
    def modified(self) -> float:
        """Unix time of its last change, as HTTP can say it."""
        return http_time(self._status)

    @property
    def version(self) -> str:
        """A text that another version of the file does not have; letters, digits and -."""
        return version_of(self._status)

    @property
    def inode(self) -> int:
        """The number that its file system gave it."""
        return self._status.st_ino

    def pieces(self, first: int, length: int, *, piece_bytes: int = PIECE_BYTES) -> Iterator[bytes]:
        """Give `length` bytes from byte `first` on. Raises FileChanged as soon as they are not of this version."""
        end = first + length
        while first < end:
            piece = self._read(min(piece_bytes, end - first), first)
            first += len(piece)
            yield piece

    def _read(self, length: int, first: int) -> bytes:
        try:
            piece = os.pread(self._handle, length, first)
        except OSError as error:  # the drive was pulled out
            raise as_storage_error(error, self.path, "read") from error
        now = os.fstat(self._handle)
        same = (now.st_mtime_ns, now.st_size) == (self._status.st_mtime_ns, self._status.st_size)
        if not same or not piece:
            raise FileChanged(f"{self.path.name} changed while it was sent", remedy="ask for it again")
        return piece

    def close(self) -> None:
        """Close it; a second time does nothing."""
        handle, self._handle = self._handle, -1
        if handle >= 0:
            os.close(handle)


def version_of(status: os.stat_result) -> str:
    """Give a text that another version of a file does not have; letters, digits and -.

    Without the inode's number: on the FAT of USB drives it is another one after each mount.
    """
    return f"{status.st_mtime_ns:x}-{status.st_ctime_ns:x}-{status.st_size:x}"


def http_time(status: os.stat_result) -> float:
    """Give the unix time of a file's last change, from 1970 to 9999: a file's time may be anything."""
    return min(max(0.0, status.st_mtime), _DATE_MOST_S)


def _not_there(name: str) -> NotFound:
    return NotFound(f"the file {name[:80]!r} is not there any more", remedy="list the captures again")
