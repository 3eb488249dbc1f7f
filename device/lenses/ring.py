"""The distance that a focus ring stands at, told from how large the picture is: breathing. Pure.

A lens that is moved as a whole draws a far scene at the scale 1 + g m, with m = f / (u - f) of the distance u it is
focused at, from the lens: the exit pupil moves away from the sensor by f m (Ray, Applied Photographic Optics, chapters
4 and 22). g is 1 for a thin lens, else 1 / (pupil magnification); a near scene adds f / (its distance), as the lens
comes nearer to it, and a focal length that is not as engraved is in it too. Two known distances give g.

Distances are from the sensor, as those engraved on rings, unless a name says from the lens; the lens counts as thin.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, Literal

from device.errors import BadInput
from device.lenses.optics import DepthOfField, depth_of_field, magnification

GROWTH_RANGE: Final = (0.55, 1.75)  # chosen: pupil magnifications from 0.6 to 1.7, and a scene at 20 focal lengths
DISTANCE_ERROR: Final = 0.01  # assumed of distances measured by tape
LEAST_SHARE: Final = 0.15  # chosen: a growth known no better gives no distance within 10 %
SIGMAS: Final = 2.0  # 95 of 100
Why = Literal["alike", "inner"]


class RingRefused(BadInput):
    """Two pictures that calibrate no ring; `why`: alike (too near each other), inner (not moved as a whole)."""

    code = "ring_refused"

    def __init__(self, message: str, *, why: Why, expected: str, remedy: str) -> None:
        super().__init__(message, expected=expected, remedy=remedy)
        self.why = why


@dataclass(frozen=True, slots=True)
class Ring:
    """How a lens breathes."""

    growth: float
    """By which share of its magnification the picture grows; 1 for a thin lens that is moved as a whole."""
    sigma: float
    """Standard error of `growth`."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A distance that was estimated, with the range that holds it in 95 of 100 cases. math.inf is infinity."""

    distance_m: float
    near_m: float
    far_m: float
    from_lens_m: float

    @property
    def error_percent(self) -> float | None:
        """Half of that range, as a share of the distance; None where the range reaches infinity."""
        return None if math.isinf(self.far_m) else 50 * (self.far_m - self.near_m) / self.distance_m


def from_lens_m(focal_mm: float, sensor_m: float) -> float:
    """Give how far what is `sensor_m` from the sensor is from a lens focused at it. Raises BadInput.

    u + f u / (u - f) = s, of which the larger u is meant. A lens makes no image of what is nearer than 4 f.

    >>> round(from_lens_m(50, 1.0), 4)
    0.9472
    >>> from_lens_m(50, math.inf)
    inf
    """
    focal_m = focal_mm / 1000
    if not sensor_m > 4 * focal_m:  # also NaN
        raise BadInput(
            f"{focal_mm:g} mm make no image of what is {sensor_m:g} m from the sensor",
            expected=f"more than {4 * focal_m:g} m",
        )
    return sensor_m if math.isinf(sensor_m) else (sensor_m + math.sqrt(sensor_m**2 - 4 * sensor_m * focal_m)) / 2


def from_sensor_m(focal_mm: float, lens_m: float) -> float:
    """Give how far what is `lens_m` from a lens focused at it is from the sensor. Raises BadInput.

    >>> round(from_sensor_m(50, from_lens_m(50, 1.0)), 9)
    1.0
    """
    return lens_m + focal_mm / 1000 * (1 + magnification(focal_mm, lens_m))


def calibrated(focal_mm: float, first_m: float, second_m: float, ratio: float, sigma: float) -> Ring:
    """Give how a lens breathes whose picture at `second_m` is `ratio` times as large as at `first_m`.

    Distances may be math.inf. Raises RingRefused, BadInput.
    """

    def growth(one_m: float, other_m: float, scale: float) -> float:
        one, other = (magnification(focal_mm, from_lens_m(focal_mm, metres)) for metres in (one_m, other_m))
        return (scale - 1) / (other - scale * one) if other != scale * one else math.nan

    found = growth(first_m, second_m, ratio)
    thin = [1 + magnification(focal_mm, from_lens_m(focal_mm, metres)) for metres in (first_m, second_m)]
    expected = thin[1] / thin[0]
    if sigma > LEAST_SHARE * abs(expected - 1):
        raise RingRefused(
            f"the picture is known to {sigma:.2%}, and {abs(expected - 1):.2%} is all that the two distances change it",
            why="alike",
            expected="two distances farther from each other, such as infinity and the closest",
            remedy="more light, a smaller stop, or a scene with finer detail",
        )
    low, high = GROWTH_RANGE
    if not low <= found <= high:  # also NaN
        raise RingRefused(
            f"the picture grew by {ratio - 1:+.2%}, that of a lens moved as a whole by {expected - 1:+.2%}",
            why="inner",
            expected=f"between {low:g} and {high:g} times that",
            remedy="check both distances; a lens that focuses by a part of itself breathes otherwise, and is not told",
        )
    parts = [growth(first_m, second_m, ratio + sigma) - found]
    step = 1 + DISTANCE_ERROR
    parts += [growth(a, b, ratio) - found for a, b in ((first_m * step, second_m), (first_m, second_m * step))]
    return Ring(found, math.hypot(*parts))


def estimated(focal_mm: float, ring: Ring, reference_m: float, ratio: float, sigma: float) -> Estimate:
    """Give the distance at which the picture is `ratio` times as large as at `reference_m`. Raises BadInput.

    `reference_m` may be math.inf.
    """

    def magnified(growth: float, scale: float) -> float:
        before = magnification(focal_mm, from_lens_m(focal_mm, reference_m))
        return ((1 + growth * before) * scale - 1) / growth

    m = magnified(ring.growth, ratio)
    wide = SIGMAS * math.hypot(
        magnified(ring.growth, ratio + sigma) - m, magnified(ring.growth + ring.sigma, ratio) - m
    )
    lens_m = [focal_mm / 1000 * (1 + 1 / each) if each > 0 else math.inf for each in (m, m + wide, m - wide)]
    distance_m, near_m, far_m = (from_sensor_m(focal_mm, each) for each in lens_m)
    return Estimate(distance_m, near_m, far_m, lens_m[0])


def depth_there(focal_mm: float, f_number: float, circle_um: float, estimate: Estimate) -> DepthOfField:
    """Give what looks sharp with the ring at an estimate, from the sensor. Raises BadInput."""
    depth = depth_of_field(focal_mm, f_number, circle_um, estimate.from_lens_m)
    image_m = focal_mm / 1000 * (1 + magnification(focal_mm, estimate.from_lens_m))
    return DepthOfField(depth.near_m + image_m, depth.far_m + image_m, depth.total_m)
