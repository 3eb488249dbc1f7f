"""What was done to a picture between the sensor and the luma that the assists read, as far as sharpness can tell.

Demosaicking averages noise, white balance and the colour matrix amplify it, sharpening lifts fine structure, denoising
and JPEG take it away. Each rendering is described by what it makes of noise and of the sharpest structure there is.
The numbers are measured on grey patches and on sharp and blurred pictures made by `tests/bench/focus`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from device.frame import RenderingName
from device.sensors.base import F32

FLOOR_QUANTILE = 0.05
FLOOR_TO_MEAN = 1.08  # a flat's windows spread by 5 to 6 %: the 5th percentile lies that far below their mean [calc]
WHITE = 0.85  # fine over coarse: noise has 1.0 (denoised) to 2.2, blurred subjects 0.4 to 0.8 (measured)


@dataclass(frozen=True, slots=True)
class Rendering:
    """How a rendering changes noise and the sharpest structure."""

    noise: float
    """Fine structure of noise over that of bare photosites; on the high side, because noise must never be lit."""
    noisier: tuple[float, float]
    """Where a frame's own floor is believed instead: demosaics and colour matrices differ that much."""
    coarse_noise: float
    """Coarse over fine structure of noise, squared."""
    threshold: float
    """The sharpness above which a place is in focus: between a blur of half a pixel and one of two."""

    def noise_of(self, fine: F32, coarse: F32, noise: F32, usable: NDArray[np.bool_]) -> float:
        """Give the factor for one frame: `noise`, or the frame's own floor where that is clearly noise.

        `noise` is what bare photosites would give at each block. A floor is noise when it is as white as noise: the
        flattest tenth of a frame, if it were blurred subject, had more coarse than fine structure.
        """
        every = np.s_[::3, ::3]
        usable = usable[every]
        fine, coarse = fine[every][usable], coarse[every][usable]
        if fine.size == 0:
            return self.noise
        ratio = fine / noise[every][usable]
        floor, tenth = (float(q) for q in np.quantile(ratio, (FLOOR_QUANTILE, 0.1)))
        if not self.noisier[0] <= floor <= self.noisier[1]:
            return self.noise
        flattest = ratio <= tenth
        white = np.median(fine[flattest]) >= WHITE * np.median(coarse[flattest])
        return FLOOR_TO_MEAN * floor if white else self.noise


# Plain is a bilinear demosaic of grey without colour: sqrt(1.5) of two differences [calc], 1.13 to 1.23 measured; an
# edge-directed one leaves 2.3. The simulated ISP gives 1.55 to 1.95 from 2850 to 7500 K; a Pi's, 2.8 at most.
RENDERINGS: Final[dict[RenderingName, Rendering]] = {
    "none": Rendering(noise=1.2, noisier=(1.9, 2.6), coarse_noise=0.32, threshold=0.6),
    "camera": Rendering(noise=1.9, noisier=(2.2, 3.2), coarse_noise=0.6, threshold=0.6),
    "halved": Rendering(noise=2.35, noisier=(2.6, 3.3), coarse_noise=0.6, threshold=0.6),
    "sharp": Rendering(noise=2.3, noisier=(2.5, 3.3), coarse_noise=0.25, threshold=0.75),
    "denoise": Rendering(noise=0.55, noisier=(0.65, 1.3), coarse_noise=0.8, threshold=0.65),
    "jpeg": Rendering(noise=1.0, noisier=(1.2, 1.6), coarse_noise=0.6, threshold=0.62),
}
"""none: demosaicked and tone-mapped only. camera: the live picture, colour included, sharpening and denoising off.
halved: that with 2 x 2 pixels averaged, where noise is still that of the single pixels: the loupe."""
