"""Sony IMX219 as in the Raspberry Pi Camera Module 2.

Sources: [drv] the Linux driver imx219.c; [lc] libcamera's camera sensor helper and properties;
[tuning] libcamera's rpi/vc4 imx219.json (BSD-2-Clause calibration data); [doc] Raspberry Pi's camera documentation;
[calc] arithmetic on these.
"""

from __future__ import annotations

from typing import Final

from device.frame import Mode, Rect
from device.sensors.base import AutoExposureTable, ColourModel, GainLaw, NoiseModel, Sensor
from device.sensors.tuning_tone import TONE

_LINE_US: Final = 3448 / 182.4  # [drv] pixels of a line, pixel rate in MHz; binned at twice that rate
_LONGEST_US: Final = 11_766_829  # [doc]
_MODES: Final = (
    Mode(640, 480, 10, Rect(1000, 752, 1280, 960), 2, 206.65, 37, _LONGEST_US // 2, _LINE_US / 2),
    Mode(1640, 1232, 10, Rect(0, 0, 3280, 2464), 2, 83.70, 37, _LONGEST_US // 2, _LINE_US / 2),
    Mode(1920, 1080, 10, Rect(680, 692, 1920, 1080), 1, 47.57, 75, _LONGEST_US, _LINE_US),
    Mode(3280, 2464, 10, Rect(0, 0, 3280, 2464), 1, 21.19, 75, _LONGEST_US, _LINE_US),
)

# System gain: the tuning's noise slope 3.67 is on a 16-bit scale: 3.67^2 / 64 [tuning], [calc].
# Read noise: 2.5 e- before the amplifier and 0.7 DN behind it, assumed: no published figure is known to us.
_NOISE: Final = NoiseModel(dn_per_e=0.2105, read_a_e2=6.25, read_b_e2=11.06)

# fmt: off
_COLOUR: Final = ColourModel(
    ct_curve=(  # [tuning] rpi.awb ct_curve
        (2498, 0.9309, 0.3599), (2911, 0.8682, 0.4283), (2919, 0.8358, 0.4621), (3627, 0.7646, 0.5327),
        (4600, 0.6079, 0.6721), (5716, 0.5712, 0.7017), (8575, 0.4331, 0.8037),
    ),
    ccms=(  # [tuning] rpi.ccm
        (2860, (2.12089, -0.52461, -0.59629, -0.85342, 2.80445, -0.95103, -0.26897, -1.14788, 2.41685)),
        (2960, (2.26962, -0.54174, -0.72789, -0.77008, 2.60271, -0.83262, -0.26036, -1.51254, 2.77289)),
        (3603, (2.18644, -0.66148, -0.52496, -0.77828, 2.69474, -0.91645, -0.25239, -0.83059, 2.08298)),
        (4650, (2.18174, -0.70887, -0.47287, -0.70196, 2.76426, -1.06231, -0.25157, -0.71978, 1.97135)),
        (5858, (2.32392, -0.88421, -0.43971, -0.63821, 2.58348, -0.94527, -0.28541, -0.54112, 1.82653)),
        (7580, (2.21175, -0.53242, -0.67933, -0.57875, 3.07922, -1.50047, -0.27709, -0.73338, 2.01048)),
    ),
)
# fmt: on

IMX219: Final = Sensor(
    model="imx219",
    description="Raspberry Pi Camera Module 2 (Sony IMX219)",
    unique_camera_model="Raspberry Pi Camera Module 2 IMX219",
    active_width=3280,
    active_height=2464,
    pixel_pitch_um=1.12,  # [lc], [doc]
    cfa="RGGB",  # [drv] without flips
    bit_depth=10,
    black_dn=64.0,  # [tuning] 4096 on the 16-bit scale
    white_dn=1023,
    gains=GainLaw("reciprocal", 256, 0, 232),  # [lc], [drv] codes 0 to 232
    exposure_margin_lines=4,  # [lc]
    exposure_delay_frames=2,  # [lc]
    gain_delay_frames=1,  # [lc]
    modes=_MODES,
    noise=_NOISE,
    tone=TONE,
    colour=_COLOUR,
    auto_exposure=AutoExposureTable(  # [tuning] rpi.agc "normal"
        stages=((100, 1.0), (10000, 2.0), (30000, 4.0), (60000, 6.0), (66666, 10.0)),
        target_mean=0.165,
        highlight_quantile=0.98,
        highlight_floor=0.5,
    ),
    assumed=("read noise",),
)
