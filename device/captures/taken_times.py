"""When captures were taken, and the times in their files corrected once the time is known.

The record of a shot (`shot_audit`) keeps the boot of the machine, the seconds since it, and what the clock showed. All
shots of one boot that were taken at a clock of which nothing was known can so get their true times, and can have their
first times back, to the byte: those of this boot by the time that is known now, those of an earlier one by the true
time of any of them (`moment_of`). Names of files stay: manifests, the order and whoever has copied them know them by
these.

Each file is replaced whole. A kill between the files of a capture leaves some with the one and some with the other
time; the next call goes on there, as the record is written last.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from device import host
from device.atomic import discard, publish, stage
from device.captures.capture import Capture
from device.captures.shot_audit import keep_record, stored_record
from device.captures.storage import Storage
from device.errors import BadFile, BadInput, TimeUnknown
from device.preferences.owner_clock import Moment
from device.raw.files import read_bytes
from device.raw.retime import with_time
from device.settings.declaration import finite

SAME_S = 1.0  # chosen: a time that is off by less since it was corrected is right
_PAGE = 200  # chosen: captures that are listed at once
LOOKED_AT = 2000  # chosen: of so many captures, the newest, the earlier starts are told: a second on a Pi's card


@dataclass(frozen=True, slots=True)
class TakenTime:
    """When a shot was taken, by the clocks of then."""

    time_synchronised: bool
    """Whether the clock on the wall was synchronised or told."""
    boot: str
    since_boot_s: float
    taken_at: str
    """What the clock on the wall showed (ISO 8601)."""
    corrected_to: str | None = None
    """What the files say since they were corrected."""

    @classmethod
    def of(cls, taken: Moment) -> TakenTime:
        """Give what is kept of a moment."""
        return cls(taken.is_known, taken.boot, round(taken.since_boot_s, 6), taken.local.isoformat())

    def as_json(self) -> dict[str, Any]:
        """Give plain JSON values."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Corrected:
    """What a correction came to."""

    changed: int
    """Captures whose files have another time now."""
    left: int
    """Those that were not begun: call again."""
    skipped: tuple[str, ...] = ()
    """Ids of those that are left alone, as somebody changed their files."""


@dataclass(frozen=True, slots=True)
class EarlierStart:
    """An earlier start of the machine, at whose shots it was not known what time it was."""

    shot: str
    """The id of its newest capture."""
    taken_at: str
    """What the files of that one say (ISO 8601)."""
    captures: int
    corrected: bool
    """Whether its owner has told the true time of one of them."""


def _never() -> bool:
    return False


def moment_of(storage: Storage, capture_id: str, taken_at: datetime | None = None) -> Moment:
    """Give the moment of a shot, with the true time that its owner says; None: what its clock showed.

    `correct` and `undo` of it change all shots of its boot. Raises NotFound, StorageError, and BadInput where nothing
    is kept of the shot's time, or it was known.
    """
    kept = read_taken(storage.get(capture_id).files[0].path)
    if kept is None:
        raise BadInput(
            f"nothing is kept of when {capture_id} was taken",
            expected="a shot that hqcam took, with its .audit.json beside it",
        )
    if kept.time_synchronised:
        raise BadInput(
            f"the time of {capture_id} was known when it was taken",
            expected="a shot whose files say that the clock was not set",
        )
    known = taken_at is not None
    unix_s = (taken_at or datetime.fromisoformat(kept.taken_at)).timestamp()
    return Moment(unix_s, "told" if known else "unknown", kept.boot, kept.since_boot_s)


def earlier_starts(storage: Storage, boot: str) -> tuple[EarlierStart, ...]:
    """Give the starts before `boot` whose shots can be corrected as a set, the newest first. Raises StorageError.

    Among the newest LOOKED_AT captures.
    """
    found, looked_at, cursor = dict[str, EarlierStart](), 0, None
    while looked_at < LOOKED_AT:
        page = storage.page(_PAGE, cursor=cursor)
        for capture in page.captures:
            kept = read_taken(capture.files[0].path)
            if kept is None or kept.time_synchronised or kept.boot == boot:
                continue
            newest = EarlierStart(capture.id, kept.corrected_to or kept.taken_at, 0, kept.corrected_to is not None)
            start = found.get(kept.boot, newest)
            found[kept.boot] = replace(start, captures=start.captures + 1)
        looked_at += len(page.captures)
        cursor = page.next
        if cursor is None:
            break
    return tuple(found.values())


def to_correct(storage: Storage, now: Moment) -> int:
    """Count the captures of the moment's boot whose files say a time that is known to be wrong. Raises StorageError."""
    return len(list(_wrong(storage, now))) if now.is_known else 0


def correct(storage: Storage, now: Moment, *, enough: Callable[[], bool] = _never) -> Corrected:
    """Give the captures of that boot that were taken at an unknown clock the times that they have by `now`.

    When one is done and `enough` says so, it begins no other. Any thread.
    Raises TimeUnknown, StorageError, StorageFull.
    """
    if not now.is_known:
        raise TimeUnknown(
            "it is not known what time it is",
            expected="a clock that is synchronised, or a time that was told",
            remedy="open the viewfinder on a phone and take the time that it offers, or connect to a network",
        )
    return _change(storage, [(found, _true_time(kept, now)) for found, kept in _wrong(storage, now)], enough)


def undo(storage: Storage, now: Moment, *, enough: Callable[[], bool] = _never) -> Corrected:
    """Give the captures of that boot their first times back. As `correct`; the time need not be known."""
    changed: list[tuple[Capture, datetime | None]] = [
        (found, None) for found, kept in _of_boot(storage, now.boot) if kept.corrected_to is not None
    ]
    return _change(storage, changed, enough)


def read_taken(file: Path) -> TakenTime | None:
    """Read when the capture that `file` belongs to was taken; None where no record tells it."""
    try:
        clock = stored_record(file)["clock"]
        taken = TakenTime(**clock)
        moments = [datetime.fromisoformat(text) for text in (taken.taken_at, taken.corrected_to) if text is not None]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    whole = finite(taken.since_boot_s) is not None and isinstance(taken.boot, str)
    return taken if whole and all(moment.utcoffset() is not None for moment in moments) else None


def _of_boot(storage: Storage, boot: str) -> Iterator[tuple[Capture, TakenTime]]:
    """Give the captures of one boot that have a record, the newest first.

    They follow one another; those of the boot that is now are the newest, which is all that a look for them costs.
    """
    cursor, found = None, boot == host.boot_id()
    while True:
        page = storage.page(_PAGE, cursor=cursor)
        for capture in page.captures:
            kept = read_taken(capture.files[0].path)
            if capture.sequence is None or (found and kept is not None and kept.boot != boot):
                return
            if kept is not None and kept.boot == boot:
                found = True
                yield capture, kept
        cursor = page.next
        if cursor is None:
            return


def _wrong(storage: Storage, now: Moment) -> Iterator[tuple[Capture, TakenTime]]:
    for capture, kept in _of_boot(storage, now.boot):
        told = datetime.fromisoformat(kept.corrected_to or kept.taken_at)
        corrected = kept.corrected_to is not None and abs((told - _true_time(kept, now)).total_seconds()) < SAME_S
        if not kept.time_synchronised and not corrected:
            yield capture, kept


def _true_time(kept: TakenTime, now: Moment) -> datetime:
    return host.local_time(now.unix_at_boot_s + kept.since_boot_s)


def _change(storage: Storage, changes: list[tuple[Capture, datetime | None]], enough: Callable[[], bool]) -> Corrected:
    """Change captures, the oldest first; None is the time that they had first."""
    changed, skipped = 0, list[str]()
    for done, (capture, taken_at) in enumerate(reversed(changes)):
        if changed and enough():
            return Corrected(changed, len(changes) - done, tuple(skipped))
        with storage.save_lock:
            try:
                _change_capture(capture, taken_at)
                changed += 1
            except BadFile:
                if all(stored.path.is_file() for stored in capture.files):  # else it was deleted meanwhile
                    skipped.append(capture.id)
    return Corrected(changed, 0, tuple(skipped))


def _change_capture(capture: Capture, taken_at: datetime | None) -> None:
    """Replace the files of a capture, then its record. Raises BadFile, StorageError."""
    first = capture.files[0].path
    try:
        record = stored_record(first)
        kept = TakenTime(**record["clock"])
        sums = {file["name"]: file for file in record["files"]}
        files = [(stored.path, sums[stored.name]) for stored in capture.files]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadFile(f"the record of {capture.id} cannot be read") from error
    corrected_to = None if taken_at is None else taken_at.isoformat()
    staged = list[tuple[Path, Path]]()
    try:
        for path, entry in files:
            data = _retimed(path, entry["sha256"], kept, corrected_to)
            entry["sha256"] = hashlib.sha256(data).hexdigest()
            staged.append((stage(path.with_name(path.name + ".time"), [data]), path))
        while staged:
            publish(*staged[0], replace=True)
            del staged[0]
    finally:
        for temporary, _ in staged:
            discard(temporary)
    record["clock"] = replace(kept, corrected_to=corrected_to).as_json()
    keep_record(first, record)


def _retimed(path: Path, sha256: str, kept: TakenTime, corrected_to: str | None) -> bytearray:
    """Give the bytes of a file with its new time. Raises BadFile for one that was changed since it was taken.

    It may have the new time already, where the call before was cut off: its record has the sum of its bytes before.
    """
    data = read_bytes(path)
    before = _with(data, kept.corrected_to, kept)
    if hashlib.sha256(before).hexdigest() != sha256:
        raise BadFile(f"{path.name} was changed since it was taken")
    return _with(data, corrected_to, kept)


def _with(data: bytes, corrected_to: str | None, kept: TakenTime) -> bytearray:
    return with_time(data, datetime.fromisoformat(corrected_to or kept.taken_at), adjusted=corrected_to is not None)
