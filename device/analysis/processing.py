"""The processing of a picture between sensor and luma, as far as the measurement of sharpness must know it beforehand.

Noise itself is measured in the picture (`noise_floor`). What a floor cannot tell: sharpening raises fine structure of
subject and noise alike, and denoising takes noise away from flat areas but not beside structure. A `Processing` says
what is known of one such chain. The numbers were measured on sharp and blurred pictures made by `tests/bench`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from device.frame import ProcessingName

DENOISED = 1.0  # a floor below this is lower than any demosaic leaves it: flat areas were denoised
HIGH_GAINS = (4.0, 16.0)  # from the first on denoisers leave less beside structure, from the second on nothing extra

SOFT = (1.45, 1.7)  # floors of a bilinear demosaic of grey without colour; of all others


@dataclass(frozen=True, slots=True)
class Processing:
    """How one way of processing changes noise and the sharpest structure. Noise is that over bare photosites."""

    threshold: float
    """The sharpness above which a place is in focus: between a blur of half a pixel and one of two."""
    soft_threshold: float | None = None
    """The same where the floor is as low as only a soft demosaic leaves it, one that blurs subjects too."""
    lowest_noise: float = 1.15
    """No lower floor is believed where the gain is known."""
    most_noise: float = 3.2
    """No higher floor of a whole picture is believed where the gain is known: it has no place without detail."""
    usual_noise: float = 2.0
    """Taken where nothing can be measured."""
    beside_structure: float = 1.9
    """What is left beside structure, where the floor shows that flat areas were denoised."""
    whiteness: float | None = None
    """Coarse over fine structure of noise, where the noise is known to be `usual_noise`: with a known gain it is not
    measured. None: it is."""
    rounding: float = 0.0
    """Fine structure of rounding to whole codes, in codes. Rounding comes last, so that it does not grow with noise."""

    def threshold_at(self, floor: float | None) -> float:
        """Give the threshold for a picture with this floor; None: it is not known."""
        if floor is None or self.soft_threshold is None:
            return self.threshold
        sharper = min(max((floor - SOFT[0]) / (SOFT[1] - SOFT[0]), 0.0), 1.0)
        return self.soft_threshold + sharper * (self.threshold - self.soft_threshold)

    def least_noise(self, floor: float, gain: float) -> float:
        """Give the least noise to expect anywhere in a picture of a known gain with this floor."""
        if floor >= DENOISED:
            return self.lowest_noise
        low, high = (math.log2(g) for g in HIGH_GAINS)
        fade = min(max((high - math.log2(gain)) / (high - low), 0.0), 1.0)
        return self.lowest_noise + fade * max(self.beside_structure - self.lowest_noise, 0.0)


# Rounding (1 / sqrt(12) of a code, white) has a fine structure of 1.13 [calc]; on noise it is a little less.
ROUNDING: Final = 1.0

PROCESSINGS: Final[dict[ProcessingName, Processing]] = {
    "raw": Processing(threshold=0.6, usual_noise=1.84, whiteness=0.54),
    "none": Processing(threshold=0.6, soft_threshold=0.54),
    "camera": Processing(threshold=0.6, soft_threshold=0.54),
    "halved": Processing(threshold=0.6, soft_threshold=0.54),
    "sharp": Processing(threshold=0.69, most_noise=3.3, rounding=2 * ROUNDING),
    "denoise": Processing(threshold=0.47, lowest_noise=1.0, most_noise=1.2, beside_structure=1.0, rounding=ROUNDING),
    "jpeg": Processing(threshold=0.56, lowest_noise=1.25, most_noise=1.6, beside_structure=1.25, rounding=ROUNDING),
}
"""raw: the green samples of a known sensor, filled up (see `focus_plane`). none: demosaicked and tone-mapped only.
camera: the live picture, colour included, sharpening and denoising off.
halved: the same with 2 x 2 pixels averaged (the loupe); the noise of bare photosites is that of single pixels."""

HALF_GREEN: Final = Processing(threshold=0.6, usual_noise=2.41, whiteness=0.29)
"""Of the mean of both green samples of each cell."""
