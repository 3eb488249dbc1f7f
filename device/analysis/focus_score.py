"""Focus score: one number for how sharp an area is, to turn a focus ring by.

    score = 1000 * (max(mean L^2 - mean n^2, 0) + 0.03 * max(mean D^2 - c mean n^2, 0)) / (mean level)^2

with the fine and coarse structure L and D and the noise n of `sharpness`, of every block of 4 x 4 pixels in the area.
L falls fast with blur: it shows half a pixel. The small share of D still falls where L has reached zero, so that the
score shows the way to focus from far off. Divided by the level, the score does not follow the exposure. It does follow
the subject: compare only scores of the same scene, area and mode.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from device.analysis.passes.detail.contract import BLOCK
from device.analysis.processing import Processing
from device.analysis.sharpness import Sharpness
from device.errors import BadInput
from device.frame import U8

COARSE_SHARE = 0.03  # chosen: a hundredth to a thirtieth of a sharp picture's score, ten times what is left at 8 pixels
NOISE_MEAN = 0.95  # times n is the mean noise: n is chosen on the high side
SPREAD = 1.1  # mean L^2 over (mean L)^2 of noise, 16 pixels each (measured)
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
        rows, columns = self.blocks(plane.shape)
        return plane[rows, columns]

    def blocks(self, shape: tuple[int, ...]) -> tuple[slice, slice]:
        """Give the rows and columns (of pixels or blocks) that the area covers, at least one each."""
        top, bottom = _span(self.top, self.height, shape[0])
        left, right = _span(self.left, self.width, shape[1])
        return slice(top, bottom), slice(left, right)


def _span(start: float, length: float, count: int) -> tuple[int, int]:
    first = min(int(start * count), count - 1)
    return first, min(count, first + max(1, round(length * count)))


def area_around(x: float, y: float, size: float) -> Area:
    """Give the area of `size` around a point, moved into the picture where it would reach beyond it.

    >>> area_around(0.1, 0.5, 0.5)
    Area(left=0.0, top=0.25, width=0.5, height=0.5)
    """
    left, top = (min(max(middle - size / 2, 0.0), 1.0 - size) for middle in (x, y))
    return Area(left, top, size, size)


CENTRE = Area()
"""The central half along both axes: a quarter of the picture."""
WHOLE = Area(0.0, 0.0, 1.0, 1.0)


def focus_score(sharp: Sharpness, processing: Processing, *, area: Area = CENTRE) -> float:
    """Score the area of a measured picture; 0: there is nothing but noise."""
    part = area.blocks(sharp.fine.shape)
    fine, coarse, noise = (_mean_square(a[part]) for a in (sharp.fine, sharp.coarse, sharp.noise))
    noise *= NOISE_MEAN**2 * SPREAD
    structure = max(fine - noise, 0.0) + COARSE_SHARE * max(coarse - processing.coarse_noise * noise, 0.0)
    level = float(sharp.level[part].mean())
    return SCALE * structure / max(level, 1.0) ** 2


def _mean_square(sums: np.ndarray) -> float:
    """Mean square of the means over a block's pixels."""
    flat = sums.ravel()
    return float(np.dot(flat, flat)) / flat.size / BLOCK**4
