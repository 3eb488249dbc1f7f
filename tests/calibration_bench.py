"""Frames of a simulated sensor that is unlike the published one, for the tests of what measures it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from device.calibration.frames import Exposed
from device.frame import Mode, Rect
from device.sensors.base import NoiseModel, Sensor
from device.sensors.imx477 import IMX477
from device.simulator.sensor import RawMaker, white_dn_per_us
from device.simulator.unit import Unit

WIDTH, HEIGHT = 1600, 1200
F_NUMBER = 2.8
PAPER = 0.8
SHORTEST_US, DARK_US = 114.0, (2e6, 6e6)


def sensor_of(noise: NoiseModel, black_dn: float = 259.3) -> Sensor:
    mode = Mode(WIDTH, HEIGHT, 12, Rect(0, 0, WIDTH, HEIGHT), 1, 10, 114, 600_000_000, 200 / 7)
    return replace(IMX477, active_width=WIDTH, active_height=HEIGHT, black_dn=black_dn, modes=(mode,), noise=noise)


@dataclass
class Bench:
    """Takes frames with a cap or white paper before the lens."""

    noise: NoiseModel = field(default_factory=lambda: NoiseModel(0.52, 3.0, 6.0))
    unit: Unit = field(default_factory=Unit)
    seed: int = 5
    black_dn: float = 259.3

    def __post_init__(self) -> None:
        self.sensor = sensor_of(self.noise, self.black_dn)
        self.maker = RawMaker(self.sensor, self.sensor.modes[0], np.random.default_rng(self.seed), self.unit)

    def exposed(self, light: np.ndarray, exposure_us: float, gain: float) -> Exposed:
        out = np.empty_like(light)
        self.maker.expose(light, exposure_us=exposure_us, gain=gain, f_number=F_NUMBER, out=out)
        return Exposed(out, "RGGB", exposure_us, gain, None, 4095, (256.0, 256.0, 256.0, 256.0))

    def cap(self, exposure_us: float, gain: float) -> Exposed:
        return self.exposed(np.zeros((HEIGHT, WIDTH), np.uint16), exposure_us, gain)

    def cap_pair(self, exposure_us: float, gain: float) -> tuple[Exposed, Exposed]:
        return self.cap(exposure_us, gain), self.cap(exposure_us, gain)

    def paper(self, share: float, gain: float) -> Exposed:
        """White paper whose green has `share` of the scale."""
        light = np.full((HEIGHT, WIDTH), round(4096 * PAPER), np.uint16)
        light[::2, ::2], light[1::2, 1::2] = 1150, 2100
        return self.exposed(light, share * 3839 / (white_dn_per_us(self.sensor, F_NUMBER) * PAPER * gain), gain)

    def paper_pair(self, share: float, gain: float) -> tuple[Exposed, Exposed]:
        return self.paper(share, gain), self.paper(share, gain)
