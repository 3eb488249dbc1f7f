"""What a camera was measured to be, beside the published numbers of its sensor."""

from __future__ import annotations

import math
from dataclasses import dataclass

from device.analysis.noise import ROUNDING_VARIANCE
from device.calibration.profile import CameraProfile
from device.sensors.base import Sensor

_ROUNDING_DN = ROUNDING_VARIANCE**0.5


@dataclass(frozen=True, slots=True)
class Figure:
    """One number; `published` None where nothing is, `measured` None where it cannot be told from whole codes."""

    name: str
    unit: str
    published: float | None
    measured: float | None

    @property
    def percent(self) -> float | None:
        """By how much the measured one is above the published one."""
        return 100 * (self.measured / self.published - 1) if self.published and self.measured is not None else None


def figures(profile: CameraProfile, published: Sensor) -> list[Figure]:
    """Give the numbers that photographers and programs ask for. Noise in electrons, at the gains that were measured."""
    measured = profile.measured(published)
    rows = [
        Figure("black level", "DN", published.black_dn, measured.black_dn),
        Figure("system gain", "DN/e-", published.noise.dn_per_e, measured.noise.dn_per_e),
        Figure("clips at gain 1", "e-", _clip_e(published), _clip_e(measured)),
    ]
    for dark in profile.darks:
        electrons = dark.read_noise_dn / (measured.noise.dn_per_e * dark.gain) if dark.noise_is_told else None
        known = published.noise.read_noise_dn(dark.gain) / (published.noise.dn_per_e * dark.gain)
        rows.append(Figure(f"read noise at gain {dark.gain:.3g}", "e-", known, electrons))
    rows += [
        Figure("dynamic range at gain 1", "stops", _range_stops(published), _range_stops(measured)),
        Figure("unequal response (PRNU)", "%", None, 100 * profile.prnu),
        Figure("dark current", "DN/s", None, profile.dark_dn_s),
        Figure("hot photosites", "", None, profile.hot_found),
        Figure("dust spots", "", None, len(profile.dust)),
    ]
    return rows


def _clip_e(sensor: Sensor) -> float:
    return (sensor.white_dn - sensor.black_dn) / sensor.noise.dn_per_e


def _range_stops(sensor: Sensor) -> float:
    """From the noise of one sample in the dark, which rounding to whole codes has a part in, to clipping, at gain 1."""
    return math.log2((sensor.white_dn - sensor.black_dn) / math.hypot(sensor.noise.read_noise_dn(1.0), _ROUNDING_DN))
