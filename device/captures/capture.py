"""A capture: the files of one shot on the disk, which share a stem. The stem is the id of the capture."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from device.captures.developed import DEVELOPED_KINDS, developed_files

KINDS: Final = {".dng": "dng", ".jpg": "jpeg"}
SIDECAR_SUFFIX: Final = ".xmp"
"""What editors keep of a capture, and its star; see `stars`."""
RECORD_SUFFIX: Final = ".audit.json"
"""What was found when the files of a capture were read back; see `shot_audit`."""
_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,80}")


@dataclass(frozen=True, slots=True)
class StoredFile:
    """One file of a capture."""

    name: str
    kind: str
    path: Path
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Capture:
    """One shot on disk."""

    id: str
    files: tuple[StoredFile, ...]
    """What was taken: the raw file, the JPEG."""
    modified: float
    """Unix time of the newest of these."""
    sequence: int | None = None
    """Its place in the order in which captures were taken, where that was asked for; None for one that somebody else
    put into the folder."""
    cursor: str = field(default="", compare=False)
    """What names that place in lists, where it was asked for."""
    developed: tuple[StoredFile, ...] = ()
    """What was made of it afterwards; see `developed`."""

    @property
    def all_files(self) -> tuple[StoredFile, ...]:
        """Give what was taken, then what was made of it."""
        return self.files + self.developed

    def file(self, kind: str) -> StoredFile | None:
        """Give the file of a kind ("dng", "jpeg"), if the capture has one."""
        return next((f for f in self.files if f.kind == kind), None)

    def shown(self) -> StoredFile:
        """Give the file that lists and galleries show: the JPEG, or the DNG of a shot that has no other."""
        return self.file("jpeg") or self.files[0]


def is_id(text: str) -> bool:
    """Whether a capture can have this id: letters, digits, - and _, at most 80."""
    return _ID.fullmatch(text) is not None


def capture_of(stem: str, paths: Sequence[Path]) -> Capture:
    """Give the capture of these files, which are there. Raises OSError."""
    stats = [(path, path.stat()) for path in paths]
    files = tuple(StoredFile(path.name, KINDS[path.suffix], path, stat.st_size) for path, stat in stats)
    developed = []
    for path in developed_files(paths[0].parent, stem):
        with suppress(FileNotFoundError):  # deleted meanwhile
            developed.append(StoredFile(path.name, DEVELOPED_KINDS[path.suffix], path, path.stat().st_size))
    return Capture(stem, files, max(stat.st_mtime for _, stat in stats), developed=tuple(developed))
