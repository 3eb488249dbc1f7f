"""False colour: a colour for each range of the display's luma, so that exposure can be read off the picture.

Two scales. **ire**: bands of the video scale, chosen so that in hqcam's picture 18 % grey is green and light skin, a
stop above it, pink. **stops**: a band for every EV from middle grey through the camera's own tone curve. A band runs
from its first code to the next band's; the last is code 255 alone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from device.analysis.ire import MIDDLE_GREY, stops_of
from device.analysis.palette import RGB
from device.analysis.zebra import code_at_or_above
from device.frame import U8
from device.sensors.base import ToneCurve


@dataclass(frozen=True, slots=True)
class Band:
    """One colour and the codes it stands for."""

    name: str
    rgb: RGB
    first_code: int
    last_code: int
    from_ire: float
    from_ev: float | None
    """Where the band begins, in EV from middle grey; None: at black."""


# Chosen: names and order as on other cameras; bounds for the IMX477's tone curve, which shows 18 % grey at 51 IRE.
IRE_BANDS: tuple[tuple[str, float, RGB], ...] = (
    ("black", 0, (90, 0, 130)),
    ("deep shadow", 2, (0, 60, 220)),
    ("shadow", 10, (0, 150, 190)),
    ("dark", 25, (70, 70, 70)),
    ("18 % grey", 47, (40, 190, 60)),
    ("middle", 54, (128, 128, 128)),
    ("light skin", 66, (255, 140, 170)),
    ("light", 76, (190, 190, 190)),
    ("bright", 85, (245, 235, 40)),
    ("nearly white", 94, (255, 140, 0)),
    ("white", 100, (255, 0, 0)),
)
# One EV each, middle grey in the middle of its own; cold is dark, warm is bright.
STOP_BANDS: tuple[tuple[str, float, RGB], ...] = (
    ("-6 and less", -math.inf, (60, 0, 90)),
    ("-5", -5.5, (80, 40, 200)),
    ("-4", -4.5, (0, 90, 230)),
    ("-3", -3.5, (0, 160, 220)),
    ("-2", -2.5, (0, 160, 140)),
    ("-1", -1.5, (40, 130, 60)),
    ("grey", -0.5, (128, 128, 128)),
    ("+1", 0.5, (200, 200, 90)),
    ("+2", 1.5, (255, 200, 0)),
    ("white", math.inf, (255, 0, 0)),
)


def bands(scale: str, tone: ToneCurve) -> list[Band]:
    """Give the bands of a scale ("ire" or "stops"), dark to bright; together they hold every code once."""
    if scale == "ire":
        starts = [code_at_or_above(ire) for _, ire, _ in IRE_BANDS]
        table = IRE_BANDS
    else:
        starts = [_code_from(ev, tone) for _, ev, _ in STOP_BANDS]
        table = STOP_BANDS
    ends = [*(start - 1 for start in starts[1:]), 255]
    return [
        Band(name, rgb, first, last, 100 * first / 255, stops_of(100 * first / 255, tone))
        for (name, _, rgb), first, last in zip(table, starts, ends, strict=True)
    ]


def lookup(scale: str, tone: ToneCurve) -> U8:
    """Give (256, 3) colours by code."""
    table = np.empty((256, 3), np.uint8)
    for band in bands(scale, tone):
        table[band.first_code : band.last_code + 1] = band.rgb
    return table


def _code_from(ev: float, tone: ToneCurve) -> int:
    """Give the first code whose light is `ev` or more from middle grey."""
    if ev == -math.inf:
        return 0
    if ev == math.inf:
        return 255
    display = float(tone.to_display(np.array(MIDDLE_GREY * 2.0**ev)))
    return math.ceil(255 * display - 1e-9)
