"""Pure optics of a thin lens: blur circles and diffraction. Values in, values out; no images here.

Formulas are the textbook thin-lens ones; lengths carry their unit in the name.
"""

from __future__ import annotations

from typing import Final

GREEN_NM: Final = 550.0  # chosen: the middle of the luminance response
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
