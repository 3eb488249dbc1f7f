"""What an interval will come to, said before it begins: shots, time, room, seconds of film. Pure; `Drive` asks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any, Final

from device.drive.appointments import first_and_count
from device.drive.daily import Daily
from device.drive.daily_schedule import Schedule, schedule_of
from device.errors import BadInput
from device.host import local_time
from device.preferences.position import Position

FILM_PER_S: Final = 25
HOUR_S: Final = 3600.0
LOOK_DAYS: Final = 60  # chosen: so many days are looked through for those on which the sun does not rise or set


@dataclass(frozen=True, slots=True)
class Outline:
    """The figures of a plan. `shots` None: until ended."""

    shots: int | None
    lasts_s: float | None
    """From the first shot to the last; None when that is not known."""
    sentences: tuple[str, ...] = ()
    """When it shoots, and what is special about some days."""

    def text(self, interval_s: float, shot_bytes: int) -> str:
        """Give all of it in words, for shots of that size."""
        if self.shots is None:
            shots = max(1, round(HOUR_S / interval_s))
            figures = f"until ended; {shots} shots an hour, {_size(shots * shot_bytes)}, {_film(shots)}"
        else:
            shots = self.shots
            figures = f"{_counted(shots, self.lasts_s)}, {_size(shots * shot_bytes)}, {_film(shots)}"
        return " · ".join((figures, *self.sentences))


def outline_of(settings: dict[str, Any], now: datetime, position: Position | None) -> Outline:
    """Give the figures of an interval that begins now. Raises BadInput for settings that do not go together."""
    if settings["daily"]:
        return _daily(schedule_of(settings, position), now)
    if settings["days"]:
        raise BadInput("days belong to daily windows", expected="a window, such as 06:00..20:00, or no days")
    first, count = first_and_count(settings, now)
    starts = (f"from {_moment(first.timestamp())}",) if first > now else ()
    return Outline(count or None, (count - 1) * settings["interval_s"] if count else None, starts)


def _daily(schedule: Schedule, now: datetime) -> Outline:
    span = schedule.span_at(now.timestamp())
    total, last_at = schedule.total(span)
    first_day = schedule.end(span)
    opens = f"open {_moment(span.first_at)} to {_moment(span.closes_at)}: {first_day} shot{'s'[: first_day != 1]}"
    following = schedule.after(span)
    then = f", then {_moment(following.first_at)} to {_moment(following.closes_at)}" if following else ""
    last_day = now.date() + timedelta(days=LOOK_DAYS)
    if last_at is not None:
        last_day = min(last_day, local_time(last_at).date())
    lasts_s = None if last_at is None else last_at - span.first_at
    return Outline(total, lasts_s, (opens + then, *_special_days(schedule.daily, now.date(), last_day)))


def _special_days(daily: Daily, first: date, last: date) -> list[str]:
    """Say on which days the sun does not rise or set, or a window stays closed."""
    windows = [daily.window(first + timedelta(days=n)) for n in range((last - first).days + 1)]
    said = []
    for (always, opens), run in groupby(windows, key=lambda window: (window.sun and window.sun.always, window.opens)):
        days = list(run)
        when = f"on {days[0].day}" if len(days) == 1 else f"from {days[0].day} to {days[-1].day}"
        sun = days[0].sun
        if always and sun is not None:
            at = f"{local_time(sun.rise_at):%H:%M}"
            what, where = ("rise", "highest") if always == "down" else ("set", "lowest")
            closed = "" if opens else ": closed"
            said.append(f"the sun does not {what} {when}: both count as {at}, when it is {where}{closed}")
        elif not opens:
            said.append(f"closed {when}: it would end before it begins")
    return said


def _counted(shots: int, lasts_s: float | None) -> str:
    if lasts_s is None:
        return "1 shot" if shots == 1 else f"{shots} shots"
    lasts = _duration(lasts_s)
    return f"1 shot in {lasts}" if shots == 1 else f"{shots} shots in {lasts}"


def _moment(unix_s: float) -> str:
    return f"{local_time(unix_s):%Y-%m-%d %H:%M}"


def _duration(seconds: float) -> str:
    for unit, least in (("days", 86_400.0), ("h", 3600.0), ("min", 60.0)):
        if seconds >= 2 * least:
            return f"{seconds / least:.1f}".removesuffix(".0") + f" {unit}"
    return f"{seconds:.0f} s"


def _size(size_bytes: int) -> str:
    return f"about {size_bytes / 1e9:.1f} GB" if size_bytes >= 1e8 else f"about {size_bytes / 1e6:.0f} MB"


def _film(shots: int) -> str:
    return f"{shots / FILM_PER_S:.1f} s of film at {FILM_PER_S} a second"
