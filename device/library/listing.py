"""A part of the captures for a list: newest first, a series folded into its newest shot, or those that a filter keeps.

A filter may need to read each file. So one call looks at a bounded number of captures, and gives what it found with
the cursor to go on at.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal, NamedTuple, get_args

from device.captures.capture import Capture
from device.captures.shot_audit import read_record
from device.captures.stars import is_starred
from device.captures.storage import Page, Storage
from device.errors import BadFile
from device.library.series_shots import SeriesIndex, SeriesShots
from device.raw.file_metadata import NO_METADATA, FileMetadata
from device.raw.files import read_metadata

LOOKED_AT_MOST: Final = 400  # chosen: with a card that reads 2 ms a file, under a second
_BATCH: Final = 100

Only = Literal["starred", "raw", "doubtful"]
ONLY: Final[tuple[Only, ...]] = get_args(Only)


class Part(NamedTuple):
    """Which part of a list, by cursors of it."""

    after: str | None = None
    """Those that are older than this; None: from the newest on."""
    until: str | None = None
    """None that is older than this."""


WHOLE: Final = Part()


@dataclass(frozen=True, slots=True)
class Filter:
    """Which captures are wanted; those that meet all of it."""

    only: Only | None = None
    """Starred; with a raw file; or those of whose files the audit found something."""
    lens: str = ""
    """The name of the lens in the files; "" for any."""

    def __bool__(self) -> bool:
        return self.only is not None or bool(self.lens)

    def keeps(self, capture: Capture) -> bool:
        """Whether a capture is wanted."""
        if self.only == "starred" and not is_starred(capture.files[0].path):
            return False
        if self.only == "raw" and capture.file("dng") is None:
            return False
        if self.only == "doubtful":
            audit = read_record(capture.files[0].path)
            if audit is not None and audit.verdict == "ok":
                return False
        return not self.lens or metadata_of(capture).lens == self.lens


def list_filtered(storage: Storage, wanted: Filter, limit: int, part: Part = WHOLE) -> Page:
    """Give up to `limit` captures that a filter keeps. Raises StorageError.

    They may be fewer, or none, though there are more: `next` is None only at the end.
    """
    return _collect(storage, limit, part, wanted.keeps)


def list_folded(storage: Storage, index: SeriesIndex, limit: int, part: Part = WHOLE) -> Page:
    """Give up to `limit` captures, of each series the newest one alone. Raises StorageError.

    They may be fewer, though there are more: `next` is None only at the end.
    """
    met: list[SeriesShots] = []

    def stands_for_its_series(capture: Capture) -> bool:
        series = index.of(capture)
        if series is None:
            return True
        if any(series is other for other in met):
            return False
        met.append(series)
        return index.present(series)[-1:] == [capture.id]

    def is_met(capture_id: str) -> bool:
        return any(capture_id in series for series in met)

    return _collect(storage, limit, part, stands_for_its_series, is_met)


def list_series(storage: Storage, index: SeriesIndex, place: str, limit: int, part: Part = WHOLE) -> Page:
    """Give up to `limit` captures of one series, newest first. Raises NotFound, StorageError."""
    series = index.at(place)
    return storage.page(limit, cursor=part.after, until=part.until, skip=lambda one: one not in series)


def metadata_of(capture: Capture) -> FileMetadata:
    """Give what the file that a list shows tells; nothing for a foreign or broken one."""
    return _metadata(capture.shown().path, capture.modified)


@lru_cache(maxsize=8192)
def _metadata(path: Path, _modified: float) -> FileMetadata:
    try:
        return read_metadata(path)
    except BadFile:
        return NO_METADATA


def _collect(
    storage: Storage,
    limit: int,
    part: Part,
    wanted: Callable[[Capture], bool],
    skip: Callable[[str], bool] | None = None,
) -> Page:
    found: list[Capture] = []
    looked_at, total, cursor = 0, 0, part.after
    while True:
        page = storage.page(_BATCH, cursor=cursor, until=part.until, skip=skip)
        total = page.total
        for capture in page.captures:
            looked_at += 1
            cursor = capture.cursor
            if wanted(capture):
                found.append(capture)
            if len(found) == limit or looked_at == LOOKED_AT_MOST:
                is_last = page.next is None and capture is page.captures[-1]
                return Page(found, total, None if is_last else cursor)
        if page.next is None:
            return Page(found, total, None)
        cursor = page.next
