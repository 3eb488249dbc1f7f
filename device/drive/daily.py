"""Daily windows: from when to when an interval shoots on each day, by the clock on the wall or by the sun. Pure.

`daily_schedule` puts the shots into them. Either end is a time of day, or sunrise or sunset with an offset. A window
that ends before it begins by the clock goes over midnight. Sunrise is of the morning and sunset of the second half of
the day: where one of them meets a time of the same half, the window is of that day, and closed where it would end
before it begins. What summer time does to a time of day is in `time_of_day`: here the first of a doubled hour counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from device.drive.sun import SunDay, sun_day
from device.drive.time_of_day import shown_on
from device.errors import BadInput
from device.host import local_time
from device.preferences.position import Position

LEAST_S: Final = 60.0  # chosen: a shorter window is closed, a shorter pause is none; where the sun is up all day
DAYS_AHEAD: Final = 400  # each time of the year comes within these
_OFFSET_MOST_S: Final = 6 * 3600
_OFFSET: Final = re.compile(r"(sunrise|sunset)([+-])(?:(\d)h)?(?:(\d+)m)?")


@dataclass(frozen=True, slots=True)
class Edge:
    """One end of a window: a time of day, or sunrise or sunset and seconds after it."""

    clock: str = ""
    sun: str = ""
    offset_s: float = 0.0

    @property
    def is_late(self) -> bool:
        """Whether it is of the second half of the day."""
        return self.sun == "sunset" or (not self.sun and int(self.clock.split(":")[0]) >= 12)

    def at(self, day: date, sun: SunDay | None) -> float:
        """Give its moment on a day in unix seconds."""
        if sun is None or not self.sun:
            return shown_on(self.clock, day)[0].timestamp()
        return (sun.rise_at if self.sun == "sunrise" else sun.set_at) + self.offset_s


@dataclass(frozen=True, slots=True)
class Window:
    """The window of one day, unix seconds; it is closed all day where it does not last `LEAST_S`."""

    day: date
    opens_at: float
    closes_at: float
    sun: SunDay | None
    """The sun on the day on which it opens, where a window follows it."""

    @property
    def opens(self) -> bool:
        """Whether it is open at all."""
        return self.closes_at - self.opens_at >= LEAST_S


class Daily:
    """The windows of all days."""

    def __init__(self, text: str, position: Position | None) -> None:
        """`text` is that of a setting of the kind "window", not "". Raises BadInput."""
        self.text = text
        self.start, self.end = (_edge(part) for part in text.split(".."))
        self.position = position if self.follows_sun else None
        if self.follows_sun and position is None:
            raise BadInput(
                f"{text} needs the camera's position",
                expected="a latitude and a longitude, told once",
                remedy="hqcam position 52.52 13.41, or under the interval's settings on the page",
            )
        same = self.start.sun == self.end.sun != ""
        if same and self.end.offset_s - self.start.offset_s < LEAST_S:
            raise BadInput(f"{text} is never open", expected="an end after the start")
        over_midnight = self.start.is_late and not self.end.is_late
        if not self.follows_sun:
            over_midnight = _minutes(self.end.clock) <= _minutes(self.start.clock)
        self._days = timedelta(days=int(over_midnight))

    @property
    def follows_sun(self) -> bool:
        """Whether an end of it is sunrise or sunset."""
        return bool(self.start.sun or self.end.sun)

    def window(self, day: date) -> Window:
        """Give the window that opens on a day."""
        until = day + self._days
        sun = self._sun(day)
        sun_until = sun if until == day else self._sun(until)
        return Window(day, self.start.at(day, sun), self.end.at(until, sun_until), sun)

    def windows(self, after_s: float) -> Iterator[Window]:
        """Give those that are open and close later than `after_s` (unix seconds), in order, until none opens a year."""
        day, closed = local_time(after_s).date() - timedelta(days=2), 0
        while closed < DAYS_AHEAD and day.year < date.max.year:
            window = self.window(day)
            if window.opens and window.closes_at > after_s:
                closed = 0
                yield window
            else:
                closed += 1
            day += timedelta(days=1)

    def next_window(self, after_s: float) -> Window:
        """Give the one that closes next after a moment. Raises BadInput when none opens within a year."""
        window = next(self.windows(after_s), None)
        if window is None:
            raise BadInput(f"{self.text} does not open within a year here", expected="a window that opens on some day")
        return window

    def _sun(self, day: date) -> SunDay | None:
        if self.position is None:
            return None
        noon = shown_on("12:00", day)[0].timestamp()
        return sun_day(self.position.latitude_deg, self.position.longitude_deg, noon)


def _edge(text: str) -> Edge:
    if ":" in text:
        return Edge(clock=text)
    found = _OFFSET.fullmatch(text)
    if found is None:
        return Edge(sun=text)
    offset_s = 3600 * int(found[3] or 0) + 60 * int(found[4] or 0)
    if offset_s > _OFFSET_MOST_S:
        raise BadInput(f"the offset of {text} is too long", expected="at most 6h")
    return Edge(sun=found[1], offset_s=-offset_s if found[2] == "-" else offset_s)


def _minutes(clock: str) -> int:
    hour, minute = map(int, clock.split(":"))
    return 60 * hour + minute
