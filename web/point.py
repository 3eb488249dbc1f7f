"""A point of the picture in the body of a request, for the loupe and for white balance by grey.

It is a place of the sensor's picture, whichever way the picture is turned for looking at it.
"""

from __future__ import annotations

from typing import Any

from device.errors import BadInput
from device.settings.declaration import Setting, check_value, find

POINT = {
    "x": Setting(
        "x", "", "number", 0.5, minimum=0, maximum=1, help="As a share of the sensor picture's width, from left."
    ),
    "y": Setting(
        "y", "", "number", 0.5, minimum=0, maximum=1, help="As a share of the sensor picture's height, from top."
    ),
}


def point_of(body: dict[str, Any], *, error: type[BadInput]) -> tuple[float, float]:
    """Give x and y, 0 to 1 from the left and the top. Raises `error` for a body that is anything but a point."""
    for name in body:
        find(POINT, name, what="field", error=error)
    x, y = (check_value(setting, body.get(name), error=error) for name, setting in POINT.items())
    return x, y
