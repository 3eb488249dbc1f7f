"""What else is in the folder of captures: files that somebody put there and that are no capture, by their names.

They are told, so that none seems lost, and never touched. A file whose name can be that of a capture is one, whatever
is in it. Left out are hidden files, what is not written whole, links, and what hqcam keeps beside captures and series.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from device.atomic import TEMPORARY_SUFFIX, as_storage_error
from device.captures.capture import KINDS, RECORD_SUFFIX, SIDECAR_SUFFIX, is_id
from device.captures.day_folders import newest_first
from device.captures.developed import is_of_another

TOLD_MOST: Final = 100
"""Chosen: more names than anybody reads; all are counted."""
_OF_SERIES: Final = (".json", ".jsonl")
_FILM: Final = ".mp4"


@dataclass(frozen=True, slots=True)
class OtherFile:
    """One of them."""

    folder: str
    """The folder of its day; "" for that of all captures."""
    name: str
    """What cannot be shown in it is written as Python does: `\\n`, `\\xff`."""
    size_bytes: int


def other_files(root: Path) -> tuple[list[OtherFile], int]:
    """Give the first `TOLD_MOST` by folder and name, and how many there are. Raises StorageError."""
    told: list[OtherFile] = []
    total = 0
    for folder in newest_first(root):
        try:
            with os.scandir(folder) as entries:
                names = {entry.name for entry in entries if entry.is_file(follow_symlinks=False)}
        except OSError as error:
            raise as_storage_error(error, folder, "read") from error
        others = sorted(name for name in names if not _is_ours(name, names))
        total += len(others)
        for name in others[: TOLD_MOST - len(told)]:
            try:
                size_bytes = os.lstat(folder / name).st_size
            except OSError:  # gone meanwhile
                total -= 1
                continue
            told.append(OtherFile("" if folder == root else folder.name, _shown(name), size_bytes))
    return told, total


def _is_ours(name: str, names: set[str]) -> bool:
    """Whether a file is hidden, of a capture or of a series; `names` are all of its folder."""
    if name.startswith(".") or name.endswith(TEMPORARY_SUFFIX):
        return True
    stem, suffix = os.path.splitext(name)
    if name.endswith(RECORD_SUFFIX):
        stem, suffix = name[: -len(RECORD_SUFFIX)], RECORD_SUFFIX
    if not is_id(stem):
        return False
    if suffix in KINDS or suffix in _OF_SERIES:
        return True
    if suffix in (RECORD_SUFFIX, SIDECAR_SUFFIX):
        return any(stem + kind in names for kind in KINDS)
    if suffix == _FILM:
        return any(f"{series}.json" in names for series in (stem, stem.rpartition("_")[0]))
    return is_of_another(stem, names.__contains__, tuple(KINDS))


def _shown(name: str) -> str:
    text = os.fsencode(name).decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
