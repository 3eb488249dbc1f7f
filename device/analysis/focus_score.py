"""Focus score: one number for how sharp an area is, to watch while turning the focus ring.

    score = 1000 * (max(mean L^2 - mean n^2, 0) + 0.03 * max(mean D^2 - c mean n^2, 0)) / (mean level)^2

with the fine and coarse structure L and D and the noise n of `sharpness`, of every block of 4 x 4 pixels in the area.
L falls fast with blur: half a pixel of blur shows. D is added with a small weight, because it still falls where L has
reached zero: the score rises towards focus even from far out of focus. Dividing by the level makes the score
independent of the exposure. It does depend on the subject: compare only scores of the same scene, area and mode.
"""

from __future__ import annotations

import numpy as np

from device.analysis.area import CENTRE, Area
from device.analysis.passes.detail.contract import BLOCK
from device.analysis.processing import Processing
from device.analysis.sharpness import Sharpness

COARSE_SHARE = 0.03  # chosen: a hundredth to a thirtieth of a sharp picture's score, ten times what is left at 8 pixels
NOISE_MEAN = 0.95  # the mean noise over n: n is chosen on the high side
SPREAD = 1.1  # mean L^2 over (mean L)^2 of noise, 16 pixels each (measured)
SCALE = 1000.0


def focus_score(sharp: Sharpness, processing: Processing, *, area: Area = CENTRE) -> float:
    """Score the area of a measured picture; 0: there is nothing but noise."""
    part = area.blocks(sharp.fine.shape)
    fine, coarse, noise = (_mean_square(a[part]) for a in (sharp.fine, sharp.coarse, sharp.noise))
    noise *= NOISE_MEAN**2 * SPREAD
    structure = max(fine - noise, 0.0) + COARSE_SHARE * max(coarse - processing.coarse_noise * noise, 0.0)
    level = float(sharp.level[part].mean())
    return SCALE * structure / max(level, 1.0) ** 2


def _mean_square(sums: np.ndarray) -> float:
    """Mean square of the means over a block's pixels."""
    flat = sums.ravel()
    return float(np.dot(flat, flat)) / flat.size / BLOCK**4
