"""Daily windows: the moments at which they open and close, and the shots in them, before anything is shot."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from device.drive import interval
from device.drive.daily import Daily
from device.drive.daily_schedule import schedule_of
from device.drive.outline import outline_of
from device.errors import BadInput
from device.preferences.position import Position
from device.settings import declaration as rules

pytestmark = pytest.mark.usefixtures("berlin")
BERLIN = Position(52.52, 13.405)
TROMSO = Position(69.65, 18.96)
SUMMER = datetime.fromisoformat("2026-06-10T12:00:00+02:00")


def shown(unix_s: float) -> str:
    return datetime.fromtimestamp(unix_s, UTC).astimezone().isoformat(timespec="minutes")


def settings(**given: Any) -> dict[str, Any]:
    return rules.check(interval.SETTINGS, {"interval_s": 60.0, **given})


@pytest.mark.parametrize(
    ("text", "day", "opens", "closes"),
    [
        ("06:00..20:00", "2026-06-10", "2026-06-10T06:00+02:00", "2026-06-10T20:00+02:00"),
        ("20:00..06:00", "2026-06-10", "2026-06-10T20:00+02:00", "2026-06-11T06:00+02:00"),
        ("06:00..06:00", "2026-06-10", "2026-06-10T06:00+02:00", "2026-06-11T06:00+02:00"),
        ("20:00..06:00", "2026-03-28", "2026-03-28T20:00+01:00", "2026-03-29T06:00+02:00"),
        ("02:30..08:00", "2026-03-29", "2026-03-29T03:30+02:00", "2026-03-29T08:00+02:00"),  # which the clock skips
        ("01:00..02:30", "2026-10-25", "2026-10-25T01:00+02:00", "2026-10-25T02:30+02:00"),  # the first of two
        ("02:30..04:00", "2026-10-25", "2026-10-25T02:30+02:00", "2026-10-25T04:00+01:00"),
        ("sunrise..sunset", "2026-06-21", "2026-06-21T04:43+02:00", "2026-06-21T21:33+02:00"),
        ("sunrise-30m..sunset+1h", "2026-06-21", "2026-06-21T04:13+02:00", "2026-06-21T22:33+02:00"),
        ("sunset+1h30m..sunrise-45m", "2026-06-21", "2026-06-21T23:03+02:00", "2026-06-22T03:58+02:00"),
        ("06:00..sunset", "2026-12-21", "2026-12-21T06:00+01:00", "2026-12-21T15:53+01:00"),
        ("sunset..02:00", "2026-12-21", "2026-12-21T15:53+01:00", "2026-12-22T02:00+01:00"),
        ("22:00..sunrise", "2026-12-21", "2026-12-21T22:00+01:00", "2026-12-22T08:15+01:00"),
    ],
)
def test_a_window_opens_and_closes_as_the_clock_shows(text: str, day: str, opens: str, closes: str) -> None:
    window = Daily(text, BERLIN).window(date.fromisoformat(day))
    assert window.opens
    for at, expected in ((window.opens_at, opens), (window.closes_at, closes)):
        late_s = at - datetime.fromisoformat(expected).timestamp()
        assert abs(late_s) <= (90 if "sun" in text else 0), (shown(at), expected)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("20:00..sunset", "2026-12-21"),
        ("sunrise..08:00", "2026-12-21"),
        ("04:50..sunrise", "2026-06-21"),
        ("02:30..03:15", "2026-03-29"),  # 02:30 comes at 03:30 there
    ],
)
def test_a_window_that_would_end_before_it_begins_is_closed_that_day(text: str, day: str) -> None:
    daily = Daily(text, BERLIN)
    assert not daily.window(date.fromisoformat(day)).opens
    assert any(daily.window(date(2026, month, 15)).opens for month in range(1, 13)), "and open on other days"


@pytest.mark.parametrize(
    ("day", "text", "opens"),
    [
        ("2026-06-21", "sunrise..sunset", True),
        ("2026-06-21", "sunset..sunrise", False),
        ("2026-12-21", "sunrise..sunset", False),
        ("2026-12-21", "sunset..sunrise", True),
    ],
)
def test_in_the_far_north_a_window_is_open_all_day_or_not_at_all(day: str, text: str, opens: bool) -> None:
    window = Daily(text, TROMSO).window(date.fromisoformat(day))
    assert window.opens == opens
    assert window.closes_at - window.opens_at == pytest.approx(86_400 if opens else 0, abs=40)


@pytest.mark.parametrize(
    ("given", "shots", "ends"),
    [
        ({"daily": "06:00..20:00", "days": 3}, 481 + 2 * 841, "2026-06-12T20:00+02:00"),  # it begins at 12:00
        ({"daily": "06:00..20:00", "count": 500}, 500, "2026-06-11T06:18+02:00"),
        ({"daily": "06:00..20:00", "count": 500, "days": 1}, 481, "2026-06-10T20:00+02:00"),
        ({"daily": "20:00..06:00", "days": 1}, 601, "2026-06-11T06:00+02:00"),
        ({"daily": "06:00..06:00", "days": 2}, 18 * 60 + 24 * 60 + 1, "2026-06-12T06:00+02:00"),  # no shot twice
        ({"daily": "11:00..12:00", "days": 1}, 61, "2026-06-11T12:00+02:00"),
        ({"daily": "06:00..20:00"}, None, None),
    ],
)
def test_the_plan_counts_the_shots_of_all_windows(given: dict[str, Any], shots: int | None, ends: str | None) -> None:
    schedule = schedule_of(settings(**given), None)
    now = SUMMER.timestamp() + (1 if given["daily"] == "11:00..12:00" else 0)
    total, last_at = schedule.total(schedule.span_at(now))
    assert (total, shown(last_at) if last_at else None) == (shots, ends)


def test_the_night_in_which_the_clock_is_set_has_the_shots_of_its_hours() -> None:
    for day, hours in (("2026-03-28", 9), ("2026-06-10", 10), ("2026-10-24", 11)):
        schedule = schedule_of(settings(daily="20:00..06:00", days=1), None)
        begins = datetime.fromisoformat(f"{day}T19:00:00").timestamp()
        assert schedule.total(schedule.span_at(begins))[0] == hours * 60 + 1


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"daily": "sunrise..sunset"}, "needs the camera's position"),
        ({"daily": "06:00..20:00", "start_at": "05:00"}, "a start and an end of their own"),
        ({"daily": "sunset+1h..sunset", "place": BERLIN}, "is never open"),
        ({"daily": "sunset+7h..sunrise", "place": BERLIN}, "is too long"),
        ({"daily": "08:30..sunrise", "place": Position(0.0, 13.4)}, "does not open within a year"),
        ({"days": 3}, "days belong to daily windows"),
    ],
)
def test_a_plan_that_cannot_be_is_refused_before_it_begins(given: dict[str, Any], says: str) -> None:
    place = given.pop("place", None)
    with pytest.raises(BadInput, match=says) as caught:
        outline_of(settings(**given), SUMMER, place)
    assert caught.value.expected


@pytest.mark.parametrize(
    "text", ["06:00-20:00", "6..8", "sunrise", "..", "06:00..", "noon..sunset", "sunrise+..sunset", "24:00..06:00"]
)
def test_a_window_that_is_none_is_named_with_what_one_looks_like(text: str) -> None:
    with pytest.raises(BadInput, match="daily is") as caught:
        settings(daily=text)
    assert "06:00..20:00" in caught.value.expected and "sunrise-30m..sunset+1h" in caught.value.expected


def test_the_outline_says_shots_time_room_and_film() -> None:
    outline = outline_of(settings(daily="06:00..20:00", days=3), SUMMER, None)
    assert outline.text(60.0, 24_000_000) == (
        "2163 shots in 2.3 days, about 51.9 GB, 86.5 s of film at 25 a second · "
        "open 2026-06-10 12:00 to 2026-06-10 20:00: 481 shots, then 2026-06-11 06:00 to 2026-06-11 20:00"
    )
    until_ended = outline_of(settings(interval_s=10.0), SUMMER, None).text(10.0, 24_000_000)
    assert until_ended == "until ended; 360 shots an hour, about 8.6 GB, 14.4 s of film at 25 a second"
    one = outline_of(settings(count=1, start_at="13:00"), SUMMER, None).text(10.0, 24_000_000)
    assert one == "1 shot in 0 s, about 24 MB, 0.0 s of film at 25 a second · from 2026-06-10 13:00"


@pytest.mark.parametrize(
    ("begins", "given", "says"),
    [
        (
            "2026-07-20T12:00:00+02:00",
            {"daily": "sunrise..sunset"},
            "the sun does not set from 2026-07-20 to 2026-07-2",
        ),
        (
            "2027-01-10T12:00:00+01:00",
            {"daily": "sunrise..sunset", "days": 1},
            "the sun does not rise from 2027-01-10 to 2027-01-1",
        ),
        ("2026-07-20T12:00:00+02:00", {"daily": "sunset..sunrise", "days": 2}, "when it is lowest: closed"),
        ("2026-03-28T12:00:00+01:00", {"daily": "02:30..03:15"}, "closed on 2026-03-29: it would end before it begins"),
    ],
)
def test_the_outline_says_on_which_days_there_is_no_night_no_sun_or_no_window(
    begins: str, given: dict[str, Any], says: str
) -> None:
    sentences = outline_of(settings(**given), datetime.fromisoformat(begins), TROMSO).sentences
    assert any(says in sentence for sentence in sentences), sentences
