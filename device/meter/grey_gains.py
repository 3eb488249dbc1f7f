"""White balance from a grey thing in the picture: the gains that make it neutral."""

from __future__ import annotations

import numpy as np

from device.analysis.focus_score import Area
from device.analysis.raw_clipping import clip_level
from device.bayer import offsets
from device.errors import BadInput
from device.frame import RawFrame, YuvPicture
from device.sensors.base import F64, ToneCurve

LEAST_SHARE = 1 / 256  # chosen: below 8 EV under clipping a few percent of stray light tint what is measured
MOST_CLIPPED = 0.01  # chosen: of the samples of a colour
GAINS = (0.25, 8.0)
"""What a light can ask for: the IMX477 needs 1.66 to 3.96 of red, 1.27 to 3.23 of blue over its calibrated lights."""


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
    """Give (red, blue) gains from the rendered picture, back through its tone curve, matrix and gains.

    For cameras that give no raw while live. Raises BadInput.
    """
    y = float(area.cut(picture.y).mean())
    u, v = (float(area.cut(plane).mean()) - 128 for plane in (picture.u, picture.v))
    codes = np.array([y + 1.402 * v, y - 0.344136 * u - 0.714136 * v, y + 1.772 * u])
    linear = tone.to_linear(np.clip(codes / 255, 0, 1))
    balanced = np.linalg.inv(ccm) @ linear
    red, green, blue = balanced / np.array([colour_gains[0], 1.0, colour_gains[1]])
    return _checked((float(red), float(green), float(blue)), bool((codes > 253).any()))


def _checked(rgb: tuple[float, float, float], too_bright: bool) -> tuple[float, float]:
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
