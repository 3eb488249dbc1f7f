"""A part of the picture, as shares of its sides: the same for luma, chroma, raw samples and blocks.

The focus score, the spot meter, the light meter and white balance by grey measure such an area.
"""

from __future__ import annotations

from dataclasses import dataclass

from device.errors import BadInput
from device.frame import U8


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
