"""The settings of developing a raw file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from device.settings.controls import CONTROLS
from device.settings.declaration import Setting, declared, same_as, setting

Format = Literal["jpeg", "tiff"]
Tone = Literal["camera", "srgb"]
WhiteBalance = Literal["camera", "auto"]


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
    white_balance: WhiteBalance = setting("camera", "White balance")
    half_size: bool = setting(False, "Half size", help="Half of the size, without demosaicing: four times as fast.")


DEVELOP_SETTINGS: dict[str, Setting] = declared(DevelopSettings)
"""By the field's name."""
