"""Finds a name that no capture of a folder has: the number after the last one, or `-2`, `-3` at its end.

Numbers of captures that were deleted are kept in a file, so that no later capture gets one again.
"""

from __future__ import annotations

import fcntl
import itertools
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Final

from device.atomic import write_atomically
from device.captures import naming
from device.captures.capture import KINDS
from device.captures.day_folders import day_folders
from device.captures.developed import is_number_used
from device.errors import StorageError
from device.stored import read_bounded

NUMBER_FILE: Final = ".hqcam_number"
"""Holds the highest number of a capture that was deleted."""


@contextmanager
def folder_locked(root: Path) -> Iterator[None]:
    """Keep other processes (a command beside the viewfinder) from choosing the same name at the same time."""
    handle = os.open(root, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def unused_stem(root: Path, pattern: str, taken_at: datetime, *, last_number: int) -> str:
    """Give the pattern's name, or the first of its successors that no capture of any day has. Raises OSError.

    `last_number` is the highest that the pattern wrote into a name. Where somebody else's files have the next one, the
    folders are looked at once.
    """
    folders = [root, *day_folders(root)]
    number = 0
    if naming.uses_number(pattern):
        number = max(last_number, _highest_deleted(root)) + 1
        if _is_used(naming.name_for(pattern, taken_at, number=number), folders):
            number = max(number, _highest_number(folders, pattern) + 1)
        else:
            return naming.name_for(pattern, taken_at, number=number)
    stems = (naming.name_for(pattern, taken_at, number=number, attempt=attempt) for attempt in itertools.count(1))
    return next(stem for stem in stems if not _is_used(stem, folders))


def keep_number(root: Path, pattern: str, capture_id: str) -> None:
    """Keep the number of a capture that is about to be deleted, so that no later capture gets it."""
    number = naming.number_in(capture_id, pattern)
    if number > _highest_deleted(root):
        with suppress(StorageError):  # on a card that is full, captures must still be deletable
            write_atomically(root / NUMBER_FILE, [str(number).encode()], replace=True)


def _is_used(stem: str, folders: Sequence[Path]) -> bool:
    return any(
        is_number_used(folder, stem) or any(os.path.lexists(f"{folder}/{stem}{suffix}") for suffix in KINDS)
        for folder in folders
    )


def _highest_number(folders: Sequence[Path], pattern: str) -> int:
    stems = (os.path.splitext(name)[0] for folder in folders for name in os.listdir(folder))
    return max((naming.number_in(stem, pattern) for stem in stems), default=0)


def _highest_deleted(root: Path) -> int:
    """Give the highest number of a deleted capture; 0 where none is known."""
    try:
        number = int(read_bounded(root / NUMBER_FILE, 100))
        return number if number <= naming.NUMBER_MAX else 0
    except (OSError, ValueError):
        return 0
