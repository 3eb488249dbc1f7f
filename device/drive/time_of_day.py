"""Times of day on the clock on the wall: the next moment at which it shows one. Interval and daily windows use it.

Where summer time begins, the clock skips an hour: a time in it comes as much later (02:30 at 03:30). Where summer time
ends, the clock shows an hour twice: the next time it is shown counts. The time zone is the system's.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from device.host import local_time


def next_time(time_of_day: str, after: datetime, *, strict: bool = False) -> datetime:
    """Give the next moment at which the clock shows `time_of_day` ("21:45"): at `after` or later; `strict`: later."""
    day = local_time(after.timestamp()).date()
    moments = (moment for n in range(3) for moment in shown_on(time_of_day, day + timedelta(days=n)))
    return next(moment for moment in moments if moment > after or (moment == after and not strict))


def shown_on(time_of_day: str, day: date) -> list[datetime]:
    """Give the moments of a day at which the clock shows this time, in order: one, or both of a doubled hour."""
    hour, minute = map(int, time_of_day.split(":"))
    naive = datetime(day.year, day.month, day.day, hour, minute)
    first, second = (local_time(naive.replace(fold=fold).timestamp()) for fold in (0, 1))
    skipped = first.replace(tzinfo=None) != naive
    return [first] if skipped or first == second else [first, second]
