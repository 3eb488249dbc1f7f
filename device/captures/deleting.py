"""Deleting files that belong together: all of them or none, even if the power fails at any moment.

The first file is renamed to a hidden name, and the folder forced to the disk: from then on all of them count as
deleted. Then the others are deleted, the hidden one last. After a power cut in between, the next start finds the
hidden name and deletes the rest. No file is written, because files are often deleted when the card is full.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from device.atomic import as_storage_error, sync_folder
from device.captures.developed import left_behind

_DELETED_PREFIX = ".hqcam_gone_"


def delete_together(paths: Sequence[Path]) -> None:
    """Delete files of one folder. Raises StorageError: none is deleted, or the next start deletes the rest."""
    first, *others = paths
    try:
        hidden = first.rename(first.with_name(_DELETED_PREFIX + first.name))
        sync_folder(first.parent)
        _finish(hidden, others)
    except OSError as error:
        raise as_storage_error(error, first, "deleted") from error


def finish_deletions(folder: Path, suffixes: Sequence[str]) -> None:
    """Delete the rest of what a power cut left in `folder`: the files with a hidden file's stem and one of `suffixes`.

    Raises OSError.
    """
    for hidden in filter(is_plain_file, folder.glob(_DELETED_PREFIX + "*")):
        stem = hidden.name.removeprefix(_DELETED_PREFIX).partition(".")[0]
        beside = [path for suffix in suffixes if (path := folder / (stem + suffix)).is_file()]
        _finish(hidden, [*left_behind(folder, stem), *beside])


def is_plain_file(path: Path) -> bool:
    """Whether it is a file, and no link to one; False for what cannot be looked at."""
    return not path.is_symlink() and path.is_file()


def _finish(hidden: Path, others: Sequence[Path]) -> None:
    for path in others:
        path.unlink(missing_ok=True)
    sync_folder(hidden.parent)
    hidden.unlink(missing_ok=True)
    sync_folder(hidden.parent)
