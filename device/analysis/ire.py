"""IRE: the video scale of a display signal, 0 at black and 100 at white, and what it means in codes and light.

Full range (JPEG, and every picture that hqcam shows): 100 IRE is the highest code. Limited range (video): 8-bit luma
has black at 16 and white at 235, 10-bit at 64 and 940 (ITU-R BT.601, BT.709).
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np

from device.sensors.base import ToneCurve

SignalRange = Literal["full", "limited"]
MIDDLE_GREY = 0.18


def code_of(ire: float, *, bits: int = 8, signal_range: SignalRange = "full") -> int:
    """Give the nearest code, halves up.

    >>> code_of(70), code_of(70, signal_range="limited"), code_of(70, bits=10, signal_range="limited")
    (179, 169, 677)
    """
    scale = 1 << (bits - 8)
    black, white = (0, (1 << bits) - 1) if signal_range == "full" else (16 * scale, 235 * scale)
    return math.floor(black + (white - black) * ire / 100 + 0.5 + 1e-9)


def linear_of(ire: float, tone: ToneCurve) -> float:
    """Give the scene-linear light, display white at 1, that a tone curve shows at this level."""
    return float(tone.to_linear(np.array(ire / 100)))


def linear_of_srgb(ire: float) -> float:
    """Give the linear light of an sRGB display at this level (IEC 61966-2-1)."""
    signal = ire / 100
    return signal / 12.92 if signal <= 0.04045 else ((signal + 0.055) / 1.055) ** 2.4


def stops_of(ire: float, tone: ToneCurve) -> float | None:
    """Give how far the light lies from middle grey (18 % of display white) in EV; None at black."""
    linear = linear_of(ire, tone)
    return math.log2(linear / MIDDLE_GREY) if linear > 0 else None
