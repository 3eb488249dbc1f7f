"""The response that diffraction leaves of a perfect lens, and that of a pixel: what measured sharpness is held against.

    MTF(f) = 2/pi (acos s - s sqrt(1 - s^2)),  s = f lambda N

of a circular aperture in incoherent light (J. W. Goodman, Introduction to Fourier Optics, section 6.4). A pixel that
is sensitive over its whole square has, at an angle of `a` to its sides, sinc(f cos a) sinc(f sin a), f in cycles a
pixel.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from device.lenses.optics import GREEN_NM

WAVELENGTH_UM: Final = GREEN_NM / 1000
_S50: Final = 0.4039727532995173  # where MTF(s) = 1/2


def diffraction_response(lp_mm: float, f_number: float) -> float:
    """Give the response of a perfect lens at a frequency in line pairs a millimetre.

    >>> round(diffraction_response(diffraction_mtf50_lp_mm(8), 8), 6), diffraction_response(0, 8)
    (0.5, 1.0)
    """
    s = lp_mm * WAVELENGTH_UM / 1000 * f_number
    return 2 / math.pi * (math.acos(s) - s * math.sqrt(1 - s * s)) if s < 1 else 0.0


def diffraction_mtf50_lp_mm(f_number: float) -> float:
    """Give the frequency at which a perfect lens's response is one half, in line pairs a millimetre on the sensor.

    >>> round(diffraction_mtf50_lp_mm(8), 1), round(diffraction_mtf50_lp_mm(2.8), 1)
    (91.8, 262.3)
    """
    return _S50 / (WAVELENGTH_UM / 1000 * f_number)


def pixel_response(cycles_per_pixel: float, normal_rad: float) -> float:
    """Give the response of a square pixel across an edge whose normal lies at this angle to its rows.

    >>> pixel_response(0.0, 0.1), round(pixel_response(0.5, 0.0), 4)
    (1.0, 0.6366)
    """
    sides = (cycles_per_pixel * side(normal_rad) for side in (math.cos, math.sin))
    return math.prod(math.sin(math.pi * s) / (math.pi * s) if abs(s) > 1e-12 else 1.0 for s in sides)


def best_mtf50(f_number: float, pitch_um: float, normal_rad: float) -> float:
    """Give the MTF50 of a perfect lens on a sensor of this pitch, its pixel included, in cycles a pixel.

    >>> round(best_mtf50(8, 1.55, 0.0), 3)
    0.138
    """
    return _half(
        lambda f: diffraction_response(f * 1000 / pitch_um, f_number) * pixel_response(f, normal_rad),
    )


def pixel_mtf50(normal_rad: float) -> float:
    """Give the MTF50 of a square pixel alone, in cycles a pixel.

    >>> round(pixel_mtf50(0.0), 4)
    0.6034
    """
    return _half(lambda f: pixel_response(f, normal_rad))


def _half(response: Callable[[float], float]) -> float:
    """Give where a response that falls from 1 is one half, below one cycle a pixel."""
    low, high = 0.0, 1.0
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if response(middle) > 0.5 else (low, middle)
    return (low + high) / 2
