"""The times of an interval with daily windows: it waits while they are closed. `interval` follows them.

As with `appointments`, windows open and close by the clock on the wall, and in an open one the steady clock counts.
When the wall clock is set, the series goes on with the window that is open or next by then, and nothing is missed. So
it does after a restart that comes more than `AWAY_S` later where no end of the series is known.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any, Final

from device.drive.appointments import LATE_SHARE, SET_S, told_late_s
from device.drive.daily_schedule import Schedule, Span, span_from_plan
from device.drive.manifest import Manifest
from device.drive.series import Series
from device.host import local_time

AWAY_S: Final = 366 * 86_400.0
"""Chosen: after a longer absence the wall clock is more likely wrong, and a year of misses tells nobody anything."""


class DailyAppointments:
    """When the shots of one series are due. Its thread alone calls it."""

    def __init__(self, series: Series, manifest: Manifest, schedule: Schedule, done: int) -> None:
        """Take the times from the plan, after `done` shots were taken or missed. Raises BadInput, StorageError."""
        self._series, self._manifest, self._schedule, self._clock = series, manifest, schedule, series.clock
        self._plan: dict[str, Any] = manifest.content["plan"]
        self._open = False
        self.after_pause = False
        """Whether the series paused before the window that is open."""
        self._set_at = self._since_start_of_clock()
        self._last_s: float | None = None
        self._first_s = 0.0
        self._span = span_from_plan(self._plan)
        now = self._clock.wall().timestamp()
        due_before = self._span.first_at + (done - self._span.before - 1) * schedule.interval_s
        if now < max(self._span.first_at, due_before - schedule.interval_s):  # in a pause, or the clock is behind
            self._begin_again(done)
        elif now > self._span.closes_at + AWAY_S and schedule.total(self._span)[1] is None:
            self._span = replace(self._span, paused_from=max(self._span.first_at, due_before))
            self._begin_again(done)
        else:
            self._note(self._span)

    def next_window(self, done: int) -> bool:
        """Wait until the window of the next shot is open; False when all is done. Raises Cancelled, StorageError."""
        self._series.raise_if_cancelled()
        if done >= self._schedule.end(self._span):
            following = self._schedule.after(self._span)
            if following is None:
                return False
            self._note(following)
        self._wait(done)
        self._first_s = self._clock.now_s() + self._span.first_at - self._clock.wall().timestamp()
        self._open = True
        return True

    def goes_on(self, done: int) -> bool:
        """Whether the window has a shot after `done` were taken or missed."""
        return self._open and done < self._schedule.end(self._span)

    def follow_wall_clock(self, done: int) -> None:
        """Find the window anew if the wall clock was set. Raises BadInput, StorageError."""
        if abs(self._since_start_of_clock() - self._set_at) > SET_S:
            due_in_s = self.due_in_s(done)
            now = self._clock.wall().timestamp()
            self._begin_again(done, due_at=now + due_in_s)
            self._open = self._span.first_at <= max(now, now + due_in_s)
            if self._open:
                self._first_s = self._clock.now_s() + self._span.first_at - now
            else:
                self._span = replace(self._span, paused_from=now)

    def next_index(self, done: int) -> int:
        """Give the index of the next shot whose time has not passed; that of the window's end when there is none."""
        passed = (self._clock.now_s() - self._first_s) / self._schedule.interval_s - LATE_SHARE
        return min(max(done, self._span.before + math.ceil(passed)), self._schedule.end(self._span))

    def due_in_s(self, index: int) -> float:
        """Give in how many seconds a shot of the open window is due."""
        return self._first_s + (index - self._span.before) * self._schedule.interval_s - self._clock.now_s()

    def late_s(self, index: int) -> float:
        """Give how late the shot is that begins now, in seconds; 0.0 where that is less than need be told."""
        return told_late_s(-self.due_in_s(index), self._schedule.interval_s)

    def ends_in_s(self) -> float | None:
        """Give in how many seconds the last shot of the series is due; None when it is ended by a press."""
        return None if self._last_s is None else self._last_s - self._clock.now_s()

    def _wait(self, done: int) -> None:
        """Wait until the span's window is open, and put the pause into the manifest."""

        def left_s() -> float:
            if abs(self._since_start_of_clock() - self._set_at) > SET_S:
                self._begin_again(done)
            self._series.expect_end_in(self.ends_in_s())
            return self._span.first_at - self._clock.wall().timestamp()

        self._open = False
        if left_s() > 0:
            self._series.show_message(f"closed until {_text(self._span.first_at)[:16].replace('T', ' ')}")
            self._series.wait_for_time(left_s, of_s=self._schedule.interval_s)
            self._series.show_message("")
        self.after_pause = self._span.paused_from is not None
        if self._span.paused_from is not None:
            pause = {"from": _text(self._span.paused_from), "until": _text(self._span.first_at)}
            pauses = [*self._manifest.content.get("pauses", []), pause]
            self._note(replace(self._span, paused_from=None), pauses=pauses)

    def _begin_again(self, done: int, *, due_at: float | None = None) -> None:
        """Go on with the window that is open or next by the wall clock as it is now. Raises BadInput, StorageError."""
        now, paused_from = self._clock.wall().timestamp(), self._span.paused_from
        span = self._schedule.span_at(now, before=done, day=self._span.day, due_at=due_at)
        self._set_at = self._since_start_of_clock()
        self._note(replace(span, paused_from=paused_from))

    def _note(self, span: Span, **more: Any) -> None:
        """Have the span in the plan, so that a restart finds it."""
        self._span = span
        total, last_at = self._schedule.total(span)
        now = self._clock.wall().timestamp()
        self._last_s = None if last_at is None else self._clock.now_s() + last_at - now
        self._plan |= {
            "first_at": span.first_at,
            "first_at_text": _text(span.first_at),
            "closes_at": span.closes_at,
            "closes_at_text": _text(span.closes_at),
            "before": span.before,
            "day": span.day,
            "paused_from": span.paused_from,
        }
        self._manifest.note(plan=self._plan, total=total, **more)
        self._series.plan_total(total)

    def _since_start_of_clock(self) -> float:
        """Give by how much the wall clock is ahead of the steady one: it changes when the wall clock is set."""
        return self._clock.wall().timestamp() - self._clock.now_s()


def _text(unix_s: float) -> str:
    return local_time(unix_s).isoformat(timespec="seconds")
