"""Sunrise and sunset beside PyEphem 4.2.1 (VSOP87; horizon -0:34, upper rim, no further refraction), an independent
computation. The year 2031 and latitudes to 70 degrees are in it, and days next to those without a night."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from device.drive.sun import sun_day

TOLERANCE_S = 60.0  # the times in almanacs are of whole minutes
TIMES = (
    ("Quito", -0.18, -78.47, "2026-03-20 11:17:59", "2026-03-20 23:24:30"),
    ("Berlin", 52.52, 13.405, "2026-06-21 02:43:08", "2026-06-21 19:33:14"),
    ("Berlin", 52.52, 13.405, "2031-12-21 07:14:43", "2031-12-21 14:53:53"),
    ("Sydney", -33.87, 151.21, "2026-01-14 18:59:27", "2026-01-15 09:09:00"),
    ("Sydney", -33.87, 151.21, "2026-06-20 20:59:58", "2026-06-21 06:53:47"),
    ("Reykjavik", 64.15, -21.94, "2026-06-21 02:55:13", "2026-06-22 00:03:55"),
    ("Reykjavik", 64.15, -21.94, "2031-12-21 11:22:06", "2031-12-21 15:29:21"),
    ("Ushuaia", -54.8, -68.3, "2026-06-21 12:58:52", "2026-06-21 20:11:14"),
    ("Tromso", 69.65, 18.96, "2026-01-15 10:29:09", "2026-01-15 11:18:38"),
    ("Tromso", 69.65, 18.96, "2026-10-25 06:38:00", "2026-10-25 14:17:01"),
    ("Tromso", 69.65, 18.96, "2027-05-15 23:34:53", "2027-05-16 21:58:43"),
    ("Suva", -18.14, 178.44, "2026-10-24 17:30:56", "2026-10-25 06:10:04"),
    ("Honolulu", 21.31, -157.86, "2027-11-25 16:48:35", "2027-11-26 03:48:10"),
)


def unix(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


@pytest.mark.parametrize(("place", "latitude", "longitude", "rises", "sets"), TIMES)
def test_the_sun_rises_and_sets_as_others_compute_it(
    place: str, latitude: float, longitude: float, rises: str, sets: str
) -> None:
    day = sun_day(latitude, longitude, (unix(rises) + unix(sets)) / 2)
    assert day.always == "", place
    assert (day.rise_at, day.set_at) == pytest.approx((unix(rises), unix(sets)), abs=TOLERANCE_S)


@pytest.mark.parametrize("longitude", [-180.0, -90.0, 0.0, 18.96, 180.0])
def test_where_the_sun_does_not_set_or_rise_the_day_has_the_ends_to_which_the_days_before_come_near(
    longitude: float,
) -> None:
    summer = sun_day(69.65, longitude, unix("2026-06-21T12:00:00") - longitude * 240)
    assert summer.always == "up" and summer.set_at - summer.rise_at == 86_400
    winter = sun_day(69.65, longitude, unix("2026-12-21T12:00:00") - longitude * 240)
    assert winter.always == "down" and winter.rise_at == winter.noon_at == winter.set_at


@pytest.mark.parametrize(("latitude", "always"), [(90.0, "up"), (-90.0, "down")])
def test_a_pole_has_one_day_a_year(latitude: float, always: str) -> None:
    assert sun_day(latitude, 0.0, unix("2026-06-21T12:00:00")).always == always


def test_the_day_is_the_one_whose_noon_is_nearest() -> None:
    for hour in range(-11, 12):
        noon = unix("2026-06-21T12:00:00")
        assert sun_day(51.5, 0.0, noon + 3600 * hour).noon_at == pytest.approx(noon + 110, abs=30)
