"""The optics: a published table of angles, and closed forms where no printed figures are at hand."""

from __future__ import annotations

import math

import pytest

from device.errors import BadInput
from device.lenses import optics
from device.lenses.optics import Field
from device.sensors.imx477 import IMX477

FULL_FRAME = Field(36.0, 24.0, optics.FULL_FRAME_DIAGONAL_MM)
WHOLE = max(IMX477.modes, key=lambda mode: mode.crop.width * mode.crop.height)
SENSOR = optics.sensor_field_mm(WHOLE, IMX477.pixel_pitch_um)
# Bill Claff, Angle of View Values for Common Focal Lengths (photonstophotos.net, 2006): 36 x 24 mm, degrees as printed.
ANGLES = """
10 121.9 100.4 130.4 | 11 117.1 95.0 126.1 | 12 112.6 90.0 122.0 | 14 104.3 81.2 114.2 | 15 100.4 77.3 110.5
17 93.3 70.4 103.7 | 18 90.0 67.4 100.5 | 19 86.9 64.6 97.4 | 20 84.0 61.9 94.5 | 24 73.7 53.1 84.1
28 65.5 46.4 75.4 | 30 61.9 43.6 71.6 | 35 54.4 37.8 63.4 | 45 43.6 29.9 51.4 | 50 39.6 27.0 46.8
55 36.2 24.6 42.9 | 60 33.4 22.6 39.7 | 70 28.8 19.5 34.3 | 75 27.0 18.2 32.2 | 80 25.4 17.1 30.3
85 23.9 16.1 28.6 | 90 22.6 15.2 27.0 | 100 20.4 13.7 24.4 | 105 19.5 13.0 23.3 | 120 17.1 11.4 20.4
125 16.4 11.0 19.6 | 135 15.2 10.2 18.2 | 150 13.7 9.1 16.4
"""
# Tom Bryant in the Leica Users Group, 1999-08-20, v10 msg04586: the same format, to a thousandth of a degree.
FINE_ANGLES = """
14 104.250 81.203 114.182 | 15 100.389 77.320 110.527 | 17 93.273 70.435 103.678 | 20 83.974 61.928 94.493
21 81.203 59.490 91.702 | 24 73.740 53.130 84.062 | 28 65.470 46.397 75.381 | 35 54.432 37.849 63.440
50 39.598 26.991 46.793 | 55 36.244 24.616 42.943 | 75 26.991 18.181 32.180 | 90 22.620 15.189 27.032
135 15.189 10.159 18.208 | 180 11.421 7.628 13.706 | 200 10.286 6.867 12.347 | 300 6.867 4.581 8.249
400 5.153 3.437 6.191 | 1000 2.062 1.375 2.479
"""


def rows(table: str, places: int) -> list[tuple[int, float, float, float, float]]:
    """Of each lens: the places that are printed, its focal length, and its angles by width, height and diagonal."""
    return [(places, *map(float, row.split())) for row in table.replace("\n", "|").split("|") if row.strip()]  # type: ignore[misc]


ROWS = rows(ANGLES, 1) + rows(FINE_ANGLES, 3)
LENSES = [(f, n) for f in (6, 12, 16, 25, 28, 35, 50, 75, 90, 135) for n in (1.4, 4.0, 11.0)]


@pytest.mark.parametrize(("places", "focal_mm", "width", "height", "diagonal"), ROWS)
def test_angles_are_those_of_the_published_tables(
    places: int, focal_mm: float, width: float, height: float, diagonal: float
) -> None:
    seen = optics.field_of_view_deg(focal_mm, FULL_FRAME)
    printed = tuple(round(angle, places) for angle in (seen.width, seen.height, seen.diagonal))
    assert printed == (width, height, diagonal)
    assert len({focal for _, focal, *_ in ROWS}) >= 30


@pytest.mark.parametrize(("focal_mm", "f_number"), LENSES)
def test_both_ends_of_the_depth_are_blurred_as_much_as_is_allowed(focal_mm: float, f_number: float) -> None:
    """No printed table: by another way, the blur circle of the simulator's lens at the ends that were found."""
    for circle_um in (optics.print_circle_um(SENSOR), optics.pixel_circle_um(IMX477.pixel_pitch_um), 30.0):
        hyperfocal = optics.hyperfocal_m(focal_mm, f_number, circle_um)
        for focus_m in (0.5 * hyperfocal, 0.999 * hyperfocal, max(1.0, 3 * focal_mm / 1000)):
            lens = {"focal_mm": focal_mm, "f_number": f_number, "focus_m": focus_m}
            depth = optics.depth_of_field(focal_mm, f_number, circle_um, focus_m)
            assert optics.blur_circle_um(**lens, distance_m=depth.near_m) == pytest.approx(circle_um)
            assert depth.near_m < focus_m < depth.far_m and depth.total_m == depth.far_m - depth.near_m
            if focus_m < hyperfocal:
                assert optics.blur_circle_um(**lens, distance_m=depth.far_m) == pytest.approx(circle_um)
            else:
                assert math.isinf(depth.far_m)
        at = optics.depth_of_field(focal_mm, f_number, circle_um, hyperfocal)
        assert at.near_m == pytest.approx(hyperfocal / 2) and math.isinf(at.far_m) and math.isinf(at.total_m)
        endless = optics.depth_of_field(focal_mm, f_number, circle_um, math.inf)
        assert endless.near_m == pytest.approx(hyperfocal - focal_mm / 1000), "infinity is sharp from H - f on"


def test_extension_costs_what_macro_tables_say() -> None:
    """Scale 1:2 costs 1.17 EV, 1:1 two, 2:1 3.17: closed form, 2 log2(1 + m)."""
    for scale, loss_ev in ((0.5, 1.17), (1.0, 2.0), (2.0, 3.17)):
        distance_m = 50 * (1 + 1 / scale) / 1000
        assert optics.magnification(50, distance_m) == pytest.approx(scale)
        assert optics.extension_mm(50, distance_m) == pytest.approx(50 * scale)
        assert round(optics.extension_loss_ev(50, distance_m), 2) == loss_ev
        assert optics.working_f_number(8, 50, distance_m) == pytest.approx(8 * (1 + scale))
        assert optics.object_field_m(50, SENSOR, distance_m).width == pytest.approx(SENSOR.width / scale / 1000)
    assert optics.extension_loss_ev(50, math.inf) == optics.extension_mm(50, math.inf) == 0
    assert math.isinf(optics.object_field_m(50, SENSOR, math.inf).width)


def test_the_sensor_and_its_circles_are_as_its_makers_say() -> None:
    """Raspberry Pi: 6.287 x 4.712 mm, 7.9 mm across."""
    assert (round(SENSOR.width, 3), round(SENSOR.height, 3), round(SENSOR.diagonal, 1)) == (6.287, 4.712, 7.9)
    assert round(optics.print_circle_um(FULL_FRAME), 1) == 28.8 and round(optics.print_circle_um(SENSOR), 2) == 5.24
    assert optics.pixel_circle_um(1.55) == 3.1
    assert round(optics.equivalent_focal_mm(50, WHOLE, 1.55)) == 275


def test_diffraction_begins_where_the_airy_disc_is_two_pixels() -> None:
    limit = optics.diffraction_f_number(optics.pixel_circle_um(1.55))
    assert optics.airy_diameter_um(limit) == pytest.approx(3.1) and round(limit, 1) == 2.3
    assert [optics.best_f_number(stops, 1.55) for stops in ([1.4, 2, 2.8, 4], [2.3, 2.8], [4.0, 5.6])] == [2, 2.3, 4]
    assert optics.best_f_number([1.4, 2, 2.8, 4, 5.6], 3.45) == 4, "larger pixels stand more"


def test_the_stop_for_a_depth_blurs_least() -> None:
    near_m, far_m, focal_mm = 1.5, 6.0, 35.0
    travel_um = 1000 * (optics.extension_mm(focal_mm, near_m) - optics.extension_mm(focal_mm, far_m))

    def blur(f_number: float) -> float:
        return math.hypot(travel_um / (2 * f_number), optics.airy_diameter_um(f_number))

    best = optics.depth_f_number(focal_mm, near_m, far_m)
    assert blur(best) < min(blur(best * 1.01), blur(best / 1.01))
    assert round(optics.depth_f_number(50, 2.0, math.inf), 1) == 21.9


@pytest.mark.parametrize("bad", [0.0, -50.0, math.nan, math.inf])
def test_what_no_lens_can_have_is_refused(bad: float) -> None:
    for act in (
        lambda: optics.hyperfocal_m(bad, 8, 30),
        lambda: optics.hyperfocal_m(50, bad, 30),
        lambda: optics.hyperfocal_m(50, 8, bad),
        lambda: optics.field_of_view_deg(bad, SENSOR),
        lambda: optics.field_of_view_deg(50, Field(bad, 1, 1)),
        lambda: optics.diffraction_f_number(bad),
        lambda: optics.working_f_number(bad, 50, 2.0),
    ):
        with pytest.raises(BadInput, match=f"is {bad:g}, which no lens has") as caught:
            act()
        assert caught.value.expected


@pytest.mark.parametrize("distance_m", [0.0, -1.0, 0.05, 0.049, math.nan])
def test_a_distance_within_the_focal_length_is_refused(distance_m: float) -> None:
    for act in (
        lambda: optics.magnification(50, distance_m),
        lambda: optics.depth_of_field(50, 8, 30, distance_m),
        lambda: optics.object_field_m(50, SENSOR, distance_m),
        lambda: optics.depth_f_number(50, distance_m, math.inf),
    ):
        with pytest.raises(BadInput) as caught:
            act()
        assert caught.value.expected
    for near_m, far_m in ((3.0, 2.0), (2.0, 2.0), (2.0, math.nan)):
        with pytest.raises(BadInput, match="no extent"):
            optics.depth_f_number(50, near_m, far_m)
