"""Scenes as a lens that is moved as a whole sees them, from one distance it is focused at to the next."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from device.frame import F32, U16, RawFrame
from device.meter.ring import RingPicture, picture_of
from device.sensors.imx477 import IMX477
from device.simulator.builtin_scene import builtin_layers
from device.simulator.layers import FieldOfView, Layer, coloured, make_plate
from device.simulator.lens import LensSetting, project
from device.simulator.scene import KIT_FOCAL_MM, LIGHT_K, to_camera
from device.simulator.sensor import RawMaker, levels_dn, white_dn_per_us
from device.simulator.texture import fractal, inside, linear, mix, rectangle

MODE = IMX477.modes[2]
FAR_M = 1000.0
Painter = Callable[[FieldOfView, F32], list[Layer]]


def flat_scene(distance_m: float, paint: Callable[[F32, F32, float], F32]) -> Painter:
    """A painting at one distance."""

    def layers(field: FieldOfView, colour: F32) -> list[Layer]:
        box = field.box_of(-9, -9, 13, 12)
        assert box is not None
        return [Layer(distance_m, make_plate(box, coloured(lambda *at: (paint(*at), None), field, colour), field))]

    return layers


def bark(x: F32, y: F32, pixel: float) -> F32:
    tone = np.clip(0.4 + 0.35 * fractal(x + 3, y + 3, cell=0.25, seed=5, octaves=7), 0.02, 1)
    return np.asarray(linear(200, 190, 180) * tone, np.float32)


def cards(x: F32, y: F32, pixel: float) -> F32:
    rng = np.random.default_rng(9)
    rgb = np.full((3, len(y), len(x)), 0.4, np.float32)
    for _ in range(60):
        (cx, cy), (w, h) = rng.uniform((1.2, 0.9), (2.8, 2.1)), rng.uniform(0.03, 0.3, 2)
        mix(
            rgb,
            linear(*map(int, rng.integers(20, 255, 3))),
            inside(rectangle(x, y, cx - w, cy - h, cx + w, cy + h), pixel),
        )
    return rgb


def plain(x: F32, y: F32, pixel: float) -> F32:
    return np.full((3, len(y), len(x)), 0.4, np.float32)


SCENES: dict[str, Painter] = {
    "builtin": builtin_layers,
    "bark": flat_scene(4.0, bark),
    "cards": flat_scene(3.0, cards),
    "plain": flat_scene(4.0, plain),
}


def light(scene: str, focus_m: float, *, focal_mm: float = 50, f_number: float = 16, breathing: float = 1.0) -> U16:
    """The light on the sensor; `focus_m` from the lens."""
    lens = LensSetting(focal_mm, f_number, focus_m, breathing=breathing)
    field = FieldOfView.on(IMX477, lens.field_focal_mm / KIT_FOCAL_MM)
    return project(SCENES[scene](field, to_camera(IMX477.colour, LIGHT_K)), lens, MODE, IMX477)


def picture(
    seen: U16, gain: float, seed: int, *, f_number: float = 16, share: float = 0.5, frames: int = 4
) -> RingPicture:
    """What the command takes of it; white is at `share` of the scale."""
    maker = RawMaker(IMX477, MODE, np.random.default_rng(seed))
    black, white = levels_dn(IMX477, MODE)
    exposure_us = share * (1 << 12) / (white_dn_per_us(IMX477, f_number) * gain)
    raws = []
    for _ in range(frames):
        raw = np.empty((MODE.height, MODE.width), np.uint16)
        maker.expose(seen, exposure_us=exposure_us, gain=gain, f_number=f_number, out=raw)
        raws.append(RawFrame(raw, IMX477.cfa, MODE.bit_depth, (black,) * 4, white))
    return picture_of(raws)
