"""The tone curve of libcamera's rpi/vc4 tuning: the same for every sensor described here.

Its adaptive part (ce_enable) is not modelled.
"""

from __future__ import annotations

from typing import Final

from device.sensors.base import ToneCurve

# Knots on a 16-bit scale: rpi.contrast's gamma_curve (BSD-2-Clause calibration data).
# fmt: off
_GAMMA_16BIT: Final = (
    (0, 0), (1024, 5040), (2048, 9338), (3072, 12356), (4096, 15312), (5120, 18051), (6144, 20790),
    (7168, 23193), (8192, 25744), (9216, 27942), (10240, 30035), (11264, 32005), (12288, 33975), (13312, 35815),
    (14336, 37600), (15360, 39168), (16384, 40642), (18432, 43379), (20480, 45749), (22528, 47753),
    (24576, 49621), (26624, 51253), (28672, 52698), (30720, 53796), (32768, 54876), (36864, 57012),
    (40960, 58656), (45056, 59954), (49152, 61183), (53248, 62355), (57344, 63419), (61440, 64476),
    (65535, 65535),
)
# fmt: on

TONE: Final = ToneCurve(
    linear=tuple(x / 65535 for x, _ in _GAMMA_16BIT),
    display=tuple(y / 65535 for _, y in _GAMMA_16BIT),
)
