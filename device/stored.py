"""Reads the small files that hqcam keeps (settings, codes, manifests, records) as input that may be anything.

Such a file may have been edited, cut short by a power cut, damaged by its card, or put there by somebody else. It may
be a pipe, of any size, and of any shape. `read_json` gives plain values that can be written again, or raises a
ValueError that says what is wrong. `set_aside` renames what cannot be used, so that nothing is lost. Any thread.
"""

from __future__ import annotations

import itertools
import json
import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

DEPTH_MAX: Final = 32  # chosen: what hqcam writes has at most 5 levels


def read_bounded(path: Path, limit: int) -> bytes:
    """Read a regular file of at most `limit` bytes whole. Raises OSError; ValueError for anything else."""
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)  # a pipe would be waited for
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise ValueError("it is not a file")
        data = file.read(limit + 1)
    if len(data) > limit:
        raise ValueError(f"it has more than {limit} bytes")
    return data


def read_json(path: Path, limit: int) -> Any:
    """Read a file of JSON. Raises OSError, and ValueError for what is not plain JSON of sensible depth."""
    return parse_json(read_bounded(path, limit))


def parse_json(data: bytes) -> Any:
    """Give the values of JSON that can be written again as JSON in UTF-8. Raises ValueError."""
    try:
        value = json.loads(data)
        _check_depth(value, DEPTH_MAX)
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()  # no halves of characters, no infinity
    except RecursionError:
        raise ValueError("it is nested too deep") from None
    return value


def _check_depth(value: Any, left: int) -> None:
    if not left:
        raise ValueError("it is nested too deep")
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _check_depth(inner, left - 1)


def aside_name(path: Path) -> Path:
    """Give a name that is free, beside a file that cannot be used: `settings.broken.json`, `settings.broken-2.json`."""
    names = (path.with_suffix(f".broken{f'-{n}' if n > 1 else ''}{path.suffix}") for n in itertools.count(1))
    return next(name for name in names if not os.path.lexists(name))


def set_aside(path: Path) -> Path | None:
    """Rename what cannot be used; give its new name, or None where it cannot be renamed."""
    aside = aside_name(path)
    with suppress(OSError):
        path.rename(aside)
        return aside
    return None
