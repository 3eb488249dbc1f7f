"""The gains that make a grey object in the picture neutral: the formulas of white balance by grey."""

from __future__ import annotations

import numpy as np

from device.analysis.area import Area
from device.analysis.raw_clipping import clip_level
from device.bayer import offsets
from device.errors import BadInput
from device.frame import F64, RawFrame, YuvPicture
from device.pixels.bt601 import to_rgb
from device.sensors.base import ToneCurve

LEAST_SHARE = 1 / 256  # chosen: below it (8 EV under clipping) a little stray light changes the colour that is measured
MOST_CLIPPED = 0.01  # chosen: of the samples of a colour
GAINS = (0.25, 8.0)
"""Gains that a light can need: an IMX477 takes 1.66 to 3.96 of red, 1.27 to 3.23 of blue over its calibrated lights."""


def gains_from_raw(raw: RawFrame, area: Area) -> tuple[float, float]:
    """Give (red, blue) gains from the means of the raw samples of an area. Raises BadInput for no usable grey."""
    ceiling = clip_level(raw)
    sums, counts, clipped = dict.fromkeys("RGB", 0.0), dict.fromkeys("RGB", 0), dict.fromkeys("RGB", 0)
    for (site, (row, column)), black in zip(offsets(raw.cfa).items(), raw.black_dn, strict=True):
        plane = raw.samples[row::2, column::2]
        inside = plane[area.blocks(plane.shape)]
        sums[site[0]] += float(inside.sum(dtype=np.int64)) - black * inside.size
        counts[site[0]] += inside.size
        clipped[site[0]] += int(np.count_nonzero(inside >= ceiling))
    span = ceiling - sum(raw.black_dn) / 4
    red, green, blue = (sums[c] / counts[c] / span for c in "RGB")
    return _checked((red, green, blue), any(clipped[c] > MOST_CLIPPED * counts[c] for c in "RGB"))


def gains_from_picture(
    picture: YuvPicture,
    area: Area,
    *,
    tone: ToneCurve,
    ccm: F64,
    colour_gains: tuple[float, float],
) -> tuple[float, float]:
    """Give (red, blue) gains from the display picture, by undoing its tone curve, colour matrix and gains.

    For cameras that give no raw samples while live. Raises BadInput for no usable grey.
    """
    y = float(area.cut(picture.y).mean())
    u, v = (float(area.cut(plane).mean()) - 128 for plane in (picture.u, picture.v))
    codes = np.array(to_rgb(y, u, v))
    linear = tone.to_linear(np.clip(codes / 255, 0, 1))
    balanced = np.linalg.inv(ccm) @ linear
    red, green, blue = balanced / np.array([colour_gains[0], 1.0, colour_gains[1]])
    return _checked((float(red), float(green), float(blue)), bool((codes > 253).any()))


def _checked(rgb: tuple[float, float, float], too_bright: bool) -> tuple[float, float]:
    """Give the gains that make the means of a grey equal; raises BadInput where it is no usable grey."""
    if too_bright:
        raise BadInput(
            "what was picked is too bright: a colour of it clips",
            expected="a grey or white thing that does not clip",
            remedy="expose less, or pick something darker",
        )
    if min(rgb) < LEAST_SHARE:
        raise BadInput(
            "what was picked is too dark",
            expected="a grey or white thing, no more than 8 EV below clipping in each colour",
            remedy="expose more, or pick something brighter",
        )
    gains = rgb[1] / rgb[0], rgb[1] / rgb[2]
    if not all(GAINS[0] <= gain <= GAINS[1] for gain in gains):
        raise BadInput(
            f"what was picked is no grey under any light: it asks for gains of {gains[0]:.2f} and {gains[1]:.2f}",
            expected=f"gains from {GAINS[0]:g} to {GAINS[1]:g}",
            remedy="pick something without a colour of its own: a grey card, paper, a cloud",
        )
    return gains
