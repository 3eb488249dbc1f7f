"""Reads frames that no light reached: black level, read noise, hot photosites."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from device.analysis.noise import ROUNDING_VARIANCE
from device.bayer import offsets
from device.calibration.frames import CHANNELS, Exposed, by_channel, clipped_mean, pair_variance, plane
from device.errors import BadInput
from device.frame import F32, F64, Mask

Ints = NDArray[np.intp]

HOT_SIGMA: Final = 8.0  # of a rate's own error: in 12 million places no Gaussian reaches it
HOT_SEEN_SIGMA: Final = 4.0  # in each frame alone: a particle is in one of them only
SATURATED_DN: Final = 50  # below white: a response bends there, and noise lowers a mean
LEAST_NOISE_DN: Final = 0.5
MOST_HOT: Final = 20_000  # chosen: the strongest are kept; 0.16 % of the photosites, far more than a sound sensor has


@dataclass(frozen=True, slots=True)
class DarkLevel:
    """Black and noise at one gain, in DN at the sensor's bit depth."""

    gain: float
    black_dn: tuple[float, float, float, float]
    """R, Gr, Gb, B."""
    read_noise_dn: float
    """Of one photosite, without the rounding to whole codes."""

    @property
    def noise_is_told(self) -> bool:
        """Whether the noise is large enough to be read off whole codes.

        Of less than half a code, what rounding adds depends on where the level lies between two codes: a level on a
        code reads as no noise at all. At half a code this is 1.6 % of the noise at most.
        """
        return self.read_noise_dn >= LEAST_NOISE_DN


@dataclass(frozen=True, slots=True)
class HotSite:
    """A photosite whose dark current stands out; place in the full-resolution mode's samples."""

    x: int
    y: int
    rate_dn_s: float
    """DN a second at gain 1, above the other photosites, at the temperature of the frames."""


@dataclass(frozen=True, slots=True)
class HotSites:
    """The hot photosites, the strongest first, and what a weaker one would have needed to be seen."""

    sites: tuple[HotSite, ...]
    found: int
    """How many there are; more than `sites` where these are too many to keep."""
    limit_dn_s: float
    """The least rate that is told from noise, in DN a second at gain 1."""
    dark_dn_s: float
    """The rate of all other photosites, in DN a second at gain 1."""


def dark_level(first: Exposed, second: Exposed) -> DarkLevel:
    """Measure two frames of the shortest exposure at one gain."""
    black = [(_mean(first, channel) + _mean(second, channel)) / 2 for channel in CHANNELS]
    variance = pair_variance(first.samples, second.samples)
    noise = max(variance - ROUNDING_VARIANCE, 0.0) ** 0.5
    return DarkLevel(first.gain, (black[0], black[1], black[2], black[3]), noise)


def _mean(frame: Exposed, channel: str) -> float:
    return clipped_mean(plane(frame.samples, frame.cfa, channel))


def hot_sites(exposures: Sequence[tuple[Exposed, Exposed]]) -> HotSites:
    """Find hot photosites in pairs of frames of one gain, each pair of another exposure, the shortest first.

    A rate is the slope over the exposures (least squares). A site is hot where its rate is HOT_SIGMA above zero and it
    stands out in both frames of the longest exposure. Raises BadInput for less than two exposures.
    """
    seconds = np.array([pair[0].exposure_us / 1e6 for pair in exposures])
    gain = exposures[0][0].gain
    away = seconds - seconds.mean()
    spread = float((away**2).sum())
    if len(exposures) < 2 or spread <= 0:
        raise BadInput("one exposure with the cap on", expected="at least two, the longest of some seconds")
    slope: F32 = np.zeros(exposures[0][0].samples.shape, np.float32)
    base = [_levels(pair) for pair in exposures]
    for (first, second), levels, weight in zip(exposures, base, away / spread, strict=True):
        both = first.samples.astype(np.float32) + second.samples
        slope += np.float32(weight / 2) * both
        for channel, (row, column) in offsets(first.cfa).items():
            slope[row::2, column::2] -= np.float32(weight * levels[channel])
    noise_dn = pair_variance(exposures[0][0].samples, exposures[0][1].samples) ** 0.5
    error = noise_dn / np.sqrt(2 * spread)
    hot = slope > HOT_SIGMA * error
    for frame in exposures[-1]:
        hot &= _stands_out(frame, base[-1], HOT_SEEN_SIGMA * noise_dn)
    dark_dn_s = sum(weight * sum(levels.values()) / 4 for weight, levels in zip(away / spread, base, strict=True))
    rows, columns = np.nonzero(hot)
    rates = _rates(exposures, base, rows, columns) / gain
    strongest = np.argsort(-rates, kind="stable")[:MOST_HOT]
    sites = tuple(HotSite(int(columns[i]), int(rows[i]), round(float(rates[i]), 2)) for i in strongest)
    limit = max(HOT_SIGMA * error, HOT_SEEN_SIGMA * noise_dn / float(seconds[-1] - seconds[0])) / gain
    return HotSites(sites, len(rows), float(limit), float(dark_dn_s / gain))


def _rates(
    exposures: Sequence[tuple[Exposed, Exposed]], base: list[dict[str, float]], rows: Ints, columns: Ints
) -> F64:
    """Give the rates of some sites in DN a second, from the exposures in which each is not saturated.

    A site that is saturated in all but the shortest gets the least that it can have.
    """
    seconds = np.array([pair[0].exposure_us / 1e6 for pair in exposures])
    levels = np.zeros((len(exposures), len(rows)))
    for index, (pair, black) in enumerate(zip(exposures, base, strict=True)):
        own = np.empty((2, 2))
        for channel, place in offsets(pair[0].cfa).items():
            own[place] = black[channel]
        levels[index] = sum(frame.samples[rows, columns].astype(np.float64) for frame in pair) / 2
        white = pair[0].white_dn - SATURATED_DN
        used = levels[index] < white
        levels[index] -= own[rows % 2, columns % 2]
        if index > 1:
            levels[index][~used] = np.nan
    known = ~np.isnan(levels)
    filled = np.where(known, levels, 0.0)
    times = np.where(known, seconds[:, None], 0.0)
    count = known.sum(axis=0)
    mean_t, mean_l = times.sum(axis=0) / count, filled.sum(axis=0) / count
    away = np.where(known, seconds[:, None] - mean_t, 0.0)
    rates: F64 = (away * (filled - mean_l)).sum(axis=0) / (away**2).sum(axis=0)
    return rates


def mask_of(sites: Sequence[HotSite], shape: tuple[int, int]) -> Mask:
    """Give true where a photosite is hot."""
    mask = np.zeros(shape, np.bool_)
    mask[[site.y for site in sites], [site.x for site in sites]] = True
    return mask


def _levels(pair: tuple[Exposed, Exposed]) -> dict[str, float]:
    return by_channel([(_mean(pair[0], channel) + _mean(pair[1], channel)) / 2 for channel in CHANNELS])


def _stands_out(frame: Exposed, levels: dict[str, float], above_dn: float) -> Mask:
    least = np.empty((2, 2), np.float32)
    for channel, place in offsets(frame.cfa).items():
        least[place] = levels[channel] + above_dn
    height, width = frame.samples.shape
    cells = frame.samples.reshape(height // 2, 2, width // 2, 2)
    lit: Mask = (cells > least[None, :, None, :]).reshape(height, width)
    return lit
