"""The six dots of coded Leica M lenses: black or white, a number from 0 to 63. Pure.

Which lens a number is stands in the catalogue (`six_bit`), after the tag LensType that cameras write (ExifTool,
Image::ExifTool::Panasonic). A number can stand for several lenses, and owners paint dots of other lenses.
"""

from __future__ import annotations

from collections.abc import Sequence

from device.errors import BadInput
from device.lenses.profiles import LensProfile

_WHITE, _BLACK = "0", "1"


def six_bits(dots: str) -> int:
    """Read six dots, the first the highest: 1 is black, 0 is white. Raises BadInput.

    >>> six_bits("100001"), six_bits("100 001")
    (33, 33)
    """
    bits = "".join(dots.split())
    if len(bits) != 6 or set(bits) - {_WHITE, _BLACK}:
        raise BadInput(f"{dots[:40]!r} are not six dots", expected="1 for black and 0 for white, as in 100001")
    return int(bits, 2)


def reversed_code(code: int) -> int:
    """Give the number of the same dots from their other end.

    >>> reversed_code(0b000001)
    32
    """
    return int(f"{code:06b}"[::-1], 2)


def coded(profiles: Sequence[LensProfile], code: int) -> list[LensProfile]:
    """Give the lenses of that code, in their order; none for 0, which is no code."""
    return [profile for profile in profiles if code and profile.six_bit == code]
