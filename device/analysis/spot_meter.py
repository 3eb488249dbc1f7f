"""The spot meter: a small movable area read four ways: raw EV, IRE, RGB, reflectance.

Means over the area, because a meter is asked for a tone, not for a sample; what clips within it is told apart.
"""

from __future__ import annotations

import math

import numpy as np

from device.analysis.focus_score import area_around
from device.analysis.raw_clipping import clip_level
from device.analysis.readings import RawSpot, Spot
from device.analysis.settings import AssistSettings
from device.bayer import offsets
from device.frame import U8, RawFrame
from device.sensors.base import ToneCurve

LUMINANCE = (0.2126, 0.7152, 0.0722)
"""Weights of linear R, G, B in luminance: ITU-R BT.709."""
MIDDLE_GREY_PERCENT = 18.0


def read_spot(
    luma: U8,
    chroma: tuple[U8, U8] | None,
    raw: RawFrame | None,
    *,
    settings: AssistSettings,
    tone: ToneCurve,
    colour_gains: tuple[float, float] | None,
) -> Spot:
    """Read the spot of `settings`; what would lie outside the picture is pushed in.

    Reflectance takes display white for 100 %: from the white-balanced raw samples, or without them through the tone
    curve backwards from luma.
    """
    area = area_around(settings.spot_x, settings.spot_y, settings.spot_size)
    y = float(area.cut(luma).mean())
    u, v = (0.0, 0.0) if chroma is None else (float(area.cut(plane).mean()) - 128 for plane in chroma)
    samples = None if raw is None else _read_raw(raw, settings)
    if raw is not None and samples is not None and colour_gains is not None:
        percent = 100 * _linear(samples, raw, colour_gains)
        source = "raw"
    else:
        percent = 100 * float(tone.to_linear(np.array(y / 255)))
        source = "display"
    return Spot(
        ire=100 * y / 255,
        red=_code(y + 1.402 * v),
        green=_code(y - 0.344136 * u - 0.714136 * v),
        blue=_code(y + 1.772 * u),
        reflectance_percent=percent,
        from_grey_ev=math.log2(percent / MIDDLE_GREY_PERCENT) if percent > 0 else None,
        reflectance_from="raw" if source == "raw" else "display",
        raw=samples,
    )


def _read_raw(raw: RawFrame, settings: AssistSettings) -> RawSpot:
    area = area_around(settings.spot_x, settings.spot_y, settings.spot_size)
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


def _linear(spot: RawSpot, raw: RawFrame, gains: tuple[float, float]) -> float:
    """White-balanced luminance, display white at 1."""
    white = raw.white_dn - sum(raw.black_dn) / 4
    balance = (gains[0], 1.0, gains[1])
    return max(0.0, sum(w * g * s for w, g, s in zip(LUMINANCE, balance, spot.signal_dn, strict=True)) / white)


def _code(value: float) -> float:
    return min(max(value, 0.0), 255.0)
