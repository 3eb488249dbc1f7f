"""How far away the parts of a photograph are: a plane, a ramp, or a grey-scale depth picture.

Written "2.0" (a plane, metres), "1:10" (a ramp: 1 m at the bottom edge to 10 m at the top edge, even in 1/distance as
a floor seen in perspective), or the path of a picture (white near, black far; even in 1/distance from 0.5 m to 20 m).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from device.errors import BadScene

NEAREST_M, FARTHEST_M = 0.1, 10_000.0  # chosen: closer than any of the lenses focuses; practically infinity
PICTURE_NEAR_M: Final = 0.5
PICTURE_FAR_M: Final = 20.0
EXPECTED: Final = '"2.0" (a plane, metres), "1:10" (near:far, metres) or the path of a grey-scale depth picture'


@dataclass(frozen=True, slots=True)
class Depth:
    """Either a ramp from `near_m` (bottom) to `far_m` (top), or a grey-scale `picture` between these."""

    near_m: float
    far_m: float
    picture: Path | None = None

    @property
    def is_plane(self) -> bool:
        """Whether everything is at one distance."""
        return self.picture is None and self.near_m == self.far_m


def parse_depth(text: str) -> Depth:
    """Read a depth from text; raises BadScene.

    >>> parse_depth("2.0").is_plane
    True
    >>> parse_depth("1:10")
    Depth(near_m=1.0, far_m=10.0, picture=None)
    """
    near, colon, far = text.strip().partition(":")
    try:
        numbers = [float(near), float(far if colon else near)]
    except ValueError:
        return _picture(text)
    for metres in numbers:
        if not (math.isfinite(metres) and NEAREST_M <= metres <= FARTHEST_M):
            raise BadScene(
                f"the depth {text!r} has a distance of {metres:g} m",
                expected=f"distances from {NEAREST_M:g} to {FARTHEST_M:g} m",
                remedy=f"write the depth as {EXPECTED}",
            )
    if numbers[0] > numbers[1]:
        raise BadScene(
            f"the depth {text!r} is nearer at the top than at the bottom",
            expected="near:far with near not beyond far",
            remedy=f"write {numbers[1]:g}:{numbers[0]:g}",
        )
    return Depth(numbers[0], numbers[1])


def _picture(text: str) -> Depth:
    path = Path(text).expanduser()
    if not text.strip() or not path.is_file():
        raise BadScene(f"the depth {text!r} is neither a distance nor a file", expected=EXPECTED)
    return Depth(PICTURE_NEAR_M, PICTURE_FAR_M, path)
