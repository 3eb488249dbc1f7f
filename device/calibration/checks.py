"""Refuses frames that nothing can be measured from, with the reason: light under the cap, an uneven or flickering
white, one that clips or is too dark.

The limits are chosen, wide enough for a real sensor (warm, an adapted lens) and narrow enough that what passes does not
spoil the numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from device.analysis.raw_clipping import clipped_from
from device.calibration.frames import CHANNELS, Exposed, block_means, clipped_mean, plane
from device.errors import BadInput
from device.frame import F64

CAP_BLACK_DN: Final = 64.0  # from the declared black, at 12 bit, in a shortest exposure: a quarter of it
CAP_RATE_DN_S: Final = 10.0  # at gain 1; 21 e-/s, which a dark current reaches only far above room temperature
CAP_SPOT_DN_S: Final = 4.0  # at gain 1, one part of the picture over the middle of all parts
WHITE_CLIPPED: Final = 0.001  # of a channel's samples
WHITE_DARKEST: Final = 0.02  # of the scale, the mean of the darkest channel
FLICKER: Final = 0.02  # between the levels of two frames of the same exposure
BANDING: Final = 0.01  # between their rows: a lamp that flickers faster than the sensor is read out
UNEVEN_DETAIL: Final = 0.02  # of the light, root of the mean square around a smooth surface
UNEVEN_SIDES: Final = 0.3  # between opposite edges; the fall towards all corners is the lens's
_SURFACE_ORDER: Final = 6  # chosen
_BLOCKS_ACROSS: Final = 48


class StepRefused(BadInput):
    """Frames from which a calibration cannot measure."""

    code = "step_refused"


@dataclass(frozen=True, slots=True)
class Evenness:
    """How even a white is, as shares of its light."""

    detail: float
    """Root of the mean square of what a smooth surface does not have."""
    sides: float
    """The most by which one edge is brighter than the opposite one."""


def check_cap(frames: list[Exposed]) -> None:
    """Raise StepRefused unless no light reached the frames, of the same gain, the shortest exposure first."""
    shortest, longest = frames[0], frames[-1]
    bits = float(shortest.white_dn + 1) / 4096
    gain = longest.gain
    seconds = (longest.exposure_us - shortest.exposure_us) / 1e6
    for channel, black in zip(CHANNELS, shortest.black_dn, strict=True):
        dark, late = (plane(frame.samples, frame.cfa, channel) for frame in (shortest, longest))
        level = clipped_mean(dark)
        if abs(level - black) > CAP_BLACK_DN * bits:
            raise StepRefused(
                f"the shortest exposure is at {level:.0f} DN, not at black",
                expected=f"within {CAP_BLACK_DN * bits:.0f} of the declared {black:.0f} DN",
                remedy="put the cap on the lens, or a body cap on the camera without it",
            )
        if seconds <= 0:
            continue
        rate = (clipped_mean(late) - level) / seconds / gain / bits
        parts = (block_means(late, _side(late.shape)) - level) / seconds / gain / bits
        spot = float(np.percentile(parts, 99) - np.median(parts))
        if rate > CAP_RATE_DN_S:
            raise _leak(f"light reaches the sensor: the frame rises by {rate:.1f} DN a second")
        if spot > CAP_SPOT_DN_S:
            raise _leak(f"light reaches the sensor: a part of the frame rises by {spot:.1f} DN a second more")


def _leak(message: str) -> StepRefused:
    return StepRefused(
        message,
        expected=f"at most {CAP_RATE_DN_S:g} DN a second at gain 1, and {CAP_SPOT_DN_S:g} more in any part",
        remedy="close the cap well, cover the camera with a cloth, turn lamps off",
    )


def check_white(first: Exposed, second: Exposed | None = None, *, sides: float = UNEVEN_SIDES) -> Evenness:
    """Raise StepRefused unless a white is even, and neither clips nor is dark nor flickers between two frames."""
    for channel, black in zip(CHANNELS, first.black_dn, strict=True):
        samples = plane(first.samples, first.cfa, channel)
        clipped = float((samples[::2, ::2] >= clipped_from(first.white_dn, black)).mean())
        if clipped > WHITE_CLIPPED:
            raise StepRefused(
                f"{100 * clipped:.1f} % of {channel} clips",
                expected="nothing that clips",
                remedy="dim the light, or close the aperture",
            )
        share = (float(samples[::2, ::2].mean()) - black) / (first.white_dn - black)
        if share < WHITE_DARKEST:
            raise StepRefused(
                f"{channel} has only {100 * max(share, 0):.1f} % of the scale",
                expected=f"at least {100 * WHITE_DARKEST:g} %",
                remedy="take the cap off; more light, or open the aperture",
            )
    if second is not None:
        _check_flicker(first, second)
    found = evenness(first)
    expected = f"at most {100 * UNEVEN_DETAIL:g} % around a smooth surface, {100 * sides:.0f} % between sides"
    remedy = "fill the picture with one sheet of paper out of focus, lit evenly, without a shadow of the camera"
    if found.detail > UNEVEN_DETAIL:
        message = f"the white is not even: its light changes by {100 * found.detail:.1f} % from place to place"
        raise StepRefused(message, expected=expected, remedy=remedy)
    if found.sides > sides:
        message = f"the white is not even: one side has {100 * found.sides:.0f} % more light than the other"
        raise StepRefused(message, expected=expected, remedy=remedy)
    return found


def evenness(frame: Exposed) -> Evenness:
    """Measure how even the green of a white is."""
    black = (frame.black_dn[1] + frame.black_dn[2]) / 2
    green = plane(frame.samples, frame.cfa, "Gr")
    light = np.maximum(block_means(green, _side(green.shape)) - black, 1.0)
    logs = np.log(light)
    residual = logs - smooth_surface(logs, _SURFACE_ORDER)
    middle_rows, middle_columns = (slice(length // 4, -(length // 4)) for length in logs.shape)
    tenth = [max(1, length // 10) for length in logs.shape]
    left, right = logs[middle_rows, : tenth[1]].mean(), logs[middle_rows, -tenth[1] :].mean()
    top, bottom = logs[: tenth[0], middle_columns].mean(), logs[-tenth[0] :, middle_columns].mean()
    sides = max(abs(left - right), abs(top - bottom))
    spread = float(np.sqrt(np.mean(np.clip(residual, -0.5, 0.5) ** 2)))
    return Evenness(spread, float(np.expm1(sides)))


def smooth_surface(values: F64, order: int) -> F64:
    """Give the polynomial of total `order` in rows and columns that fits `values` best (least squares).

    Values far from it (4 sigma: dust, a spot) are left out of a second fit.
    """
    rows, columns = values.shape
    y, x = np.meshgrid(np.linspace(-1, 1, rows), np.linspace(-1, 1, columns), indexing="ij")
    terms = [(i, j) for i in range(order + 1) for j in range(order + 1 - i)]
    basis = np.stack([(x**i * y**j).ravel() for i, j in terms], axis=1)
    flat = values.ravel()
    keep = np.ones(flat.size, bool)
    surface = flat
    for _ in range(2):
        surface = basis @ np.linalg.lstsq(basis[keep], flat[keep], rcond=None)[0]
        away = flat - surface
        keep = np.abs(away) <= 4 * max(float(np.std(away[keep])), 1e-9)
    fitted: F64 = surface.reshape(values.shape)
    return fitted


def _check_flicker(first: Exposed, second: Exposed) -> None:
    black = first.black_dn[1]
    greens = [plane(frame.samples, frame.cfa, "Gr") for frame in (first, second)]
    rows = [green.mean(axis=1) - black for green in greens]
    ratio = float(rows[1].mean() / rows[0].mean())
    strips = [row[: len(row) // 16 * 16].reshape(-1, 16).mean(axis=1) for row in rows]
    banding = float(np.std(strips[1] / np.maximum(strips[0], 1.0)) / ratio)
    expected = f"at most {100 * FLICKER:g} % between frames, {100 * BANDING:g} % between rows"
    remedy = "use daylight or a lamp that does not flicker; touch neither camera nor paper"
    if abs(ratio - 1) > FLICKER:
        message = f"the light flickers: two frames differ by {100 * abs(ratio - 1):.1f} %"
        raise StepRefused(message, expected=expected, remedy=remedy)
    if banding > BANDING:
        message = f"the light flickers: two frames differ in bands, by {100 * banding:.1f} %"
        raise StepRefused(message, expected=expected, remedy=remedy)


def _side(shape: tuple[int, ...]) -> int:
    return max(2, shape[1] // _BLOCKS_ACROSS)
