"""DNG's colour description of a sensor, made from its tuning: white-balance curve and colour correction matrices.

With M = linear sRGB -> XYZ (D65), CA = Bradford adaptation, g = diag(red gain, 1, blue gain) and E an illuminant:

    ForwardMatrix = CA(D65 -> D50) M CCM(E)
    ColorMatrix   = inverse(CA(D65 -> E) M CCM(E) g(E))

The adaptation to E is what lets a raw converter read the light's colour temperature back; without it every shot reads
6504 K. The specification has two illuminants, Standard A and D65, and programs differ in what they make of them: some
interpolate, some take the one for D65 whatever the light (LibRaw, dcraw, darktable). A tuning with six matrices and a
curved white-balance line does not fit into that, so the two are made for each shot. Both have the correction matrix of
the shot's light, which gives the colours of the tuning in every program. A factor per channel, near 1, moves the
interpolated white of that light onto the tuning's curve, which gives the right colour temperature. At 2856 K and 6504 K
the factor is 1, and the matrices are the plain calibrations.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from device.frame import F64
from device.raw.tags import ILLUMINANT_D65, ILLUMINANT_STANDARD_A
from device.sensors.base import ColourModel

# CIE 15: chromaticities of the illuminants, 2 degree observer; D50 as ICC and DNG round it.
WHITE_A: Final = (1.09850, 1.0, 0.35585)
WHITE_D65: Final = (0.95047, 1.0, 1.08883)
WHITE_D50: Final = (0.96422, 1.0, 0.82521)
KELVIN_A: Final = 2856.0
KELVIN_D65: Final = 6504.0

# IEC 61966-2-1 primaries and white.
SRGB_TO_XYZ: Final = (
    (0.4124564, 0.3575761, 0.1804375),
    (0.2126729, 0.7151522, 0.0721750),
    (0.0193339, 0.1191920, 0.9503041),
)
# Bradford cone response, as in the ICC specification, annex E.
BRADFORD: Final = (
    (0.8951, 0.2664, -0.1614),
    (-0.7502, 1.7135, 0.0367),
    (0.0389, -0.0685, 1.0296),
)

White = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class DngColour:
    """The two calibrations of a DNG file; matrices are 3x3."""

    illuminants: tuple[int, int]
    color_matrices: tuple[F64, F64]
    """XYZ -> camera, under each illuminant."""
    forward_matrices: tuple[F64, F64]
    """White-balanced camera -> XYZ (D50)."""


def dng_colour(colour: ColourModel, kelvin: float) -> DngColour:
    """Give the two calibrations of a sensor, Standard A and D65, for a shot in the light of `kelvin`.

    Beyond the tuning's white-balance curve the values of its ends are used.
    """
    kelvin = min(max(kelvin, colour.ct_curve[0][0]), colour.ct_curve[-1][0])
    ccm = colour.ccm_at(kelvin)
    first = _color_matrix(ccm, colour.gains_at(KELVIN_A), WHITE_A)
    second = _color_matrix(ccm, colour.gains_at(KELVIN_D65), WHITE_D65)
    share = share_of_a(kelvin)
    white = (share * first + (1 - share) * second) @ np.array(white_at(kelvin))
    to_curve = np.diag(np.array(as_shot_neutral(colour.gains_at(kelvin))) / (white / white[1]))
    forward: F64 = adaptation(WHITE_D65, WHITE_D50) @ np.array(SRGB_TO_XYZ) @ ccm
    return DngColour((ILLUMINANT_STANDARD_A, ILLUMINANT_D65), (to_curve @ first, to_curve @ second), (forward, forward))


def share_of_a(kelvin: float) -> float:
    """Give the share of Standard A at `kelvin`, the rest being D65: linear in 1/kelvin, DNG 1.4 chapter 6."""
    share = (1 / kelvin - 1 / KELVIN_D65) / (1 / KELVIN_A - 1 / KELVIN_D65)
    return min(max(share, 0.0), 1.0)


def white_at(kelvin: float) -> White:
    """Give the XYZ of a light of `kelvin`, 1667 to 25000: CIE daylight from 4000 K up, a black body below.

    Sources: CIE 15 (daylight); Kang et al., J. Korean Phys. Soc. 41 (2002) 865 (black body, within 10 K).

    >>> [round(v, 3) for v in white_at(6504)], [round(v, 3) for v in white_at(2856)]
    ([0.95, 1.0, 1.088], [1.097, 1.0, 0.357])
    """
    m = 1000 / kelvin
    if kelvin >= 4000:
        low = kelvin <= 7000
        x = _cubic(m, *((-4.6070, 2.9678, 0.09911, 0.244063) if low else (-2.0064, 1.9018, 0.24748, 0.237040)))
        y = _cubic(x, 0.0, -3.0, 2.87, -0.275)
    else:
        x = _cubic(m, -0.2661239, -0.2343589, 0.8776956, 0.179910)
        low = kelvin <= 2222
        y = _cubic(x, *((-1.1063814, -1.34811020, 2.18555832, -0.20219683) if low else _BLACK_BODY_Y))
    return x / y, 1.0, (1 - x - y) / y


def tinted_white_at(kelvin: float, tint: float) -> White:
    """Give the XYZ of a light of `kelvin` that lies `tint` / 3000 off the locus in CIE 1960 uv: above 0 it is greener.

    Raw developers count tint so: what is developed for a greener light comes out more magenta.
    """
    (u, v), (warmer_u, warmer_v) = _uv(white_at(kelvin)), _uv(white_at(kelvin * 0.99))
    along = warmer_u - u, warmer_v - v
    length = math.hypot(*along)
    across = -along[1] / length, along[0] / length  # towards green: v grows
    u, v = u + across[0] * tint / TINT_PER_UV, v + across[1] * tint / TINT_PER_UV
    x, y = 3 * u / (2 * u - 8 * v + 4), 2 * v / (2 * u - 8 * v + 4)
    return x / y, 1.0, (1 - x - y) / y


TINT_PER_UV: Final = 3000.0
"""As in Adobe's DNG SDK (dng_temperature.cpp)."""


def _uv(white: White) -> tuple[float, float]:
    x, y, z = white
    return 4 * x / (x + 15 * y + 3 * z), 6 * y / (x + 15 * y + 3 * z)


_BLACK_BODY_Y: Final = (-0.9549476, -1.37418593, 2.09137015, -0.16748867)


def _cubic(x: float, a: float, b: float, c: float, d: float) -> float:
    return ((a * x + b) * x + c) * x + d


def adaptation(source: White, target: White) -> F64:
    """Give the Bradford adaptation from one white (XYZ) to another."""
    cone = np.array(BRADFORD)
    scale = (cone @ np.array(target)) / (cone @ np.array(source))
    matrix: F64 = np.linalg.inv(cone) @ np.diag(scale) @ cone
    return matrix


def usable_gains(gains: tuple[float, float]) -> bool:
    """Whether (red, blue) gains describe a white at all."""
    return all(math.isfinite(g) and g > 0 for g in gains)


def as_shot_neutral(gains: tuple[float, float]) -> tuple[float, float, float]:
    """Give the camera's red, green, blue of a grey, from the (red, blue) gains that made it neutral."""
    return 1.0 / gains[0], 1.0, 1.0 / gains[1]


def kelvin_of(gains: tuple[float, float], colour: ColourModel) -> float:
    """Give the temperature on the sensor's white-balance curve that lies closest to `gains`."""
    return colour.kelvin_of(gains)


def _color_matrix(ccm: F64, gains: tuple[float, float], white: White) -> F64:
    camera_to_xyz = adaptation(WHITE_D65, white) @ np.array(SRGB_TO_XYZ) @ ccm @ np.diag([gains[0], 1.0, gains[1]])
    return np.linalg.inv(camera_to_xyz).astype(np.float64)
