"""Where captures live: one folder a day, names by a pattern, free space, atomic writes of a shot's files together.

A capture is a set of files with one stem (`2026-11-20/hqcam_20261120_214501_123.dng` and `.jpg`); the stem is its id,
and no two captures here have the same, whatever the clock says and however often the camera was restarted.
"""

from __future__ import annotations

import fcntl
import itertools
import os
import re
import shutil
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from device.atomic import (
    TEMPORARY_SUFFIX,
    Buffer,
    as_storage_error,
    discard,
    is_left_behind,
    publish,
    stage,
    sync_folder,
    write_atomically,
)
from device.captures import naming
from device.captures.deleting import delete_together, finish_deletions
from device.errors import NotFound, StorageError, StorageFull

KINDS = {".dng": "dng", ".jpg": "jpeg"}
RECORD_SUFFIX = ".audit.json"
"""What was found when the files of a capture were read back; see `audit`."""
RUNNING = ".hqcam_running.json"
"""Points to the manifest of a drive mode that is running; see `drive.manifest`."""
_ID = re.compile(r"[A-Za-z0-9_-]{1,80}")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
COUNTED = ".hqcam_number"
"""The highest number of a capture that was deleted: no later one gets it again."""
RESERVE_BYTES = 64 * 2**20  # chosen: the system must go on to log and to keep settings on a card that is full
SHOT_BYTES_ESTIMATE = 24 * 2**20  # a packed 12-bit 4056x3040 DNG with preview (19 MB) and a JPEG (up to 5 MB)
SHOTS_REMEMBERED = 8  # the next shot is taken to be as large as the largest of so many
LEAST_SHOT_BYTES = 2**20  # a replay's pictures are small; the next one need not be


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

    def __init__(
        self, root: Path, *, pattern: str = naming.DEFAULT_PATTERN, first_shot_bytes: int = SHOT_BYTES_ESTIMATE
    ) -> None:
        """Raises BadInput for a `pattern` that makes names which are not safe everywhere.

        `first_shot_bytes` is what a shot is taken to weigh until there is one.
        """
        self.root = root
        self._first_shot_bytes = first_shot_bytes
        self.pattern = naming.check_pattern(pattern)
        self._lock = threading.Lock()
        self.settling = threading.Lock()
        """Held from the first byte of a capture until it is examined; nothing is deleted meanwhile."""
        self._disk: int | None = None
        self._sizes: dict[str, int] | None = None

    def prepare(self) -> None:
        """Make the folder, and remove what a power cut left half-written. Raises StorageError."""
        self._disk, self._sizes = _make_ready(self.root), None

    def use(self, root: Path) -> None:
        """Save elsewhere from now on: another folder, another drive. Raises StorageError, and stays where it was."""
        disk = _make_ready(root)
        with self._lock:
            self.root, self._disk, self._sizes = root, disk, None

    def free_bytes(self) -> int:
        """Bytes left for captures, beyond what the system keeps for itself. Raises StorageError."""
        self._check_there()
        try:
            return max(0, shutil.disk_usage(self.root).free - RESERVE_BYTES)
        except OSError as error:
            raise as_storage_error(error, self.root) from error

    def shot_bytes(self) -> int:
        """How large the next shot will be, by estimate: the largest of the last ones, or of any camera's shots."""
        if self._sizes is None:
            newest = reversed(self.list(SHOTS_REMEMBERED))
            self._sizes = {capture.id: sum(f.size_bytes for f in capture.files) for capture in newest}
        return max(LEAST_SHOT_BYTES, *self._sizes.values()) if self._sizes else self._first_shot_bytes

    def shots_left(self) -> int:
        """How many more shots fit, by estimate."""
        return self.free_bytes() // self.shot_bytes()

    def check_room(self, needed_bytes: int | None = None) -> None:
        """Refuse a shot that will not fit, before the shutter. Raises StorageFull, StorageError."""
        free, needed = self.free_bytes(), self.shot_bytes() if needed_bytes is None else needed_bytes
        if free < needed:
            raise StorageFull(
                f"{free // 2**20} MB are free in {self.root}",
                expected=f"at least {-(-needed // 2**20)} MB",
                remedy="free some space or choose another folder with --output",
            )

    def save(self, taken: datetime, files: Mapping[str, Sequence[Buffer]]) -> Capture:
        """Write all files of one shot (by suffix: ".dng", ".jpg"), or none. Raises StorageFull, StorageError."""
        size = sum(len(memoryview(b).cast("B")) for chunks in files.values() for b in chunks)
        self.check_room(size)
        with self._lock:
            root = self.root
        staged: dict[str, Path] = {}
        try:
            for suffix, chunks in files.items():
                staged[suffix] = stage(root / f"hqcam_{suffix[1:]}", chunks)
            with self._lock:
                capture = self._publish(root, taken, staged)
        except BaseException:
            for temporary in staged.values():
                discard(temporary)
            raise
        self._remember(capture.id, size)
        return capture

    def delete(self, capture_id: str) -> None:
        """Delete all files of a capture and what was recorded of it, or none. Raises NotFound, StorageError."""
        with self.settling:
            capture = self.get(capture_id)
            paths = [stored.path for stored in capture.files]
            record = paths[0].with_name(capture_id + RECORD_SUFFIX)
            self._count(capture_id)
            delete_together([*paths, record] if record.exists() else paths)
        with self._lock:
            if self._sizes is not None:
                self._sizes.pop(capture_id, None)

    def _publish(self, root: Path, taken: datetime, staged: Mapping[str, Path]) -> Capture:
        """Give all staged files their final names under one free stem; take them all back if one fails."""
        published: list[Path] = []
        try:
            with _alone(root):
                folder = _day_folder(root, taken)
                stem = self._free_stem(root, taken)
                for suffix, temporary in staged.items():
                    final = folder / (stem + suffix)
                    publish(temporary, final)
                    published.append(final)
                return _capture(stem, sorted(published))
        except OSError as error:
            for final in published:
                discard(final)
            raise error if isinstance(error, StorageError) else as_storage_error(error, root) from error

    def _free_stem(self, root: Path, taken: datetime) -> str:
        """Give the pattern's name, or the first of its successors that no capture of any day has."""
        folders = [root, *_days(root)]
        number = 0
        if naming.uses_number(self.pattern):
            number = max(self._last_number(folders), _counted(root)) + 1
        for again in itertools.count(1):
            stem = naming.name_for(self.pattern, taken, number=number, again=again)
            if not any((folder / (stem + suffix)).exists() for folder in folders for suffix in KINDS):
                break
        return stem

    def _last_number(self, folders: Sequence[Path]) -> int:
        stems = (os.path.splitext(name)[0] for folder in folders for name in os.listdir(folder))
        return max((naming.number_in(stem, self.pattern) for stem in stems), default=0)

    def _count(self, capture_id: str) -> None:
        """Remember the number of a capture that is about to be deleted."""
        number = naming.number_in(capture_id, self.pattern)
        if number > _counted(self.root):
            with suppress(StorageError):  # a card that is full must be able to lose a capture
                write_atomically(self.root / COUNTED, [str(number).encode()], replace=True)

    def _remember(self, capture_id: str, size_bytes: int) -> None:
        with self._lock:
            if self._sizes is not None:
                self._sizes[capture_id] = size_bytes
                while len(self._sizes) > SHOTS_REMEMBERED:
                    del self._sizes[next(iter(self._sizes))]

    def _check_there(self) -> None:
        """Raise StorageError when the drive was pulled out: its folder may still be there, on the card below it."""
        try:
            disk = self.root.stat().st_dev
        except OSError as error:
            raise as_storage_error(error, self.root) from error
        if self._disk is not None and disk != self._disk:
            raise StorageError(
                f"the drive of {self.root} is gone", remedy="plug it in again, or choose another place for captures"
            )

    def list(self, limit: int | None = None) -> list[Capture]:
        """Give the captures, newest first by their names and days."""
        found: list[Capture] = []
        try:
            for folder in [*reversed(_days(self.root)), self.root]:
                groups = _groups(folder)
                newest = sorted(groups, reverse=True)[: None if limit is None else limit - len(found)]
                found += [_capture(stem, sorted(groups[stem])) for stem in newest]  # a day may have thousands
                if limit is not None and len(found) >= limit:
                    break
        except FileNotFoundError:
            return found
        except OSError as error:
            raise as_storage_error(error, self.root) from error
        return found

    def get(self, capture_id: str) -> Capture:
        """Give one capture. Raises NotFound for anything that is not the id of a capture here."""
        if _ID.fullmatch(capture_id):
            for folder in [*reversed(_days(self.root)), self.root]:
                paths = [folder / (capture_id + suffix) for suffix in sorted(KINDS)]
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


def _make_ready(root: Path) -> int:
    """Make a folder fit for captures; give the number of its disk."""
    try:
        root.mkdir(parents=True, exist_ok=True)
        for folder in (root, *_days(root)):  # pictures wait in the root, records and manifests where they will be
            for leftover in folder.glob(f".*{TEMPORARY_SUFFIX}"):
                if is_left_behind(leftover):
                    discard(leftover)
            finish_deletions(folder, (*KINDS, RECORD_SUFFIX))
        if not os.access(root, os.W_OK):
            raise PermissionError(13, "not writable")
        return root.stat().st_dev
    except OSError as error:
        raise as_storage_error(error, root) from error


@contextmanager
def _alone(root: Path) -> Iterator[None]:
    """Keep other processes (a command beside the viewfinder) from drawing the same name at the same time."""
    handle = os.open(root, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _counted(root: Path) -> int:
    """Give the highest number of a deleted capture; 0 where none is known."""
    try:
        return int((root / COUNTED).read_text())
    except (OSError, ValueError):
        return 0


def _days(root: Path) -> list[Path]:
    """List the folders of days, oldest first."""
    try:
        names = sorted(name for name in os.listdir(root) if _DAY.fullmatch(name))
    except OSError:
        return []
    return [root / name for name in names if (root / name).is_dir() and not (root / name).is_symlink()]


def _day_folder(root: Path, taken: datetime) -> Path:
    folder = root / naming.folder_for(taken)
    if not folder.is_dir():
        folder.mkdir(exist_ok=True)
        sync_folder(root)
    return folder


def _groups(folder: Path) -> dict[str, list[Path]]:
    """Give the files of captures in one folder, by stem."""
    groups: dict[str, list[Path]] = {}
    with os.scandir(folder) as entries:
        for entry in entries:
            stem, suffix = os.path.splitext(entry.name)
            if suffix in KINDS and _ID.fullmatch(stem) and entry.is_file(follow_symlinks=False):
                groups.setdefault(stem, []).append(Path(entry.path))
    return groups


def _capture(stem: str, paths: Sequence[Path]) -> Capture:
    stats = [(path, path.stat()) for path in paths]
    files = tuple(StoredFile(path.name, KINDS[path.suffix], path, stat.st_size) for path, stat in stats)
    return Capture(stem, files, max(stat.st_mtime for _, stat in stats))
