"""What the optics of one lens come to on one sensor: the figures that page, command line and tables show. Pure.

Distances are from the lens; `distance_m` None is infinity, and so is None in `far_m`, `total_m` and `frame_m`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

from device.errors import BadInput
from device.frame import Mode
from device.lenses import optics
from device.lenses.profiles import LensProfile
from device.settings.declaration import finite

CIRCLES: Final = ("print", "pixel")
CIRCLE_RANGE_UM: Final = (0.1, 1000.0)
DISTANCE_RANGE_M: Final = (0.001, 1e6)


@dataclass(frozen=True, slots=True)
class Readout:
    """The figures of a lens at one focal length, stop and distance. None: infinity, or not known (as said)."""

    focal_mm: float
    f_number: float
    distance_m: float | None
    equivalent_mm: float
    """The focal length of the same diagonal angle on 36 x 24 mm."""
    field_deg: optics.Field
    """At `distance_m`, of a rectilinear lens."""
    frame_m: optics.Field | None
    """What the frame holds at `distance_m`."""
    circle: str
    """What says how much blur is sharp: print, pixel or own."""
    circle_um: float
    hyperfocal_m: float
    near_m: float
    far_m: float | None
    total_m: float | None
    airy_um: float
    """Diameter of the Airy disc at the working f-number."""
    diffraction_f: float
    """The working f-number from which the Airy disc is wider than two pixels."""
    best_f: float
    """By the two-pixel rule, of the stops of the ring."""
    magnification: float
    extension_mm: float
    loss_ev: float
    """Light that extension costs at `distance_m`."""
    working_f: float
    nearer_than_focus: bool | None
    """Whether `distance_m` is nearer than the lens focuses; None where its closest distance is not known."""


def read_out(
    profile: LensProfile,
    mode: Mode,
    pixel_pitch_um: float,
    *,
    f_number: float | None = None,
    focal_mm: float | None = None,
    distance_m: float | None = None,
    circle: str | float = "print",
) -> Readout:
    """Give the figures for the part of the sensor that `mode` sees. Raises BadInput for what the lens cannot be.

    `f_number` None: wide open. `focal_mm` None: a zoom at its shortest. `circle`: print (the diagonal by 1500), pixel
    (two pitches) or micrometres.
    """
    fitted = profile.fitted(f_number, focal_mm)
    focal = profile.focal_mm if fitted.focal_mm is None else fitted.focal_mm
    stop = fitted.max_aperture_f if f_number is None else f_number
    sensor_mm = optics.sensor_field_mm(mode, pixel_pitch_um)
    name, circle_um = _circle(circle, sensor_mm, pixel_pitch_um)
    at_m = math.inf if distance_m is None else _in_range("distance_m", distance_m, DISTANCE_RANGE_M)
    depth = optics.depth_of_field(focal, stop, circle_um, at_m)
    working_f = optics.working_f_number(stop, focal, at_m)
    return Readout(
        focal_mm=focal,
        f_number=stop,
        distance_m=distance_m,
        equivalent_mm=optics.equivalent_focal_mm(focal, mode, pixel_pitch_um),
        field_deg=optics.field_of_view_deg(focal, sensor_mm, at_m),
        frame_m=None if math.isinf(at_m) else optics.object_field_m(focal, sensor_mm, at_m),
        circle=name,
        circle_um=circle_um,
        hyperfocal_m=optics.hyperfocal_m(focal, stop, circle_um),
        near_m=depth.near_m,
        far_m=None if math.isinf(depth.far_m) else depth.far_m,
        total_m=None if math.isinf(depth.total_m) else depth.total_m,
        airy_um=optics.airy_diameter_um(working_f),
        diffraction_f=optics.diffraction_f_number(optics.pixel_circle_um(pixel_pitch_um)),
        best_f=optics.best_f_number(profile.f_stops, pixel_pitch_um),
        magnification=optics.magnification(focal, at_m),
        extension_mm=optics.extension_mm(focal, at_m),
        loss_ev=optics.extension_loss_ev(focal, at_m),
        working_f=working_f,
        nearer_than_focus=None if profile.closest_m is None else at_m < profile.closest_m,
    )


def circle_of(text: str) -> str | float:
    """Read print, pixel or micrometres. Raises BadInput."""
    word = text.strip().lower()
    if word in CIRCLES:
        return word
    try:
        circle_um = float(word.removesuffix("um"))
    except ValueError:
        raise BadInput(
            f"{text[:40]!r} is no circle of confusion", expected="print, pixel, or micrometres as a number"
        ) from None
    return _in_range("the circle of confusion", circle_um, CIRCLE_RANGE_UM)


def circle_um_of(circle: str, mode: Mode, pixel_pitch_um: float) -> float:
    """Give the circle of confusion that print, pixel or micrometres mean in `mode`. Raises BadInput."""
    return _circle(circle, optics.sensor_field_mm(mode, pixel_pitch_um), pixel_pitch_um)[1]


def _circle(circle: str | float, sensor_mm: optics.Field, pixel_pitch_um: float) -> tuple[str, float]:
    if circle == "print":
        return "print", optics.print_circle_um(sensor_mm)
    if circle == "pixel":
        return "pixel", optics.pixel_circle_um(pixel_pitch_um)
    own = circle_of(circle) if isinstance(circle, str) else circle
    return "own", _in_range("the circle of confusion", own, CIRCLE_RANGE_UM)


def _in_range(name: str, value: Any, limits: tuple[float, float]) -> float:
    number = finite(value)
    if number is None or not limits[0] <= number <= limits[1]:
        raise BadInput(f"{name} cannot be {value!r}", expected=f"a number from {limits[0]:g} to {limits[1]:g}")
    return number


def length_text(metres: float | None) -> str:
    """Give a length for people: three figures, in millimetres below a decimetre; infinity is its sign.

    >>> length_text(0.03456), length_text(2.3411), length_text(123.4), length_text(None)
    ('34.6 mm', '2.34 m', '123 m', '∞')
    """
    if metres is None:
        return "\N{INFINITY}"
    value, unit = (metres * 1000, "mm") if metres < 0.1 else (metres, "m")
    value = float(f"{value:.3g}")
    places = max(0, 2 - math.floor(math.log10(value))) if value > 0 else 0
    return f"{value:.{places}f} {unit}"
