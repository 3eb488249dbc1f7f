"""The processing of a picture between sensor and luma, as far as the measurement of sharpness must know it beforehand.

Noise itself is measured in the picture (`noise_floor`). What a floor cannot tell: sharpening raises fine structure of
subject and noise alike, and denoising takes noise away from flat areas but not beside structure. A `Processing` says
what is known of one such chain. The numbers were measured on sharp and blurred pictures made by `tests/bench`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from device.analysis.traces import Traces
from device.frame import ProcessingName

DENOISED = 1.0  # a floor below this is lower than any demosaic leaves it: flat areas were denoised
HIGH_GAINS = (4.0, 16.0)  # from the first on denoisers leave less beside structure, from the second on nothing extra

OWN_GAINS = (1.0, 4.0, 16.0)
"""Where `own_thresholds` and `own_over_noise` are known; between them they follow log2 of the gain, beyond the last
they stay. Noise hides what a blurred edge has left of fine structure: the higher the gain, the lower the threshold.

Chosen on three pictures before the simulated camera (leaves; strokes and letters; photographs): at gain 1, 4, 16 at
most 1, 1.5, 2 % of what is blurred by 2 pixels or more may be told. Three others were looked at meanwhile, so they are
no clean judges; without a lens that softens at all, photographs among them reach 3.4 %."""
LEAST_OVER_NOISE = 1.38
"""Six standard deviations: L of flat noise spreads by 5 to 7 % over a window, and its mean is known to some 5 %."""

SOFT = (1.45, 1.7)  # floors of a bilinear demosaic of grey without colour; of all others


# What `traces` of noise say of a rendering that is not known: 0 at the first value, 1 at the second.
NOT_FINE = (0.56, 0.64)  # noise of sharp demosaics is finer, that of bilinear never
COARSE = (0.62, 0.7)  # soft: bilinear has 0.67 to 0.89, sharp demosaics mostly less than 0.62
PATTERN = (1.15, 1.35)  # filled with means: bilinear has 1.4 to 3.5, as a JPEG of quality 95 still 1.1 to 1.6
SHARP_PATTERN = (1.35, 1.6)  # the same, certain: edge-directed demosaics have up to 1.36
SOME_COLOUR = (2.0, 2.3)  # colour as bilinear has it without a matrix; where there is less, colour was denoised
MATRIX_COLOUR = (3.1, 3.3)  # half a matrix gives bilinear 3.1, a whole one 3.4 to 3.9
DENOISED_COLOUR = (3.9, 4.1)  # more than a matrix gives: the luma was denoised
DENOISED_MATRIX = (4.1, 4.4)  # the same of bilinear
LITTLE_COLOUR = (1.0, 1.4)  # sharpening the luma leaves less than 1.2 in most renderings
TOUCHED_MEANS = (1.38, 1.46)  # noise of u and v: soft demosaics leave 1.24 to 1.38, a JPEG's or a denoiser's has 1.5
TOUCHED = (1.62, 1.7)  # sharp demosaics leave up to 1.64
SOFT_FLOOR = (0.9, 1.0)  # below, no bilinear demosaic leaves the noise of a whole matrix

FILLED_WITH_MEANS = 0.48
"""Threshold of such a demosaic without a whole matrix: sharp places have little more, and blurred ones 0.4."""
FALSE_COLOUR = 0.66
"""With a whole matrix: means of the colours beside an edge make false fine structure, which the matrix strengthens."""
LOWER_AT_GAINS = (0.0, 0.04, 0.06)
"""What is subtracted from a threshold at `OWN_GAINS`: noise hides what a blurred edge has left, as in own pictures.

0.07 and 0.12 were chosen on leaves alone. On photographs by other demosaics these told 1 to 2 % more of what is in
focus than these do, and up to three times as much of what is blurred."""
MOST_FLOORS = (2.85, 3.05)
"""Floors up to which a picture was hardly sharpened: with little colour, with more."""
MOST_FLOOR_OF_MEANS = 2.1
PER_FLOOR = 0.55
"""What is added to the threshold for each 1 that the floor is higher: sharpening raises what a blur leaves."""
FINEST = 1.8
"""Least that a demosaic leaves of `Traces.coarse` and `touched` together: one whose luma has fine noise has filled in
colours more coarsely. Of pictures that were not sharpened 1 % have less, of those sharpened in all colours 85 %."""
PER_FINE = 2.0
"""What is added to the threshold for each 1 that it is lower. Of 1.5, 2 and 2.5 the middle one: in the worst of eight
renderings that FINEST was not chosen on, 16 % of what was blurred by two pixels or more was marked at gain 1, 11 % with
it; in the one that lost most, 84 % of what is sharp was told, 71 % with it."""
MOST_SHARPENED = (0.3, 0.27, 0.17)
"""At most so much, at `OWN_GAINS`."""
LOWEST_FLOOR = 0.7
"""Instead of `DENOISED`, where the traces show that the floor is a soft demosaic's."""


@dataclass(frozen=True, slots=True)
class Processing:
    """How one way of processing changes noise and the sharpest structure. Noise is that over bare photosites."""

    threshold: float
    """The sharpness above which a place is in focus: between a blur of half a pixel and one of two."""
    own_thresholds: tuple[float, float, float] | None = None
    """The same of hqcam's own pictures at `OWN_GAINS`, where the gain is known. None: others make such pictures too."""
    own_over_noise: tuple[float, float, float] | None = None
    """Instead of `over_noise`, in the same way. None: that."""
    over_noise: float = LEAST_OVER_NOISE
    """How many times the noise fine structure must be, to be certain."""
    soft_threshold: float | None = None
    """The same where the floor is as low as only a soft demosaic leaves it, one that blurs subjects too."""
    lowest_noise: float = 1.15
    """No lower floor is believed where the gain is known."""
    most_noise: float = 3.2
    """No higher floor of a whole picture is believed where the gain is known: it has no place without detail."""
    most_sharpened: float | None = None
    """The same where it looks like noise: a picture that was sharpened has more. None: it was not, or it is known."""
    usual_noise: float = 2.0
    """Taken where nothing can be measured."""
    beside_structure: float = 1.9
    """What is left beside structure, where the floor shows that flat areas were denoised."""
    whiteness: float | None = None
    """Coarse over fine structure of noise, where the noise is known to be `usual_noise`: with a known gain it is not
    measured. None: it is."""
    rounding: float = 0.0
    """Fine structure of rounding to whole codes, in codes. Rounding comes last, so that it does not grow with noise."""

    def threshold_at(self, floor: float | None, gain: float | None = None, traces: Traces | None = None) -> float:
        """Give the threshold for a picture with this floor, gain and traces; None: it is not known."""
        if gain is not None and self.own_thresholds is not None:
            return _at_gain(gain, self.own_thresholds)
        if floor is None or self.soft_threshold is None:
            return self.threshold
        of_floor = _mixed(self.soft_threshold, self.threshold, _rise(floor, SOFT))
        return of_floor if traces is None or gain is None else _of_traces(self.threshold, of_floor, floor, gain, traces)

    def over_noise_at(self, gain: float | None, traces: Traces | None = None) -> float:
        """Give how many times the noise fine structure must be, to be certain; None: the gain is not known."""
        if gain is None or self.own_over_noise is None:
            return max(self.over_noise, JPEG_OVER_NOISE) if traces is not None and traces.blocks else self.over_noise
        return _at_gain(gain, self.own_over_noise)

    def least_noise(self, floor: float, gain: float, traces: Traces | None = None) -> float:
        """Give the least noise to expect anywhere in a picture of a known gain with this floor."""
        if floor >= (DENOISED if traces is None else _mixed(DENOISED, LOWEST_FLOOR, _not_denoised(traces))):
            return self.lowest_noise
        low, high = (math.log2(g) for g in HIGH_GAINS)
        fade = min(max((high - math.log2(gain)) / (high - low), 0.0), 1.0)
        return self.lowest_noise + fade * max(self.beside_structure - self.lowest_noise, 0.0)


def _of_traces(sharp: float, of_floor: float, floor: float, gain: float, traces: Traces) -> float:
    """Give the threshold of a picture whose floor alone would give `of_floor`; `sharp` is that of sharp demosaics."""
    colour = traces.colour
    if colour is None:
        return of_floor
    untouched = 1 - _rise(traces.touched, TOUCHED)
    threshold = _mixed(of_floor, sharp, untouched * (1 - _rise(traces.coarse, NOT_FINE)))
    lower = 0.0  # a JPEG has changed the pattern, and may have changed the floor
    if not traces.blocks:
        lower = _at_gain(gain, LOWER_AT_GAINS) * untouched * (1 - _rise(colour, DENOISED_COLOUR))
    most = _mixed(MOST_FLOORS[1], MOST_FLOORS[0], untouched * (1 - _rise(colour, LITTLE_COLOUR)))
    over_floor = floor - _mixed(most, MOST_FLOOR_OF_MEANS, _rise(traces.pattern, SHARP_PATTERN))
    finer = 0.0 if traces.blocks else FINEST - traces.coarse - traces.touched
    sharpened = min(max(PER_FLOOR * over_floor, PER_FINE * finer, 0.0), _at_gain(gain, MOST_SHARPENED))
    if over_floor > 0:
        return threshold - lower + sharpened
    soft = _rise(traces.coarse, COARSE) * (1 - _rise(traces.touched, TOUCHED_MEANS))
    means = soft * _rise(traces.pattern, PATTERN)
    threshold = _mixed(threshold, min(threshold, FILLED_WITH_MEANS), means * _rise(colour, SOME_COLOUR)) - lower
    false = soft if traces.blocks else means * max(_rise(floor, SOFT_FLOOR), 1 - _rise(colour, DENOISED_MATRIX))
    return _mixed(threshold, FALSE_COLOUR, false * _rise(colour, MATRIX_COLOUR)) + sharpened


def _not_denoised(traces: Traces) -> float:
    """Give 1 where a low floor is the demosaic's: filling in means leaves the pattern, and denoising takes it away."""
    if traces.colour is None or traces.blocks:
        return 0.0
    pattern = _rise(traces.pattern, SHARP_PATTERN) * (1 - _rise(traces.colour, DENOISED_MATRIX))
    return pattern * (1 - _rise(traces.touched, TOUCHED_MEANS))


def _rise(value: float, between: tuple[float, float]) -> float:
    """Give 0 up to the first of two values, 1 from the second on."""
    return min(max((value - between[0]) / (between[1] - between[0]), 0.0), 1.0)


def _mixed(first: float, second: float, share: float) -> float:
    """Give the first, and with a share of 1 the second."""
    return first + share * (second - first)


def _at_gain(gain: float, values: tuple[float, float, float]) -> float:
    return float(np.interp(math.log2(max(gain, 1.0)), [math.log2(g) for g in OWN_GAINS], values))


# Rounding (1 / sqrt(12) of a code, white) has a fine structure of 1.13 [calc]; on noise it is a little less.
ROUNDING: Final = 1.0

JPEG_OVER_NOISE: Final = 1.6
"""A block of 8 x 8 pixels keeps noise or loses it: windows of compressed noise spread far more than those of noise.

Chosen together with the threshold and the most noise of "jpeg" on three pictures in five renderings (quality 75, 85,
95): of what is blurred by two pixels or more 2.4 and 3.4 % are told at gain 4 and 16, 95 and 55 % of what is in focus.
With the gate of pictures that were not compressed, a threshold of 0.56 and a most noise of 1.6, which believed no JPEG
to have as much noise as a good one keeps, it was 21 and 29 %, and 98 and 92 %."""

_JPEG: Final = Processing(
    threshold=0.58,
    over_noise=JPEG_OVER_NOISE,
    lowest_noise=1.25,
    most_noise=2.6,
    beside_structure=1.25,
    rounding=ROUNDING,
)
_SHOT: Final = replace(
    _JPEG,
    own_thresholds=(0.54, 0.4, 0.32),
    own_over_noise=(LEAST_OVER_NOISE, LEAST_OVER_NOISE, 1.25),
    most_noise=1.6,
)

PROCESSINGS: Final[dict[ProcessingName, Processing]] = {
    "raw": Processing(threshold=0.6, usual_noise=1.84, whiteness=0.54),
    "none": Processing(threshold=0.6, soft_threshold=0.54, most_sharpened=6.0),
    "camera": Processing(threshold=0.6, own_thresholds=(0.56, 0.5, 0.46)),
    "halved": Processing(threshold=0.6, own_thresholds=(0.5, 0.42, 0.36)),
    "shot": _SHOT,
    "sharp": Processing(threshold=0.69, most_noise=3.3, rounding=2 * ROUNDING),
    "denoise": Processing(threshold=0.47, lowest_noise=1.0, most_noise=1.2, beside_structure=1.0, rounding=ROUNDING),
    "jpeg": _JPEG,
}
"""raw: the green samples of a known sensor, filled up (see `focus_plane`). none: demosaicked and tone-mapped only.
camera: the live picture, colour included, sharpening and denoising off.
halved: the same with 2 x 2 pixels averaged (the loupe); the noise of bare photosites is that of single pixels.
shot: a JPEG of hqcam with all pixels, at half its size. jpeg: of anyone."""

HALF_GREEN: Final = Processing(
    threshold=0.6, own_thresholds=(0.58, 0.52, 0.4), own_over_noise=(1.25, 1.25, 1.22), usual_noise=2.41, whiteness=0.29
)
"""Of the mean of both green samples of each cell. Of hard strokes that no lens has softened 8, 12, 13 % are told at
gain 1, 4, 16 when they are blurred by 2 pixels or more; at 0.6 it would be 4, 3, 3 %."""
