"""DNG's colour description of a sensor, made from its tuning: white-balance curve and colour correction matrices.

With M = linear sRGB -> XYZ (D65), CA = Bradford adaptation, g = diag(red gain, 1, blue gain) and E an illuminant:

    ForwardMatrix = CA(D65 -> D50) M CCM(E)
    ColorMatrix   = inverse(CA(D65 -> E) M CCM(E) g(E))

The adaptation to E is what lets a raw converter read the light's colour temperature back; without it every shot reads
6504 K. One fixed pair per sensor (Standard A and D65), so that all files of a camera share one profile.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from device.raw.tags import ILLUMINANT_D65, ILLUMINANT_STANDARD_A
from device.sensors.base import F64, ColourModel

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


def dng_colour(colour: ColourModel) -> DngColour:
    """Give the two calibrations of a sensor, for Standard A and D65."""
    points = ((KELVIN_A, WHITE_A), (KELVIN_D65, WHITE_D65))
    color = [_color_matrix(colour, kelvin, white) for kelvin, white in points]
    forward = [_forward_matrix(colour, kelvin) for kelvin, _ in points]
    return DngColour((ILLUMINANT_STANDARD_A, ILLUMINANT_D65), (color[0], color[1]), (forward[0], forward[1]))


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
    neutral = np.array([1.0 / gains[0], 1.0 / gains[1]])
    curve = np.array(colour.ct_curve, dtype=np.float64)
    kelvins = np.linspace(curve[0, 0], curve[-1, 0], 512)
    points = np.stack([np.interp(kelvins, curve[:, 0], curve[:, i]) for i in (1, 2)], axis=1)
    return float(kelvins[np.argmin(((points - neutral) ** 2).sum(axis=1))])


def _camera_to_xyz(colour: ColourModel, kelvin: float) -> F64:
    matrix: F64 = np.array(SRGB_TO_XYZ) @ colour.ccm_at(kelvin)
    return matrix


def _forward_matrix(colour: ColourModel, kelvin: float) -> F64:
    matrix: F64 = adaptation(WHITE_D65, WHITE_D50) @ _camera_to_xyz(colour, kelvin)
    return matrix


def _color_matrix(colour: ColourModel, kelvin: float, white: White) -> F64:
    red, blue = colour.gains_at(kelvin)
    camera_to_xyz = adaptation(WHITE_D65, white) @ _camera_to_xyz(colour, kelvin) @ np.diag([red, 1.0, blue])
    return np.linalg.inv(camera_to_xyz).astype(np.float64)
