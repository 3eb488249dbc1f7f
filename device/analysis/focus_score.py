"""Focus score: one number for how sharp an area is, to turn a focus ring by.

    score = 1000 * (mean squared difference of neighbours - what the sensor's noise adds to it) / (mean level)^2

over every 4th row of the area, differences along rows and down columns, on the display luma. Zero is nothing but
noise. Normalised by the level, it does not follow the exposure; it follows the subject, so only scores of the same
scene, area and mode compare.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from device.analysis.noise import NEIGHBOUR_VARIANCE_FACTOR
from device.errors import BadInput
from device.frame import U8
from device.sensors.base import F64

ROW_STEP = 4  # chosen: 190 000 differences each way in the central half of 2028x1520
LEVEL_STEP = 5  # level and noise are taken at every 5th column of those rows; odd, to fall on all parts of a pattern
SCALE = 1000.0


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle of the picture, each side 0..1 from the top left."""

    left: float = 0.25
    top: float = 0.25
    width: float = 0.5
    height: float = 0.5

    def __post_init__(self) -> None:
        ends = (self.left, self.top, self.left + self.width, self.top + self.height)
        if min(self.width, self.height) <= 0 or min(ends) < 0 or max(ends) > 1 + 1e-9:
            raise BadInput(f"focus area {self}", expected="a rectangle within 0..1, wider and higher than 0")

    def cut(self, plane: U8) -> U8:
        """Give a view of the area's pixels, at least 1 x 1."""
        height, width = plane.shape
        y, x = min(int(self.top * height), height - 1), min(int(self.left * width), width - 1)
        return plane[y : y + max(1, round(self.height * height)), x : x + max(1, round(self.width * width))]


CENTRE = Area()
"""The central half along both axes: a quarter of the picture."""


def focus_score(luma: U8, sigma: F64, *, area: Area = CENTRE) -> float:
    """Score the area of `luma`; `sigma` is the noise in codes at each of the 256 codes (`noise.display_sigma`)."""
    pixels = area.cut(luma)
    rows = pixels[::ROW_STEP]
    following = pixels[1::ROW_STEP]
    total, count = 0, 0
    for first, second in ((rows[:, :-1], rows[:, 1:]), (rows[: len(following)], following)):
        total += _sum_of_squares(first, second)
        count += second.size
    if not count:
        return 0.0
    levels = np.bincount(rows[:, ::LEVEL_STEP].ravel(), minlength=256)
    weights = levels / levels.sum()
    mean_level = float(weights @ np.arange(256))
    noise = NEIGHBOUR_VARIANCE_FACTOR * float(weights @ sigma**2)
    return SCALE * max(0.0, total / count - noise) / max(mean_level, 1.0) ** 2


def _sum_of_squares(first: U8, second: U8) -> int:
    difference = np.subtract(first, second, dtype=np.int16)
    # A square needs 16 bits without sign: 255^2 = 65025.
    squares = np.multiply(difference, difference, out=difference).view(np.uint16)
    return int(squares.sum(dtype=np.uint64))
