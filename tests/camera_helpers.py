"""A simulated camera for the tests of its driver, and frames of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from device.drivers.simulated import SimulatedCamera
from device.frame import Controls, FrameMeta
from device.sensors.imx477 import IMX477
from device.simulator.faults import FaultScript

MODES = {mode.name: mode for mode in IMX477.modes}
MODE = MODES["2028x1520-12"]
MANUAL = Controls(exposure_us=5000.0, gain=1.0, awb="manual", colour_gains=IMX477.colour.gains_at(5000))


def draw_night(folder: Path, code: int) -> Path:
    """A photograph of nearly nothing: sRGB codes around `code` of 255."""
    path = folder / f"night{code}.png"
    samples = np.random.default_rng(3).integers(0, 2 * code + 1, (760, 1014, 3), dtype=np.uint8)
    Image.fromarray(samples).save(path)
    return path


def opened(
    scene: Path | None = None, *, faults: str | None = None, pace: bool = False, seed: int = 0
) -> SimulatedCamera:
    camera = SimulatedCamera(scene, seed=seed, pace=pace, faults=FaultScript.parse(faults) if faults else None)
    camera.open()
    return camera


def metas(camera: SimulatedCamera, count: int) -> list[FrameMeta]:
    found = []
    for _ in range(count):
        frame = camera.next_frame(1.0)
        found.append(frame.meta)
        frame.release()
    return found
