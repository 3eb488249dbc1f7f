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
from device.frame import RawFrame
from device.pixels.bt601 import to_rgb

LUMINANCE = (0.2126, 0.7152, 0.0722)
"""Weights of linear R, G, B in luminance: ITU-R BT.709."""
MIDDLE_GREY_PERCENT = 18.0


def read_spot(subject: Subject, settings: AssistSettings) -> Spot:
    """Read the spot of `settings`; a spot that would reach beyond the picture is moved inside.

    Reflectance is 100 % at display white. It comes from the white-balanced raw samples, or without them from luma
    through the inverse tone curve.
    """
    area = area_around(settings.spot_x, settings.spot_y, settings.spot_size)
    y = float(area.cut(subject.luma).mean())
    u, v = (0.0, 0.0) if subject.chroma is None else (float(area.cut(plane).mean()) - 128 for plane in subject.chroma)
    red, green, blue = (min(max(code, 0.0), 255.0) for code in to_rgb(y, u, v))
    samples = None if subject.raw is None else _read_raw(subject.raw, area)
    source: Literal["raw", "display"] = "display"
    percent = 100 * float(subject.sensor.tone.to_linear(np.array(y / 255)))
    if subject.raw is not None and samples is not None and subject.colour_gains is not None:
        source, percent = "raw", 100 * _luminance(samples, subject.raw, subject.colour_gains)
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


def _luminance(spot: RawSpot, raw: RawFrame, gains: tuple[float, float]) -> float:
    """Give the white-balanced luminance, display white at 1."""
    white = raw.white_dn - sum(raw.black_dn) / 4
    balance = (gains[0], 1.0, gains[1])
    return max(0.0, sum(w * g * s for w, g, s in zip(LUMINANCE, balance, spot.signal_dn, strict=True)) / white)
