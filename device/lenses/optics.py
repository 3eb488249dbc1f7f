"""Pure optics of a thin lens: fields, depth of field, diffraction, extension, equivalent focal length.

Values in, values out. All formulas are Gauss's 1/f = 1/s + 1/v and similar triangles (Hecht, Optics, chapters 5 and 10;
Ray, Applied Photographic Optics, chapters 22 and 24), with all distances from the lens: for thick lenses from its front
principal plane. Lengths carry their unit in the name; a value that no lens can have raises BadInput.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from device.errors import BadInput
from device.frame import Mode

GREEN_NM: Final = 550.0  # chosen: the middle of the luminance response
FULL_FRAME_DIAGONAL_MM: Final = math.hypot(36.0, 24.0)
AIRY_SIGMA: Final = 0.42  # Gaussian closest to the Airy core: sigma = 0.42 lambda N (Zhang, Zerubia, Olivo-Marin 2007)
AIRY_RING: Final = 2.44  # first zero of J1 at 3.8317: diameter = 2 * 3.8317 / pi * lambda N
PRINT_PARTS: Final = 1500  # of the diagonal: what a print as large as its viewing distance hides (Nasse, Zeiss 2010)
PIXELS_SHARP: Final = 2.0  # pixel pitches: the shortest period that pixels can show (Nyquist)


@dataclass(frozen=True, slots=True)
class Field:
    """Width, height and diagonal of a field, all in the unit that its maker names."""

    width: float
    height: float
    diagonal: float


@dataclass(frozen=True, slots=True)
class DepthOfField:
    """What looks sharp, from the lens; `far_m` and `total_m` are math.inf where it reaches infinity."""

    near_m: float
    far_m: float
    total_m: float


def _checked(**lengths: float) -> None:
    """Raise BadInput for a value that is not a finite number above 0."""
    for name, value in lengths.items():
        if not (math.isfinite(value) and value > 0):
            raise BadInput(f"{name} is {value:g}, which no lens has", expected="a finite number above 0")


def _focused_mm(focal_mm: float, distance_m: float) -> float:
    """Give the distance in millimetres (math.inf for infinity). Raises BadInput where the lens makes no image of it."""
    _checked(focal_mm=focal_mm)
    distance_mm = 1000 * distance_m
    if not distance_mm > focal_mm:  # also NaN
        raise BadInput(
            f"a lens of {focal_mm:g} mm makes no image of what is {distance_m:g} m away",
            expected=f"a distance above {focal_mm / 1000:g} m",
        )
    return distance_mm


def blur_circle_um(
    *, focal_mm: float, f_number: float, focus_m: float, distance_m: float, back_focus_um: float = 0.0
) -> float:
    """Diameter of the circle of confusion on the sensor, in micrometres, of a point at `distance_m`.

    c = |f^2 / (N (s - f)) * (d - s) / d + b (d - f) / (N d)|, all lengths from the lens; b is how much farther from
    the lens the sensor is than where the focus at s is drawn.

    >>> round(blur_circle_um(focal_mm=16, f_number=2.8, focus_m=2.0, distance_m=1.0), 2)
    46.08
    >>> blur_circle_um(focal_mm=16, f_number=2.8, focus_m=2.0, distance_m=2.0)
    0.0
    >>> round(blur_circle_um(focal_mm=16, f_number=2.0, focus_m=1e9, distance_m=1e9, back_focus_um=-30), 2)
    15.0
    """
    focal_m = focal_mm / 1000
    focused = 1e6 * focal_m**2 / (f_number * (focus_m - focal_m)) * (distance_m - focus_m) / distance_m
    return abs(focused + back_focus_um / f_number * (distance_m - focal_m) / distance_m)


def airy_diameter_um(f_number: float, *, wavelength_nm: float = GREEN_NM) -> float:
    """Diameter of the first dark ring, 2.44 lambda N, in micrometres.

    `f_number` is the working one: at close distances N (1 + m).

    >>> round(airy_diameter_um(2.8), 2)
    3.76
    """
    return AIRY_RING * wavelength_nm * f_number / 1000


def airy_sigma_um(f_number: float, *, wavelength_nm: float = GREEN_NM) -> float:
    """Standard deviation of the Gaussian that stands for the Airy disc's core, in micrometres."""
    return AIRY_SIGMA * wavelength_nm * f_number / 1000


def sensor_field_mm(mode: Mode, pixel_pitch_um: float) -> Field:
    """Give the part of the sensor that `mode` sees, in millimetres."""
    width, height = (side * pixel_pitch_um / 1000 for side in (mode.crop.width, mode.crop.height))
    return Field(width, height, math.hypot(width, height))


def equivalent_focal_mm(focal_mm: float, mode: Mode, pixel_pitch_um: float) -> float:
    """Give the 35 mm equivalent by diagonals (Exif's convention) for the part of the sensor that `mode` sees."""
    return focal_mm * FULL_FRAME_DIAGONAL_MM / sensor_field_mm(mode, pixel_pitch_um).diagonal


def magnification(focal_mm: float, distance_m: float) -> float:
    """Give size on the sensor by size of the object, m = f / (s - f); 0 at infinity. Raises BadInput.

    >>> magnification(50, 0.1)
    1.0
    """
    return focal_mm / (_focused_mm(focal_mm, distance_m) - focal_mm)


def extension_mm(focal_mm: float, distance_m: float) -> float:
    """Give how far the lens is from where it shows infinity, e = f m = f^2 / (s - f). Raises BadInput.

    >>> round(extension_mm(50, 1.0), 2)
    2.63
    """
    return focal_mm * magnification(focal_mm, distance_m)


def extension_loss_ev(focal_mm: float, distance_m: float) -> float:
    """Give the light that extension costs, 2 log2(1 + m), in EV: a lens whose pupils are alike. Raises BadInput.

    >>> extension_loss_ev(50, 0.1)
    2.0
    """
    return 2 * math.log2(1 + magnification(focal_mm, distance_m))


def working_f_number(f_number: float, focal_mm: float, distance_m: float) -> float:
    """Give N (1 + m): what exposure and diffraction follow at that distance. Raises BadInput."""
    _checked(f_number=f_number)
    return f_number * (1 + magnification(focal_mm, distance_m))


def field_of_view_deg(focal_mm: float, sensor_mm: Field, distance_m: float = math.inf) -> Field:
    """Give the angles that the sensor sees, 2 atan(d / (2 v)) with v = f (1 + m), in degrees. Raises BadInput.

    Rectilinear lenses only: a fisheye sees more.

    >>> round(field_of_view_deg(50, Field(36, 24, FULL_FRAME_DIAGONAL_MM)).diagonal, 1)
    46.8
    """
    image_mm = focal_mm * (1 + magnification(focal_mm, distance_m))
    _checked(width_mm=sensor_mm.width, height_mm=sensor_mm.height, diagonal_mm=sensor_mm.diagonal)
    sides = (sensor_mm.width, sensor_mm.height, sensor_mm.diagonal)
    return Field(*(2 * math.degrees(math.atan(side / (2 * image_mm))) for side in sides))


def object_field_m(focal_mm: float, sensor_mm: Field, distance_m: float) -> Field:
    """Give what the frame holds at a distance, d / m, in metres; math.inf at infinity. Raises BadInput.

    >>> object_field_m(50, Field(36, 24, FULL_FRAME_DIAGONAL_MM), 0.1).width
    0.036
    """
    m = magnification(focal_mm, distance_m)
    sides = (sensor_mm.width, sensor_mm.height, sensor_mm.diagonal)
    return Field(*(side / m / 1000 if m > 0 else math.inf for side in sides))


def print_circle_um(sensor_mm: Field) -> float:
    """Give the circle of confusion of a whole print: the diagonal by 1500, in micrometres.

    H. H. Nasse, Depth of Field and Bokeh (Carl Zeiss, 2010): 0.029 mm for 36 x 24 mm, seen from its diagonal.
    """
    return 1000 * sensor_mm.diagonal / PRINT_PARTS


def pixel_circle_um(pixel_pitch_um: float) -> float:
    """Give the circle of confusion of a picture seen pixel by pixel: two pixel pitches, in micrometres."""
    return PIXELS_SHARP * pixel_pitch_um


def hyperfocal_m(focal_mm: float, f_number: float, circle_um: float) -> float:
    """Give the nearest focus at which infinity still looks sharp, H = f^2 / (N c) + f, in metres. Raises BadInput.

    >>> round(hyperfocal_m(50, 8, 30), 3)
    10.467
    """
    _checked(focal_mm=focal_mm, f_number=f_number, circle_um=circle_um)
    return (focal_mm**2 / (f_number * circle_um / 1000) + focal_mm) / 1000


def depth_of_field(focal_mm: float, f_number: float, circle_um: float, distance_m: float) -> DepthOfField:
    """Give the distances between which the blur of defocus is at most `circle_um`, from the lens. Raises BadInput.

    near = s (H - f) / (H + s - 2 f), far = s (H - f) / (H - s), infinite from s = H on. Diffraction is not in it.

    >>> depth = depth_of_field(50, 8, 30, 3.0)
    >>> round(depth.near_m, 2), round(depth.far_m, 2)
    (2.34, 4.19)
    """
    hyperfocal_mm = 1000 * hyperfocal_m(focal_mm, f_number, circle_um)
    distance_mm = _focused_mm(focal_mm, distance_m)
    if math.isinf(distance_mm):
        return DepthOfField((hyperfocal_mm - focal_mm) / 1000, math.inf, math.inf)
    reach = distance_mm * (hyperfocal_mm - focal_mm)
    near_m = reach / (hyperfocal_mm + distance_mm - 2 * focal_mm) / 1000
    far_m = reach / (hyperfocal_mm - distance_mm) / 1000 if distance_mm < hyperfocal_mm else math.inf
    return DepthOfField(near_m, far_m, far_m - near_m)


def diffraction_f_number(circle_um: float, *, wavelength_nm: float = GREEN_NM) -> float:
    """Give the working f-number at which the Airy disc is as wide as `circle_um`. Raises BadInput.

    With two pixels (`pixel_circle_um`) this is where diffraction begins to cost what the sensor could show: detail of
    the shortest period has half of its contrast there already, and none at 2.44 times that f-number.

    >>> round(diffraction_f_number(pixel_circle_um(1.55)), 2)
    2.31
    """
    _checked(circle_um=circle_um, wavelength_nm=wavelength_nm)
    return 1000 * circle_um / (AIRY_RING * wavelength_nm)


def best_f_number(f_stops: Sequence[float], pixel_pitch_um: float) -> float:
    """Give the best stop by the two-pixel rule: the narrowest whose Airy disc is at most two pixels wide.

    Where even the widest is past that, the widest. The aberrations of the lens are not known here, and most lenses
    have fewer a stop or two below their widest: the rule is of diffraction alone. `f_stops` rise and are not empty.

    >>> best_f_number([1.4, 2, 2.8, 4], 1.55), best_f_number([2.8, 4], 1.55)
    (2, 2.8)
    """
    limit = diffraction_f_number(pixel_circle_um(pixel_pitch_um))
    return max((stop for stop in f_stops if stop <= limit), default=f_stops[0])


def depth_f_number(focal_mm: float, near_m: float, far_m: float, *, wavelength_nm: float = GREEN_NM) -> float:
    """Give the f-number that blurs both ends of a depth least, by the equal-blur rule. Raises BadInput.

    Focused so that both ends are alike, defocus blurs them by dv / (2 N) with dv = v(near) - v(far), diffraction by
    2.44 lambda N; the root of their squares' sum is least where both are equal: N = sqrt(dv / (4.88 lambda)). The way
    is that of Hansma, View Camera Focusing in Practice (Photo Techniques, March 1996).

    >>> round(depth_f_number(50, 2.0, math.inf), 1)
    21.9
    """
    if not near_m < far_m:
        raise BadInput(f"a depth from {near_m:g} to {far_m:g} m has no extent", expected="near before far")
    travel_mm = extension_mm(focal_mm, near_m) - extension_mm(focal_mm, far_m)
    return math.sqrt(travel_mm / (2 * AIRY_RING * wavelength_nm * 1e-6))
