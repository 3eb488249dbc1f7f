"""Sony IMX283, of 1 inch, as in the OneInchEye.

Sources: [drv] the Linux driver imx283.c; [lc] libcamera's camera sensor helper and properties;
[tuning] libcamera's rpi/vc4 imx283.json (BSD-2-Clause calibration data); [doc] Raspberry Pi's camera documentation;
[calc] arithmetic on these.
"""

from __future__ import annotations

from typing import Final

from device.frame import Mode, Rect
from device.sensors.base import AutoExposureTable, ColourModel, GainLaw, NoiseModel, Sensor
from device.sensors.tuning_tone import TONE

_LINE_US: Final = 887 / 72  # [drv] clocks of a line, clock in MHz
_BINNED_LINE_US: Final = 1e6 / 51.80 / (1824 * 1.04)  # [calc] of the rate, with the pause that the full mode has
_LONGEST_US: Final = 129_373_756  # [doc]
_MODES: Final = (
    Mode(2736, 1824, 12, Rect(0, 0, 5472, 3648), 2, 51.80, 59, _LONGEST_US, _BINNED_LINE_US),
    Mode(5472, 3648, 12, Rect(0, 0, 5472, 3648), 1, 21.40, 59, _LONGEST_US, _LINE_US),
)

# System gain: the tuning's noise slope 2.147 is on a 16-bit scale: 2.147^2 / 16 [tuning], [calc].
# Read noise: 2.5 e- before the amplifier and 0.7 DN behind it, assumed: no published figure is known to us.
_NOISE: Final = NoiseModel(dn_per_e=0.2881, read_a_e2=6.25, read_b_e2=5.9)

# fmt: off
_COLOUR: Final = ColourModel(
    ct_curve=(  # [tuning] rpi.awb ct_curve
        (2500, 0.9429, 0.2809), (2820, 0.8488, 0.3472), (2830, 0.8303, 0.3609), (2885, 0.8177, 0.3703),
        (3601, 0.6935, 0.4705), (3615, 0.6918, 0.4719), (3622, 0.6894, 0.4741), (4345, 0.5999, 0.5546),
        (4410, 0.5942, 0.5601), (4486, 0.5878, 0.5661), (4576, 0.5779, 0.5756), (5672, 0.5211, 0.6318),
        (5710, 0.5168, 0.6362), (6850, 0.4841, 0.6702),
    ),
    ccms=(  # [tuning] rpi.ccm
        (2500, (1.82257, -0.40941, -0.41316, -0.52091, 1.83005, -0.30915, 0.22503, -1.41259, 2.18757)),
        (2820, (1.80564, -0.47587, -0.32977, -0.47385, 1.83075, -0.35691, 0.21369, -1.22609, 2.01239)),
        (2830, (1.80057, -0.51479, -0.28578, -0.64031, 2.16074, -0.52044, 0.11794, -0.95667, 1.83873)),
        (2885, (1.78452, -0.49769, -0.28683, -0.63651, 2.13634, -0.49983, 0.08547, -0.86501, 1.77954)),
        (3601, (1.85165, -0.57008, -0.28156, -0.56249, 2.08321, -0.52072, 0.03724, -0.70964, 1.67239)),
        (3615, (1.87611, -0.60772, -0.26839, -0.55497, 2.07257, -0.51761, 0.04151, -0.70635, 1.66485)),
        (3622, (1.85505, -0.58542, -0.26963, -0.55053, 2.05981, -0.50928, 0.04005, -0.69302, 1.65297)),
        (4345, (1.81872, -0.57511, -0.24361, -0.49071, 2.16621, -0.67551, 0.02641, -0.67838, 1.65196)),
        (4410, (1.83689, -0.60178, -0.23512, -0.48204, 2.14729, -0.66525, 0.02773, -0.67615, 1.64841)),
        (4486, (1.85101, -0.60733, -0.24368, -0.47635, 2.13101, -0.65465, 0.02229, -0.66412, 1.64183)),
        (4576, (1.84076, -0.59449, -0.24626, -0.47307, 2.13369, -0.66062, 0.01984, -0.65788, 1.63804)),
        (5657, (1.84536, -0.57827, -0.26709, -0.44532, 2.04086, -0.59554, -0.01738, -0.52806, 1.54544)),
        (5672, (1.84251, -0.57486, -0.26765, -0.44925, 2.04615, -0.59689, -0.03179, -0.51748, 1.54928)),
        (5710, (1.84081, -0.58127, -0.25953, -0.44169, 2.03593, -0.59424, -0.02503, -0.52696, 1.55199)),
        (6850, (1.80426, -0.22567, -0.57859, -0.48629, 2.49024, -1.00395, -0.10865, -0.63841, 1.74705)),
    ),
)
# fmt: on

IMX283: Final = Sensor(
    model="imx283",
    description="camera with a Sony IMX283 (1 inch)",
    unique_camera_model="hqcam IMX283",
    active_width=5472,
    active_height=3648,
    pixel_pitch_um=2.4,  # [lc]
    cfa="RGGB",  # [drv] without flips
    bit_depth=12,
    black_dn=200.0,  # [tuning] 3200 on the 16-bit scale
    white_dn=4095,
    gains=GainLaw("reciprocal", 2048, 0, 1957),  # [lc], [drv] codes 0 to 1957
    exposure_margin_lines=4,  # [lc]
    exposure_delay_frames=2,  # [lc]
    gain_delay_frames=1,  # [lc]
    modes=_MODES,
    noise=_NOISE,
    tone=TONE,
    colour=_COLOUR,
    auto_exposure=AutoExposureTable(  # [tuning] rpi.agc "normal"
        stages=((100, 1.0), (10000, 2.0), (30000, 4.0), (60000, 6.0), (120000, 6.0)),
        target_mean=0.165,
        highlight_quantile=0.98,
        highlight_floor=0.5,
    ),
    assumed=("read noise",),
)
