"""OmniVision OV5647 as in the first Raspberry Pi camera module.

Sources: [drv] the Linux driver ov5647.c; [lc] libcamera's camera sensor helper and properties;
[tuning] libcamera's rpi/vc4 ov5647.json (BSD-2-Clause calibration data); [doc] Raspberry Pi's camera documentation;
[calc] arithmetic on these.
"""

from __future__ import annotations

from typing import Final

from device.frame import Mode, Rect
from device.sensors.base import AutoExposureTable, ColourModel, GainLaw, NoiseModel, Sensor
from device.sensors.tuning_tone import TONE

_LONGEST_US: Final = 969_249  # [doc]
_MODES: Final = (
    Mode(1296, 972, 10, Rect(0, 0, 2592, 1944), 2, 46.34, 86, _LONGEST_US, 21.5),
    Mode(2592, 1944, 10, Rect(0, 0, 2592, 1944), 1, 15.63, 130, _LONGEST_US, 32.5),
)

# System gain: the tuning's noise slope 4.25 is on a 16-bit scale: 4.25^2 / 64 [tuning], [calc].
# Read noise: 2.5 e- before the amplifier and 0.7 DN behind it, assumed: no published figure is known to us.
_NOISE: Final = NoiseModel(dn_per_e=0.2822, read_a_e2=6.25, read_b_e2=6.15)

# fmt: off
_COLOUR: Final = ColourModel(
    ct_curve=(  # [tuning] rpi.awb ct_curve
        (2500, 1.0289, 0.4503), (2803, 0.9428, 0.5108), (2914, 0.9406, 0.5127), (3605, 0.8261, 0.6249),
        (4540, 0.7331, 0.7533), (5699, 0.6715, 0.8627), (8625, 0.6081, 1.0012),
    ),
    ccms=(  # [tuning] rpi.ccm
        (2873, (1.88195, -0.26249, -0.61946, -0.63842, 2.11535, -0.47693, -0.13531, -0.99739, 2.13271)),
        (2965, (2.15048, -0.51859, -0.63189, -0.53572, 1.92585, -0.39013, 0.01831, -1.48576, 2.46744)),
        (3606, (1.97522, -0.43847, -0.53675, -0.56151, 1.99765, -0.43614, -0.12438, -0.77056, 1.89493)),
        (4700, (2.00971, -0.51461, -0.49511, -0.52109, 2.01003, -0.48894, -0.09527, -0.67318, 1.76845)),
        (5890, (2.13616, -0.65283, -0.48333, -0.48364, 1.93115, -0.44751, -0.13465, -0.54831, 1.68295)),
        (7600, (2.06599, -0.39161, -0.67439, -0.50883, 2.27467, -0.76583, -0.13961, -0.66121, 1.80081)),
    ),
)
# fmt: on

OV5647: Final = Sensor(
    model="ov5647",
    description="Raspberry Pi Camera Module 1 (OmniVision OV5647)",
    unique_camera_model="Raspberry Pi Camera Module 1 OV5647",
    active_width=2592,
    active_height=1944,
    pixel_pitch_um=1.4,  # [lc], [doc]
    cfa="GBRG",  # [drv] without flips
    bit_depth=10,
    black_dn=16.0,  # [tuning] 1024 on the 16-bit scale
    white_dn=1023,
    gains=GainLaw("linear", 16, 16, 1023),  # [lc], [drv] codes 16 to 1023
    exposure_margin_lines=4,  # [lc]
    exposure_delay_frames=2,  # [lc]
    gain_delay_frames=2,  # [lc]
    modes=_MODES,
    noise=_NOISE,
    tone=TONE,
    colour=_COLOUR,
    auto_exposure=AutoExposureTable(  # [tuning] rpi.agc "normal"
        stages=((100, 1.0), (10000, 2.0), (30000, 4.0), (60000, 6.0), (66666, 8.0)),
        target_mean=0.165,
        highlight_quantile=0.98,
        highlight_floor=0.5,
    ),
    assumed=("read noise",),
)
