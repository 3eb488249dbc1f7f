"""Paints an overlay on a picture, for `hqcam inspect`; the viewfinder is painted by the page, in the same colours."""

from __future__ import annotations

from typing import Final

import numpy as np

from device.analysis import palette
from device.analysis.overlay import Flag, factor_between
from device.frame import U8, Mask

STRIPE_PERIOD: Final = 8
"""Pixels from stripe to stripe, half of them painted."""
# In the order in which they are painted, and whether the stripes rise to the right.
_STRIPED: Final = (
    (Flag.RAW_SHADOW, palette.RAW_SHADOW, False),
    (Flag.ZEBRA_LOW, palette.ZEBRA_LOW, True),
    (Flag.ZEBRA_BAND, palette.ZEBRA_BAND, True),
    (Flag.ZEBRA_HIGH, palette.ZEBRA_HIGH, False),
)
_CLIPPED: Final = (
    (Flag.RAW_CLIP_R, palette.RAW_CLIP_R),
    (Flag.RAW_CLIP_G, palette.RAW_CLIP_G),
    (Flag.RAW_CLIP_B, palette.RAW_CLIP_B),
)


def paint(picture: U8, overlay: U8) -> U8:
    """Paint all layers on a luma (H, W) or RGB (H, W, 3) picture; give a new (H, W, 3).

    Raw shadow and the zebras are stripes, with the picture between them. Above them peaking is solid, and above that
    clipped raw samples are, in the sum of the colours that clip. A smaller overlay is painted in blocks.
    """
    rgb = np.repeat(picture[:, :, None], 3, axis=2) if picture.ndim == 2 else picture.copy()
    height, width = rgb.shape[:2]
    factor = factor_between((height, width), overlay.shape[:2])
    flags = np.repeat(np.repeat(overlay, factor, axis=0), factor, axis=1)[:height, :width]
    rows, columns = np.ogrid[:height, :width]
    for flag, colour, rising in _STRIPED:
        stripe = (columns + rows if rising else columns - rows) % STRIPE_PERIOD < STRIPE_PERIOD // 2
        rgb[_lit(flags, flag) & stripe] = colour
    rgb[_lit(flags, Flag.PEAKING)] = palette.PEAKING
    rgb[_lit(flags, Flag.RAW_CLIP_R | Flag.RAW_CLIP_G | Flag.RAW_CLIP_B)] = 0
    for flag, colour in _CLIPPED:
        rgb[_lit(flags, flag)] |= np.array(colour, np.uint8)
    return rgb


def _lit(flags: U8, flag: Flag) -> Mask:
    lit: Mask = (flags & np.uint8(flag)) != 0
    return lit
