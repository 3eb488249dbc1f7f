"""Which sensor a camera has: one that is described here, or an unknown one with careful figures."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from device.frame import Mode
from device.sensors.base import NoiseModel, Sensor
from device.sensors.imx219 import IMX219
from device.sensors.imx283 import IMX283
from device.sensors.imx296 import IMX296
from device.sensors.imx477 import IMX477
from device.sensors.imx585 import IMX585
from device.sensors.imx708 import IMX708
from device.sensors.ov5647 import OV5647

SENSORS: Final = {sensor.model: sensor for sensor in (IMX477, IMX219, IMX283, IMX296, IMX585, IMX708, OV5647)}
"""By the model that libcamera tells."""

PITCH: Final = "pixel pitch"
"""In `Sensor.assumed` of an unknown sensor whose camera tells no size of a photosite."""
_ELECTRONS_UM2: Final = 700.0  # of a full photosite: as the IMX296, the least of those described here
_READ_A_E2: Final = 16.0  # 4 e- before the amplifier, and
_READ_B_DN: Final = 1.0  # a code behind it: more than any of those described here
_PITCH_UM: Final = 1.4  # where the camera tells none: of a small one, so that more noise is expected
_BLACK_SHARE: Final = 1 / 16  # of the scale, as most


def sensor_named(model: str) -> Sensor | None:
    """Give the sensor that libcamera calls so ("imx477", "imx708_wide_noir"); None where it is not described here."""
    return SENSORS.get(model.lower().partition("_")[0])


def sensor_of(model: str, modes: tuple[Mode, ...], pixel_pitch_um: float | None = None) -> Sensor:
    """Give the sensor of an open camera. Of an unknown one, what the camera tells, and assumed figures.

    Assumed is rather too much noise than too little: what depends on it stays dark. A calibration replaces it.
    """
    known = sensor_named(model)
    if known is not None or not modes:
        return known or IMX477
    full = max(modes, key=lambda mode: (mode.width * mode.height, mode.bit_depth))
    pitch_um = pixel_pitch_um or _PITCH_UM
    white_dn = 2**full.bit_depth - 1
    black_dn = round(2**full.bit_depth * _BLACK_SHARE)
    dn_per_e = (white_dn - black_dn) / (_ELECTRONS_UM2 * pitch_um**2)
    return replace(
        IMX477,
        model=model,
        description=f"camera with a {model} sensor",
        unique_camera_model=f"hqcam {model.upper()}",
        active_width=full.crop.width,
        active_height=full.crop.height,
        pixel_pitch_um=pitch_um,
        bit_depth=full.bit_depth,
        black_dn=float(black_dn),
        white_dn=white_dn,
        modes=modes,
        noise=NoiseModel(dn_per_e, _READ_A_E2, (_READ_B_DN / dn_per_e) ** 2),
        assumed=(
            "noise",
            "colour",
            "black level",
            "gains",
            "delays",
            *(() if pixel_pitch_um else (PITCH,)),
        ),
    )
