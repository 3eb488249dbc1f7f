"""When the sun rises and sets, computed from the date and the position. Pure; daily windows use it.

The position of the sun is the low-precision one of Jean Meeus, Astronomical Algorithms (2nd edition, 1998), chapter 25,
and the equation of time that of chapter 28, as in the solar calculator of NOAA (gml.noaa.gov/grad/solcalc). The sun has
risen when its upper rim is seen over a flat horizon at sea level, 0.833 degrees below the geometric one: 34' of mean
refraction and 16' of the sun's radius. Hills and weather shift what is seen by minutes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, Literal

DAY_S: Final = 86_400.0
_DEGREE_S: Final = DAY_S / 360  # the earth turns a degree in this time
_J2000_S: Final = 946_728_000.0  # unix time of 2000-01-01 12:00 UTC; delta T (a minute) moves the sun by nothing here
_HORIZON_DEG: Final = -0.833  # NOAA
_ROUNDS: Final = 4  # each finds the sun where it is at the time found before; the second is exact to seconds


@dataclass(frozen=True, slots=True)
class SunDay:
    """One solar day: times in unix seconds.

    Where the sun does not set, it counts as rising and setting when it is lowest; where it does not rise, as rising
    and setting when it is highest: the ends to which the days before come near.
    """

    rise_at: float
    noon_at: float
    set_at: float
    always: Literal["", "up", "down"]


def sun_day(latitude_deg: float, longitude_deg: float, near_s: float) -> SunDay:
    """Give the solar day whose noon is nearest to `near_s` (unix seconds); north and east are positive.

    >>> day = sun_day(51.4779, 0.0, 1_718_971_200)  # Greenwich, 2024-06-21; 03:43 and 20:21 UTC in almanacs
    >>> [f"{int(at // 3600 % 24):02}:{round(at / 60) % 60:02}" for at in (day.rise_at, day.set_at)]
    ['03:43', '20:21']
    """
    mean_noon = DAY_S / 2 - longitude_deg * _DEGREE_S
    mean_noon += DAY_S * round((near_s - mean_noon) / DAY_S)

    def when(side: int) -> float:
        at = mean_noon
        for _ in range(_ROUNDS):
            declination, equation_s = _sun(at)
            hours = math.degrees(math.acos(min(max(_cosine(latitude_deg, declination), -1.0), 1.0))) if side else 0.0
            at = mean_noon - equation_s + side * hours * _DEGREE_S
        return at

    noon_at = when(0)
    cosine = _cosine(latitude_deg, _sun(noon_at)[0])
    rise_at, set_at = when(-1), when(1)
    if abs(cosine) > 1:
        half = 0.0 if cosine > 1 else DAY_S / 2
        return SunDay(noon_at - half, noon_at, noon_at + half, "down" if cosine > 1 else "up")
    return SunDay(rise_at, noon_at, set_at, "")


def _cosine(latitude_deg: float, declination: float) -> float:
    """Give the cosine of the hour angle at which the sun is on the horizon; beyond 1 it does not rise, -1 not set."""
    latitude = math.radians(latitude_deg)
    height = math.sin(math.radians(_HORIZON_DEG)) - math.sin(latitude) * math.sin(declination)
    return height / max(math.cos(latitude) * math.cos(declination), 1e-9)


def _sun(at_s: float) -> tuple[float, float]:
    """Give the declination (radians) and the equation of time (seconds: the sun is that much early)."""
    century = (at_s - _J2000_S) / (36_525 * DAY_S)
    mean_longitude = math.radians(280.46646 + century * (36_000.76983 + century * 0.0003032))
    anomaly = math.radians(357.52911 + century * (35_999.05029 - century * 0.0001537))
    eccentricity = 0.016708634 - century * (0.000042037 + century * 0.0000001267)
    centre = (
        (1.914602 - century * (0.004817 + century * 0.000014)) * math.sin(anomaly)
        + (0.019993 - century * 0.000101) * math.sin(2 * anomaly)
        + 0.000289 * math.sin(3 * anomaly)
    )
    node = math.radians(125.04 - 1934.136 * century)
    longitude = mean_longitude + math.radians(centre - 0.00569 - 0.00478 * math.sin(node))
    obliquity = math.radians(23.439291 - century * 0.0130042 + 0.00256 * math.cos(node))
    y = math.tan(obliquity / 2) ** 2
    equation = (
        y * math.sin(2 * mean_longitude)
        - 2 * eccentricity * math.sin(anomaly)
        + 4 * eccentricity * y * math.sin(anomaly) * math.cos(2 * mean_longitude)
        - 0.5 * y * y * math.sin(4 * mean_longitude)
        - 1.25 * eccentricity**2 * math.sin(2 * anomaly)
    )
    return math.asin(math.sin(obliquity) * math.sin(longitude)), math.degrees(equation) * _DEGREE_S
