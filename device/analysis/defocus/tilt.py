"""How a sensor is tilted against the focus of its lens, told from the corners of the frames that were measured.

At each measurement the middle's place is known (`through_focus`). A corner's spectrum then has one unknown: by how much
its place differs from the middle's, the same at each measurement. It is looked for on a grid, where the corner's power
fits best. Of the four corners' differences, what is odd from side to side is the tilt, what all have is the curvature
of the field. All four corners have to be as far away as the target: a wall that is parallel to the sensor, or infinity.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from device.analysis.defocus.spectrum import Spectrum, SpectrumRefused, spectrum_of
from device.analysis.defocus.through_focus import FAR_N_UM, RIVAL_CHI2, Fit, Place
from device.analysis.edges.samples import Field

MOST_N_UM: Final = 60.0  # times N: differences that are looked for
STEP_N_UM: Final = 0.25
PLACES_LEAST: Final = 4
NEAR_N_UM: Final = 3 * FAR_N_UM  # measurements of the middle beyond have nothing to tell of a corner
CLEAR_N_UM: Final = 3.0  # times N: another difference beside the best by more than this is another one
SURE_N_UM: Final = 6.0  # times N: standard deviation of a difference above which it is not known
FIT_MOST: Final = (
    15.0  # chi^2 per degree of freedom: 1 to 10 in corners of a tilted sensor, 31 in one that never changes
)
MODEL_SHARE: Final = 0.1  # of a difference; walls of the simulated camera: found 0.8 to 1.1 of what it is
MODEL_N_UM: Final = 0.5
TWISTED: Final = 3.0  # standard deviations; corners that fit no plane are not all as far away
CORNER_SIZE: Final = 0.26  # chosen: side of a corner's part, as a share of the height
CORNERS: Final = ((0.1, 0.14), (0.9, 0.14), (0.1, 0.86), (0.9, 0.86))
"""Middles of the parts, shares of the sides, from left and top."""
_RIGHT, _BOTTOM, _TWIST = (np.array(signs) for signs in ((-1, 1, -1, 1), (-1, -1, 1, 1), (1, -1, -1, 1)))


@dataclass(frozen=True, slots=True)
class Tilt:
    """How much farther from the lens one end of the picture is than the other, in micrometres, and how sure.

    From the middles of the corner parts, extended to the picture's sides.
    """

    right: Place
    """The right end against the left one."""
    bottom: Place
    """The bottom against the top."""


def corner_spectra(first: Field, second: Field) -> tuple[Spectrum | None, ...]:
    """Measure the corners of two frames of the same scene, as in `CORNERS`; None where one cannot be measured."""
    return tuple(_spectrum(first, second, x, y) for x, y in CORNERS)


def _spectrum(first: Field, second: Field, x: float, y: float) -> Spectrum | None:
    try:
        return spectrum_of(first, second, x, y, CORNER_SIZE)
    except SpectrumRefused:
        return None


def tilt_of(
    corners: Sequence[Sequence[Spectrum | None]], places_um: Sequence[float], f_number: float, pixel_um: float
) -> Tilt | None:
    """Give the tilt; None where a corner is not known, or where the corners fit no plane.

    `corners`: what `corner_spectra` gave at each measurement; `places_um`: where the sensor's middle was then.
    """
    found = [difference(spectra, places_um, f_number, pixel_um) for spectra in zip(*corners, strict=True)]
    known = [place for place in found if place is not None]
    if len(known) < len(CORNERS):
        return None
    um, sigma = (np.array([getattr(place, name) for place in known]) for name in ("um", "sigma_um"))
    spread = float(np.sqrt((sigma**2).sum()))
    if abs(float(um @ _TWIST)) > TWISTED * spread:
        return None
    ends = [(signs, CORNERS[3][axis] - CORNERS[0][axis]) for axis, signs in enumerate((_RIGHT, _BOTTOM))]
    right, bottom = (Place(float(um @ signs) / 2 / apart, spread / 2 / apart) for signs, apart in ends)
    return Tilt(right, bottom)


def difference(
    spectra: Sequence[Spectrum | None], places_um: Sequence[float], f_number: float, pixel_um: float
) -> Place | None:
    """Give how much farther from the lens a part is than the middle, whose places are given; None: not known.

    One spectrum for each place, None where it could not be measured.
    """
    kept = [(s, z) for s, z in zip(spectra, places_um, strict=True) if s is not None and abs(z) < NEAR_N_UM * f_number]
    if len(kept) < PLACES_LEAST:
        return None
    places = np.array([z for _, z in kept])
    fit = Fit([s for s, _ in kept], np.diff(places).tolist(), f_number, pixel_um)
    grid = np.arange(-MOST_N_UM, MOST_N_UM + STEP_N_UM, STEP_N_UM) * f_number
    chi2 = np.array([fit.cost(np.concatenate([[0.0], places + d])) for d in grid])
    best = int(chi2.argmin())
    if best in (0, grid.size - 1) or chi2[best] > FIT_MOST * fit.free:
        return None
    scatter = max(1.0, float(chi2[best]) / fit.free)
    apart = np.abs(grid - grid[best]) > CLEAR_N_UM * f_number
    near = np.flatnonzero(chi2 < chi2[best] + scatter)
    if (chi2[apart] < chi2[best] + RIVAL_CHI2 * scatter).any():
        return None
    left, middle, right = chi2[best - 1 : best + 2]
    um = float(grid[best] + 0.5 * (left - right) / max(left - 2 * middle + right, 1e-12) * STEP_N_UM * f_number)
    sigma = math.hypot(float(grid[near[-1]] - grid[near[0]]) / 2, MODEL_SHARE * um, MODEL_N_UM * f_number)
    return Place(um, sigma) if sigma <= SURE_N_UM * f_number else None
