"""Which captures belong to which series: each has the place of its manifest in its record, which names the others."""

from __future__ import annotations

import os
import re
import threading
import time
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

from device.captures.capture import KINDS, Capture, is_id
from device.captures.shot_audit import read_audit_and_series
from device.captures.storage import Storage
from device.drive.manifest import manifest_now
from device.errors import NotFound

_PLACE: Final = re.compile(r"(\d{4}-\d\d-\d\d)/([A-Za-z0-9_-]{1,80})")
_SERIES_MOST: Final = 64  # chosen: kept in memory; more than a list shows at once
_FOLDERS_MOST: Final = 16  # chosen: with 10,000 captures each some 16 MB
_COARSE_NS: Final = 3_000_000_000  # FAT keeps times to 2 s: a change within them leaves no mark


@dataclass(slots=True)
class SeriesShots:
    """The captures of one series, those that were deleted too."""

    place: str
    """Day and id of its manifest."""
    mode: str
    days: dict[str, str] = field(default_factory=dict)
    """The folder of each capture by its id, in the order in which they were taken."""
    newer: dict[str, tuple[int, str]] = field(default_factory=dict)
    """Sequence and folder of those that were taken since the manifest was read."""

    @property
    def id(self) -> str:
        """The name of the series: that of its manifest without suffix."""
        return self.place.partition("/")[2]

    def __contains__(self, capture_id: object) -> bool:
        return capture_id in self.days or capture_id in self.newer

    def note(self, capture: Capture, day: str) -> None:
        """Note the folder in which a capture of it is."""
        if capture.id in self.days:
            self.days[capture.id] = day
        else:
            self.newer[capture.id] = (capture.sequence or 0, day)

    def in_order(self) -> list[tuple[str, str]]:
        """Give id and folder of all, the one taken first first."""
        newer = sorted((sequence, one, day) for one, (sequence, day) in self.newer.items())
        return [*self.days.items(), *((one, day) for _, one, day in newer)]


class SeriesIndex:
    """The series of the captures of one storage; a manifest is read once. Any thread."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._lock = threading.Lock()
        self._series: OrderedDict[tuple[str, str], SeriesShots | None] = OrderedDict()
        self._names: OrderedDict[str, tuple[int, frozenset[str]]] = OrderedDict()

    def of(self, capture: Capture) -> SeriesShots | None:
        """Give the series that a capture belongs to; None for a single shot, and where the manifest is gone."""
        _, place = read_audit_and_series(capture.files[0].path)  # a name may be that of a shot that was deleted
        return self.in_record(capture, place)

    def in_record(self, capture: Capture, place: str) -> SeriesShots | None:
        """Give the same where the record of the capture was read already: `place` is what it has; "" for none."""
        path = capture.files[0].path
        with self._lock:
            series = self._at(place) if place else None
            if series is not None:
                series.note(capture, "" if path.parent == self._storage.root else path.parent.name)
            return series

    def at(self, place: str) -> SeriesShots:
        """Give the series whose manifest is at this place. Raises NotFound."""
        with self._lock:
            found = self._at(place)
        if found is None:
            raise NotFound(f"there is no series {place[:100]!r}", remedy="take the place of a series from the list")
        return found

    def present(self, series: SeriesShots) -> list[str]:
        """Give the ids of those that are there, the one taken first first."""
        with self._lock:
            ids = series.in_order()
            there = {day: self._names_in(day) for day in {day for _, day in ids}}
        return [one for one, day in ids if one in there[day]]

    def _at(self, place: str) -> SeriesShots | None:
        key = (str(self._storage.root), place)
        if key not in self._series:
            self._series[key] = self._read(place)
            while len(self._series) > _SERIES_MOST:
                self._series.popitem(last=False)
        self._series.move_to_end(key)
        return self._series[key]

    def _read(self, place: str) -> SeriesShots | None:
        match = _PLACE.fullmatch(place)
        if match is None:
            return None
        root = self._storage.root
        path = root / match[1] / f"{match[2]}.json"
        if path.is_symlink() or path.parent.is_symlink():
            return None
        try:
            content = manifest_now(root, path)
        except NotFound:
            return None
        frames: list[dict[str, Any]] = content["frames"]
        return SeriesShots(place, content["mode"], {f["id"]: _day_of(f, match[1]) for f in frames if is_id(f["id"])})

    def _names_in(self, day: str) -> frozenset[str]:
        """Give the ids of the captures in a folder; it is read again when its mark has changed."""
        folder = self._storage.root / day
        with suppress(OSError):
            mark = os.stat(folder).st_mtime_ns
            known = self._names.get(str(folder))
            if known is not None and known[0] == mark:
                return known[1]
            with os.scandir(folder) as entries:
                parts = [os.path.splitext(entry.name) for entry in entries]
            names = frozenset(stem for stem, suffix in parts if suffix in KINDS)
            if time.time_ns() - mark > _COARSE_NS:
                self._names[str(folder)] = mark, names
                while len(self._names) > _FOLDERS_MOST:
                    self._names.popitem(last=False)
            return names
        return frozenset()


def _day_of(frame: dict[str, Any], otherwise: str) -> str:
    """Give the folder of a frame: that of the day on which it was taken."""
    taken = frame.get("taken_at")
    return taken[:10] if isinstance(taken, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", taken[:10]) else otherwise
