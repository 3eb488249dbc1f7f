"""Sony IMX585 (Starvis 2) as in the StarlightEye.

Sources: [drv] the maker's Linux driver imx585.c; [doc] as it is sold: type 1/1.2, 2.9 um. libcamera has no tuning for
it: colour and noise are assumed, those of the IMX477 where nothing better is known.
"""

from __future__ import annotations

from typing import Final

from device.frame import Mode, Rect
from device.sensors.base import GainLaw, NoiseModel, Sensor
from device.sensors.imx477 import IMX477
from device.sensors.tuning_tone import TONE

_LINE_US: Final = 1e6 / 30 / 2250  # [drv] lines of a frame, at 30 frames a second
_LONGEST_US: Final = int((2**20 - 2) * _LINE_US)  # [drv] a frame has at most 2^20 lines

IMX585: Final = Sensor(
    model="imx585",
    description="camera with a Sony IMX585",
    unique_camera_model="hqcam IMX585",
    active_width=3840,
    active_height=2160,
    pixel_pitch_um=2.9,  # [doc]
    cfa="RGGB",  # [drv] without flips
    bit_depth=12,
    black_dn=200.0,  # [drv] its register holds 50, at 10 bit
    white_dn=4095,
    gains=GainLaw("exponential", 20 / 0.3, 0, 100),  # [drv] steps of 0.3 dB; assumed analogue up to 30 dB
    exposure_margin_lines=2,  # [drv]
    exposure_delay_frames=2,  # assumed, as libcamera does of others
    gain_delay_frames=2,  # assumed
    modes=(
        Mode(1920, 1080, 12, Rect(0, 0, 3840, 2160), 2, 30.0, 30, _LONGEST_US, _LINE_US),
        Mode(3840, 2160, 12, Rect(0, 0, 3840, 2160), 1, 30.0, 30, _LONGEST_US, _LINE_US),
    ),
    # Assumed: 20 000 e- fill the scale at gain 1, half of what astronomy cameras with it claim; much read noise.
    noise=NoiseModel(dn_per_e=0.195, read_a_e2=4.0, read_b_e2=25.0),
    tone=TONE,
    colour=IMX477.colour,
    auto_exposure=IMX477.auto_exposure,
    assumed=("noise", "colour", "delays"),
)
