"""The times of an interval: when its first shot is due, how many there are, which is next. `interval` follows them."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Any, Final

from device import host
from device.drive.manifest import Manifest
from device.drive.series import Series
from device.drive.time_of_day import next_time
from device.host import local_time
from device.settings.declaration import finite

LATE_SHARE: Final = 0.5  # chosen: a shot that is less than half an interval late is still taken
LATE_TOLD: Final = 0.1  # chosen: of the interval; a shot that is later than that is said to be late
SET_S: Final = 60.0  # chosen: a wall clock that is off by more since the plan was made was set; less is its drift


def first_and_count(settings: dict[str, Any], now: datetime) -> tuple[datetime, int]:
    """Give the first shot's time and how many there will be (0: until ended).

    A time of day that has passed is tomorrow's.
    """
    first = next_time(settings["start_at"], now) if settings["start_at"] else now
    return first, _count_from(first, settings)


def _count_from(first: datetime, settings: dict[str, Any]) -> int:
    """Give how many shots there are from the first one to the end; 0: until ended."""
    count: int = settings["count"]
    if settings["end_at"]:
        span_s = (next_time(settings["end_at"], first, strict=True) - first).total_seconds()
        fit = math.floor(span_s / settings["interval_s"]) + 1
        count = min(count, fit) if count else fit
    return count


def next_due(first_at: float, interval_s: float, done: int, now: float) -> tuple[int, float]:
    """Give the index of the next shot after `done` were taken or missed, and the time of the first one.

    All times in seconds. A clock that is behind the last shot was set back: then the times are moved, so that the next
    shot is now.

    >>> next_due(1000.0, 10.0, 3, 1025.0), next_due(1000.0, 10.0, 3, 1067.0)
    ((3, 1000.0), (7, 1000.0))
    >>> next_due(1000.0, 10.0, 3, 12.0)
    (3, -18.0)
    """
    if done and now < first_at + (done - 1) * interval_s - interval_s:
        return done, now - done * interval_s
    return max(done, math.ceil((now - first_at) / interval_s - LATE_SHARE)), first_at


def told_late_s(late_s: float, interval_s: float) -> float:
    """Give how late a shot is, in seconds; 0.0 where that is less than need be told."""
    return late_s if late_s > LATE_TOLD * interval_s else 0.0


class Appointments:
    """When the shots of one series are due. Its thread alone calls it.

    The first shot and the end are appointments on the wall clock; from the first shot on the steady clock counts. When
    the wall clock is set, the appointments are what they would be had it been right from the start.
    """

    def __init__(self, series: Series, manifest: Manifest, count: int) -> None:
        """`count` is how many shots the plan has; 0: until ended."""
        self.count = count
        self._series, self._manifest, self._clock = series, manifest, series.clock
        self._plan: dict[str, Any] = manifest.content["plan"]
        self._interval_s: float = series.settings["interval_s"]
        self._first_s = 0.0

    def wait_for_start(self) -> None:
        """Wait until the wall clock shows the time of the first shot. Raises Cancelled, StorageError."""
        asked_s, asked_at = self._clock.now_s(), self._clock.wall().timestamp()

        def left_s() -> float:
            nonlocal asked_at
            now_at = self._clock.wall().timestamp()
            asked_then = now_at - (self._clock.now_s() - asked_s)
            if self._series.settings["start_at"] and abs(asked_then - asked_at) > SET_S:
                asked_at = asked_then
                first, count = first_and_count(self._series.settings, local_time(asked_then))
                self._move(first, count)
            left = float(self._plan["first_at"]) - now_at
            self._series.expect_end_in(left + (self.count - 1) * self._interval_s if self.count else None)
            return left

        self._series.wait_for_time(left_s, of_s=self._interval_s)

    def begin(self, done: int) -> None:
        """Take the times from the plan, by the wall clock as it is now; from then on the steady clock counts.

        After `done` shots (a restart) a clock that is behind the last of them moves the times. Where only the program
        was started again, and not the machine, the steady clock has counted on. Raises StorageError.
        """
        boot_id = host.boot_id()
        counted_on_s = self._first_since_boot_s(boot_id)
        if counted_on_s is not None:
            self._first_s = self._clock.at_since_boot_s(counted_on_s)
            return
        now_at = self._clock.wall().timestamp()
        _, first_at = next_due(self._plan["first_at"], self._interval_s, done, now_at)
        self._first_s = self._clock.now_s() + first_at - now_at
        if first_at != self._plan["first_at"]:
            self._move(local_time(first_at), self.count)
        self._plan["boot"] = {"id": boot_id, "first_s": self._clock.since_boot_s(self._first_s)}
        self._manifest.note(plan=self._plan)

    def _first_since_boot_s(self, boot_id: str | None) -> float | None:
        """Give the time of the first shot from the plan; None after another boot. A manifest may have been edited."""
        kept = self._plan.get("boot")
        same = isinstance(kept, dict) and boot_id is not None and kept.get("id") == boot_id
        return finite(kept.get("first_s")) if isinstance(kept, dict) and same else None

    def follow_wall_clock(self, _done: int) -> None:
        """Make the end anew if the wall clock was set since the plan was made. Raises StorageError."""
        first_at = self._clock.wall().timestamp() - (self._clock.now_s() - self._first_s)
        if abs(first_at - self._plan["first_at"]) > SET_S:
            self._move(local_time(first_at), _count_from(local_time(first_at), self._series.settings))

    def goes_on(self, done: int) -> bool:
        """Whether there is a shot after `done` were taken or missed."""
        return not self.count or done < self.count

    def next_index(self, done: int) -> int:
        """Give the index of the next shot whose time has not passed; that of the end when there is none."""
        index, _ = next_due(self._first_s, self._interval_s, done, self._clock.now_s())
        return min(index, self.count) if self.count else index

    def due_in_s(self, index: int) -> float:
        """Give in how many seconds a shot is due."""
        return self._first_s + index * self._interval_s - self._clock.now_s()

    def late_s(self, index: int) -> float:
        """Give how late the shot is that begins now, in seconds; 0.0 where that is less than need be told."""
        at_once = index == 0 and not self._series.settings["start_at"]  # it has no time of its own
        return 0.0 if at_once else told_late_s(-self.due_in_s(index), self._interval_s)

    def ends_in_s(self) -> float | None:
        """Give in how many seconds the last shot is due; None when the series is ended by a press."""
        return self.due_in_s(self.count - 1) if self.count else None

    def _move(self, first: datetime, count: int) -> None:
        self.count = count
        self._plan |= {"first_at": first.timestamp(), "first_at_text": first.isoformat()}
        self._manifest.note(plan=self._plan, total=count or None)
        self._series.plan_total(count or None)
