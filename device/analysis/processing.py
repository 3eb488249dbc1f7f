"""The processing of a picture between sensor and luma, as far as the measurement of sharpness depends on it.

Demosaicking averages noise, white balance and the colour matrix amplify it, sharpening raises fine structure, denoising
and JPEG remove it. A `Processing` describes one such chain by its effect on noise and on the sharpest structure. The
numbers were measured on grey patches and on sharp and blurred pictures made by `tests/bench/focus`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from device.frame import F32, ProcessingName

FLOOR_QUANTILE = 0.05
FLOOR_TO_MEAN = 1.08  # windows of a flat area spread by 5 to 6 %: their 5th percentile is below their mean [calc]
LEVELS_DIFFER = 1.2  # the noise of a level, over that of bare photosites, differs by less (measured: 1.1)


@dataclass(frozen=True, slots=True)
class Processing:
    """How one way of processing changes noise and the sharpest structure."""

    noise: float
    """Fine structure of noise over that of bare photosites; on the high side, because noise must never be lit."""
    floor_range: tuple[float, float]
    """The measured floor of a frame is used instead of `noise` if it lies in this range, which covers the differences
    between demosaics, colour matrices and sharpenings."""
    coarse_noise: float
    """Coarse over fine structure of noise, squared."""
    threshold: float
    """The sharpness above which a place is in focus: between a blur of half a pixel and one of two."""
    least_whiteness: float = 0.85
    """Fine over coarse structure above which a floor is noise: noise has 1.0 to 2.2, blurred subjects 0.4 to 0.8
    (measured)."""
    rounding: float = 0.0
    """Fine structure of rounding to whole codes, in codes. Rounding comes last, so that it does not grow with noise."""

    def noise_of(self, fine: F32, coarse: F32, noise: F32, usable: NDArray[np.bool_]) -> float:
        """Give the factor on bare noise for one frame: `self.noise`, or the floor of the frame itself.

        The floor is the least fine structure that the usable blocks have, over the noise of bare photosites (`noise`,
        of each block). Noise is in every block, so it is not above the floor: a low floor is used. A high floor may
        also be a blurred subject; it is used when it is as white as noise, because a blurred subject has more coarse
        than fine structure.
        """
        every = np.s_[::3, ::3]
        usable = usable[every]
        fine, coarse = fine[every][usable], coarse[every][usable]
        if fine.size == 0:
            return self.noise
        ratio = fine / noise[every][usable]
        floor, tenth = (float(q) for q in np.quantile(ratio, (FLOOR_QUANTILE, 0.1)))
        if not self.floor_range[0] <= floor <= self.floor_range[1]:
            return self.noise
        if floor * LEVELS_DIFFER <= self.noise:
            return floor * LEVELS_DIFFER
        flattest = ratio <= tenth
        is_noise = np.median(fine[flattest]) > self.least_whiteness * np.median(coarse[flattest])
        return max(FLOOR_TO_MEAN * floor, self.noise) if is_noise else self.noise


# Rounding (1 / sqrt(12) of a code, white) has a fine structure of 1.13 [calc]; on noise it is a little less.
ROUNDING: Final = 1.0

# Plain is a bilinear demosaic of grey without colour: sqrt(1.5) of two differences [calc], 1.13 to 1.23 measured; an
# edge-directed one leaves 2.3. The simulated ISP gives 1.55 to 1.95 from 2850 to 7500 K; a Pi's, 2.8 at most.
# Unsharp masks of amount 0.5 to 1.5 give 1.6 to 3.0, as white as 1.7 to 2.1, and sharp subjects up to 1.4; rounding
# that was done before them is sharpened too. Denoisers leave 0.1 to 0.9 in flats but up to all of it beside structure,
# JPEG of quality 75 to 95 from 0.4 to 1.2 the same way: there the floor of flat areas says nothing about other areas.
PROCESSINGS: Final[dict[ProcessingName, Processing]] = {
    "none": Processing(noise=1.2, floor_range=(1.9, 2.6), coarse_noise=0.32, threshold=0.6),
    "camera": Processing(noise=1.9, floor_range=(2.2, 3.2), coarse_noise=0.6, threshold=0.6),
    "halved": Processing(noise=2.35, floor_range=(2.6, 3.3), coarse_noise=0.6, threshold=0.6),
    "sharp": Processing(
        noise=2.3, floor_range=(1.1, 3.3), coarse_noise=0.4, threshold=0.73, least_whiteness=1.4, rounding=2 * ROUNDING
    ),
    "denoise": Processing(noise=1.0, floor_range=(1.0, 1.3), coarse_noise=0.8, threshold=0.54, rounding=ROUNDING),
    "jpeg": Processing(noise=1.25, floor_range=(1.25, 1.6), coarse_noise=0.6, threshold=0.57, rounding=ROUNDING),
}
"""none: demosaicked and tone-mapped only. camera: the live picture, colour included, sharpening and denoising off.
halved: the same with 2 x 2 pixels averaged (the loupe); the noise of bare photosites is that of single pixels."""
