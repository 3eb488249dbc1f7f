"""The shots of an interval in daily windows: how many fit into each, which is the next window, when all is done. Pure.

In each window the first shot is taken when it opens. All times are unix seconds.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, Final

from device.drive.daily import LEAST_S, Daily, Window
from device.errors import BadInput
from device.preferences.position import Position

WINDOWS_MOST: Final = 400  # chosen: what ends after more is not worked out
_ROUNDING: Final = 1e-6  # of an interval: a shot that is due when the window closes is in it


@dataclass(frozen=True, slots=True)
class Span:
    """The shots of one window: the first is due at `first_at`, and `before` shots of the series stand before it."""

    first_at: float
    closes_at: float
    before: int
    day: int
    """Which of the days of the series it is, from 1."""
    paused_from: float | None = None
    """When the window before it closed; None for the first, and where the series goes on without a pause."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """Daily windows with a shot every `interval_s`, for so many shots and days; 0: no such limit."""

    daily: Daily
    interval_s: float
    count: int
    days: int

    def span_at(self, now: float, *, before: int = 0, day: int = 1, due_at: float | None = None) -> Span:
        """Give the span that is open now or is next. Raises BadInput when none opens within a year.

        Its first shot is at once where it is open; a series that goes on has its next shot at `due_at`.
        """
        moment = now if due_at is None else max(now, due_at)
        window = self.daily.next_window(moment)
        first_at = now if due_at is None or due_at < window.opens_at else due_at
        return Span(max(window.opens_at, first_at), window.closes_at, before, day)

    def end(self, span: Span) -> int:
        """Give how many shots are planned up to the end of a span."""
        fit = math.floor((span.closes_at - span.first_at) / self.interval_s + _ROUNDING) + 1
        planned = span.before + max(0, fit)
        return min(planned, self.count) if self.count else planned

    def after(self, span: Span) -> Span | None:
        """Give the next span; None when the series ends with this one."""
        return next(self._after(span), None)

    def _after(self, span: Span) -> Iterator[Span]:
        for window in self.daily.windows(span.closes_at):
            if (self.days and span.day >= self.days) or (self.count and self.end(span) >= self.count):
                return
            span = self._next(span, window)
            yield span

    def _next(self, span: Span, window: Window) -> Span:
        before, day = self.end(span), span.day + 1
        if window.opens_at - span.closes_at >= LEAST_S:
            return Span(window.opens_at, window.closes_at, before, day, paused_from=span.closes_at)
        first_at = span.first_at + (before - span.before) * self.interval_s  # it keeps the beat
        return Span(first_at, window.closes_at, before, day)

    def total(self, span: Span) -> tuple[int | None, float | None]:
        """Give how many shots there are in all and when the last is due; None where it goes on until ended.

        The time is None, too, where it is more than `WINDOWS_MOST` windows away.
        """
        if not self.count and not self.days:
            return None, None
        last, spans = span, 1
        for following in islice(self._after(span), WINDOWS_MOST):
            last, spans = following, spans + 1
        if spans > WINDOWS_MOST:
            return self.count or None, None
        total = self.end(last)
        return total, last.first_at + (total - last.before - 1) * self.interval_s


def schedule_of(settings: dict[str, Any], position: Position | None) -> Schedule:
    """Give the schedule of an interval's settings, whose `daily` is not "". Raises BadInput."""
    if settings["start_at"] or settings["end_at"]:
        raise BadInput("daily windows have a start and an end of their own", expected="no start at, no end at")
    daily = Daily(settings["daily"], position)
    return Schedule(daily, settings["interval_s"], settings["count"], settings["days"])


def span_from_plan(plan: dict[str, Any]) -> Span:
    """Read the span that a manifest's plan holds. Raises KeyError, TypeError, ValueError for what is none."""
    paused = plan.get("paused_from")
    span = Span(float(plan["first_at"]), float(plan["closes_at"]), int(plan["before"]), int(plan["day"]))
    return replace(span, paused_from=None if paused is None else float(paused))
