"""The noise of a picture, by level and colour, measured in the picture itself.

Nobody knows beforehand what a demosaic, a colour matrix or a tone curve makes of noise. What does not depend on them:
at the photosites noise is white, and a picture's coarse structure keeps that. Between blocks of 4 pixels (`steps`) and
between cells of 2 (`coarse`) the differences of noise stand in one ratio, 0.14 to 0.18, whatever the rendering, the
gain, the level or the colour; 99 % of the windows lie below 0.27. A blurred subject has 0.4, because it has more
structure the coarser one looks.

Windows of some 16 pixels are sorted into classes of level and colour. The least fine structure in a class is its floor.

- Most windows at the floor look like noise: it is noise.
- No window of the class is sharp: it is noise too, even where a blurred subject lies under it.
- The windows that look like noise have their median not far above the floor, and hardly more above that: it is noise
  that differs from place to place, as edge-directed demosaics leave it, and the median is the noise.
- The floor is high and even, and half of it looks like noise: a small flat, whose edges hide that it is one.
- Otherwise the class is in focus and may have no place without detail. Its noise is taken from the least floor of the
  whole picture, with the level dependence of the sensor and what colours need, or from flats of nearly the same level
  and colour where these have more; and never above its own floor.

What differs between two live frames shows the same noise: in flats within 4 %, or more where it is under half a code.
It was tried and is not used. It told no more texture; of flats in the three worst renderings it left at most 0.03 % lit
instead of 0.08; it costs a copy and a pass; and it takes what moves for noise.

The numbers were chosen on eight photographs in sixteen renderings of seven demosaics; `tests/bench` judges them on
other pictures and renderings (`make bench-families`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from device.analysis.passes.detail.contract import BLOCK, CLASSES, HUES, LEVELS, NoiseTable
from device.analysis.processing import Processing
from device.analysis.traces import Traces
from device.frame import F32, F64, Mask
from device.pixels.bt601 import to_rgb

MOST_WINDOWS: Final = 16_000  # more do not change the result
LEAST_WINDOWS: Final = 8  # of a class
LEVEL_RANGE: Final = (6, 248)  # beyond, noise is cut off, or smaller than the rounding to whole codes
FLOOR: Final = 0.07  # the quantile of a class that is its floor
WINDOW_SPREAD: Final = 0.93  # floor over mean of nothing but noise: windows spread by 5 to 6 %
AT_FLOOR: Final = 1.3  # times the floor: windows that are at it
NOISE_STEPS: Final = 0.235  # steps over coarse structure, per pixel, below which a window looks like noise
SHARE_AT_FLOOR: Final = 0.3
SHARE_LIKE_NOISE: Final = 0.6  # flats of saturated colours have 0.6 to 0.8: their noise is coarser than that of greys
EVEN_SHARE: Final = 0.6  # at a floor that is high and even; textured classes have 0.33, their sharp windows in one half
EVEN_LIKE_NOISE: Final = 0.45  # of these; flats of 48 pixels have 0.46 to 0.59 where the edges beside them are weak
END_LIKE_NOISE: Final = 0.4  # the same of a colour one of whose channels is nearly clipped: rather dark than lit
HIGH: Final = 2.0  # times the least: texture that is little above the noise is as even
FINE_WHITE: Final = 0.9  # coarse over fine structure, where the signs of noise are few
SHARE_UNEVEN: Final = 0.4  # of a class's windows look like noise: it may be noise that differs from place to place
UNEVEN: Final = 1.4  # times the floor: their median; AHD leaves up to 1.38, a sharp faint texture mostly more
HIGHEST_TENTH: Final = 1.145  # times the median: noise of AHD has up to 1.13, a sharp faint texture from 1.17 on
SURE_SHARE: Final = 0.5  # as SHARE_AT_FLOOR and SHARE_LIKE_NOISE, for the noise that classes beside may take
SURE_LIKE_NOISE: Final = 0.7
NEARLY_ALL: Final = 0.9  # of a class's windows are at its floor: there is no detail in it
OF_BESIDE: Final = 0.85  # of the noise of a flat: what the classes beside it have at least
LEAST_WHITE: Final = 1.2  # coarse over fine structure: saturated colours have up to 1.1
FARTHEST: Final = 8.0  # a grey's noise over that of the whole picture: dark ends of other tone curves
SHARPENED: Final = 0.85  # of the most noise: from there on a picture may have been sharpened
MOST_OVER_LEAST: Final = 2.0  # times the floor of such a picture, instead of the most noise
MOST_OF_GREY: Final = 1.4  # times the most noise of a whole picture: levels of another tone curve; with a known gain
MOST_OF_ENDS: Final = 3.0  # the same for the two darkest and the four brightest levels, where tone curves differ most
MOST_PER_HUE: Final = 0.04  # as PER_HUE, for both bounds
SHARP: Final = 1.33  # coarse over fine structure below which a window is sharp
OVER_FLOOR: Final = 1.35  # times the floor: where sharp windows count
SHARE_SHARP: Final = 0.02
LEAST_QUANTILE: Final = 0.005  # of the whole picture
SLACK: Final = 1.1
PER_HUE: Final = 0.006  # how much noisier than a grey a colour is taken for, for each code that u or v differs from 128
WHITENESS: Final = (0.42, 0.85)  # coarse over fine structure of noise: plain renderings of greys lie between
USUAL_WHITENESS: Final = 0.55
LEAST_CODES: Final = 1.05
"""Fine structure, in codes, that rounding alone may have: where noise is under half a code, flats between two codes
flicker between these, and others are still. Of 192 colours and more at three temperatures no flat of such noise had
more than 1.4; 1.38 times 0.9 left four lit, 1.38 times 1.05 none."""
CHANNEL_END: Final = 2.0  # times the noise of a colour one of whose channels is nearly clipped: it differs most
UNMEASURED_END: Final = 1.5  # times that, where too few windows have such a colour: up to 1.4 was needed


@dataclass(frozen=True, slots=True)
class Windows:
    """A sample of a picture's windows that are neither clipped nor at an end of the scale; arrays of one length."""

    fine: F32
    """Over what the noise of bare photosites gives at the window's level."""
    whiteness: F32
    """Coarse over fine structure."""
    like_noise: Mask
    """The window's coarse structure is as white as noise."""
    classes: NDArray[np.intp]
    places: NDArray[np.intp] | None = None
    """(N, 2): row and column of the block in the middle; None where nobody asks."""


@dataclass(frozen=True, slots=True)
class NoiseFloor:
    """What was measured in one picture."""

    table: NoiseTable
    least: float | None
    """The floor of the whole picture, over the noise of bare photosites; None where the gain is not known."""


@dataclass(frozen=True, slots=True)
class EvenGround:
    """The floor of a whole picture, before anything is believed."""

    least: float
    windows: Mask
    """Those that are at it and look like noise."""
    is_noise: bool
    """Most at it look like noise."""
    whiteness: float
    """Of these."""


def bare_noise(sigma: F64) -> F32:
    """Give the fine structure, summed over 16 pixels, of the noise of bare photosites of `sigma` codes."""
    # A normal distribution's mean |x| is sqrt(2 / pi) of its sigma; L adds two directions, with half the energy each.
    bare: F32 = (BLOCK**2 * 2 / np.sqrt(np.pi) * sigma).astype(np.float32)
    return bare


def first_guess(bare: F32, processing: Processing) -> NoiseFloor:
    """Give what is known beforehand, or assumed where nothing can be measured: the processing's own noise."""
    factor = np.float32(processing.usual_noise) * _of_hues(2 * PER_HUE)
    whiteness = USUAL_WHITENESS if processing.whiteness is None else processing.whiteness
    return NoiseFloor(NoiseTable(bare, factor, np.full(CLASSES, whiteness**2, np.float32)), None)


def even_ground(windows: Windows) -> EvenGround:
    """Find the windows with the least fine structure; there must be one at least."""
    fine = windows.fine / _USUAL_OF_HUES[windows.classes]
    least = float(np.quantile(fine, LEAST_QUANTILE)) / WINDOW_SPREAD
    near = windows.fine < 1.25 * least
    even = windows.like_noise & near
    count = int(np.count_nonzero(even))
    white = float(np.median(windows.whiteness[even])) if count > 4 else USUAL_WHITENESS
    return EvenGround(least, even, count > SHARE_LIKE_NOISE * int(np.count_nonzero(near)), white)


def measure_noise(
    windows: Windows,
    bare: F32,
    processing: Processing,
    *,
    gain: float | None,
    ground: EvenGround | None = None,
    traces: Traces | None = None,
) -> NoiseFloor:
    """Measure the noise of a picture. Without a known `gain` only its own floor counts.

    `ground` is that of the windows, where it is known already; `traces` are those of a rendering that is not known.
    """
    known = processing.whiteness is not None and gain is not None
    if known or windows.fine.size < LEAST_WINDOWS:
        return first_guess(bare, processing)
    ground = ground or even_ground(windows)
    white = USUAL_WHITENESS if ground.whiteness >= WHITENESS[1] else max(ground.whiteness, WHITENESS[0])
    least = ground.least
    if gain is not None:
        most, sharpened = processing.most_noise, processing.most_sharpened
        least = min(least, most if sharpened is None or not ground.is_noise else sharpened)
        if sharpened is not None and least > SHARPENED * most:
            most = MOST_OVER_LEAST * least
    order = _by_class(windows)
    fine, whiteness = windows.fine[order], windows.whiteness[order]
    like_noise, classes = windows.like_noise[order], windows.classes[order]
    found = _Floors.of(fine, whiteness, like_noise, classes)
    lowest = least if gain is None else max(least, processing.lowest_noise)
    noise = found.is_noise(lowest)
    uneven = found.is_uneven(lowest) & ~noise
    floor = np.where(uneven, found.middle, found.floor)
    noise |= uneven
    if gain is not None:
        believed = floor < most * _MOST[found.classes]
        if processing.most_sharpened is not None:
            believed |= found.is_nothing_else()
        noise &= believed
    factor = _from_least(found, noise, least)
    factor[found.classes[noise]] = floor[noise]
    coarse = np.full(CLASSES, white, np.float32)
    near_white = noise & (found.whiteness < 1.8 * white)
    coarse[found.classes[near_white]] = found.whiteness[near_white]
    if gain is not None:
        np.maximum(factor, processing.least_noise(least, gain, traces), out=factor)
    factor[_AT_CHANNEL_END] *= np.float32(CHANNEL_END)
    unmeasured = _AT_CHANNEL_END.copy()
    unmeasured[found.classes] = False
    factor[unmeasured] *= np.float32(UNMEASURED_END)
    by_level = factor.reshape(LEVELS, -1)
    np.maximum(by_level, _least_of_rounding(bare), out=by_level)
    return NoiseFloor(NoiseTable(bare, factor, coarse * coarse), None if gain is None else least)


def _by_class(windows: Windows) -> NDArray[np.intp]:
    """Give the order by class and then by fine structure. As whole numbers, positive floats stand in the same order."""
    place = windows.classes.astype(np.int64) << 32
    place |= windows.fine.astype(np.float32, copy=False).view(np.int32)
    return np.argsort(place)


@dataclass(frozen=True, slots=True)
class _Floors:
    """What the windows of each class show at its floor; arrays of one length, of the classes with enough windows."""

    classes: NDArray[np.intp]
    floor: F32
    """The fine structure at the floor."""
    whiteness: F32
    share: F32
    """Windows at the floor, of all of the class."""
    like_noise: F32
    """Windows that look like noise, of those at the floor."""
    sharp: F32
    """Windows that are sharp and above the floor, of all of the class."""
    alike: F32
    """Windows that look like noise, of all of the class."""
    middle: F32
    """The median fine structure of these; 0 where there is none."""
    high: F32
    """Nine tenths of these have less."""
    most: F32
    """What noise can have at most: the lowest windows have no less."""

    @classmethod
    def of(cls, fine: F32, whiteness: F32, like_noise: Mask, classes: NDArray[np.intp]) -> _Floors:
        """Take windows that are sorted by class and then by fine structure."""
        starts = np.flatnonzero(np.diff(classes, prepend=-1))
        counts = np.diff(starts, append=classes.size)
        lowest = fine[starts + (FLOOR * counts).astype(np.intp)]
        at_floor = fine <= AT_FLOOR * np.repeat(lowest, counts)
        size = np.add.reduceat(at_floor, starts, dtype=np.intp)
        floor = fine[starts + size // 2]
        above = (fine > OVER_FLOOR * np.repeat(floor, counts)) & (whiteness < SHARP)
        alike = np.add.reduceat(like_noise, starts, dtype=np.intp)
        middle, high = np.zeros((2, starts.size), np.float32)
        some = alike > 0
        of_alike, first = fine[like_noise], np.cumsum(alike) - alike
        middle[some], high[some] = of_alike[(first + alike // 2)[some]], of_alike[(first + alike * 9 // 10)[some]]
        result = cls(
            classes=classes[starts],
            floor=floor,
            whiteness=(np.add.reduceat(whiteness * at_floor, starts) / size).astype(np.float32),
            share=(size / counts).astype(np.float32),
            like_noise=(np.add.reduceat(like_noise & at_floor, starts, dtype=np.intp) / size).astype(np.float32),
            sharp=(np.add.reduceat(above, starts, dtype=np.intp) / counts).astype(np.float32),
            alike=(alike / counts).astype(np.float32),
            middle=middle,
            high=high,
            most=lowest / np.float32(WINDOW_SPREAD),
        )
        enough = counts >= LEAST_WINDOWS
        return cls(**{name: getattr(result, name)[enough] for name in cls.__slots__})

    def is_noise(self, least: float) -> Mask:
        """Give the classes whose floor is noise; `least` is the floor of the whole picture."""
        flat = (self.share > SHARE_AT_FLOOR) & (self.like_noise > SHARE_LIKE_NOISE) & (self.whiteness < LEAST_WHITE)
        even = (self.share > EVEN_SHARE) & (self.like_noise > EVEN_LIKE_NOISE) & (self.whiteness < FINE_WHITE)
        even |= _AT_CHANNEL_END[self.classes] & (self.share > SHARE_AT_FLOOR) & (self.like_noise > END_LIKE_NOISE)
        flat |= even & (self.floor > HIGH * least * _USUAL_OF_HUES[self.classes])
        flat &= self.floor < FARTHEST * least * _MOST_OF_HUES[self.classes]
        blurred = (self.sharp < SHARE_SHARP) & (self.whiteness < 2.5)
        return flat | blurred

    def is_nothing_else(self) -> Mask:
        """Give the classes that are even all over and look like noise."""
        even = (self.share > NEARLY_ALL) & (self.sharp < SHARE_SHARP) & (self.whiteness < FINE_WHITE)
        return even & (self.like_noise > SURE_LIKE_NOISE)

    def is_uneven(self, least: float) -> Mask:
        """Give the classes of noise that differs from place to place, whose noise is `middle`."""
        uneven = (self.alike > SHARE_UNEVEN) & (self.whiteness < FINE_WHITE)
        uneven &= (self.middle > self.floor) & (self.middle < UNEVEN * self.floor)
        uneven &= self.high < HIGHEST_TENTH * self.middle
        return uneven & (self.floor < FARTHEST * least * _MOST_OF_HUES[self.classes])

    def beside(self, noise: Mask) -> F32:
        """Give the most noise of the classes next to each of all classes, and of itself; only what is surely noise."""
        sure = noise & (self.share > SURE_SHARE) & (self.like_noise > SURE_LIKE_NOISE) & (self.whiteness < FINE_WHITE)
        grid: F32 = np.zeros(CLASSES, np.float32)
        grid[self.classes[sure]] = self.floor[sure]
        grid = grid.reshape(LEVELS, HUES, HUES)
        for axis in range(grid.ndim):
            lines = np.moveaxis(grid, axis, 0)
            wide = lines.copy()
            np.maximum(wide[1:], lines[:-1], out=wide[1:])
            np.maximum(wide[:-1], lines[1:], out=wide[:-1])
            grid = np.moveaxis(wide, 0, axis)
        return grid.ravel()


def _from_least(found: _Floors, noise: Mask, least: float) -> F32:
    """Give the factor of every class from the picture's floor, from flats of the classes beside, and from the greys."""
    grey = HUES // 2 * HUES + HUES // 2
    levels, hues = np.divmod(found.classes, HUES * HUES)
    own = noise & (hues == grey)
    of_level = np.full(CLASSES // HUES**2, least * SLACK)
    assumed = np.ones(of_level.size, bool)
    assumed[levels[own]] = False
    for level, floor in zip(levels[own], found.floor[own], strict=True):
        for beside in (level - 1, level + 1):
            if 0 <= beside < of_level.size and assumed[beside]:
                of_level[beside] = max(of_level[beside], (least * SLACK + floor) / 2)
    of_level[levels[own]] = found.floor[own]
    factor = (np.repeat(of_level, HUES**2) * _USUAL_OF_HUES).astype(np.float32)
    np.maximum(factor, np.float32(OF_BESIDE) * found.beside(noise), out=factor)
    factor[found.classes] = np.minimum(factor[found.classes], found.most)
    return factor


def _of_hues(per_code: float) -> F32:
    """Give 1 plus `per_code` for each code that u or v of a class differs from grey, whichever is more."""
    apart = np.abs(np.arange(HUES) - HUES // 2) * 16
    hue = 1 + per_code * np.maximum(apart[:, np.newaxis], apart[np.newaxis]).ravel()
    return np.tile(hue, CLASSES // HUES**2).astype(np.float32)


def _least_of_rounding(bare: F32) -> F32:
    """Give the factor of each level, (LEVELS, 1), that makes rounding's `LEAST_CODES` of the noise of photosites."""
    of_level = bare.size // LEVELS
    return np.float32(BLOCK**2 * LEAST_CODES) / bare[of_level // 2 :: of_level, np.newaxis]


def _at_channel_end(margin: float) -> Mask:
    """Give the classes in whose middle red, green or blue is nearer than `margin` codes to an end of the scale."""
    luma = np.arange(8, 256, 16).astype(np.float32)[:, np.newaxis, np.newaxis]
    u, v = np.meshgrid(*[16 * np.arange(-(HUES // 2), HUES // 2 + 1, dtype=np.float32)] * 2, indexing="ij")
    rgb = np.stack(np.broadcast_arrays(*to_rgb(luma, u, v)))
    near: Mask = ((rgb.min(0) < margin) | (rgb.max(0) > 255 - margin)).ravel()
    return near


_AT_CHANNEL_END: Final = _at_channel_end(8)
_USUAL_OF_HUES: Final = _of_hues(PER_HUE)
_MOST_OF_HUES: Final = _of_hues(MOST_PER_HUE)
_MOST: Final = _MOST_OF_HUES * np.repeat([MOST_OF_ENDS] * 2 + [MOST_OF_GREY] * 10 + [MOST_OF_ENDS] * 4, HUES**2)
