"""The camera in plain values, the same for the API and the command line."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from device.frame import CameraInfo, Mode


def camera_report(info: CameraInfo, mode: Mode) -> dict[str, Any]:
    """Describe the camera: driver, sensor, modes, limits, capabilities, and the mode in use."""
    return {
        "driver": info.driver,
        "model": info.model,
        "simulated": info.simulated,
        "description": info.description,
        "tuning": info.tuning,
        "mode": mode.name,
        "modes": [_mode(m) for m in info.modes],
        "limits": {name: asdict(limit) for name, limit in sorted(info.limits.items())},
        "choices": {name: list(words) for name, words in sorted(info.choices.items())},
        "capabilities": asdict(info.capabilities),
    }


def _mode(mode: Mode) -> dict[str, Any]:
    names = ("name", "width", "height", "bit_depth", "binning", "max_fps", "exposure_min_us", "exposure_max_us")
    return {**{name: getattr(mode, name) for name in names}, "crop": asdict(mode.crop)}
