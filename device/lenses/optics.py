"""Pure optics of a thin lens: blur circles, diffraction, equivalent focal length. Values in, values out.

Formulas are the textbook thin-lens ones; lengths carry their unit in the name.
"""

from __future__ import annotations

import math
from typing import Final

from device.frame import Mode

GREEN_NM: Final = 550.0  # chosen: the middle of the luminance response
FULL_FRAME_DIAGONAL_MM: Final = math.hypot(36.0, 24.0)
AIRY_SIGMA: Final = 0.42  # Gaussian closest to the Airy core: sigma = 0.42 lambda N (Zhang, Zerubia, Olivo-Marin 2007)


def blur_circle_um(*, focal_mm: float, f_number: float, focus_m: float, distance_m: float) -> float:
    """Diameter of the circle of confusion on the sensor, in micrometres, of a point at `distance_m`.

    c = f^2 / (N (s - f)) * |d - s| / d, all lengths from the lens.

    >>> round(blur_circle_um(focal_mm=16, f_number=2.8, focus_m=2.0, distance_m=1.0), 2)
    46.08
    >>> blur_circle_um(focal_mm=16, f_number=2.8, focus_m=2.0, distance_m=2.0)
    0.0
    """
    focal_m = focal_mm / 1000
    return 1e6 * focal_m**2 / (f_number * (focus_m - focal_m)) * abs(distance_m - focus_m) / distance_m


def airy_diameter_um(f_number: float, *, wavelength_nm: float = GREEN_NM) -> float:
    """Diameter of the first dark ring, 2.44 lambda N, in micrometres.

    >>> round(airy_diameter_um(2.8), 2)
    3.76
    """
    return 2.44 * wavelength_nm * f_number / 1000


def airy_sigma_um(f_number: float, *, wavelength_nm: float = GREEN_NM) -> float:
    """Standard deviation of the Gaussian that stands for the Airy disc's core, in micrometres."""
    return AIRY_SIGMA * wavelength_nm * f_number / 1000


def equivalent_focal_mm(focal_mm: float, mode: Mode, pixel_pitch_um: float) -> float:
    """Give the 35 mm equivalent by diagonals (Exif's convention) for the part of the sensor that `mode` sees."""
    diagonal_mm = math.hypot(mode.crop.width, mode.crop.height) * pixel_pitch_um / 1000
    return focal_mm * FULL_FRAME_DIAGONAL_MM / diagonal_mm
