"""Times of day where summer time begins and ends, as the clock on the wall shows them."""

from __future__ import annotations

from datetime import datetime

import pytest

from device.drive import interval
from device.drive.appointments import first_and_count
from device.drive.time_of_day import next_time
from device.settings import declaration as rules

pytestmark = pytest.mark.usefixtures("berlin")
SUMMER, INTO_SUMMER, INTO_WINTER = "2026-06-10T21:00:00+02:00", "2026-03-28T21:00:00+01:00", "2026-10-24T21:00:00+02:00"


@pytest.mark.parametrize(
    ("after", "start_at", "end_at", "first", "shots"),
    [
        (SUMMER, "22:00", "", "2026-06-10T22:00:00+02:00", 0),
        (SUMMER, "20:59", "", "2026-06-11T20:59:00+02:00", 0),
        (SUMMER, "21:00", "", "2026-06-10T21:00:00+02:00", 0),
        (INTO_SUMMER, "05:30", "", "2026-03-29T05:30:00+02:00", 0),
        (INTO_WINTER, "05:30", "", "2026-10-25T05:30:00+01:00", 0),
        (INTO_SUMMER, "02:30", "", "2026-03-29T03:30:00+02:00", 0),  # which the clock skips
        (INTO_WINTER, "02:30", "", "2026-10-25T02:30:00+02:00", 0),  # the first of two
        ("2026-10-25T02:40:00+02:00", "02:30", "", "2026-10-25T02:30:00+01:00", 0),  # the second of two
        ("2026-10-25T02:40:00+01:00", "02:30", "", "2026-10-26T02:30:00+01:00", 0),
        ("2026-03-29T01:59:00+01:00", "03:00", "", "2026-03-29T03:00:00+02:00", 0),
        (SUMMER, "22:00", "06:00", "2026-06-10T22:00:00+02:00", 8 * 60 + 1),
        (INTO_SUMMER, "22:00", "06:00", "2026-03-28T22:00:00+01:00", 7 * 60 + 1),
        (INTO_WINTER, "22:00", "06:00", "2026-10-24T22:00:00+02:00", 9 * 60 + 1),
        (INTO_SUMMER, "05:30", "08:00", "2026-03-29T05:30:00+02:00", 2 * 60 + 31),
        (INTO_SUMMER, "02:30", "08:00", "2026-03-29T03:30:00+02:00", 4 * 60 + 31),
        (SUMMER, "22:00", "22:00", "2026-06-10T22:00:00+02:00", 24 * 60 + 1),
        ("2026-06-10T22:00:00+02:00", "", "22:00", "2026-06-10T22:00:00+02:00", 24 * 60 + 1),
    ],
)
def test_a_series_begins_at_the_time_that_the_clock_shows_and_has_the_shots_of_its_hours(
    after: str, start_at: str, end_at: str, first: str, shots: int
) -> None:
    now = datetime.fromisoformat(after)
    settings = rules.check(interval.SETTINGS, {"interval_s": 60.0, "start_at": start_at, "end_at": end_at})
    moment, count = first_and_count(settings, now)
    assert (moment.isoformat(), count) == (first, shots)
    assert not start_at or next_time(start_at, now) == moment


def test_a_later_time_is_never_now() -> None:
    now = datetime.fromisoformat("2026-06-10T22:00:00+02:00")
    assert next_time("22:00", now) == now
    assert next_time("22:00", now, strict=True).isoformat() == "2026-06-11T22:00:00+02:00"
