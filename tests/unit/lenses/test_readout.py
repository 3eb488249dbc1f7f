"""The figures of one lens on the sensor, and coded lenses."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from device.errors import BadInput
from device.lenses import optics
from device.lenses.readout import circle_of, length_text, read_out
from device.lenses.six_bit import coded, reversed_code, six_bits
from device.preferences.lens_catalogue import by_id, catalogue
from device.sensors.imx477 import IMX477

WHOLE = max(IMX477.modes, key=lambda mode: mode.crop.width * mode.crop.height)
PLANAR = by_id()["zeiss-planar-50-2-zm"]
ZOOM = by_id()["carl-zeiss-vario-sonnar-t-3.4-35-70-c-y"]


def test_figures_are_those_of_the_formulas() -> None:
    r = read_out(PLANAR, WHOLE, 1.55, f_number=4, distance_m=2.0, circle="pixel")
    assert (r.focal_mm, r.f_number, r.circle, r.circle_um, round(r.equivalent_mm)) == (50, 4, "pixel", 3.1, 275)
    depth = optics.depth_of_field(50, 4, 3.1, 2.0)
    assert (r.near_m, r.far_m, r.total_m) == (depth.near_m, depth.far_m, depth.total_m)
    assert r.frame_m is not None and r.frame_m.width == pytest.approx(4056 * 1.55e-6 * 1950 / 50)
    assert r.working_f == pytest.approx(4 * 2000 / 1950) and r.airy_um == pytest.approx(2.44 * 0.55 * r.working_f)
    assert r.loss_ev == pytest.approx(2 * math.log2(2000 / 1950)) and r.nearer_than_focus is False
    assert r.best_f == 2 and round(r.diffraction_f, 2) == 2.31


def test_infinity_and_what_is_not_told_are_none() -> None:
    r = read_out(replace(PLANAR, closest_m=None), WHOLE, 1.55)
    assert (r.f_number, r.distance_m, r.frame_m, r.far_m, r.total_m) == (2, None, None, None, None)
    assert r.nearer_than_focus is None and r.loss_ev == 0 and r.circle == "print"
    assert read_out(PLANAR, WHOLE, 1.55, distance_m=0.5).nearer_than_focus is True
    assert read_out(ZOOM, WHOLE, 1.55).focal_mm == 35 and read_out(ZOOM, WHOLE, 1.55, focal_mm=50).focal_mm == 50


def test_every_lens_of_the_catalogue_has_figures() -> None:
    for lens in catalogue():
        for distance_m in (None, 1000.0, 10.0, 2.0):
            r = read_out(lens, WHOLE, 1.55, distance_m=distance_m)
            assert 0 < r.near_m < r.hyperfocal_m * 1.001 and (r.far_m is None or r.far_m > r.near_m), lens.id


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"f_number": 1.4}, "cannot be set to f/1.4"),
        ({"focal_mm": 35.0}, "cannot be set to 35 mm"),
        ({"distance_m": 0.05}, "makes no image"),
        ({"distance_m": math.nan}, "distance_m cannot be nan"),
        ({"distance_m": -1.0}, "distance_m cannot be -1.0"),
        ({"distance_m": 1e7}, "distance_m cannot be"),
        ({"circle": 0.0}, "circle of confusion cannot be 0.0"),
        ({"circle": "wide"}, "'wide' is no circle of confusion"),
        ({"circle": "inf"}, "cannot be inf"),
    ],
)
def test_what_cannot_be_is_refused(asked: dict[str, float], says: str) -> None:
    with pytest.raises(BadInput, match=says) as caught:
        read_out(PLANAR, WHOLE, 1.55, **asked)
    assert caught.value.expected


def test_circles_and_lengths_are_read_and_written() -> None:
    assert (circle_of(" Print "), circle_of("pixel"), circle_of("5.5"), circle_of("30um")) == (
        "print",
        "pixel",
        5.5,
        30,
    )
    assert read_out(PLANAR, WHOLE, 1.55, circle="30").circle == "own"
    lengths = (0.00123, 0.0999, 0.1, 9.999, 10.0, 99.96, 12345.0, 0.0)
    assert [length_text(m) for m in lengths] == [
        *("1.23 mm", "99.9 mm", "0.100 m", "10.0 m", "10.0 m", "100 m", "12300 m", "0 mm"),
    ]


def test_six_dots_are_a_number_from_either_end() -> None:
    assert [lens.id for lens in coded(catalogue(), six_bits("100001"))] == ["leica-summicron-m-50-2"]
    assert [lens.id for lens in coded(catalogue(), six_bits("011 110"))] == ["leica-summicron-m-35-2-asph"]
    assert all(reversed_code(reversed_code(code)) == code for code in range(64)) and coded(catalogue(), 0) == []
    codes = [lens.six_bit for lens in catalogue() if lens.six_bit is not None]
    assert len(codes) > 35 and len(set(codes)) == len(codes) and {lens.mount for lens in coded(catalogue(), 6)} == {"M"}
    for dots in ("", "12", "1000012", "10000x", "1" * 7):
        with pytest.raises(BadInput, match="are not six dots"):
            six_bits(dots)
