"""Which files wait for a destination: those of captures that its rules want, and its journal does not have yet."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from device.atomic import as_storage_error
from device.captures.capture import Capture, StoredFile
from device.captures.stars import is_starred
from device.captures.storage import Storage
from device.uploads.destination import Destination
from device.uploads.journal import FileKey, Journal

_PAGE: Final = 200


@dataclass(frozen=True, slots=True)
class WaitingFile:
    """A file that is to be sent."""

    path: Path
    kind: str
    key: FileKey


class Waiting:
    """The queue of one destination. It is derived, not kept: from the captures, the rules and the journal.

    One thread calls it. It looks at new captures alone, and at all of them where that is asked for.
    """

    def __init__(self, destination: Destination, journal: Journal, storage: Storage) -> None:
        self.destination, self.journal, self._storage = destination, journal, storage
        self._files: dict[FileKey, WaitingFile] = {}
        self._root: Path | None = None
        self._version = ""
        self._newest: str | None = None
        self._knows_all = False

    def __len__(self) -> int:
        return len(self._files)

    @property
    def size_bytes(self) -> int:
        """What all files that wait have."""
        return sum(one.key.size_bytes for one in self._files.values())

    def look_at_all_again(self) -> None:
        """Look at every capture at the next `refresh`: a star was set, a rule was changed, files were left out."""
        self._knows_all = False

    def refresh(self, ended: Callable[[], bool]) -> None:
        """Find what has come and gone. Raises StorageError."""
        root, version = self._storage.root, self._storage.version()
        if root != self._root:
            self._root, self._knows_all = root, False
        if self._knows_all and version == self._version:
            return
        self.journal.read()
        until = self._newest if self._knows_all else None
        if until is None:
            self._files.clear()
        newest = None
        for capture in self._captures(until):
            newest = newest or capture.cursor
            if ended():
                return
            for stored in self._wanted(capture):
                with suppress(FileNotFoundError):  # deleted meanwhile
                    key = key_of(stored)
                    if key not in self.journal:
                        self._files[key] = WaitingFile(stored.path, stored.kind, key)
        self._newest, self._version, self._knows_all = newest or self._newest, version, True

    def next(self, may_go: Callable[[FileKey], bool]) -> WaitingFile | None:
        """Give the file that goes first: JPEGs before raw files, the oldest first; of those that may."""
        files = [one for one in self._files.values() if may_go(one.key)]
        return min(files, key=lambda one: (one.kind != "jpeg", one.key.modified_s, one.key.name), default=None)

    def drop(self, key: FileKey) -> None:
        """This file does not wait any more: it has arrived, or it is gone."""
        self._files.pop(key, None)

    def all_there(self) -> Iterator[FileKey]:
        """Give every file of every capture that is there now. Raises StorageError."""
        for capture in self._captures(None):
            for stored in capture.all_files:
                with suppress(FileNotFoundError):  # deleted meanwhile
                    yield key_of(stored)

    def _captures(self, until: str | None) -> Iterator[Capture]:
        cursor = None
        while True:
            page = self._storage.page(_PAGE, cursor=cursor, until=until)
            yield from page.captures
            cursor = page.next
            if cursor is None:
                return

    def _wanted(self, capture: Capture) -> Iterator[StoredFile]:
        if self.destination.only_starred and not is_starred(capture.files[0].path):
            return
        for stored in capture.all_files:
            if self.destination.files == "all" or self.destination.files == _RULE_OF.get(stored.kind):
                yield stored


_RULE_OF: Final = {"jpeg": "jpeg", "developed_jpeg": "jpeg", "dng": "raw"}


def key_of(stored: StoredFile) -> FileKey:
    """Name a file as the journal does. Raises FileNotFoundError, StorageError."""
    try:
        status = stored.path.stat()
    except FileNotFoundError:
        raise
    except OSError as error:
        raise as_storage_error(error, stored.path, "read") from error
    return FileKey(stored.name, status.st_size, int(status.st_mtime))
