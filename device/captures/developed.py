"""The developed pictures of a capture: further files of it, beside those of the shot, `<id>_developed.jpg` and `.tif`.

Where there is one already, the next is `<id>_developed-2.jpg`, and so on: none is ever replaced. They count as the
capture's as long as the numbers before theirs are there; what lies beyond a gap, or has no shot beside it, is a capture
of its own, so that no picture goes out of sight.
"""

from __future__ import annotations

import itertools
import os
import re
import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

DEVELOPED_KINDS: Final = {".jpg": "developed_jpeg", ".tif": "developed_tiff"}
_MARK: Final = "_developed"
_SHEET: Final = re.compile(r"(.+)_sheet(?:_\d+)?(?:-\d+)?")
_NAME: Final = re.compile(rf"(.+){_MARK}(?:-([1-9]\d{{0,3}}))?")


def developed_files(folder: Path, stem: str) -> list[Path]:
    """Give the developed pictures of the capture with this stem, in the order of their numbers; links are none."""
    found: list[Path] = []
    for number in itertools.count(1):
        before = len(found)
        for suffix in DEVELOPED_KINDS:
            path = os.path.join(folder, _stem(stem, number) + suffix)
            with suppress(OSError):
                if stat.S_ISREG(os.lstat(path).st_mode):
                    found.append(Path(path))
        if len(found) == before:
            return found
    return found


def is_developed(stem: str, is_there: Callable[[str], bool], kinds: tuple[str, ...]) -> bool:
    """Whether a file with this stem is a developed picture of a capture that is there.

    `is_there` tells whether a name is in the folder; `kinds` are the suffixes of a shot's own files.
    """
    match = _NAME.fullmatch(stem)
    if match is None or match[2] == "1":
        return False
    of, number = match[1], int(match[2] or 1)
    if not any(is_there(of + suffix) for suffix in kinds) or is_developed(of, is_there, kinds):
        return False
    return all(any(is_there(_stem(of, n) + suffix) for suffix in DEVELOPED_KINDS) for n in range(1, number))


def is_of_another(stem: str, is_there: Callable[[str], bool], kinds: tuple[str, ...]) -> bool:
    """Whether a file with this stem is no shot: a developed picture of one, or a contact sheet of a series.

    The arguments are those of `is_developed`.
    """
    of_series = _SHEET.fullmatch(stem)
    return is_developed(stem, is_there, kinds) or (of_series is not None and is_there(f"{of_series[1]}.json"))


def shot_of(stem: str) -> str:
    """Give the stem of the shot that a developed picture was made from, by its name; "" for another name."""
    match = _NAME.fullmatch(stem)
    return match[1] if match else ""


def unused_developed(folder: Path, stem: str, suffix: str) -> Path:
    """Give the first name for a developed picture of a capture whose number no file has yet, of any kind."""
    free = next(number for number in itertools.count(1) if not is_number_used(folder, stem, number))
    return folder / (_stem(stem, free) + suffix)


def is_number_used(folder: Path, stem: str, number: int = 1) -> bool:
    """Whether there is a developed picture of this number, also of a capture that is gone."""
    return any(os.path.lexists(folder / (_stem(stem, number) + suffix)) for suffix in DEVELOPED_KINDS)


def left_behind(folder: Path, stem: str) -> list[Path]:
    """Give the developed pictures of a capture that is being deleted, also those beyond a gap. Raises OSError."""
    with os.scandir(folder) as entries:
        names = [entry.name for entry in entries if entry.name.startswith(stem + _MARK)]
    found = []
    for name in sorted(names):
        rest, suffix = os.path.splitext(name)
        match = _NAME.fullmatch(rest)
        if suffix in DEVELOPED_KINDS and match is not None and match[1] == stem:
            found.append(folder / name)
    return found


def _stem(stem: str, number: int) -> str:
    return f"{stem}{_MARK}" if number == 1 else f"{stem}{_MARK}-{number}"
