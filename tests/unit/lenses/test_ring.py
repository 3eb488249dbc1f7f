"""The ring's model: exact numbers, back and forth, its errors, and what is refused."""

from __future__ import annotations

import math

import numpy as np
import pytest

from device.errors import BadInput
from device.lenses.profiles import read_profiles, write_profile
from device.lenses.ring import (
    DISTANCE_ERROR,
    Ring,
    RingRefused,
    calibrated,
    depth_there,
    estimated,
    from_lens_m,
    from_sensor_m,
)

THIN = Ring(1.0, 0.0)
LENS = 'maker = "A"\nmodel = "B"\nmount = "M"\nfocal_mm = 50\nf_stops = [2]\n'


def scale(focal_mm: float, sensor_m: float, growth: float = 1.0) -> float:
    return 1 + growth * focal_mm / 1000 / (from_lens_m(focal_mm, sensor_m) - focal_mm / 1000)


def test_by_hand() -> None:
    # 1.05 m from a lens of 50 mm: its image is 52.5 mm behind it, 5 % larger than that of infinity
    assert from_sensor_m(50, 1.05) == pytest.approx(1.1025) and from_lens_m(50, 1.1025) == pytest.approx(1.05)
    told = estimated(50, THIN, math.inf, 1.05, 0.0)
    assert (told.distance_m, told.near_m, told.far_m, told.from_lens_m) == pytest.approx((1.1025, 1.1025, 1.1025, 1.05))
    assert told.error_percent == pytest.approx(0)
    # of 0.05 by 2 sigmas of 0.0005: m from 0.049 to 0.051
    wide = estimated(50, THIN, math.inf, 1.05, 0.0005)
    assert wide.near_m == pytest.approx(from_sensor_m(50, 0.05 * (1 + 1 / 0.051)))
    assert wide.far_m == pytest.approx(from_sensor_m(50, 0.05 * (1 + 1 / 0.049)))
    assert wide.error_percent == pytest.approx(1.8, abs=0.1)
    sharp = depth_there(50, 8, 30, told)
    assert (sharp.near_m, sharp.far_m) == pytest.approx((0.95803 + 0.0525, 1.16150 + 0.0525), abs=1e-5)


def test_back_and_forth_at_all_distances() -> None:
    for focal_mm in (12.0, 50.0, 135.0):
        for metres in np.geomspace(5 * focal_mm / 1000, 500, 40):
            assert from_sensor_m(focal_mm, from_lens_m(focal_mm, metres)) == pytest.approx(metres)
            for growth, reference_m in ((1.0, math.inf), (0.7, 3.0), (1.4, 1.0)):
                ratio = scale(focal_mm, metres, growth) / scale(focal_mm, reference_m, growth)
                told = estimated(focal_mm, Ring(growth, 0.01), reference_m, ratio, 1e-5)
                assert told.distance_m == pytest.approx(metres, rel=1e-6)
                assert told.near_m < metres < told.far_m


def test_two_distances_give_the_growth_and_what_tapes_are_off_by() -> None:
    for growth in (0.6, 1.0, 1.6):
        for first_m, second_m in ((math.inf, 0.7), (5.0, 1.0), (0.7, 3.0)):
            ratio = scale(50, second_m, growth) / scale(50, first_m, growth)
            found = calibrated(50, first_m, second_m, ratio, 1e-5)
            assert found.growth == pytest.approx(growth)
            assert DISTANCE_ERROR * growth * 0.9 < found.sigma < 4 * DISTANCE_ERROR * growth


def test_infinity_is_told_and_so_is_that_it_may_be() -> None:
    assert estimated(50, THIN, math.inf, 0.9999, 1e-4).distance_m == math.inf
    maybe = estimated(50, THIN, math.inf, 1.0002, 2e-4)
    assert maybe.far_m == math.inf and maybe.error_percent is None and 80 < maybe.near_m < maybe.distance_m < 260
    assert depth_there(50, 8, 30, maybe).far_m == math.inf


@pytest.mark.parametrize(
    ("first_m", "second_m", "ratio", "sigma", "why"),
    [
        (math.inf, 0.7, 1.0 + 0.083 * 0.3, 1e-4, "inner"),
        (math.inf, 0.7, 0.97, 1e-4, "inner"),
        (math.inf, 0.7, 1.0 + 0.083 * 2, 1e-4, "inner"),
        (3.0, 2.9, 1.0006, 2e-4, "alike"),
        (2.0, 2.0, 1.0, 1e-5, "alike"),
    ],
)
def test_what_calibrates_no_ring_is_refused(
    first_m: float, second_m: float, ratio: float, sigma: float, why: str
) -> None:
    with pytest.raises(RingRefused) as refused:
        calibrated(50, first_m, second_m, ratio, sigma)
    assert refused.value.why == why


@pytest.mark.parametrize("metres", [0.2, 0.0, -1.0, math.nan])
def test_nearer_than_four_focal_lengths_is_no_image(metres: float) -> None:
    with pytest.raises(BadInput, match="make no image"):
        from_lens_m(50, metres)


def test_it_is_kept_with_the_lens() -> None:
    text = f'[[lens]]\nid = "a"\n{LENS}breathing = 1.02\nbreathing_error = 0.013\n'
    (profile,) = read_profiles(text)
    assert profile.ring == Ring(1.02, 0.013) and read_profiles(write_profile(profile)) == (profile,)
    assert read_profiles(f'[[lens]]\nid = "a"\n{LENS}')[0].ring is None
    for wrong in ("breathing = 1.0", "breathing = 3\nbreathing_error = 0.1", "breathing_error = 0.1"):
        with pytest.raises(BadInput, match="breathing"):
            read_profiles(f'[[lens]]\nid = "a"\n{LENS}{wrong}\n')
