"""A file on its way: read in blocks, with progress, and what a destination has to do with it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, Protocol

from device.uploads.errors import FileRefused

BLOCK_BYTES: Final = 256 * 1024
NAMES_MOST: Final = 100
Arrival = Literal["sent", "was there"]


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One file of a capture, as it was when it was opened for sending."""

    path: Path
    day: str
    """The name of its folder, by which it is filed at the destination; "" for none."""
    size_bytes: int
    modified: float
    """Unix time."""
    sha256: bytes
    sha1: bytes
    """What Immich and Nextcloud compare."""

    @property
    def name(self) -> str:
        """Its name, at the destination too."""
        return self.path.name

    def blocks(self, progress: Callable[[int], None]) -> Iterator[bytes]:
        """Give its bytes; `progress` gets how many were given. Raises FileRefused where it has changed."""
        given = 0
        try:
            with open(self.path, "rb") as file:
                while block := file.read(BLOCK_BYTES):
                    given += len(block)
                    if given > self.size_bytes:
                        break
                    yield block
                    progress(given)
        except OSError as error:
            raise FileRefused(f"{self.name} could not be read: {error.strerror or error}") from error
        if given != self.size_bytes:
            raise FileRefused(f"{self.name} was changed while it was sent")


def opened(path: Path, day: str) -> Outgoing:
    """Read a file once for its sums. Raises FileRefused; FileNotFoundError where it was deleted meanwhile."""
    sha256, sha1, size = hashlib.sha256(), hashlib.sha1(usedforsecurity=False), 0
    try:
        with open(path, "rb") as file:
            status = os.fstat(file.fileno())
            while block := file.read(BLOCK_BYTES):
                sha256.update(block)
                sha1.update(block)
                size += len(block)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise FileRefused(f"{path.name} could not be read: {error.strerror or error}") from error
    return Outgoing(path, day, size, status.st_mtime, sha256.digest(), sha1.digest())


class Sender(Protocol):
    """One kind of destination. One thread calls it; any other may call `end`."""

    def check(self) -> None:
        """Try what sending needs, and leave nothing there. Raises UploadError of any kind."""

    def send(self, file: Outgoing, progress: Callable[[int], None]) -> Arrival:
        """Bring a file there whole, and compare its sum there before it counts. Nothing there is ever replaced.

        Raises UploadError of any kind, and Ended after `end`.
        """

    def end(self) -> None:
        """End what is on its way."""

    def close(self) -> None:
        """Give the connection back."""


def names_for(file: Outgoing) -> Iterator[str]:
    """Give the names that a file may get, its own first: others may have it. `a.jpg`, `a-2.jpg`, ..."""
    stem, dot, ending = file.name.rpartition(".")
    yield file.name
    for number in range(2, NAMES_MOST + 1):
        yield f"{stem}-{number}{dot}{ending}"


def all_names_taken(file: Outgoing) -> FileRefused:
    """Give the error where others have all of `names_for`."""
    return FileRefused(f"{NAMES_MOST} other files have the name {file.name} there already")
