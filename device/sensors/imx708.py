"""Sony IMX708 as in the Raspberry Pi Camera Module 3.

Sources: [drv] the Linux driver imx708.c; [lc] libcamera's camera sensor helper and properties;
[tuning] libcamera's rpi/vc4 imx708.json (BSD-2-Clause calibration data); [doc] Raspberry Pi's camera documentation;
[calc] arithmetic on these.
"""

from __future__ import annotations

from typing import Final

from device.frame import Mode, Rect
from device.sensors.base import AutoExposureTable, ColourModel, GainLaw, NoiseModel, Sensor
from device.sensors.tuning_tone import TONE


def _longest_us(line_us: float) -> int:
    return int((65535 - 48) * 128 * line_us)  # [drv] the longest frame less its margin, 7 times doubled


# Line times: 5216, 7824, 15648 pixels at 566.4, 585.6, 595.2 MHz [drv].
_MODES: Final = (
    Mode(1536, 864, 10, Rect(768, 432, 3072, 1728), 2, 120.13, 9, _longest_us(9.209), 9.209),
    Mode(2304, 1296, 10, Rect(0, 0, 4608, 2592), 2, 56.03, 13, _longest_us(13.360), 13.360),
    Mode(4608, 2592, 10, Rect(0, 0, 4608, 2592), 1, 14.35, 26, _longest_us(26.290), 26.290),
)

# Assumed: the tuning's noise slope, 2.5, is a round number that other files have, too, and gives twice the electrons
# that any other sensor holds. These are as many a square micrometre as the IMX477 holds, and the read noise of others.
_NOISE: Final = NoiseModel(dn_per_e=0.1439, read_a_e2=6.25, read_b_e2=23.66)

# fmt: off
_COLOUR: Final = ColourModel(
    ct_curve=(  # [tuning] rpi.awb ct_curve
        (2498, 0.8733, 0.2606), (2821, 0.7707, 0.3245), (2925, 0.7338, 0.3499), (2926, 0.7193, 0.3603),
        (2951, 0.7144, 0.3639), (2954, 0.7111, 0.3663), (3578, 0.6038, 0.4516), (3717, 0.5861, 0.4669),
        (3784, 0.5786, 0.4737), (4485, 0.5113, 0.5368), (4615, 0.4994, 0.5486), (4671, 0.4927, 0.5554),
        (5753, 0.4274, 0.6246), (5773, 0.4265, 0.6256), (7433, 0.3723, 0.6881),
    ),
    ccms=(  # [tuning] rpi.ccm
        (2964, (1.72129, -0.45961, -0.26169, -0.30042, 1.56924, -0.26882, 0.15133, -1.13293, 1.98161)),
        (3610, (1.54474, -0.35082, -0.19391, -0.36989, 1.67926, -0.30936, -0.00524, -0.55197, 1.55722)),
        (4640, (1.52972, -0.35168, -0.17804, -0.28309, 1.67098, -0.38788, 0.01695, -0.57209, 1.55515)),
        (5910, (1.56879, -0.42159, -0.14719, -0.27275, 1.59354, -0.32079, -0.02862, -0.40662, 1.43525)),
        (7590, (1.41424, -0.21092, -0.20332, -0.17646, 1.71734, -0.54087, 0.01297, -0.63111, 1.61814)),
    ),
)
# fmt: on

IMX708: Final = Sensor(
    model="imx708",
    description="Raspberry Pi Camera Module 3 (Sony IMX708)",
    unique_camera_model="Raspberry Pi Camera Module 3 IMX708",
    active_width=4608,
    active_height=2592,
    pixel_pitch_um=1.4,  # [lc], [doc]
    cfa="RGGB",  # [drv] without flips
    bit_depth=10,
    black_dn=64.0,  # [tuning] 4096 on the 16-bit scale
    white_dn=1023,
    gains=GainLaw("reciprocal", 1024, 112, 960),  # [lc], [drv] codes 112 to 960
    exposure_margin_lines=48,  # [lc]
    exposure_delay_frames=2,  # [lc]
    gain_delay_frames=2,  # [lc]
    modes=_MODES,
    noise=_NOISE,
    tone=TONE,
    colour=_COLOUR,
    auto_exposure=AutoExposureTable(  # [tuning] rpi.agc "normal"
        stages=((100, 1.0), (15000, 1.0), (30000, 2.0), (60000, 4.0), (66666, 16.0)),
        target_mean=0.165,
        highlight_quantile=0.98,
        highlight_floor=0.2,
    ),
    assumed=("noise",),
)
