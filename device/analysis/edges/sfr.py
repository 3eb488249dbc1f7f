"""Measures the edge near a place of a picture, or says why it cannot be measured."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np

from device.analysis.edges.finding import Line, line_through, steepest
from device.analysis.edges.fit import EdgeFit, fit_edge
from device.analysis.edges.samples import Field, Samples
from device.errors import BadInput
from device.frame import F64

Why = Literal[
    "outside", "small", "contrast", "clipped", "dark", "angle", "soft", "straight", "edges", "noise", "sharp", "raw"
]
"""Reasons why there is no figure."""

SEARCH: Final = 48.0  # chosen: a fingertip's error on a picture that is shown at a third of its size
REGIONS: Final = ((160.0, 32.0), (96.0, 32.0), (64.0, 24.0), (40.0, 16.0))
"""Length along the edge and reach on each side of it, in samples: the largest that holds nothing but the edge."""
SOFT_REGIONS: Final = ((160.0, 72.0), (256.0, 128.0))
"""For an edge that is too soft for the others."""
LEAST_CONTRAST: Final = 0.05  # of (bright - dark) / (bright + dark); chosen: below it, a shadow or stray light
MOST_SPOILT: Final = 0.002  # chosen: hot pixels and specks are less of a region
WIDEST_GAP_PX: Final = 0.3  # between two samples' distances from the edge; a spline's knots are 0.25 px apart
WIDEST_RISE: Final = 0.55  # of the reach: the profile has to become level within the region
MOST_BEND_PX: Final = 1.0  # chosen: distortion of 5 % bends 100 of 4056 pixels by a tenth of that
MOST_LEFT_OVER: Final = 0.03  # of the contrast, in the edge, beyond noise: the edge wanders by a tenth of its rise
MOST_BESIDE: Final = 0.12  # of the contrast: what is beside the edge
MOST_UNCERTAIN: Final = 0.1  # of MTF50, one standard deviation
STEEPEST: Final = 1.0
"""Slope of a response at MTF50, over 1 / MTF50: a Gaussian blur has 0.69, a disc 0.9; what falls faster is noise."""
METHOD_UNCERTAIN: Final = 0.005
"""Of MTF50: the method's own error on edges without noise is at most this (tests/unit/analysis/test_edges.py)."""
FREQUENCIES: Final[F64] = np.arange(101) / 100
"""Cycles per sample at which the response is given."""


class EdgeRefused(BadInput):
    """The sharpness of the edge cannot be measured; `why` is the reason in a word."""

    code = "edge_refused"

    def __init__(self, message: str, *, why: Why, expected: str, remedy: str = "") -> None:
        super().__init__(message, expected=expected, remedy=remedy)
        self.why = why


@dataclass(frozen=True, slots=True)
class EdgeSharpness:
    """What was measured; lengths and frequencies are of the samples' pitch, values are above black."""

    mtf50: float
    """Cycles per sample at which the response is half of that at 0, across the edge. The pixel's own is in it."""
    mtf50_sigma: float
    """Standard deviation of it: from the noise of the samples, and the method's own error."""
    response: F64
    """At each of `FREQUENCIES`; 1 at the first."""
    response_sigma: F64
    angle_deg: float
    """Between the edge and the nearest pixel row or column, 0 to 45."""
    direction: Literal["vertical", "horizontal"]
    """How the edge lies: a vertical one is crossed by horizontal lines, and tells of sharpness along them."""
    normal_rad: float
    """The direction across it, towards the bright side, from the x axis towards y."""
    x: float
    y: float
    length: float
    """Of the edge that was measured."""
    reach: float
    """On each side of it."""
    dark: float
    bright: float
    rise: float
    """From 10 to 90 % of the way from dark to bright."""
    noise: float
    """Standard deviation of a sample in the middle of the edge."""

    @property
    def contrast(self) -> float:
        """Give (bright - dark) / (bright + dark)."""
        return (self.bright - self.dark) / (self.bright + self.dark)


def measure_edge(field: Field, x: float, y: float) -> EdgeSharpness:
    """Measure the edge near (x, y), places of samples from the middle of the first. Raises EdgeRefused."""
    height, width = field.shape
    if not (-0.5 <= x <= width - 0.5 and -0.5 <= y <= height - 0.5):
        raise EdgeRefused(f"{x:g}, {y:g} is outside the picture", why="outside", expected=f"within {width} x {height}")
    line = _line_near(field, x, y)
    refused: EdgeRefused | None = None
    regions = list(REGIONS)
    while regions:
        length, reach = regions.pop(0)
        try:
            return _measure(field, line, length, reach)
        except EdgeRefused as error:
            if refused is None or refused.why == "small" or error.why == "soft":
                refused = error
            if error.why == "soft":
                regions = [region for region in SOFT_REGIONS if region[1] > reach]
            elif error.why not in ("small", "clipped", "dark", "straight", "edges"):
                raise
    assert refused is not None
    raise refused


def _line_near(field: Field, x: float, y: float) -> Line:
    around = field.cut(y, x, SEARCH)
    at_y, at_x = steepest(around, y, x, SEARCH)
    near = field.cut(at_y, at_x, SEARCH / 2)
    near = near.where((near.y - at_y) ** 2 + (near.x - at_x) ** 2 <= (SEARCH / 2) ** 2)
    if near.size < 100:
        raise _too_small()
    line = line_through(near, at_y, at_x)
    along = (y - line.y) * math.cos(line.normal_rad) - (x - line.x) * math.sin(line.normal_rad)
    return line.moved(0.0, float(np.clip(along, -SEARCH / 2, SEARCH / 2)))


def _measure(field: Field, line: Line, length: float, reach: float) -> EdgeSharpness:
    samples = field.cut(line.y, line.x, math.hypot(length / 2, reach))
    samples = samples.where((np.abs(line.across(samples)) < reach) & (np.abs(line.along(samples)) < length / 2))
    density = len(field.planes) / field.step**2
    if samples.size < 0.97 * density * 2 * length * reach:
        raise _too_small()
    _check_light(samples, line, reach)
    _check_places(line.across(samples), line)
    fit = fit_edge(samples.where(~samples.spoilt), line, length, reach)
    if fit is None:
        raise _not_straight(length)
    sharp = _sharpness(fit, length, reach)
    _check_fit(fit, sharp, reach)
    if not sharp.mtf50 > 0:
        raise EdgeRefused(
            "the response is above one half up to a cycle a pixel",
            why="sharp",
            expected="an edge that a lens drew",
            remedy="sharpening was too strong for it; measure a raw file",
        )
    if sharp.mtf50_sigma > MOST_UNCERTAIN * sharp.mtf50:
        raise EdgeRefused(
            f"the noise leaves MTF50 uncertain by {100 * sharp.mtf50_sigma / sharp.mtf50:.0f} %",
            why="noise",
            expected=f"{100 * MOST_UNCERTAIN:.0f} % at most",
            remedy="give it more light, a lower gain or an edge of more contrast",
        )
    return replace(sharp, mtf50_sigma=math.hypot(sharp.mtf50_sigma, METHOD_UNCERTAIN * sharp.mtf50))


def _check_light(samples: Samples, line: Line, reach: float) -> None:
    across = line.across(samples)
    spoilt = samples.spoilt
    if np.count_nonzero(spoilt) > MOST_SPOILT * samples.size:
        share = 100 * float(spoilt.mean())
        if float(samples.value[spoilt].max()) > float(np.median(samples.value)):
            raise EdgeRefused(
                f"{share:.1f} % of the samples at the edge are clipped",
                why="clipped",
                expected="both sides below clipping",
                remedy="expose less",
            )
        raise EdgeRefused(
            f"{share:.1f} % of the samples at the edge are cut off at black",
            why="dark",
            expected="both sides above black",
            remedy="expose more",
        )
    dark, bright = (float(samples.value[side].mean()) for side in (across < -reach / 2, across > reach / 2))
    contrast = (bright - dark) / max(bright + dark, 1e-9)
    if contrast < LEAST_CONTRAST:
        strips = np.floor((across + reach) / 2).astype(np.intp)
        means = np.bincount(strips, samples.value) / np.maximum(np.bincount(strips), 1)
        raise _no_contrast(contrast) if np.ptp(means) < 2 * LEAST_CONTRAST * means.mean() else _many_edges(reach)


def _check_fit(fit: EdgeFit, sharp: EdgeSharpness, reach: float) -> None:
    _check_places(fit.across, fit.line)
    if fit.bend_px > max(MOST_BEND_PX, fit.rise_px / 4) or fit.left_over > MOST_LEFT_OVER:
        raise _not_straight(sharp.length)
    if fit.rise_px > WIDEST_RISE * reach:
        raise EdgeRefused(
            f"the edge is blurred over {fit.rise_px:.0f} pixels",
            why="soft",
            expected=f"at most {WIDEST_RISE * SOFT_REGIONS[-1][1]:.0f}",
            remedy="focus first",
        )
    at = np.linspace(-reach, reach, 257)
    profile, sigma = fit.profile(at), fit.profile_sigma(at)
    outside = np.abs(at) > 1.3 * fit.rise_px + 2
    beside = np.abs(profile - (at > 0)) - 4 * sigma
    if (beside[outside] > MOST_BESIDE).any():
        raise _many_edges(reach)


def _check_places(across: F64, line: Line) -> None:
    core = np.sort(across[np.abs(across) < 1.5])
    if np.diff(core, prepend=-1.5, append=1.5).max() > WIDEST_GAP_PX:
        raise EdgeRefused(
            f"at {_angle_deg(line)[0]:.1f} degrees to the pixels the edge is seen at too few places between them",
            why="angle",
            expected="2 to 40 degrees; 5 are best",
            remedy="turn the camera or the edge a little",
        )


def _angle_deg(line: Line) -> tuple[float, bool]:
    """Give the angle between the edge and the nearest row or column, 0 to 45, and whether that is a column."""
    normal_deg = math.degrees(line.normal_rad) % 180
    off = min(normal_deg, 180 - normal_deg)  # of the normal from the x axis
    return min(off, 90 - off), off < 45


def _sharpness(fit: EdgeFit, length: float, reach: float) -> EdgeSharpness:
    response, sigma = fit.response(FREQUENCIES)
    mtf50 = mtf50_sigma = math.nan
    falls = np.flatnonzero((response[:-1] >= 0.5) & (response[1:] < 0.5))
    if falls.size:
        ends = FREQUENCIES[falls[0]], FREQUENCIES[falls[0] + 1]
        close = np.linspace(*ends, 33)
        values, sigmas = fit.response(close)
        k = int(np.flatnonzero((values[:-1] >= 0.5) & (values[1:] < 0.5))[0])
        mtf50 = float(close[k] + (values[k] - 0.5) / (values[k] - values[k + 1]) * (close[1] - close[0]))
        slope = (values[0] - values[-1]) / (ends[1] - ends[0])
        mtf50_sigma = float(sigmas[k]) / min(float(slope), STEEPEST / mtf50)
    angle_deg, upright = _angle_deg(fit.line)
    return EdgeSharpness(
        mtf50,
        mtf50_sigma,
        response,
        sigma,
        angle_deg,
        "vertical" if upright else "horizontal",
        fit.line.normal_rad,
        fit.line.x,
        fit.line.y,
        length,
        reach,
        fit.dark,
        fit.bright,
        fit.rise_px,
        fit.noise,
    )


def _too_small() -> EdgeRefused:
    return EdgeRefused(
        "the edge is too near to the border of the picture",
        why="small",
        expected=f"{REGIONS[-1][0]:.0f} pixels of it, and {REGIONS[-1][1]:.0f} on both sides",
        remedy="choose a place farther inside",
    )


def _many_edges(reach: float) -> EdgeRefused:
    return EdgeRefused(
        f"there is more than one edge within {reach:.0f} pixels, or the light is uneven",
        why="edges",
        expected="one edge between two even surfaces",
        remedy="choose an edge with nothing beside it",
    )


def _not_straight(length: float) -> EdgeRefused:
    return EdgeRefused(
        f"there is no straight edge over {length:.0f} pixels here",
        why="straight",
        expected="a straight edge with nothing beside it",
        remedy="choose another edge: paper, a ruler, a printed bar",
    )


def _no_contrast(contrast: float) -> EdgeRefused:
    return EdgeRefused(
        f"there is no edge here: the contrast is {max(0.0, 100 * contrast):.0f} %",
        why="contrast",
        expected=f"at least {100 * LEAST_CONTRAST:.0f} %",
        remedy="choose an edge between a dark and a bright surface",
    )
