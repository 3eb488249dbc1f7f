"""Sony IMX477 as in the Raspberry Pi HQ Camera.

Sources: [drv] the Linux driver imx477.c (classic kernel, 450 MHz link); [lc] libcamera's camera sensor helper and
properties for imx477; [tuning] libcamera's rpi/vc4 imx477.json (BSD-2-Clause calibration data); [doc] Raspberry Pi's
camera documentation; [hogan] J. Hogan's published photon-transfer measurement of one HQ camera; [calc] arithmetic on
these. Newer kernels list more modes: a real camera's modes come from the driver, these serve the simulator.
"""

from __future__ import annotations

from typing import Final

from device.frame import Mode, Rect
from device.sensors.base import AutoExposureTable, ColourModel, GainLaw, NoiseModel, Sensor
from device.sensors.tuning_tone import TONE

PIXEL_RATE_HZ: Final = 840e6  # [drv]
_ACTIVE: Final = (4056, 3040)  # [drv] default crop of the 4072x3176 array


def _line_us(line_length_px: int) -> float:
    return line_length_px / PIXEL_RATE_HZ * 1e6


# Line lengths in pixels: 24000, 12740, 6664 [drv]; frame rates and exposure limits as listed by [doc] and picamera2.
_MODES: Final = (
    Mode(1332, 990, 10, Rect(696, 528, 2664, 1980), 2, 120.05, 31, 667_234_896, _line_us(6664)),
    Mode(2028, 1080, 12, Rect(0, 440, 4056, 2160), 2, 50.03, 60, 674_181_621, _line_us(12740)),
    Mode(2028, 1520, 12, Rect(0, 0, 4056, 3040), 2, 40.01, 60, 674_181_621, _line_us(12740)),
    Mode(4056, 3040, 12, Rect(0, 0, 4056, 3040), 1, 10.00, 114, 694_422_939, _line_us(24000)),
)

# System gain, read noise at gain 1 and 16 [hogan]; the two-part split fits both ends [calc].
# The tuning's noise slope 2.767 gives 2.767^2/16 = 0.4785 DN/e-, an independent check within 2 % [tuning].
_NOISE: Final = NoiseModel(dn_per_e=0.47, read_a_e2=2.31, read_b_e2=8.29)

# fmt: off
_COLOUR: Final = ColourModel(
    ct_curve=(  # [tuning] rpi.awb ct_curve
        (2360, 0.6009, 0.3093), (2848, 0.5071, 0.4000), (2903, 0.4905, 0.4392), (3628, 0.4261, 0.5564),
        (3643, 0.4228, 0.5623), (4660, 0.3529, 0.6800), (5579, 0.3227, 0.7000), (6125, 0.3129, 0.7100),
        (6671, 0.3065, 0.7200), (7217, 0.3014, 0.7300), (7763, 0.2950, 0.7400), (9505, 0.2524, 0.7856),
    ),
    ccms=(  # [tuning] rpi.ccm
        (2850, (1.97469, -0.71439, -0.26031, -0.43521, 2.09769, -0.66248, -0.04826, -0.84642, 1.89468)),
        (2960, (2.12952, -0.91185, -0.21768, -0.38018, 1.90789, -0.52771, 0.03988, -1.10079, 2.06092)),
        (3580, (2.03422, -0.80048, -0.23374, -0.39089, 1.97221, -0.58132, -0.08969, -0.61439, 1.70408)),
        (4559, (2.15423, -0.98143, -0.17279, -0.38131, 2.14763, -0.76632, -0.10069, -0.54383, 1.64452)),
        (5881, (2.18464, -0.95493, -0.22971, -0.36826, 2.00298, -0.63471, -0.15219, -0.38055, 1.53274)),
        (7600, (2.30687, -0.97295, -0.33392, -0.30872, 2.32779, -1.01908, -0.17761, -0.55891, 1.73651)),
    ),
)
# fmt: on

IMX477: Final = Sensor(
    model="imx477",
    description="Raspberry Pi HQ Camera (Sony IMX477)",
    unique_camera_model="Raspberry Pi HQ Camera IMX477",
    active_width=_ACTIVE[0],
    active_height=_ACTIVE[1],
    pixel_pitch_um=1.55,  # [lc] UnitCellSize 1550 nm, [doc]
    cfa="RGGB",  # [drv] without flips
    bit_depth=12,
    black_dn=256.0,  # [tuning] 4096 on the 16-bit scale
    white_dn=4095,
    gains=GainLaw("reciprocal", 1024, 0, 978),  # [lc] codes 0 to 978
    exposure_margin_lines=22,  # [lc] frame length >= exposure lines + 22
    exposure_delay_frames=2,  # [lc]
    gain_delay_frames=2,  # [lc]
    modes=_MODES,
    noise=_NOISE,
    tone=TONE,
    colour=_COLOUR,
    auto_exposure=AutoExposureTable(  # [tuning] rpi.agc "normal"
        stages=((100, 1.0), (10_000, 2.0), (30_000, 4.0), (60_000, 6.0), (66_666, 16.0)),
        target_mean=0.165,
        highlight_quantile=0.98,
        highlight_floor=0.3,
    ),
)
