"""A folder of captures: free space, the files of a shot written together, listing and deleting.

A capture is a set of files with one stem (`2026-11-20/hqcam_20261120_214501_123.dng` and `.jpg`); the stem is its id,
and no two captures here have the same, even when the clock is wrong or the camera was restarted.
The layout of the folder is in `day_folders`, the choice of a name in `unused_name`, the order in `order`.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from device import host
from device.atomic import Buffer, as_storage_error, discard, publish, restage, stage, sync_folder
from device.captures import naming
from device.captures.capture import KINDS, RECORD_SUFFIX, SIDECAR_SUFFIX, Capture, StoredFile, capture_of, is_id
from device.captures.catalogue import Catalogue, Place
from device.captures.day_folders import make_day_folder, make_ready, newest_first
from device.captures.deleting import delete_together
from device.captures.developed import developed_files, is_of_another
from device.captures.order import newest, open_order
from device.captures.unused_name import folder_locked, keep_number, unused_stem
from device.errors import BadInput, NotFound, StorageError, StorageFull
from device.notices import Notices

RESERVE_BYTES = 64 * 2**20  # chosen: the system must go on to log and to keep settings on a card that is full
SHOT_BYTES_ESTIMATE = 24 * 2**20  # a packed 12-bit 4056x3040 DNG with preview (19 MB) and a JPEG (up to 5 MB)
SHOTS_REMEMBERED = 8  # the next shot is estimated as large as the largest of the last ones
LEAST_SHOT_BYTES = 2**20  # a replay's pictures are small; the next one need not be


def default_root() -> Path:
    """Give the folder for captures where none was named: `~/Pictures/hqcam`."""
    return Path.home() / "Pictures" / "hqcam"


def _absolute(root: Path) -> Path:
    """Give the whole path of a folder: what a relative one means differs from library to library. Raises BadInput."""
    try:
        return root.absolute()
    except OSError as error:
        raise BadInput(
            f"{root} is relative to a folder that is not there any more", expected="a path that begins with /"
        ) from error


@dataclass(frozen=True, slots=True)
class Page:
    """A part of the list of captures, newest first."""

    captures: list[Capture]
    total: int
    """How many captures there are in all."""
    next: str | None
    """The cursor of the page after it; None on the last."""


class Storage:
    """One folder of captures. Any thread may call it."""

    def __init__(
        self, root: Path, *, pattern: str = naming.DEFAULT_PATTERN, first_shot_bytes: int = SHOT_BYTES_ESTIMATE
    ) -> None:
        """Raises BadInput for a `pattern` that makes names which are not safe everywhere.

        A relative `root` is taken from the folder in which the program was started, and stays there.
        `first_shot_bytes` is the estimated size of a shot until there is one.
        """
        self.root = _absolute(root)
        self._first_shot_bytes = first_shot_bytes
        self.pattern = naming.check_pattern(pattern)
        self.notices = Notices()
        """What the owner should know of this folder: what was repaired, what was set aside."""
        self._lock = threading.Lock()
        self.save_lock = threading.Lock()
        """Held from the first byte of a capture until its files were audited; nothing is deleted meanwhile."""
        self._disk: int | None = None
        """The number of the disk that the folder was on when it was made ready."""
        self._catalogue = Catalogue(root)
        self._sizes: dict[str, int] | None = None
        """Bytes of the newest captures by id, oldest first; None until they are asked for."""

    def prepare(self) -> None:
        """Make the folder, and remove what a power cut left half-written. Raises StorageError."""
        self._disk, self._sizes = make_ready(self.root), None

    def use(self, root: Path) -> None:
        """Save elsewhere from now on: another folder, another drive. Raises StorageError, and stays where it was."""
        root = _absolute(root)
        disk = make_ready(root)
        with self._lock:
            self.root, self._disk, self._sizes, self._catalogue = root, disk, None, Catalogue(root)

    def free_bytes(self) -> int:
        """Bytes left for captures, beyond what the system keeps for itself. Raises StorageError."""
        self._check_there()
        try:
            return max(0, host.free_bytes(self.root) - RESERVE_BYTES)
        except OSError as error:
            raise as_storage_error(error, self.root, "read") from error

    def shot_bytes(self) -> int:
        """How large the next shot will be, by estimate: the largest of the last ones, or of any camera's shots."""
        if self._sizes is None:
            found = reversed(self._last_taken() or self.list(SHOTS_REMEMBERED))
            self._sizes = {capture.id: sum(f.size_bytes for f in capture.files) for capture in found}
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

    def save(
        self,
        taken_at: datetime,
        files: Mapping[str, Sequence[Buffer]],
        *,
        named: Callable[[str], None] = lambda _: None,
    ) -> Capture:
        """Write all files of one shot (by suffix: ".dng", ".jpg"), or none. Raises StorageFull, StorageError.

        `named` gets the id that is chosen, before any file has it; a StorageError of it is that of the shot.
        """
        size = sum(len(memoryview(b).cast("B")) for chunks in files.values() for b in chunks)
        self.check_room(size)
        with self._lock:
            root = self.root
        staged: dict[str, Path] = {}
        try:
            for suffix, chunks in files.items():
                staged[suffix] = stage(root / f"hqcam_{suffix[1:]}", chunks)
            with self._lock:
                capture = self._publish(root, taken_at, staged, named)
        except BaseException:
            for temporary in staged.values():
                discard(temporary)
            raise
        self._remember(capture.id, size)
        return capture

    def delete(self, capture_id: str) -> None:
        """Delete all files of a capture and what was recorded of it, or none. Raises NotFound, StorageError."""
        with self.save_lock:
            capture = self.get(capture_id)
            paths = [stored.path for stored in capture.files]
            beside = [paths[0].with_name(capture_id + suffix) for suffix in (RECORD_SUFFIX, SIDECAR_SUFFIX)]
            keep_number(self.root, self.pattern, capture_id)
            try:
                with folder_locked(self.root):  # no other process gives a picture of it a name meanwhile
                    made = developed_files(paths[0].parent, capture_id)
                    delete_together([*paths, *reversed(made), *(path for path in beside if path.exists())])
            except OSError as error:
                raise error if isinstance(error, StorageError) else as_storage_error(error, self.root) from error
        with self._lock:
            if self._sizes is not None:
                self._sizes.pop(capture_id, None)

    def _publish(
        self, root: Path, taken_at: datetime, staged: dict[str, Path], named: Callable[[str], None]
    ) -> Capture:
        """Give all staged files their final names, with one stem that is unused; take them all back if one fails."""
        published: list[Path] = []
        try:
            with folder_locked(root), open_order(root) as order:
                folder = make_day_folder(root, taken_at)
                last_number = order.number(self.pattern) if naming.uses_number(self.pattern) else 0
                stem = unused_stem(root, self.pattern, taken_at, last_number=last_number)
                named(stem)
                sequence = order.add(folder, stem)
                for suffix, temporary in staged.items():
                    staged[suffix] = restage(temporary, folder / (stem + suffix))
                sync_folder(folder)  # from the first name on, the next start gives the others theirs
                for suffix, temporary in staged.items():
                    final = folder / (stem + suffix)
                    publish(temporary, final)
                    published.append(final)
                return replace(capture_of(stem, sorted(published)), sequence=sequence)
        except OSError as error:
            for final in published:
                discard(final)
            raise error if isinstance(error, StorageError) else as_storage_error(error, root) from error

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
            raise as_storage_error(error, self.root, "read") from error
        if self._disk is not None and disk != self._disk:
            raise StorageError(
                f"the drive of {self.root} is gone", remedy="plug it in again, or choose another place for captures"
            )

    def _last_taken(self) -> list[Capture]:
        """Give the captures that were taken last, newest first, without reading a folder; empty where none is known."""
        found = []
        for line in newest(self.root)[:SHOTS_REMEMBERED]:
            paths = [self.root / line.day / (line.stem + suffix) for suffix in sorted(KINDS)]
            with suppress(OSError):
                if there := [path for path in paths if path.is_file()]:  # it may be deleted
                    found.append(capture_of(line.stem, there))
        return found

    def list(self, limit: int | None = None) -> list[Capture]:
        """Give the captures, the one that was taken last first. Raises StorageError."""
        return self.page(limit).captures

    def page(
        self,
        limit: int | None = None,
        *,
        offset: int = 0,
        cursor: str | None = None,
        until: str | None = None,
        skip: Callable[[str], bool] | None = None,
    ) -> Page:
        """Give up to `limit` captures after the first `offset` ones, or after those that end at `cursor`.

        A cursor is the `next` of a page before: it stays right while captures come and go. With `until`, another one,
        no older ones are given. Those whose id `skip` wants to leave out are not looked at. Raises StorageError.
        """
        try:
            places, total, more = self._catalogue.page(limit, offset=offset, cursor=cursor, until=until, skip=skip)
            captures: list[Capture] = []
            for place in places:
                with suppress(FileNotFoundError):  # deleted meanwhile
                    captures.append(_captured(place))
        except FileNotFoundError:
            return Page([], 0, None)
        except OSError as error:
            raise as_storage_error(error, self.root, "read") from error
        return Page(captures, total, places[-1].cursor if more and places else None)

    def version(self) -> str:
        """Give a text that changes when captures come or go, also by other processes. Raises StorageError."""
        try:
            return self._catalogue.version()
        except OSError as error:
            raise as_storage_error(error, self.root, "read") from error

    def get(self, capture_id: str) -> Capture:
        """Give one capture. Raises NotFound for anything that is not the id of a capture here."""
        if is_id(capture_id):
            kinds = tuple(KINDS)
            for folder in newest_first(self.root):
                paths = [folder / (capture_id + suffix) for suffix in sorted(KINDS)]
                try:
                    present = [p for p in paths if p.is_file() and not p.is_symlink()]
                    if present and not is_of_another(capture_id, _there(folder), kinds):
                        return capture_of(capture_id, present)
                except OSError as error:
                    raise as_storage_error(error, paths[0], "read") from error
        raise NotFound(f"there is no capture {capture_id[:80]!r}", remedy="list the captures and take an id from there")

    def file(self, capture_id: str, name: str) -> StoredFile:
        """Give one file of a capture by its exact name. Raises NotFound."""
        for stored in self.get(capture_id).all_files:
            if stored.name == name:
                return stored
        raise NotFound(f"capture {capture_id} has no file {name[:80]!r}", remedy="take a name from the capture's list")


def _there(folder: Path) -> Callable[[str], bool]:
    return lambda name: os.path.lexists(folder / name)


def _captured(place: Place) -> Capture:
    return replace(capture_of(place.stem, place.paths), sequence=place.sequence or None, cursor=place.cursor)
