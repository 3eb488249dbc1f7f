"""How bright a scene is, from raw samples and their exposure: the formulas of the light meter.

    EV100 = log2(N^2 / t) - log2(gain) + level + log2(78 / 10) + offset

`level` is the mean of green in EV below clipping. ISO is 100 x gain, and is assumed to be the saturation speed of ISO
12232: a sensor of that speed saturates at 78 / ISO lux seconds, and a meter exposes its middle tone with 10 / ISO.
`offset` is the error of this that a calibration found, or that is known of a simulated camera.

Luminance L = K 2^EV100 / 100 with K = 12.5, illuminance E = C 2^EV100 / 100 with C = 250 (ISO 2720): E is right where
the scene reflects as much as a meter expects (K pi / C: 16 %).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from device.analysis.area import Area
from device.analysis.exposing import INCIDENT_C as INCIDENT_C
from device.analysis.exposing import REFLECTED_K as REFLECTED_K
from device.analysis.raw_clipping import clip_level
from device.bayer import offsets
from device.frame import RawFrame

MIDDLE_TONE_EV = math.log2(10 / 78)
"""Where ISO 12232's saturation speed puts a meter's middle tone, EV below clipping."""
F_NUMBERS = (1.4, 2.0, 2.8, 4.0, 5.6, 8.0, 11.0, 16.0, 22.0)
ISOS = (100, 400, 1600)
# The marks of dials in thirds of a stop, in the makers' rounding (ISO 2720).
_FRACTIONS = (
    *(32000, 25600, 20000, 16000, 12800, 10000),  # of electronic shutters
    *(8000, 6400, 5000, 4000, 3200, 2500, 2000, 1600, 1250, 1000, 800, 640, 500, 400, 320, 250, 200, 160, 125, 100),
    *(80, 60, 50, 40, 30, 25, 20, 15, 13, 10, 8, 6, 5, 4),
)
_SECONDS = (0.3, 0.4, 0.5, 0.6, 0.8, 1, 1.3, 1.6, 2, 2.5, 3.2, 4, 5, 6, 8, 10, 13, 15, 20, 25, 30)


@dataclass(frozen=True, slots=True)
class Level:
    """Green of an area of the raw frame."""

    level_ev: float | None
    """EV below clipping (negative); None at black."""
    clipped_percent: float
    """Above 0 the level is too low."""


@dataclass(frozen=True, slots=True)
class Light:
    """How bright the scene is."""

    ev100: float
    luminance_cd_m2: float
    illuminance_lux: float
    """Of the light that falls on a scene of average reflectance."""


def green_level(raw: RawFrame, area: Area) -> Level:
    """Give the mean of all green samples of an area: green's response is the nearest to the eye's."""
    ceiling, total, clipped, count = clip_level(raw), 0.0, 0, 0
    blacks = dict(zip(offsets(raw.cfa), raw.black_dn, strict=True))
    black = (blacks["Gr"] + blacks["Gb"]) / 2
    for site, (row, column) in offsets(raw.cfa).items():
        if site[0] == "G":
            plane = raw.samples[row::2, column::2]
            inside = plane[area.blocks(plane.shape)]
            total += float(inside.sum(dtype=np.int64)) - blacks[site] * inside.size
            clipped += int(np.count_nonzero(inside >= ceiling))
            count += inside.size
    mean = total / count
    return Level(math.log2(mean / (ceiling - black)) if mean > 0 else None, 100 * clipped / count)


def light_from(level_ev: float, *, exposure_us: float, gain: float, f_number: float, offset_ev: float = 0.0) -> Light:
    """Give the light under which this exposure brings a sensor to `level_ev`.

    >>> round(light_from(MIDDLE_TONE_EV, exposure_us=8000, gain=1, f_number=16).ev100, 1)  # sunny 16
    15.0
    """
    ev100 = math.log2(f_number**2 / (exposure_us / 1e6)) - math.log2(gain) + level_ev - MIDDLE_TONE_EV + offset_ev
    return Light(ev100, REFLECTED_K / 100 * 2.0**ev100, INCIDENT_C / 100 * 2.0**ev100)


def saturation_offset_ev(saturation_cd_s_m2: float | None) -> float:
    """Give the EV to add for a camera whose saturation is known (`CameraInfo.saturation_cd_s_m2`); 0 without it.

    >>> round(saturation_offset_ev(0.975), 3)  # ISO 100 at gain 1, as is assumed without it
    0.0
    """
    return 0.0 if saturation_cd_s_m2 is None else math.log2(100 / REFLECTED_K * saturation_cd_s_m2) + MIDDLE_TONE_EV


def exposure_s(ev100: float, f_number: float, iso: float) -> float:
    """Give the exposure time, in seconds, that a light of `ev100` asks for at `f_number` and `iso`.

    >>> exposure_s(15.0, 16.0, 100)
    0.0078125
    """
    return float(f_number**2 / 2.0**ev100 * 100 / iso)


def time_text(seconds: float) -> str:
    """Write a time as the nearest mark of a shutter dial, or as it is where no mark is near.

    >>> time_text(0.0078125), time_text(0.77), time_text(700), time_text(1e-5)
    ('1/125', '0.8 s', '700 s', '1/100000')
    """
    marks = [(1 / n, f"1/{n}") for n in _FRACTIONS] + [(float(s), f"{s:g} s") for s in _SECONDS]
    distance, text = min((abs(math.log2(seconds / mark)), text) for mark, text in marks)
    if distance <= 0.25:
        return text
    return f"{seconds:.0f} s" if seconds > 1 else f"1/{1 / seconds:.0f}"
