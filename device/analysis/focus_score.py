"""Focus score: one number for how sharp an area is, to watch while turning the focus ring.

    score = 620 * sum(max(L^2 - 1.1 n^2, 0) + 0.03 max(D^2 - 1.2 m^2, 0)) / sum(y g)

with the fine and coarse structure L and D and their noise n and m of `sharpness`, summed over the blocks of 4 x 4
pixels of the area that can be told, y the block's level and g the codes that the tone curve makes there of a unit of
ln(light). L falls fast with blur: half a pixel of blur shows. D is added with a small weight, because it still falls
where L has reached zero: the score rises towards focus even from far out of focus. A small contrast grows with the
exposure as g, a large one as y: over the product of both the exposure cancels within 10 %. The score does depend on the
subject: compare only scores of the same scene, area and mode.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from device.analysis.area import CENTRE, Area
from device.analysis.lone_points import darkest_told
from device.analysis.passes.detail.contract import BLOCK
from device.analysis.readings import Unclear
from device.analysis.sharpness import BRIGHT_CODES, Sharpness
from device.frame import F32, F64

COARSE_SHARE = 0.03  # chosen: a hundredth to a thirtieth of a sharp picture's score, ten times what is left at 8 pixels
NOISE_SQUARED = 1.1  # mean L^2 over (mean L)^2 of noise, 16 pixels each; of D, 4 differences each, 1.2 (measured)
COARSE_NOISE_SQUARED = 1.2
LEAST_ABOVE = 0.08  # structure over noise below which the mean of an area may still be nothing but noise
SCALE = 620.0  # chosen: 1000 times a contrast squared in mid grey
LEAST_SHARE = 1 / 16  # of the area must be told


@dataclass(frozen=True, slots=True)
class Score:
    """The score of an area. 0: nothing but noise, or nothing that can be told."""

    value: float
    level: float
    """The mean code of the area, 0..255."""
    unclear: Unclear | None = None
    """Why the area cannot be told: most of it is too dark, or too bright."""


def focus_score(sharp: Sharpness, contrast: F64, *, area: Area = CENTRE) -> Score:
    """Score the area of a measured picture. `contrast` are codes per unit of ln(light) (`noise.contrast_codes`)."""
    part = area.blocks(sharp.fine.shape)
    total = sharp.total[part]
    dark, bright = total <= BLOCK**2 * darkest_told(total), total >= BLOCK**2 * BRIGHT_CODES
    told = ~(dark | bright | sharp.clipped[part])
    count = int(np.count_nonzero(told))
    level = float(total.mean(dtype=np.float64)) / BLOCK**2
    if count < LEAST_SHARE * total.size:
        return Score(0.0, level, "dark" if 2 * np.count_nonzero(dark) > total.size else "bright")
    fine = sharp.fine[part], sharp.window_fine[part], sharp.noise[part]
    coarse = sharp.coarse[part], sharp.window_coarse[part], sharp.coarse_noise[part]
    structure = _above(*(plane[told] for plane in fine), spread=NOISE_SQUARED)
    structure += COARSE_SHARE * _above(*(plane[told] for plane in coarse), spread=COARSE_NOISE_SQUARED)
    code = total[told] >> 4
    return Score(SCALE * structure / float((code * contrast[code]).sum()), level)


def _above(structure: F32, window: F32, noise: F32, *, spread: float) -> float:
    """Sum structure squared over blocks, less what noise has; 0 where noise alone may give as much.

    Where the windows show less than the noise there is less: flat areas may have been denoised.
    """
    expected = spread * float(np.minimum(noise, window * window).sum(dtype=np.float64))
    above = float(np.dot(structure, structure)) - expected
    return above / BLOCK**4 if above > LEAST_ABOVE * expected else 0.0
