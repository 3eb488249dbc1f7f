"""How many pixels a picture from outside may have, checked before anything is allocated for it."""

from __future__ import annotations

from typing import Final

from device.errors import BadFile

PIXELS_MAX: Final = 89_000_000  # just under Pillow's limit (89.5 million); the HQ camera has 12.3 million


def check_pixels(width: int, height: int, *, least: int = 1) -> None:
    """Refuse a picture that is empty or absurdly large. Raises BadFile."""
    if width < least or height < least:
        raise BadFile(f"the picture is {width}x{height} pixels", expected=f"at least {least} on each side")
    if width * height > PIXELS_MAX:
        raise BadFile(
            f"the picture is {width}x{height}, {width * height / 1e6:.0f} megapixels",
            expected=f"at most {PIXELS_MAX // 1_000_000} megapixels",
            remedy="scale it down first",
        )
