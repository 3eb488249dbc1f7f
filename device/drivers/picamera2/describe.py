"""Makes our description of a camera from what picamera2 reports."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from device.drivers.picamera2.controls import choices_from, limits_from
from device.drivers.picamera2.tuning import STOCK
from device.frame import CameraInfo, Capabilities, Mode
from device.sensors.base import Sensor


def pixel_pitch_um(properties: Mapping[str, Any]) -> float | None:
    """Give the size of a photosite in um from the camera's properties, in nm there; None where it is not told."""
    cell_nm = properties.get("UnitCellSize") or (0, 0)
    return int(cell_nm[0]) / 1000 or None


def describe(
    listed: Mapping[str, Any],
    camera_controls: Mapping[str, tuple[Any, Any, Any]],
    modes: tuple[Mode, ...],
    sensor: Sensor,
    pixel_pitch_um: float | None = None,
    *,
    monochrome: bool = False,
    tuning: str = STOCK,
) -> CameraInfo:
    """Give the description of an opened camera; `listed` is its entry in picamera2's list of cameras.

    A `monochrome` sensor has pictures only: our raw samples lie under colour filters. Another
    `tuning` than the stock one is named.
    """
    model = str(listed.get("Model", "unknown"))
    described = sensor.description
    if monochrome:
        described += ", without colour filters and raw files"
    if tuning != STOCK:
        described += f", {tuning} tuning"
    return CameraInfo(
        driver="picamera2",
        model=model,
        simulated=False,
        description=described,
        identity=str(listed.get("Id", "")),
        tuning=tuning,
        modes=modes,
        pixel_pitch_um=pixel_pitch_um,
        limits=limits_from(camera_controls, modes),
        choices=choices_from(camera_controls),
        capabilities=Capabilities(
            raw_live=not monochrome,
            raw_still=not monochrome,
            lens_control=False,
            exposure_control=True,
            loupe="ScalerCrop" in camera_controls,
        ),
    )
