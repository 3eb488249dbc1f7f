"""How sharp each place of a picture is: fine structure against coarse, above the sensor's noise, in blocks of 4 pixels.

    fine    L = mean of |y(-1) - 2 y(0) + y(1)|, along rows plus down columns: what only a sharp lens passes
    coarse  D = mean of |difference of neighbours| in the picture of half the size: what a blurred lens passes too
    steps   S = mean of |difference of neighbours| in the picture of a quarter of the size
    noise   n, m = what L and D are in a flat area of that level and colour: the noise after tone curve and processing

    sharpness^2 = (L^2 - (1.15 n)^2) / (max(D^2 - m^2, 0) + 0.4 n^2 + 0.5^2)

each averaged over some 16 x 16 pixels. Contrast cancels in the ratio: a strong blurred edge scores as low as a weak
one. Squares, because noise and structure add in squares. Of a structure of f cycles a pixel a blur disc of radius r
leaves 2 J1(x) / x of the amplitude, x = 2 pi r f. L measures f from 0.2 to 0.5, where at r = 2 nothing is left; D
measures half of these.

`noise_floor` measures n and m in the picture. A place is dark whatever the ratio, where

- L is below 1.38 n: it is not above the noise (1.22 at the least in hqcam's own files, 1.6 in JPEGs of others, see
  `processing`);
- L is below 2.2 n, and D and S are as white as noise: it may be noise of a colour that could not be measured;
- the picture is clipped or touches what is: it is not known how steep it is, and the corner where a blurred light meets
  the clip level is as sharp as any edge;
- the block's level is at an end of the scale: noise is cut off there, or less than the steps of rounding;
- it touches a lone point in a black frame, as a hot pixel is (`lone_points`).

`passes.detail` goes over the pixels and blocks; here its results become a measure of sharpness.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from device.analysis.lone_points import darkest_told, lone_points
from device.analysis.noise_floor import (
    LEVEL_RANGE,
    MOST_WINDOWS,
    NOISE_STEPS,
    NoiseFloor,
    Windows,
    bare_noise,
    even_ground,
    measure_noise,
)
from device.analysis.passes.choose import detail_pass
from device.analysis.passes.detail.contract import BLOCK, Averages, BlockSums, NoiseTable, Terms
from device.analysis.passes.detail.reference_blocks import class_of, colours
from device.analysis.processing import Processing
from device.analysis.traces import Traces, traces
from device.frame import F32, F64, I16, U8, Mask

# Chosen on sweeps of known blur (`tests/bench`).
NOISE_REMOVED = 1.15
DOUBT = 0.4
FLOOR_CODES = 0.5  # rounding to 8 bits makes steps of one code in slow gradients
MAYBE_NOISE = 2.2  # times the noise: up to there a place that is as white as noise is dark
MAYBE_STEPS = 0.22  # S over D below which it is
MAYBE_WHITE = 1.15  # D over L, over that of noise, below which it is
BRIGHT_CODES = 246  # noise is cut off from there on; at the dark end up to `lone_points.darkest_told`


@dataclass(frozen=True, slots=True)
class Sharpness:
    """The result for one picture. Its arrays are in the scratch memory: valid until the next picture is measured.

    Blocks are ceil(H / 4) x ceil(W / 4). `fine` and `coarse` are L and D summed over a block's 16 pixels.
    """

    squared: F32
    """Sharpness squared, of blocks; 0 or less where no structure is above the noise."""
    certain: Mask
    """Blocks whose structure is above the noise and can be told."""
    window_fine: F32
    """16 L around each block."""
    window_coarse: F32
    """The same for D, in the unit of `coarse`."""
    fine: F32
    coarse: F32
    total: I16
    """Sum of each block's 16 pixels."""
    clipped: Mask
    """Blocks that are clipped or have a lone point in a black frame, and those that touch one."""
    noise: F32
    """(16 n)^2 around each block."""
    coarse_noise: F32
    """(16 m)^2 around each block, in the unit of `coarse`."""
    least: float | None
    """See `NoiseFloor`."""
    gain: float | None
    """As it was told."""
    traces: Traces | None
    """None where the processing is known."""


class Scratch:
    """Working memory for pictures of one size: 9 MB at 2028x1520, and more where nothing is compiled."""

    def __init__(self, height: int, width: int, *, compiled: bool = True) -> None:
        blocks = -(-height // BLOCK), -(-width // BLOCK)
        self.detail = detail_pass(height, width, compiled=compiled)
        fine, coarse, self.steps, self.squared, *around = (np.empty(blocks, np.float32) for _ in range(9))
        self.averages = Averages(*around)
        self.certain = np.empty(blocks, np.bool_)
        self.sums = BlockSums(fine, coarse, np.empty(blocks, np.int16), np.empty(blocks, np.bool_))


class NoiseFollower:
    """Keeps the noise of a stream of pictures: measured in every fourth, and blended with what was known before.

    A picture of another kind (`key`: what else decides about the noise) begins anew.
    """

    EVERY = 4
    NEW_SHARE = np.float32(0.6)

    def __init__(self) -> None:
        self._key: object = None
        self._pictures = 0
        self._floor: NoiseFloor | None = None
        self.traces: Traces | None = None

    def due(self, key: object) -> bool:
        """True where the noise of this picture is to be measured."""
        if key != self._key:
            self._key, self._pictures, self._floor, self.traces = key, 0, None, None
        self._pictures += 1
        return self._floor is None or self._pictures % self.EVERY == 0

    def follow(self, measured: NoiseFloor, found: Traces | None = None) -> None:
        """Take in what was measured in a picture for which it was due."""
        self.traces = found
        if self._floor is not None:
            last, new = self._floor.table, measured.table
            factor = last.factor + (new.factor - last.factor) * self.NEW_SHARE
            coarse = last.coarse + (new.coarse - last.coarse) * self.NEW_SHARE
            measured = replace(measured, table=NoiseTable(new.bare, factor, coarse))
        self._floor = measured

    @property
    def floor(self) -> NoiseFloor:
        """What is known; the first picture was due."""
        assert self._floor is not None
        return self._floor


def measure_sharpness(
    luma: U8,
    sigma: F64,
    *,
    processing: Processing,
    scratch: Scratch,
    gain: float | None,
    chroma: tuple[U8, U8] | None = None,
    noise: NoiseFollower | None = None,
    key: object = None,
) -> Sharpness:
    """Measure a picture (H, W) of the scratch's size.

    `sigma` is one photosite's noise in codes, at each of the 256 codes (`noise.photosite_sigma`), at `gain`; None: the
    gain is not known, and of `sigma` only the dependence on the level counts. `chroma` are u and v at half the size,
    None for a grey picture. `noise` keeps the noise of a stream of pictures of the same `key`.
    """
    sums, detail, around = scratch.sums, scratch.detail, scratch.averages
    detail.sums(luma, sums)
    sums.clipped[lone_points(luma, sums.total)] = True
    clipped = _grown(sums.clipped)
    np.copyto(sums.fine, np.float32(0), where=clipped)
    detail.steps(sums.total, scratch.steps)
    for structure, mean in ((sums.fine, around.fine), (sums.coarse, around.coarse), (scratch.steps, around.steps)):
        detail.average(structure, mean)
    follower = noise or NoiseFollower()
    bare = bare_noise(sigma)
    if follower.due(key):
        ground = found = None
        windows = _windows(scratch, clipped, bare, chroma, placed=processing.soft_threshold is not None)
        if windows.places is not None and windows.fine.size:
            ground = even_ground(windows)
            found = traces(luma, chroma, windows.places[ground.windows], ground.whiteness)
        measured = measure_noise(windows, bare, processing, gain=gain, ground=ground, traces=found)
        follower.follow(measured, found)
    table = replace(follower.floor.table, bare=bare)  # it changes with the gain
    detail.noise(table, sums.total, chroma, fine=around.noise, coarse=around.coarse_noise)
    if processing.rounding:
        np.add(around.noise, np.float32((BLOCK**2 * processing.rounding) ** 2), out=around.noise)
    terms = Terms(
        doubt=DOUBT,
        floor=(BLOCK**2 * FLOOR_CODES) ** 2,
        noise_removed=NOISE_REMOVED**2,
        least_over_noise=processing.over_noise_at(gain, follower.traces) ** 2,
        flat=BLOCK * MAYBE_STEPS,
        white=MAYBE_WHITE**2,
        noisy=MAYBE_NOISE**2,
        dark=BLOCK**2 * darkest_told(sums.total),
        bright=BLOCK**2 * BRIGHT_CODES,
    )
    squared, certain = scratch.squared, scratch.certain
    detail.compare(sums.total, around, terms, squared=squared, certain=certain)
    np.greater(certain, clipped, out=certain)  # certain and not clipped
    return Sharpness(
        *(squared, certain, around.fine, around.coarse, sums.fine, sums.coarse, sums.total, clipped),
        *(around.noise, around.coarse_noise, follower.floor.least, gain, follower.traces),
    )


def _windows(scratch: Scratch, clipped: Mask, bare: F32, chroma: tuple[U8, U8] | None, *, placed: bool) -> Windows:
    """Take a sample of the windows, once the scratch's sums and averages are there; with their places if `placed`."""
    sums, around = scratch.sums, scratch.averages
    step = 2
    while sums.total.size > MOST_WINDOWS * step * step:
        step += 2
    first = min(1, *(side - 1 for side in sums.total.shape))
    every = np.s_[first::step, first::step]
    total = sums.total[every]
    code = total >> 4
    usable = (code > LEVEL_RANGE[0]) & (code < LEVEL_RANGE[1]) & ~_grown(_grown(clipped))[every]
    fine, coarse, steps = (plane[every] for plane in (around.fine, around.coarse, around.steps))
    usable &= fine > 0
    colour = None if chroma is None else colours(chroma, sums.total.shape, every=step, first=first)
    classes = class_of(total, colour)[usable]
    fine, coarse, steps = fine[usable], coarse[usable], steps[usable]
    places = first + step * np.argwhere(usable) if placed else None
    return Windows(fine / bare[code[usable]], coarse / fine, steps < BLOCK * NOISE_STEPS * coarse, classes, places)


def both(a: Mask, b: Mask) -> Mask:
    """Give where two masks are set.

    As bytes: the numpy of Bookworm combines sixteen of them at a time on arm64, truth values one at a time.
    """
    return (a.view(np.uint8) & b.view(np.uint8)).view(np.bool_)


def _grown(flags: Mask) -> Mask:
    """Give the blocks that are set or touch one that is, along sides and corners."""
    if not flags.any():
        return flags
    codes = flags.view(np.uint8)  # see `both`
    wide = codes.copy()
    wide[:, 1:] |= codes[:, :-1]
    wide[:, :-1] |= codes[:, 1:]
    tall = wide.copy()
    tall[1:] |= wide[:-1]
    tall[:-1] |= wide[1:]
    return tall.view(np.bool_)
