"""The scene of the simulated camera: the built-in scene or a photograph, under one light."""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal

import numpy as np

from device.errors import BadScene
from device.frame import U16, Mode
from device.sensors.base import ColourModel, Sensor
from device.simulator.builtin_scene import builtin_layers
from device.simulator.depth import Depth
from device.simulator.layers import CODES_PER_WHITE, F32, FieldOfView, Layer
from device.simulator.photo import Photo

LIGHT_K: Final = 5000.0  # chosen: between the tuning's calibrated 4559 K and 5881 K, to test interpolation
Front = Literal["open", "cap", "paper"]
"""What is before the lens: nothing, its cap, or white paper that fills the picture evenly."""
PAPER_REFLECTANCE: Final = 0.8  # assumed: white office paper
KIT_FOCAL_MM: Final = 16.0  # the kit's C-mount lens, which sees the whole scene


class Scene:
    """Layers for one focal length at a time. Use from one thread."""

    def __init__(self, photo: Path | None, depth: Depth | None, sensor: Sensor, light_k: float = LIGHT_K) -> None:
        if depth is not None and photo is None:
            raise BadScene("a depth was given without a photograph", expected="a depth belongs to a scene file")
        self._photo = None if photo is None else Photo(Path(photo), depth)
        self._sensor, self._to_camera = sensor, to_camera(sensor.colour, light_k)
        self._focal_mm = 0.0
        self._layers: list[Layer] = []
        self.front: Front = "open"

    def layers(self, focal_mm: float) -> list[Layer]:
        """Give what a lens of `focal_mm` at infinity sees, farthest first; painted again (0.5 s) when that changes."""
        if focal_mm != self._focal_mm:
            self._layers = []
            field = FieldOfView.on(self._sensor, focal_mm / KIT_FOCAL_MM)
            paint = self._photo.layers if self._photo is not None else builtin_layers
            self._layers = paint(field, self._to_camera)
            self._focal_mm = focal_mm
        return self._layers

    def covered_light(self, mode: Mode) -> U16 | None:
        """Give the light on each photosite of `mode` (H, W), in codes, where something is before the lens."""
        if self.front == "open":
            return None
        light = np.zeros((mode.height, mode.width), np.uint16)
        if self.front == "paper":
            red, green, blue = np.rint(self._to_camera @ np.full(3, PAPER_REFLECTANCE * CODES_PER_WHITE)).astype(int)
            light[:] = green
            light[0::2, 0::2], light[1::2, 1::2] = red, blue
        return light

    def forget_full_size(self) -> None:
        """Free the memory that only a still needs."""
        if self._photo is not None:
            self._photo.forget()


def to_camera(colour: ColourModel, light_k: float) -> F32:
    """Give the 3x3 matrix from linear sRGB to camera RGB under a light: the inverse of its gains and colour matrix."""
    red, blue = colour.gains_at(light_k)
    matrix = np.diag([1 / red, 1.0, 1 / blue]) @ np.linalg.inv(colour.ccm_at(light_k))
    return np.asarray(matrix, np.float32)
