"""The spot meter: a small movable area read four ways: raw EV, IRE, RGB, reflectance.

It gives means over the area: a meter reads the tone of a place, not one sample. A mean hides clipping, so the share of
clipped samples is given with it.
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np

from device.analysis.area import Area, area_around
from device.analysis.raw_clipping import clip_level
from device.analysis.readings import RawSpot, Spot
from device.analysis.settings import AssistSettings
from device.analysis.subject import Subject
from device.bayer import offsets
from device.frame import F64, RawFrame
from device.pixels.bt601 import to_rgb

LUMINANCE = (0.2126, 0.7152, 0.0722)
"""Weights of linear R, G, B in luminance: ITU-R BT.709."""
MIDDLE_GREY_PERCENT = 18.0


def read_spot(subject: Subject, settings: AssistSettings) -> Spot:
    """Read the spot of `settings`; a spot that would reach beyond the picture is moved inside.

    Reflectance is 100 % at display white: the luminance of linear sRGB. That comes from the raw samples through white
    balance and colour matrix, or without them from the display's R, G and B through the inverse tone curve.
    """
    area = area_around(settings.spot_x, settings.spot_y, settings.spot_size)
    y = float(area.cut(subject.luma).mean())
    u, v = (0.0, 0.0) if subject.chroma is None else (float(area.cut(plane).mean()) - 128 for plane in subject.chroma)
    red, green, blue = (min(max(code, 0.0), 255.0) for code in to_rgb(y, u, v))
    samples = None if subject.raw is None else _read_raw(subject.raw, area)
    source: Literal["raw", "display"] = "display"
    percent = 100 * float(np.dot(LUMINANCE, subject.sensor.tone.to_linear(np.array((red, green, blue)) / 255)))
    if subject.raw is not None and samples is not None and subject.colour_gains is not None:
        source, percent = "raw", 100 * _luminance(samples, subject.raw, _to_srgb(subject, subject.colour_gains))
    return Spot(
        ire=100 * y / 255,
        red=red,
        green=green,
        blue=blue,
        reflectance_percent=percent,
        from_grey_ev=math.log2(percent / MIDDLE_GREY_PERCENT) if percent > 0 else None,
        reflectance_from=source,
        raw=samples,
    )


def _read_raw(raw: RawFrame, area: Area) -> RawSpot:
    level = clip_level(raw)
    means: dict[str, list[float]] = {"R": [], "G": [], "B": []}
    clipped = count = 0
    for (site, (row, column)), black in zip(offsets(raw.cfa).items(), raw.black_dn, strict=True):
        plane = raw.samples[row::2, column::2]
        if plane.size == 0:
            continue
        inside = plane[area.blocks(plane.shape)]
        means[site[0]].append(float(inside.mean()) - black)
        clipped += int(np.count_nonzero(inside >= level))
        count += inside.size
    signal = {c: sum(values) / len(values) if values else 0.0 for c, values in means.items()}
    span = level - sum(raw.black_dn) / 4
    ev = {c: math.log2(value / span) if value > 0 else None for c, value in signal.items()}
    return RawSpot(
        ev["R"],
        ev["G"],
        ev["B"],
        (signal["R"], signal["G"], signal["B"]),
        100.0 * clipped / count if count else 0.0,
    )


def _to_srgb(subject: Subject, gains: tuple[float, float]) -> F64:
    """Give the 3x3 matrix from camera RGB to linear sRGB: white balance, then the colours of the light."""
    colour = subject.sensor.colour
    ccm = colour.ccm_at(subject.colour_temperature_k or colour.kelvin_of(gains))
    to_srgb: F64 = ccm * np.array([gains[0], 1.0, gains[1]])
    return to_srgb


def _luminance(spot: RawSpot, raw: RawFrame, to_srgb: F64) -> float:
    """Give the luminance, display white at 1."""
    white = raw.white_dn - sum(raw.black_dn) / 4
    return max(0.0, float(np.array(LUMINANCE) @ to_srgb @ np.array(spot.signal_dn)) / white)
