"""Gives what a job has made its final name: the first that is unused, all files of it or none."""

from __future__ import annotations

import itertools
import os
from collections.abc import Sequence
from pathlib import Path

from device.atomic import as_storage_error, discard, publish
from device.captures.unused_name import folder_locked
from device.errors import StorageError


def publish_unused(root: Path, temporaries: Sequence[Path], first: Path) -> list[Path]:
    """Name staged files `first` and, where they are several, as its pages `-2`, `-3`. Raises StorageError.

    Where one of the names is used, all of them get `_2` before that, and so on.
    """
    published: list[Path] = []
    try:
        with folder_locked(root):
            for attempt in itertools.count(1):
                stem = first.stem if attempt == 1 else f"{first.stem}_{attempt}"
                pages = (stem if page == 0 else f"{stem}-{page + 1}" for page in range(len(temporaries)))
                names = [first.with_name(page + first.suffix) for page in pages]
                if not any(map(os.path.lexists, names)):
                    break
            for temporary, final in zip(temporaries, names, strict=True):
                publish(temporary, final)
                published.append(final)
    except OSError as error:
        for path in (*published, *temporaries):
            discard(path)
        raise error if isinstance(error, StorageError) else as_storage_error(error, first) from error
    return published
