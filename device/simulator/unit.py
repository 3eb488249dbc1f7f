"""One specimen of the sensor and its lens: what no two cameras have alike, over the numbers of their kind.

Hot photosites, unequal response, dust, and the fall of light towards the corners. The simulated camera has none of it
unless it is given; tests give it, to see whether it is measured. All of it is fixed: the same seed gives the same unit.
In the loupe the pattern is that of the window it began with.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from device.bayer import CfaOrder, offsets
from device.frame import F32, F64, Mode

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Dust:
    """A grain on the sensor's glass: a round, soft shadow. Place and radius in pixels of the full array."""

    x: float
    y: float
    radius_px: float
    depth: float
    """The share of light that is missing in its middle."""


@dataclass(frozen=True, slots=True)
class Unit:
    """What one camera has of its own."""

    hot_count: int = 0
    """Hot photosites in the full array."""
    hot_rate_e_s: tuple[float, float] = (10.0, 1000.0)
    """Least and greatest dark current of a hot photosite, in electrons a second; spread evenly in its logarithm."""
    prnu: float = 0.0
    """Standard deviation of the response, as a share."""
    dust: tuple[Dust, ...] = ()
    corner_ev: float = 0.0
    """The light in the corners against the middle; the fall is quadratic in the distance from the middle."""
    corner_red: float = 0.0
    """By which share red falls less than green towards the corners (0.2: 20 % too much red there)."""
    temperature_c: float | None = None
    """What the sensor reports as its temperature."""
    seed: int = 1

    def hot_sites(self, width: int, height: int) -> tuple[Ints, Ints, F64]:
        """Give (rows, columns, electrons a second) of the hot photosites of a full array, no place twice."""
        rng = np.random.default_rng((self.seed, 1))
        places = rng.choice(width * height, self.hot_count, replace=False)
        low, high = (np.log(rate) for rate in self.hot_rate_e_s)
        return places // width, places % width, np.exp(rng.uniform(low, high, self.hot_count))

    def dark_e_s(self, mode: Mode, full: tuple[int, int]) -> F32 | None:
        """Give the dark current of each photosite of `mode` (H, W), in electrons a second; None without any.

        `full` is the (width, height) of the full array. Binned photosites average their four.
        """
        return _dark_e_s(self, mode, full) if self.hot_count else None

    def response(self, mode: Mode, cfa: CfaOrder, full: tuple[int, int]) -> F32 | None:
        """Give by which factor each photosite of `mode` (H, W) differs from an ideal camera; None without any."""
        if not (self.prnu or self.dust or self.corner_ev or self.corner_red):
            return None
        return _response(self, mode, cfa, full)


@lru_cache(maxsize=2)  # a live mode, and stills, which are computed by several at once
def _dark_e_s(unit: Unit, mode: Mode, full: tuple[int, int]) -> F32:
    rows, columns, rates = unit.hot_sites(*full)
    rows, columns = rows - mode.crop.y, columns - mode.crop.x
    if mode.binning == 2:  # the four next photosites of a colour
        rows, columns = rows // 4 * 2 + rows % 2, columns // 4 * 2 + columns % 2
    inside = (rows >= 0) & (rows < mode.height) & (columns >= 0) & (columns < mode.width)
    dark = np.zeros((mode.height, mode.width), np.float32)
    np.add.at(dark, (rows[inside], columns[inside]), (rates[inside] / mode.binning**2).astype(np.float32))
    return dark


@lru_cache(maxsize=2)
def _response(unit: Unit, mode: Mode, cfa: CfaOrder, full: tuple[int, int]) -> F32:
    rng = np.random.default_rng((unit.seed, 2))
    factor = np.ones((mode.height, mode.width), np.float32)
    if unit.prnu:
        factor += np.float32(unit.prnu / mode.binning) * rng.standard_normal(factor.shape, np.float32)
    x = mode.crop.x + (np.arange(mode.width, dtype=np.float32) + 0.5) * mode.binning
    y = mode.crop.y + (np.arange(mode.height, dtype=np.float32) + 0.5) * mode.binning
    for grain in unit.dust:
        away2 = ((x[None, :] - grain.x) ** 2 + (y[:, None] - grain.y) ** 2) / grain.radius_px**2
        factor *= 1 - np.float32(grain.depth) * np.exp(-np.minimum(away2, 60))
    if unit.corner_ev or unit.corner_red:
        factor *= _shading(unit, x, y, cfa, full)
    return factor


def _shading(unit: Unit, x: F32, y: F32, cfa: CfaOrder, full: tuple[int, int]) -> F32:
    half_x, half_y = full[0] / 2, full[1] / 2
    away2 = ((x[None, :] - half_x) ** 2 + (y[:, None] - half_y) ** 2) / (half_x**2 + half_y**2)
    light = (1 + (2.0**unit.corner_ev - 1) * away2).astype(np.float32)
    row, column = offsets(cfa)["R"]
    light[row::2, column::2] *= (1 + unit.corner_red * away2[row::2, column::2]).astype(np.float32)
    shaded: F32 = light
    return shaded
