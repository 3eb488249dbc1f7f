"""Raw frames of one analytic edge: a step, blurred by a Gaussian or a disc, and averaged over square pixels.

The truth is a product of closed forms: the blur's transform and two sinc of the pixel's sides. The profile is its
inverse transform on a dense grid, and knows nothing of how hqcam measures.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Literal

import numpy as np

from device.bayer import CfaOrder
from device.frame import F64, U8, RawFrame
from device.sensors.imx477 import IMX477

Blur = Literal["gauss", "disc"]


def _bessel_j1(x: F64) -> F64:
    t = np.linspace(0, math.pi, 513)
    waves = np.cos(t - np.outer(x, np.sin(t)))
    result: F64 = (waves.sum(1) - (waves[:, 0] + waves[:, -1]) / 2) / 512  # the trapezoid rule of Bessel's integral
    return result


def blur_response(blur: Blur, size_px: float, frequencies: F64) -> F64:
    """Give exp(-2 (pi sigma f)^2), or 2 J1(x) / x with x = 2 pi r f."""
    if blur == "gauss":
        return np.exp(-2 * (math.pi * size_px * frequencies) ** 2)
    x = np.maximum(2 * math.pi * size_px * np.abs(frequencies), 1e-9)
    return 2 * _bessel_j1(x) / x


def response(blur: Blur, size_px: float, angle_deg: float, frequencies: F64) -> F64:
    """Give the true response across the edge, pixel included."""
    angle = math.radians(angle_deg)
    pixel = np.sinc(frequencies * math.cos(angle)) * np.sinc(frequencies * math.sin(angle))
    return pixel * blur_response(blur, size_px, frequencies)


def true_mtf50(blur: Blur, size_px: float, angle_deg: float) -> float:
    """Give the frequency at which the true response is one half, cycles a pixel."""
    low, high = 0.0, min(1.0, 0.7 / max(size_px, 0.7))
    for _ in range(40):
        middle = (low + high) / 2
        above = response(blur, size_px, angle_deg, np.array([middle]))[0] > 0.5
        low, high = (middle, high) if above else (low, middle)
    return low


@lru_cache(maxsize=64)
def _profile(blur: Blur, size_px: float, angle_deg: float) -> tuple[F64, F64]:
    step, count = 1 / 32, 2**14
    frequencies: F64 = np.fft.rfftfreq(count, step).astype(np.float64)
    slope: F64 = np.fft.fftshift(np.fft.irfft(response(blur, size_px, angle_deg, frequencies), count)).astype(
        np.float64
    )
    places = ((np.arange(count) - count // 2) * step).astype(np.float64)
    return places, np.cumsum(slope) - slope / 2


def values(
    blur: Blur, size_px: float, angle_deg: float, *, phase: float = 0.0, side: int = 200, bend_px: float = 0.0
) -> F64:
    """Give (side, side) of 0 to 1: the normal of the edge through the middle is turned by `angle_deg` from the rows.

    `bend_px`: how far the edge is from its line 50 px from the middle; it grows with the square.
    """
    angle = math.radians(angle_deg)
    y, x = np.mgrid[:side, :side] - side / 2
    across = x * math.cos(angle) + y * math.sin(angle) - phase
    along = y * math.cos(angle) - x * math.sin(angle)
    result: F64 = np.interp(across - bend_px * (along / 50) ** 2, *_profile(blur, size_px, angle_deg))
    return result


def raw_of(
    share: F64,
    *,
    dark_dn: float = 300.0,
    bright_dn: float = 2400.0,
    gain: float | None = None,
    seed: int = 0,
    cfa: CfaOrder = "RGGB",
) -> RawFrame:
    """Give a raw frame, levels above black; `gain` adds the noise that the IMX477 has at it."""
    light = dark_dn + (bright_dn - dark_dn) * share
    if gain is not None:
        slope, constant = IMX477.noise.variance_dn(gain)
        light = light + np.random.default_rng(seed).normal(size=light.shape) * np.sqrt(slope * light + constant)
    samples = np.clip(np.rint(light + IMX477.black_dn), 0, IMX477.white_dn).astype(np.uint16)
    return RawFrame(samples, cfa, 12, (IMX477.black_dn,) * 4, IMX477.white_dn)


def luma_picture(share: F64) -> U8:
    """Give 8-bit codes from 40 to 200."""
    return np.rint(40 + 160 * share).astype(np.uint8)
