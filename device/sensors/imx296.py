"""Sony IMX296 as in the Raspberry Pi Global Shutter Camera.

Sources: [drv] the Linux driver imx296.c; [lc] libcamera's camera sensor helper and properties;
[tuning] libcamera's rpi/vc4 imx296.json (BSD-2-Clause calibration data); [doc] Raspberry Pi's camera documentation;
[calc] arithmetic on these; [moravian] measurements by the maker of C1 cameras, whose sensors have the same pixel.
"""

from __future__ import annotations

from typing import Final

from device.frame import Mode, Rect
from device.sensors.base import AutoExposureTable, ColourModel, GainLaw, NoiseModel, Sensor
from device.sensors.tuning_tone import TONE

_MODES: Final = (
    Mode(1456, 1088, 10, Rect(0, 0, 1456, 1088), 1, 60.38, 29, 15_534_385, 1100 / 74.25),  # [doc]; line [drv]
)

# System gain: the tuning's noise slope 2.671 is on a 16-bit scale: 2.671^2 / 64 [tuning], [calc].
# Read noise: 2.2 e- at gain 1 and 2.0 e- at 16 [moravian].
_NOISE: Final = NoiseModel(dn_per_e=0.1115, read_a_e2=4.0, read_b_e2=0.84)

# fmt: off
_COLOUR: Final = ColourModel(
    ct_curve=(  # [tuning] rpi.awb ct_curve
        (2500, 0.5386, 0.2458), (2800, 0.4883, 0.3303), (2900, 0.4855, 0.3349), (3620, 0.4203, 0.4367),
        (4560, 0.3455, 0.5444), (5600, 0.2948, 0.6124), (7400, 0.2336, 0.6894),
    ),
    ccms=(  # [tuning] rpi.ccm
        (2500, (1.95054, -0.57435, -0.37619, -0.46945, 1.86661, -0.39716, 0.07977, -1.14072, 2.06095)),
        (2800, (1.94104, -0.60261, -0.33844, -0.43162, 1.85422, -0.42261, 0.03799, -0.95022, 1.91222)),
        (2900, (1.91828, -0.59569, -0.32258, -0.51902, 2.09091, -0.57189, -0.03324, -0.73462, 1.76785)),
        (3620, (1.97199, -0.66403, -0.30797, -0.46411, 2.02612, -0.56201, -0.07764, -0.61178, 1.68942)),
        (4560, (2.15256, -0.84787, -0.30469, -0.48422, 2.28962, -0.80541, -0.15113, -0.53014, 1.68127)),
        (5600, (2.04576, -0.74771, -0.29805, -0.36332, 1.98993, -0.62662, -0.09328, -0.46543, 1.55871)),
        (7400, (2.37532, -0.83069, -0.54462, -0.48279, 2.84309, -1.36031, -0.21178, -0.66532, 1.87709)),
    ),
)
# fmt: on

IMX296: Final = Sensor(
    model="imx296",
    description="Raspberry Pi Global Shutter Camera (Sony IMX296)",
    unique_camera_model="Raspberry Pi Global Shutter Camera IMX296",
    active_width=1456,
    active_height=1088,
    pixel_pitch_um=3.45,  # [lc], [doc]
    cfa="RGGB",  # [drv] without flips
    bit_depth=10,
    black_dn=60.0,  # [tuning] 3840 on the 16-bit scale
    white_dn=1023,
    gains=GainLaw("exponential", 200, 0, 239),  # [lc] steps of 0.1 dB
    exposure_margin_lines=4,  # [lc]
    exposure_delay_frames=2,  # [lc]
    gain_delay_frames=2,  # [lc]
    modes=_MODES,
    noise=_NOISE,
    tone=TONE,
    colour=_COLOUR,
    auto_exposure=AutoExposureTable(  # [tuning] rpi.agc "normal"
        stages=((100, 1.0), (30000, 1.0), (45000, 2.0), (60000, 4.0), (66666, 16.0)),
        target_mean=0.165,
        highlight_quantile=0.98,
        highlight_floor=0.5,
    ),
    assumed=(),
)
