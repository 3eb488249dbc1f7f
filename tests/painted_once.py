"""The built-in scene of the simulated camera, painted once in a process of tests instead of at every opening.

To paint it and to look at it through a lens are pure functions, whose results cost more than most of what is tested
with them: 1.3 s of one core, and 0.8 s for a still of full size. The scene's own pixels cannot be written any more, so
that no test can change what another sees; who looks through the lens gets a copy.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import numpy as np
import pytest

from device.frame import U16, Mode
from device.sensors.base import Sensor
from device.simulator import scene, stream
from device.simulator.builtin_scene import builtin_layers
from device.simulator.layers import F32, FieldOfView, Layer
from device.simulator.lens import LensSetting, project


class Painted(list[Layer]):
    """The layers of one focal length; equal to nothing but themselves."""

    __hash__ = object.__hash__
    __eq__ = object.__eq__


@lru_cache(maxsize=2)
def painted(field: FieldOfView, to_camera: bytes) -> Painted:
    layers = Painted(builtin_layers(field, np.frombuffer(to_camera, np.float32).reshape(3, 3)))
    for layer in layers:
        for plate in (layer.plate, layer.mask):
            for level in plate.levels.values() if plate is not None else ():
                level.flags.writeable = False
    return layers


def painted_layers(field: FieldOfView, to_camera: F32) -> list[Layer]:
    return painted(field, to_camera.tobytes())


# Some 70 MB at most: a still of full size has 24 MB.
seen = lru_cache(maxsize=4)(project)


def seen_through(layers: list[Layer], lens: LensSetting, mode: Mode, sensor: Sensor) -> U16:
    if isinstance(layers, Painted):
        return seen(layers, lens, mode, sensor).copy()
    return project(layers, lens, mode, sensor)


@pytest.fixture(scope="session", autouse=True)
def the_scene_is_painted_once() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scene, "builtin_layers", painted_layers)
        patch.setattr(stream, "project", seen_through)
        yield
