"""Times of day where summer time begins and ends, as the clock on the wall shows them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from device.drive import interval
from device.drive.appointments import first_and_count
from device.drive.time_of_day import next_time
from device.settings import declaration as rules


@pytest.fixture(autouse=True)
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Summer time there begins on 29 March 2026 at 02:00 and ends on 25 October 2026 at 03:00."""
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("after", "time_of_day", "shown"),
    [
        ("2026-06-10T21:00:00+02:00", "22:00", "2026-06-10T22:00:00+02:00"),
        ("2026-06-10T21:00:00+02:00", "20:59", "2026-06-11T20:59:00+02:00"),
        ("2026-06-10T21:00:00+02:00", "21:00", "2026-06-10T21:00:00+02:00"),
        ("2026-03-28T21:00:00+01:00", "05:30", "2026-03-29T05:30:00+02:00"),
        ("2026-10-24T21:00:00+02:00", "05:30", "2026-10-25T05:30:00+01:00"),
        ("2026-03-28T21:00:00+01:00", "02:30", "2026-03-29T03:30:00+02:00"),  # which the clock skips
        ("2026-10-24T21:00:00+02:00", "02:30", "2026-10-25T02:30:00+02:00"),  # the first of two
        ("2026-10-25T02:40:00+02:00", "02:30", "2026-10-25T02:30:00+01:00"),  # the second of two
        ("2026-10-25T02:40:00+01:00", "02:30", "2026-10-26T02:30:00+01:00"),
        ("2026-03-29T01:59:00+01:00", "03:00", "2026-03-29T03:00:00+02:00"),
    ],
)
def test_the_next_time_is_the_one_that_the_clock_shows(after: str, time_of_day: str, shown: str) -> None:
    assert next_time(time_of_day, datetime.fromisoformat(after)).isoformat() == shown


def test_a_later_time_is_never_now() -> None:
    now = datetime.fromisoformat("2026-06-10T22:00:00+02:00")
    assert next_time("22:00", now) == now
    assert next_time("22:00", now, strict=True).isoformat() == "2026-06-11T22:00:00+02:00"


@pytest.mark.parametrize(
    ("after", "given", "first", "shots"),
    [
        (
            "2026-06-10T21:00:00+02:00",
            {"start_at": "22:00", "end_at": "06:00"},
            "2026-06-10T22:00:00+02:00",
            8 * 60 + 1,
        ),
        (
            "2026-03-28T21:00:00+01:00",
            {"start_at": "22:00", "end_at": "06:00"},
            "2026-03-28T22:00:00+01:00",
            7 * 60 + 1,
        ),
        (
            "2026-10-24T21:00:00+02:00",
            {"start_at": "22:00", "end_at": "06:00"},
            "2026-10-24T22:00:00+02:00",
            9 * 60 + 1,
        ),
        (
            "2026-03-28T21:00:00+01:00",
            {"start_at": "05:30", "end_at": "08:00"},
            "2026-03-29T05:30:00+02:00",
            2 * 60 + 31,
        ),
        (
            "2026-03-28T21:00:00+01:00",
            {"start_at": "02:30", "end_at": "08:00"},
            "2026-03-29T03:30:00+02:00",
            4 * 60 + 31,
        ),
        (
            "2026-06-10T21:00:00+02:00",
            {"start_at": "22:00", "end_at": "22:00"},
            "2026-06-10T22:00:00+02:00",
            24 * 60 + 1,
        ),
        ("2026-06-10T22:00:00+02:00", {"end_at": "22:00"}, "2026-06-10T22:00:00+02:00", 24 * 60 + 1),
    ],
)
def test_a_night_over_the_change_has_the_shots_of_its_hours(
    after: str, given: dict[str, Any], first: str, shots: int
) -> None:
    settings = rules.check(interval.SETTINGS, {"interval_s": 60.0, **given})
    moment, count = first_and_count(settings, datetime.fromisoformat(after))
    assert (moment.isoformat(), count) == (first, shots)
