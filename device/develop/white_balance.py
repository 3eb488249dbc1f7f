"""White balance by the light's temperature and tint, from the colour matrices in the raw file itself (DNG 1.4, 6)."""

from __future__ import annotations

from typing import Final

import numpy as np

from device.errors import BadFile
from device.frame import F64
from device.raw.colour import KELVIN_A, KELVIN_D65, tinted_white_at, usable_gains
from device.raw.file_metadata import is_own
from device.raw.tags import ILLUMINANT_D65, ILLUMINANT_STANDARD_A, Tag
from device.raw.tiff_reader import StoredDirectory, StoredTiff
from device.sensors.imx477 import IMX477

# Exif's LightSource, by the temperatures that the specification of DNG and CIE 15 give them.
_KELVIN: Final = {
    ILLUMINANT_STANDARD_A: KELVIN_A,
    ILLUMINANT_D65: KELVIN_D65,
    **{20: 5503.0, 22: 7504.0, 23: 5003.0, 24: 3200.0},  # D55, D75, D50, tungsten of studios
    **{1: 5503.0, 4: 5503.0, 9: 5503.0, 10: 6504.0, 3: 2856.0},  # daylight, flash, fine, cloudy, tungsten
}


def gains_for(tiff: StoredTiff | None, kelvin: float, tint: float, *, name: str) -> tuple[float, float]:
    """Give the (red, blue) gains, of green 1, that make a light of `kelvin` and `tint` neutral.

    Two matrices are exact at two temperatures (measured for the IMX477: up to 15 % off in blue between them). So for
    hqcam's own files the sensor's white-balance curve is followed, and the matrices give what is off the curve: the
    tint, and what lies beyond its ends. Raises BadFile where the file has no colour matrix that can be used.
    """
    main = None if tiff is None else tiff.directories[0]
    gains = None if main is None else _gains_by_matrix(main, kelvin, tint)
    if main is not None and gains is not None:
        if not is_own(main.text(Tag.SOFTWARE)):
            return gains
        curve = IMX477.colour.ct_curve
        inside = min(max(kelvin, curve[0][0]), curve[-1][0])
        there, plain = IMX477.colour.gains_at(inside), _gains_by_matrix(main, inside, 0.0)
        if plain is not None:
            return there[0] * gains[0] / plain[0], there[1] * gains[1] / plain[1]
    raise BadFile(
        f"{name}: it does not describe its colours, so no temperature can be set",
        expected="a DNG with ColorMatrix1",
        remedy="choose white balance camera or auto",
    )


def _gains_by_matrix(main: StoredDirectory, kelvin: float, tint: float) -> tuple[float, float] | None:
    matrix = _matrix_at(main, kelvin)
    if matrix is None:
        return None
    red, green, blue = (float(part) for part in matrix @ np.array(tinted_white_at(kelvin, tint)))
    if not (red > 0 and green > 0 and blue > 0):
        return None
    gains = green / red, green / blue
    return gains if usable_gains(gains) else None


def _matrix_at(main: StoredDirectory, kelvin: float) -> F64 | None:
    """Give XYZ -> camera at a temperature: between the two of the file, linear in 1/kelvin; or the only one."""
    found = []
    for matrix_tag, illuminant_tag in (
        (Tag.COLOR_MATRIX_1, Tag.CALIBRATION_ILLUMINANT_1),
        (Tag.COLOR_MATRIX_2, Tag.CALIBRATION_ILLUMINANT_2),
    ):
        values = main.numbers(matrix_tag)
        if len(values) == 9:
            light = next(iter(main.numbers(illuminant_tag)), 0)
            found.append((_KELVIN.get(int(light)), np.array(values, np.float64).reshape(3, 3)))
    if not found:
        return None
    known = [(at, matrix) for at, matrix in found if at is not None]
    if len(known) < 2 or known[0][0] == known[1][0]:
        return found[-1][1]
    (first_k, first), (second_k, second) = known
    share = (1 / kelvin - 1 / second_k) / (1 / first_k - 1 / second_k)
    share = min(max(share, 0.0), 1.0)
    mixed: F64 = share * first + (1 - share) * second
    return mixed
