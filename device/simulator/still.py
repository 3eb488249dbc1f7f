"""Computes a still at full size, in parts on a few threads. The camera thread waits for them.

No live frame is computed meanwhile, so the cores are free; the worker processes would need its memory shared.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import numpy as np

from device.frame import U16, Mode, YuvPicture
from device.sensors.base import Sensor
from device.simulator.isp import empty_picture
from device.simulator.lens import LensSetting, project
from device.simulator.renderer import Buffers, FrameParameters, Renderer
from device.simulator.scene import Scene
from device.simulator.unit import Unit

_PARTS: Final = 4  # chosen: the cores of a Pi; on every machine as many, so that equal seeds give equal stills


def render_still(
    scene: Scene,
    lens: LensSetting,
    mode: Mode,
    sensor: Sensor,
    rng: np.random.Generator,
    parameters: FrameParameters,
    unit: Unit | None = None,
) -> tuple[U16, YuvPicture]:
    """Give the raw samples and the picture, before noise reduction and sharpening."""
    layers, covered = scene.layers(lens.field_focal_mm), scene.covered_light(mode)
    renderers = [
        Renderer(sensor, mode, np.random.default_rng(int(seed)), with_small=False, unit=unit)
        for seed in rng.integers(1 << 62, size=_PARTS)
    ]
    with ThreadPoolExecutor(min(_PARTS, os.cpu_count() or 1), "hqcam-still") as pool:
        raw = project(layers, lens, mode, sensor, map_work=pool.map) if covered is None else covered
        scene.forget_full_size()
        # In place: each strip of light is read before its samples are written.
        buffers = Buffers(raw, empty_picture(mode.width, mode.height), None)

        def expose(part: int) -> None:
            renderers[part].set_light(raw)
            renderers[part].expose(parameters, buffers, (part, _PARTS))

        def develop(part: int) -> None:
            renderers[part].develop(parameters, buffers, (part, _PARTS))

        for step in (expose, develop):  # developing reads a few rows beyond its part
            for _ in pool.map(step, range(_PARTS)):
                pass
    return raw, buffers.main
