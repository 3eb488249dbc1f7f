"""Focus peaking: marks what is in focus, not what has contrast, and not noise.

A block of 4 x 4 pixels takes part when its `sharpness` is above a threshold, which the picture's processing and the
sensitivity of the settings give. There a pixel is a candidate when its own fine structure, averaged over 3 x 3 pixels,
is at least the mean around it, so that the mask follows the lines of the subject. A candidate is lit when at least
three of its eight neighbours are candidates too: lines stay lit, single pixels do not.
"""

from __future__ import annotations

import numpy as np

from device.analysis.passes.detail.contract import BLOCK, NEVER, DetailPass
from device.analysis.processing import Processing
from device.analysis.settings import PeakingSensitivity
from device.analysis.sharpness import Sharpness, both
from device.frame import U8, Mask

# Factors on the processing's threshold, which lies between a blur of half a pixel and one of two pixels. "low": a blur
# of one pixel is not lit; "high": a blur of two pixels still is (measured by `tests/bench/focus`).
LEVELS: dict[PeakingSensitivity, float] = {"low": 1.35, "medium": 1.0, "high": 0.72, "auto": 1.0}
AUTO_SHARE = 0.08  # of the blocks: some 3 % of the pixels are lit, a sharp subject before a soft background


def threshold_for(sharp: Sharpness, processing: Processing, sensitivity: PeakingSensitivity) -> float:
    """Give the least sharpness that is lit.

    "auto" is "medium", or higher where more than `AUTO_SHARE` of the frame would take part: in a frame that is sharp
    all over only the sharpest blocks are lit. It is never lower: noise stays dark.
    """
    threshold = processing.threshold_at(sharp.least, sharp.gain, sharp.traces) * LEVELS[sensitivity]
    if sensitivity == "auto":
        sample = sharp.squared[::2, ::2].ravel()
        most = round(AUTO_SHARE * sample.size)
        if most and np.count_nonzero(sample > threshold**2) > most:
            threshold = float(np.sqrt(np.partition(sample, sample.size - most)[sample.size - most]))
    return threshold


def peaking_mask(luma: U8, sharp: Sharpness, *, threshold: float, detail: DetailPass) -> Mask:
    """Give the mask (H, W) of the picture that `detail` measured last; it is valid until the next call."""
    taking_part = both(sharp.certain, sharp.squared > np.float32(threshold**2))
    # 9 / 16: `window_fine` is the sum over sixteen pixels, a candidate is found by the sum over nine.
    mean = sharp.window_fine * np.float32(9 / BLOCK**2)
    np.ceil(mean, out=mean)
    least = np.full(mean.shape, NEVER, np.int16)
    np.copyto(least, mean.astype(np.int16), where=taking_part)
    return detail.peaking_mask(luma, least)
