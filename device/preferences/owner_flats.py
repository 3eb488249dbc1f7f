"""The flat fields of the owner's lenses, one for each lens, stop and camera, in `flats.json` beside the settings.

A file that cannot be used is set aside and told, never overwritten. How a flat is used ("colour" as a rule) is kept
with it. Any thread.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final, cast

from device.calibration.flat_field import FLAT_USES, FlatField, FlatUse, parse_flat_field
from device.calibration.profile import Camera
from device.errors import BadInput
from device.notices import Notices
from device.preferences.shared_file import SharedFile

FILE: Final = "flats.json"
FORMAT: Final = "hqcam flat fields"
VERSION: Final = 1
MOST_KEPT: Final = 500  # chosen: fifty lenses at ten stops
MAX_BYTES: Final = 4_000_000  # 500 flats of 57 numbers have 1.5 MB
SAME_STOP_EV: Final = 0.4  # beyond a third of a stop the vignette is another one
SAME_FOCAL: Final = 0.03  # of the focal length, for zooms


@dataclass(frozen=True, slots=True)
class Flat:
    """The flat field of one lens at one stop, on one camera."""

    lens: str
    """The lens's id."""
    f_number: float
    focal_mm: float | None
    """Where a zoom stood; None for any other lens."""
    camera: Camera
    at: str
    field: FlatField
    use: FlatUse = "colour"

    def is_for(self, lens: str, f_number: float, focal_mm: float | None, camera: Camera) -> bool:
        """Whether it is of this lens and camera, and of a stop that is as good as the same."""
        if (self.lens, self.camera) != (lens, camera) or (self.focal_mm is None) != (focal_mm is None):
            return False
        if self.focal_mm is not None and focal_mm is not None and abs(focal_mm / self.focal_mm - 1) > SAME_FOCAL:
            return False
        return abs(2 * math.log2(f_number / self.f_number)) <= SAME_STOP_EV


class OwnerFlats:
    """The flats. `path` None keeps them in memory only."""

    def __init__(self, path: Path | None, notices: Notices | None = None) -> None:
        self.path = path
        self.notices = notices or Notices()
        self._file: SharedFile[tuple[Flat, ...]] = SharedFile(
            path,
            (),
            parse=_parsed,
            dump=_dumped,
            limit_bytes=MAX_BYTES,
            notices=self.notices,
            what="the flat fields",
            then="files are written without them",
        )

    def all(self) -> tuple[Flat, ...]:
        """Give all flats, the oldest first."""
        return self._file.get()

    def find(self, lens: str, f_number: float | None, focal_mm: float | None, camera: Camera) -> Flat | None:
        """Give the flat of the nearest stop that is as good as the same; None without one."""
        if f_number is None:
            return None
        fitting = [flat for flat in self.all() if flat.is_for(lens, f_number, focal_mm, camera)]
        return min(fitting, key=lambda flat: abs(math.log2(flat.f_number / f_number)), default=None)

    def put(self, flat: Flat) -> None:
        """Keep a flat in place of one for the same. Raises StorageError; BadInput where there are too many."""

        def added(before: tuple[Flat, ...]) -> tuple[Flat, ...]:
            left = tuple(f for f in before if not _same(f, flat))
            if len(left) >= MOST_KEPT:
                raise BadInput(f"{MOST_KEPT} flat fields are kept", expected="fewer", remedy="forget some first")
            return (*left, flat)

        self._file.change_readable(added)

    def forget(self, flat: Flat) -> None:
        """Keep it no more. Raises StorageError."""
        self._file.change_readable(lambda before: tuple(f for f in before if not _same(f, flat)))

    def use(self, flat: Flat, use: FlatUse) -> Flat:
        """Choose how a flat is used. Raises StorageError."""
        chosen = replace(flat, use=use)
        self._file.change_readable(lambda before: tuple(chosen if _same(f, flat) else f for f in before))
        return chosen


def _same(one: Flat, other: Flat) -> bool:
    return (one.lens, one.f_number, one.focal_mm, one.camera) == (
        other.lens,
        other.f_number,
        other.focal_mm,
        other.camera,
    )


def _dumped(flats: tuple[Flat, ...]) -> Any:
    return {"format": FORMAT, "version": VERSION, "flats": [asdict(flat) for flat in flats]}


def _parsed(values: Any) -> tuple[Flat, ...]:
    """Read a file's values. Raises ValueError, TypeError, LookupError."""
    if not isinstance(values, dict) or values.get("format") != FORMAT:
        raise ValueError("it holds no flat fields")
    if values["version"] != VERSION:
        raise ValueError(f"it is of version {values['version']!r:.20}, this hqcam reads version {VERSION}")
    return tuple(_flat(flat) for flat in values["flats"])


def _flat(values: Any) -> Flat:
    camera, focal, use = values["camera"], values["focal_mm"], values["use"]
    texts = (values["lens"], camera["model"], camera["identity"])
    if not all(isinstance(text, str) and len(text) <= 300 for text in texts) or use not in FLAT_USES:
        raise ValueError("a flat field in it is not whole")
    stop, focal_mm = float(values["f_number"]), None if focal is None else float(focal)
    if not 0.5 <= stop <= 128 or not (focal_mm is None or 1 <= focal_mm <= 10_000):
        raise ValueError("a stop or focal length in it is no lens's")
    return Flat(
        texts[0],
        stop,
        focal_mm,
        Camera(texts[1], texts[2], camera["simulated"] is True),
        datetime.fromisoformat(values["at"]).isoformat(timespec="seconds"),
        parse_flat_field(values["field"]),
        cast(FlatUse, use),
    )
