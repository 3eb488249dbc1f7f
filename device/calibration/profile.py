"""What a camera was measured to be, as a value and as plain JSON, and the sensor with it for published numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Final, cast

import numpy as np

from device.calibration.cap import DarkLevel, HotSite
from device.calibration.fixed_pattern import DustSpot
from device.calibration.photon_transfer import Transfer
from device.frame import AnyRaw, CameraInfo, RawFrame
from device.sensors.base import NoiseModel, Sensor

FAMILIAR_LEAST: Final = 0.2  # of the strongest hot sites; of another sensor none is at the same place by chance
FAMILIAR_OF: Final = 50
MEASURED: Final = ("noise", "read noise", "black level")
"""What of `Sensor.assumed` a calibration replaces."""
_DN_MOST: Final = 65535.0


@dataclass(frozen=True, slots=True)
class Camera:
    """Which camera was measured, as far as its software tells."""

    model: str
    identity: str
    """See `CameraInfo.identity`."""
    simulated: bool

    @staticmethod
    def of(info: CameraInfo) -> Camera:
        """Take it from an open camera."""
        return Camera(info.model, info.identity, info.simulated)


@dataclass(frozen=True, slots=True)
class CameraProfile:
    """One calibration of one camera. Levels are in DN at the sensor's bit depth, of the full-resolution mode."""

    camera: Camera
    at: str
    """When, in ISO 8601 with the offset from UTC."""
    software: str
    noise: NoiseModel
    darks: tuple[DarkLevel, ...]
    """By rising gain."""
    transfers: tuple[Transfer, ...]
    hot: tuple[HotSite, ...]
    hot_found: int
    hot_limit_dn_s: float
    dark_dn_s: float
    prnu: float
    dust: tuple[DustSpot, ...]
    temperature_c: float | None
    """Of the sensor in the longest exposure with the cap on; None where the camera does not tell it."""

    def black_dn(self, gain: float) -> tuple[float, float, float, float]:
        """Give the black level at `gain` (R, Gr, Gb, B): between two measured gains by its logarithm."""
        logs = [math.log2(dark.gain) for dark in self.darks]
        levels = np.array([dark.black_dn for dark in self.darks])
        red, green_red, green_blue, blue = (
            float(np.interp(math.log2(max(gain, 1e-3)), logs, levels[:, i])) for i in range(4)
        )
        return red, green_red, green_blue, blue

    def measured(self, sensor: Sensor) -> Sensor:
        """Give the sensor with what was measured in place of its published numbers."""
        assumed = tuple(what for what in sensor.assumed if what not in MEASURED)
        return replace(sensor, noise=self.noise, black_dn=sum(self.darks[0].black_dn) / 4, assumed=assumed)

    def with_levels(self, raw: AnyRaw, gain: float, sensor: Sensor) -> AnyRaw:
        """Give the frame, which was exposed at `gain`, with the measured black level on its own scale."""
        scale = 2.0 ** (raw.bit_depth - sensor.bit_depth)
        red, green_red, green_blue, blue = (level * scale for level in self.black_dn(gain))
        return replace(cast(RawFrame, raw), black_dn=(red, green_red, green_blue, blue))  # or a PackedRaw

    def as_json(self) -> dict[str, Any]:
        """Give it as plain JSON; `parse_profile` reads it. A hot site is one text: x, y and rate."""
        return {**asdict(self), "hot": [f"{site.x} {site.y} {site.rate_dn_s:g}" for site in self.hot]}


def same_sensor(before: CameraProfile, now: CameraProfile) -> bool | None:
    """Whether hot sites of an earlier calibration are hot again; None where it had too few to tell."""
    strongest = before.hot[:FAMILIAR_OF]
    if len(strongest) < 10:
        return None
    places = {(site.x, site.y) for site in now.hot}
    return sum((site.x, site.y) in places for site in strongest) >= FAMILIAR_LEAST * len(strongest)


def parse_profile(values: Any) -> CameraProfile:
    """Read a profile from plain JSON. Raises ValueError, TypeError, LookupError or AttributeError for anything else."""
    camera, noise = values["camera"], values["noise"]
    at = datetime.fromisoformat(values["at"])
    darks = tuple(
        DarkLevel(_number(d["gain"], 1, 1000), _levels(d["black_dn"]), _number(d["read_noise_dn"], 0, _DN_MOST))
        for d in values["darks"]
    )
    if not darks or [d.gain for d in darks] != sorted({d.gain for d in darks}):
        raise ValueError("its gains do not rise")
    temperature = values["temperature_c"]
    return CameraProfile(
        Camera(_text(camera["model"]), _text(camera["identity"]), bool(camera["simulated"])),
        at.isoformat(timespec="seconds"),
        _text(values["software"]),
        NoiseModel(
            _number(noise["dn_per_e"], 1e-3, 1e3),
            _number(noise["read_a_e2"], 0, 1e6),
            _number(noise["read_b_e2"], 0, 1e6),
        ),
        darks,
        tuple(
            Transfer(*(_number(t[name], 0, 1e4) for name in ("gain", "dn_per_e", "error"))) for t in values["transfers"]
        ),
        tuple(_hot(site) for site in values["hot"]),
        _whole(values["hot_found"]),
        _number(values["hot_limit_dn_s"], 0, 1e9),
        _number(values["dark_dn_s"], -1e6, 1e6),
        _number(values["prnu"], 0, 1),
        tuple(_dust(spot) for spot in values["dust"]),
        None if temperature is None else _number(temperature, -100, 200),
    )


def _dust(spot: Mapping[str, Any]) -> DustSpot:
    size, depth = _number(spot["diameter_px"], 0, 1e5), _number(spot["depth"], 0, 1)
    return DustSpot(_whole(spot["x"]), _whole(spot["y"]), size, depth)


def _hot(text: Any) -> HotSite:
    x, y, rate = _text(text).split()
    return HotSite(_whole(int(x)), _whole(int(y)), _number(float(rate), 0, 1e9))


def _levels(values: Any) -> tuple[float, float, float, float]:
    red, green_red, green_blue, blue = (_number(value, 0, _DN_MOST) for value in values)
    return red, green_red, green_blue, blue


def _number(value: Any, low: float, high: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise ValueError(f"{value!r} is no number from {low:g} to {high:g}")
    return float(value)


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 10**8:
        raise ValueError(f"{value!r} is no whole number")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > 300:
        raise ValueError(f"{value!r:.40} is no text")
    return value
