"""How much lighter or darker each frame of a film is to be, so that it does not flicker. Pure.

Two things make frames of a film differ in light: the camera, whose exposure is written in its files, and the scene with
all that nobody wrote down: the shutter, the mains, a lens that closes to its stop a little differently each time.

Both are counted in EV. The written exposure is known exactly, so all that it does faster than the window is evened out,
however large. What remains of the measured level is the scene: its slow part (dusk, clouds) stays as it is, and what is
faster is evened out up to MOST_EV; more is an event, such as lightning, and is left in the film.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from device.frame import F64

WINDOW_FRAMES: Final = 31
"""Chosen: 1.2 s of film at 25 a second; what changes slower is taken for the scene."""
MOST_EV: Final = 1.0
"""Chosen: flicker is far below (10 % are 0.14 EV), lightning and headlights are above."""
_OUTLIER_EV: Final = 0.5  # chosen: a single frame further off its neighbours has no part in the trend


@dataclass(frozen=True, slots=True)
class Evened:
    """What is to be done with the frames, and what that comes to."""

    gains: F64
    """(N,) factors on linear light."""
    events: int
    """How many frames differ from their neighbours by more than MOST_EV, and are left so."""


def evened(levels_ev: F64, written_ev: F64 | None, window: int = WINDOW_FRAMES) -> Evened:
    """Give the gain of each frame from its measured level and its written exposure, (N,) each, in EV.

    `written_ev` None: nothing is written, all of the level is taken for the scene's. Frames that could not be measured
    (NaN) are left as they are.
    """
    written = np.zeros_like(levels_ev) if written_ev is None else written_ev
    scene = levels_ev - written
    known = np.isfinite(scene)
    if not known.any():
        return Evened(np.ones_like(levels_ev), 0)
    at = np.arange(len(scene))
    scene = np.interp(at, at[known], scene[known])
    exposure = np.interp(at, at[known], written[known])
    by_camera = smooth(exposure, window) - exposure
    by_scene = smooth(_without_outliers(scene, window), window) - scene
    is_event = np.abs(by_scene) > MOST_EV
    change = by_camera + np.where(is_event, 0.0, by_scene)
    gains: F64 = np.where(known, np.exp2(change), 1.0)
    return Evened(gains, int(np.count_nonzero(is_event & known)))


def smooth(values: F64, window: int) -> F64:
    """Give a weighted mean over `window` neighbours (Hann). A straight slope stays as it is, up to both ends."""
    half = min(window // 2, len(values) - 1)
    if half < 1:
        return values.copy()
    weights = np.hanning(2 * half + 3)[1:-1]
    result: F64 = np.convolve(_continued(values, half), weights / weights.sum(), "valid")
    return result


def _continued(values: F64, half: int) -> F64:
    """Continue both ends by turning them about their last value."""
    before, after = 2 * values[0] - values[half:0:-1], 2 * values[-1] - values[-2 : -half - 2 : -1]
    return np.concatenate([before, values, after])


def _without_outliers(values: F64, window: int) -> F64:
    """Replace what is far off the median of its neighbours by that: an event must not lighten what is around it."""
    half = min(window // 2, len(values) - 1)
    if half < 1:
        return values
    windows = np.lib.stride_tricks.sliding_window_view(_continued(values, half), 2 * half + 1)
    middle = np.median(windows, axis=1)
    cleaned: F64 = np.where(np.abs(values - middle) > _OUTLIER_EV, middle, values)
    return cleaned
