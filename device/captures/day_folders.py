"""The layout of a folder of captures: a folder a day (`2026-11-20`), the files of captures in it. `storage` uses it.

Captures may also lie in the root itself. Links are not followed.
"""

from __future__ import annotations

import os
import re
from datetime import datetime
from pathlib import Path
from typing import Final

from device.atomic import (
    TEMPORARY_SUFFIX,
    as_storage_error,
    discard,
    is_left_behind,
    publish,
    staged_for,
    sync_folder,
)
from device.captures import naming
from device.captures.capture import KINDS, RECORD_SUFFIX, SIDECAR_SUFFIX, is_id
from device.captures.deleting import finish_deletions, is_plain_file

_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")


def make_ready(root: Path) -> int:
    """Make a folder fit for captures, and remove what a power cut left half-written; give the number of its disk.

    Raises StorageError.
    """
    try:
        root.mkdir(parents=True, exist_ok=True)
        remove_leftovers(root)
        for folder in (root, *day_folders(root)):
            finish_deletions(folder, (*KINDS, RECORD_SUFFIX, SIDECAR_SUFFIX))
        if not os.access(root, os.W_OK):
            raise PermissionError(13, "not writable")
        return root.stat().st_dev
    except OSError as error:
        raise as_storage_error(error, root) from error


def remove_leftovers(root: Path) -> None:
    """Remove, or complete, what a process left half-written that has ended. Raises OSError."""
    for folder in (root, *day_folders(root)):  # pictures are staged in the root, records and manifests in the day's
        for leftover in folder.glob(f".*{TEMPORARY_SUFFIX}"):
            if is_left_behind(leftover):
                _complete_or_discard(leftover)


def _complete_or_discard(leftover: Path) -> None:
    """Give a file of a capture its name if another file of it has its own already; else remove it. Raises OSError.

    All files of a capture were whole and on the disk before the first got its name (`Storage.save`).
    """
    final = staged_for(leftover)
    if final is not None and final.suffix in KINDS and is_id(final.stem):
        others = [final.with_suffix(suffix) for suffix in KINDS if suffix != final.suffix]
        if not os.path.lexists(final) and any(is_plain_file(other) for other in others) and is_plain_file(leftover):
            publish(leftover, final)
            return
    discard(leftover)


def day_folders(root: Path) -> list[Path]:
    """List the folders of days, oldest first."""
    try:
        with os.scandir(root) as entries:
            found = [e.name for e in entries if _DAY.fullmatch(e.name) and e.is_dir(follow_symlinks=False)]
    except OSError:
        return []
    return [root / name for name in sorted(found)]


def newest_first(root: Path) -> list[Path]:
    """List every folder that can hold captures: the days, newest first, then the root."""
    return [*reversed(day_folders(root)), root]


def make_day_folder(root: Path, taken_at: datetime) -> Path:
    """Give the folder of a day, made and forced to the disk where it is missing. Raises OSError.

    Where a file or a link has its name, this is the root: captures may lie there too, and links are not followed.
    """
    folder = root / naming.folder_for(taken_at)
    if os.path.lexists(folder) and (folder.is_symlink() or not folder.is_dir()):
        return root
    if not folder.is_dir():
        folder.mkdir(exist_ok=True)
        sync_folder(root)
    return folder


def files_by_stem(folder: Path) -> dict[str, list[Path]]:
    """Give the files of captures in one folder, grouped by capture. Raises OSError."""
    groups: dict[str, list[Path]] = {}
    with os.scandir(folder) as entries:
        for entry in entries:
            stem, suffix = os.path.splitext(entry.name)
            if suffix in KINDS and is_id(stem) and entry.is_file(follow_symlinks=False):
                groups.setdefault(stem, []).append(Path(entry.path))
    return groups
