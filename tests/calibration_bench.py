"""Frames of a simulated sensor that is unlike the published one, for the tests of what measures it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from device.calibration.cap import DarkLevel, HotSite
from device.calibration.fixed_pattern import DustSpot
from device.calibration.frames import Exposed
from device.calibration.photon_transfer import Transfer
from device.calibration.profile import Camera, CameraProfile
from device.frame import Mode, Rect
from device.sensors.base import NoiseModel, Sensor
from device.sensors.imx477 import IMX477
from device.simulator.sensor import RawMaker, white_dn_per_us
from device.simulator.unit import Unit

WIDTH, HEIGHT = 1600, 1200
F_NUMBER = 2.8
PAPER = 0.8
SHORTEST_US, DARK_US = 114.0, (2e6, 6e6)


def sensor_of(noise: NoiseModel, black_dn: float = 259.3, size: tuple[int, int] = (WIDTH, HEIGHT)) -> Sensor:
    mode = Mode(*size, 12, Rect(0, 0, *size), 1, 10, 114, 600_000_000, 200 / 7)
    return replace(IMX477, active_width=size[0], active_height=size[1], black_dn=black_dn, modes=(mode,), noise=noise)


@dataclass
class Bench:
    """Takes frames with a cap or white paper before the lens."""

    noise: NoiseModel = field(default_factory=lambda: NoiseModel(0.52, 3.0, 6.0))
    unit: Unit = field(default_factory=Unit)
    seed: int = 5
    black_dn: float = 259.3
    size: tuple[int, int] = (WIDTH, HEIGHT)

    def __post_init__(self) -> None:
        self.sensor = sensor_of(self.noise, self.black_dn, self.size)
        self.maker = RawMaker(self.sensor, self.sensor.modes[0], np.random.default_rng(self.seed), self.unit)

    def exposed(self, light: np.ndarray, exposure_us: float, gain: float) -> Exposed:
        out = np.empty_like(light)
        self.maker.expose(light, exposure_us=exposure_us, gain=gain, f_number=F_NUMBER, out=out)
        return Exposed(out, "RGGB", exposure_us, gain, None, 4095, (256.0, 256.0, 256.0, 256.0))

    def cap(self, exposure_us: float, gain: float) -> Exposed:
        return self.exposed(np.zeros(self.size[::-1], np.uint16), exposure_us, gain)

    def cap_pair(self, exposure_us: float, gain: float) -> tuple[Exposed, Exposed]:
        return self.cap(exposure_us, gain), self.cap(exposure_us, gain)

    def paper(self, share: float, gain: float) -> Exposed:
        """White paper whose green has `share` of the scale."""
        light = np.full(self.size[::-1], round(4096 * PAPER), np.uint16)
        light[::2, ::2], light[1::2, 1::2] = 1150, 2100
        return self.exposed(light, share * 3839 / (white_dn_per_us(self.sensor, F_NUMBER) * PAPER * gain), gain)

    def paper_pair(self, share: float, gain: float) -> tuple[Exposed, Exposed]:
        return self.paper(share, gain), self.paper(share, gain)


def profile_of(camera: Camera, *, dn_per_e: float = 0.5, at: str = "2026-05-01T12:00:00+02:00") -> CameraProfile:
    """A calibration as one might be: black rises with the gain, two hot sites, one grain of dust."""
    noise = NoiseModel(dn_per_e, 2.0, 9.0)
    return CameraProfile(
        camera=camera,
        at=at,
        software="hqcam test",
        noise=noise,
        darks=tuple(
            DarkLevel(gain, (258.0 + gain, 258.5, 258.5, 259.0), noise.read_noise_dn(gain)) for gain in (1.0, 4.0, 16.0)
        ),
        transfers=(Transfer(1.0, dn_per_e, 0.001),),
        hot=(HotSite(40, 20, 812.5), HotSite(7, 9, 12.25)),
        hot_found=2,
        hot_limit_dn_s=1.2,
        dark_dn_s=0.05,
        prnu=0.006,
        dust=(DustSpot(600, 500, 40.0, 0.05),),
        temperature_c=31.0,
    )
