"""Where captures live: names, free space, atomic writes of a shot's files together, listing.

A capture is a set of files with one stem (`hqcam_20261120_214501_123.dng` and `.jpg`); the stem is its id.
"""

from __future__ import annotations

import os
import re
import shutil
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from device.atomic import TEMPORARY_SUFFIX, Buffer, as_storage_error, discard, publish, stage
from device.errors import NotFound, StorageError, StorageFull

KINDS = {".dng": "dng", ".jpg": "jpeg"}
_ID = re.compile(r"[A-Za-z0-9_-]{1,80}")
RESERVE_BYTES = 64 * 2**20  # chosen: the system must go on to log and to keep settings on a card that is full
SHOT_BYTES_ESTIMATE = 24 * 2**20  # a packed 12-bit 4056x3040 DNG with preview (19 MB) and a JPEG (up to 5 MB)


def default_root() -> Path:
    """`~/Pictures/hqcam`."""
    return Path.home() / "Pictures" / "hqcam"


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
    modified: float
    """Unix time of the newest of its files."""

    def file(self, kind: str) -> StoredFile | None:
        """Give the file of a kind ("dng", "jpeg"), if the capture has one."""
        return next((f for f in self.files if f.kind == kind), None)


class Storage:
    """One folder of captures. Any thread."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._lock = threading.Lock()

    def prepare(self) -> None:
        """Make the folder, and remove what a power cut left half-written. Raises StorageError."""
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            for leftover in self.root.glob(f".hqcam_*{TEMPORARY_SUFFIX}"):
                discard(leftover)
            if not os.access(self.root, os.W_OK):
                raise PermissionError(13, "not writable")
        except OSError as error:
            raise as_storage_error(error, self.root) from error

    def free_bytes(self) -> int:
        """Bytes left for captures, beyond what the system keeps for itself. Raises StorageError."""
        try:
            return max(0, shutil.disk_usage(self.root).free - RESERVE_BYTES)
        except OSError as error:
            raise as_storage_error(error, self.root) from error

    def shots_left(self) -> int:
        """How many more shots fit, by estimate."""
        return self.free_bytes() // SHOT_BYTES_ESTIMATE

    def check_room(self, needed_bytes: int = SHOT_BYTES_ESTIMATE) -> None:
        """Refuse a shot that will not fit, before the shutter. Raises StorageFull, StorageError."""
        free = self.free_bytes()
        if free < needed_bytes:
            raise StorageFull(
                f"{free // 2**20} MB are free in {self.root}",
                expected=f"at least {needed_bytes // 2**20} MB for a shot",
                remedy="free some space or choose another folder with --output",
            )

    def save(self, taken: datetime, files: Mapping[str, Sequence[Buffer]]) -> Capture:
        """Write all files of one shot (by suffix: ".dng", ".jpg"), or none. Raises StorageFull, StorageError."""
        self.check_room(sum(len(memoryview(b).cast("B")) for chunks in files.values() for b in chunks))
        staged: dict[str, Path] = {}
        try:
            for suffix, chunks in files.items():
                staged[suffix] = stage(self.root / f"hqcam_{suffix[1:]}", chunks)
            with self._lock:
                stem = self._publish(taken, staged)
        except BaseException:
            for temporary in staged.values():
                discard(temporary)
            raise
        return self.get(stem)

    def _publish(self, taken: datetime, staged: Mapping[str, Path]) -> str:
        """Give all staged files their final names under one free stem; take them all back if one fails."""
        stem = self._free_stem(taken, tuple(staged))
        published: list[Path] = []
        try:
            for suffix, temporary in staged.items():
                final = self.root / (stem + suffix)
                publish(temporary, final)
                published.append(final)
        except OSError as error:
            for final in published:
                discard(final)
            raise error if isinstance(error, StorageError) else as_storage_error(error, self.root) from error
        return stem

    def _free_stem(self, taken: datetime, suffixes: Sequence[str]) -> str:
        base = f"hqcam_{taken:%Y%m%d_%H%M%S}_{taken.microsecond // 1000:03d}"
        stem, count = base, 1
        while any((self.root / (stem + suffix)).exists() for suffix in suffixes):
            count += 1
            stem = f"{base}-{count}"
        return stem

    def list(self, limit: int | None = None) -> list[Capture]:
        """Give the captures, newest first."""
        groups: dict[str, list[Path]] = {}
        try:
            for entry in os.scandir(self.root):
                path = Path(entry.path)
                if path.suffix in KINDS and _ID.fullmatch(path.stem) and entry.is_file(follow_symlinks=False):
                    groups.setdefault(path.stem, []).append(path)
        except FileNotFoundError:
            return []
        except OSError as error:
            raise as_storage_error(error, self.root) from error
        stems = sorted(groups, reverse=True)
        return [_capture(stem, sorted(groups[stem])) for stem in stems[:limit]]

    def get(self, capture_id: str) -> Capture:
        """Give one capture. Raises NotFound for anything that is not the id of a capture here."""
        if _ID.fullmatch(capture_id):
            paths = [self.root / (capture_id + suffix) for suffix in sorted(KINDS)]
            present = [p for p in paths if p.is_file() and not p.is_symlink()]
            if present:
                return _capture(capture_id, present)
        raise NotFound(f"there is no capture {capture_id[:80]!r}", remedy="list the captures and take an id from there")

    def file(self, capture_id: str, name: str) -> StoredFile:
        """Give one file of a capture by its exact name. Raises NotFound."""
        for stored in self.get(capture_id).files:
            if stored.name == name:
                return stored
        raise NotFound(f"capture {capture_id} has no file {name[:80]!r}", remedy="take a name from the capture's list")


def _capture(stem: str, paths: Sequence[Path]) -> Capture:
    stats = [(path, path.stat()) for path in paths]
    files = tuple(StoredFile(path.name, KINDS[path.suffix], path, stat.st_size) for path, stat in stats)
    return Capture(stem, files, max(stat.st_mtime for _, stat in stats))
