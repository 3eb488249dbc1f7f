"""Computes a frame: from light on the sensor to raw samples, and from these to the pictures. On the caller's thread.

The camera thread runs it for stills, and for live frames without `workers`. Workers run it in separate processes, with
the same memory layout.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from device.frame import F64, U8, U16, Mode, YuvPicture
from device.sensors.base import Sensor
from device.simulator.isp import Isp, half_size
from device.simulator.sensor import RawMaker
from device.simulator.unit import Unit

WHOLE = (0, 1)
"""The whole frame as a part (index, count); (1, 2) is the second of two equal parts."""


@dataclass(frozen=True, slots=True)
class FrameParameters:
    """The values with which a frame is exposed and developed."""

    exposure_us: float
    gain: float
    f_number: float
    colour_gains: tuple[float, float]
    ccm: F64
    contrast: float
    saturation: float


@dataclass(frozen=True, slots=True)
class Buffers:
    """The memory of one live frame."""

    raw: U16
    main: YuvPicture
    small: YuvPicture | None
    number: int = 0
    """The number by which workers identify it."""


def frame_bytes(mode: Mode, *, with_small: bool) -> int:
    """Give the bytes of one frame: two for each raw sample, one and a half for each pixel of the pictures."""
    small = np.prod(half_size(mode.width, mode.height)) if with_small else 0
    return 2 * mode.width * mode.height + (mode.width * mode.height + int(small)) * 3 // 2


def lay_out(memory: U8, mode: Mode, *, with_small: bool, number: int = 0) -> Buffers:
    """Divide flat memory of `frame_bytes` into a frame's arrays: raw, then the planes of each picture."""
    used = 0

    def plane(width: int, height: int) -> U8:
        nonlocal used
        first, used = used, used + width * height
        return memory[first:used].reshape(height, width)

    def picture(width: int, height: int) -> YuvPicture:
        return YuvPicture(plane(width, height), *(plane(width // 2, height // 2) for _ in range(2)))

    raw = plane(2 * mode.width, mode.height).view(np.uint16)
    main = picture(mode.width, mode.height)
    return Buffers(raw, main, picture(*half_size(mode.width, mode.height)) if with_small else None, number)


class FrameRenderer(Protocol):
    """Computes the live frames of one run."""

    def new_buffers(self) -> Buffers:
        """Give memory for one more frame."""

    def set_light(self, light: U16) -> None:
        """Set the light on the sensor (the mosaic's codes, see `layers`) for the next frames."""

    def render(self, parameters: FrameParameters, buffers: Buffers) -> None:
        """Fill a frame's memory."""

    def close(self) -> None:
        """Free its memory."""


class Renderer:
    """Computes frames of one mode. Keeps scratch memory and random state; use from one thread."""

    def __init__(
        self,
        sensor: Sensor,
        mode: Mode,
        rng: np.random.Generator,
        *,
        with_small: bool = True,
        unit: Unit | None = None,
    ) -> None:
        self._mode, self._with_small = mode, with_small
        self.maker = RawMaker(sensor, mode, rng, unit)
        self._isp = Isp(mode.width, mode.height, sensor.tone)
        self._light: U16 | None = None

    def new_buffers(self) -> Buffers:
        """Give memory for one more frame."""
        memory = np.empty(frame_bytes(self._mode, with_small=self._with_small), np.uint8)
        return lay_out(memory, self._mode, with_small=self._with_small)

    def set_light(self, light: U16) -> None:
        """Set the light on the sensor for the next frames."""
        self._light = light

    def render(self, parameters: FrameParameters, buffers: Buffers) -> None:
        """Fill a frame's memory."""
        self.expose(parameters, buffers)
        self.develop(parameters, buffers)

    def expose(self, parameters: FrameParameters, buffers: Buffers, part: tuple[int, int] = WHOLE) -> None:
        """Fill the raw samples of a part."""
        assert self._light is not None, "light comes first"
        self.maker.expose(
            self._light,
            exposure_us=parameters.exposure_us,
            gain=parameters.gain,
            f_number=parameters.f_number,
            out=buffers.raw,
            part=part,
        )

    def develop(self, parameters: FrameParameters, buffers: Buffers, part: tuple[int, int] = WHOLE) -> None:
        """Fill the pictures of a part. Raw samples must be complete, also of the neighbouring parts."""
        self._isp.set_picture_style(parameters.contrast, parameters.saturation)
        self._isp.develop(
            buffers.raw,
            black_dn=self.maker.black_dn,
            white_dn=self.maker.white_dn,
            colour_gains=parameters.colour_gains,
            ccm=parameters.ccm,
            main=buffers.main,
            small=buffers.small,
            part=part,
        )

    def close(self) -> None:
        """Do nothing: memory is freed with the object."""
