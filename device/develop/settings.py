"""The settings of developing a raw file, and what they say together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from device.errors import BadInput
from device.settings.controls import CONTROLS
from device.settings.declaration import Setting, check, declared, same_as, setting

Format = Literal["jpeg", "tiff"]
Tone = Literal["camera", "srgb"]
WhiteBalance = Literal["camera", "auto", "kelvin"]
Crop = Literal["none", "1:1", "4:3", "3:2", "16:9"]


@dataclass(frozen=True, slots=True)
class DevelopSettings:
    """How to develop."""

    format: Format = setting("jpeg", "Format")
    quality: int = same_as(CONTROLS["jpeg_quality"])
    ev: float = setting(
        0.0, "Brightness", unit="EV", minimum=-5, maximum=5, step=0.1, help="Brighter or darker, stops."
    )
    tone: Tone = setting(  # srgb: scene-linear light on that curve
        "camera", "Tone", help="camera: the curve of the camera's JPEGs; srgb: plain, for further work."
    )
    white_balance: WhiteBalance = setting(
        "camera", "White balance", help="camera: as shot; auto: by the mean of the picture; kelvin: by kelvin and tint."
    )
    kelvin: float = setting(
        5500.0,
        "Colour temperature",
        unit="K",
        minimum=2000,
        maximum=12000,
        step=50,
        help="The light that is to be white, where white balance is kelvin.",
    )
    tint: float = setting(
        0.0,
        "Tint",
        minimum=-100,
        maximum=100,
        step=1,
        help="Greener (below 0) or more magenta (above), where white balance is kelvin.",
    )
    crop: Crop = setting("none", "Crop", help="The largest part of this shape, from the middle.")
    cut_left: float = setting(0.0, "Left", unit="%", minimum=0, maximum=90, step=0.5, help="Cut off at the left.")
    cut_right: float = setting(0.0, "Right", unit="%", minimum=0, maximum=90, step=0.5, help="Cut off at the right.")
    cut_top: float = setting(0.0, "Top", unit="%", minimum=0, maximum=90, step=0.5, help="Cut off at the top.")
    cut_bottom: float = setting(
        0.0, "Bottom", unit="%", minimum=0, maximum=90, step=0.5, help="Cut off at the bottom; the crop is of the rest."
    )
    half_size: bool = setting(False, "Half size", help="Half of the size, without demosaicing: four times as fast.")


DEVELOP_SETTINGS: dict[str, Setting] = declared(DevelopSettings)
"""By the field's name."""
LEAST_LEFT_PERCENT: Final = 10.0
"""Chosen: of a side, what must be left of it."""


def develop_settings(values: Mapping[str, Any]) -> DevelopSettings:
    """Give the settings of these values, the rest as declared. Raises BadInput."""
    settings = DevelopSettings(**check(DEVELOP_SETTINGS.values(), values))
    check_cut(settings)
    return settings


def check_cut(settings: DevelopSettings) -> None:
    """Raise BadInput where too little of the picture is left."""
    for cut, sides in (
        (settings.cut_left + settings.cut_right, "left and right"),
        (settings.cut_top + settings.cut_bottom, "top and bottom"),
    ):
        if cut > 100 - LEAST_LEFT_PERCENT:
            raise BadInput(f"{cut:g} % are cut off at {sides}", expected=f"at most {100 - LEAST_LEFT_PERCENT:g} %")


def crop_of(height: int, width: int, settings: DevelopSettings) -> tuple[slice, slice]:
    """Give the rows and columns of an upright picture that are kept: the edges cut off, then the shape from the middle.

    A shape lies or stands as what is left of the picture does. At least one pixel is kept.
    """
    top, bottom = _kept(height, settings.cut_top, settings.cut_bottom)
    left, right = _kept(width, settings.cut_left, settings.cut_right)
    rows, columns = bottom - top, right - left
    if settings.crop != "none":
        first, second = (int(part) for part in settings.crop.split(":"))
        aspect = first / second if columns >= rows else second / first
        kept_rows, kept_columns = min(rows, round(columns / aspect)), min(columns, round(rows * aspect))
        top, left = top + (rows - max(1, kept_rows)) // 2, left + (columns - max(1, kept_columns)) // 2
        rows, columns = max(1, kept_rows), max(1, kept_columns)
    return slice(top, top + rows), slice(left, left + columns)


def _kept(side: int, before_percent: float, after_percent: float) -> tuple[int, int]:
    first = min(round(side * before_percent / 100), side - 1)
    return first, max(first + 1, side - round(side * after_percent / 100))
