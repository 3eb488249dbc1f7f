"""BT.601: the factors follow from its two weights, and the way there and back again is exact."""

import doctest
from fractions import Fraction

import numpy as np
import pytest

from device.pixels import bt601

KR, KB = Fraction("0.299"), Fraction("0.114")
KG = 1 - KR - KB
DECIMALS = Fraction(1, 2_000_000)
"""Half of the sixth decimal, to which the factors are written."""


def test_the_examples_hold():
    assert doctest.testmod(bt601).failed == 0


def test_all_factors_follow_from_the_weights_of_red_and_blue():
    exact = (
        (KR, KG, KB),
        (-KR / (2 - 2 * KB), -KG / (2 - 2 * KB), Fraction(1, 2)),
        (Fraction(1, 2), -KG / (2 - 2 * KR), -KB / (2 - 2 * KR)),
    )
    for factors, wanted in zip(bt601.FROM_RGB, exact, strict=True):
        assert all(abs(Fraction(str(f)) - w) <= DECIMALS for f, w in zip(factors, wanted, strict=True))
    inverse = (bt601.RED_PER_V, bt601.GREEN_PER_U, bt601.GREEN_PER_V, bt601.BLUE_PER_U)
    wanted = (2 - 2 * KR, -KB * (2 - 2 * KB) / KG, -KR * (2 - 2 * KR) / KG, 2 - 2 * KB)
    assert all(abs(Fraction(str(f)) - w) <= DECIMALS for f, w in zip(inverse, wanted, strict=True))


def test_the_integer_weights_are_those_factors_and_keep_greys():
    for weights, factors in zip((bt601._Y, bt601._U, bt601._V), bt601.FROM_RGB, strict=True):
        assert all(abs(w - f * 65536) < 1 for w, f in zip(weights, factors, strict=True))
    assert [sum(weights) for weights in (bt601._Y, bt601._U, bt601._V)] == [65536, 0, 0]


@pytest.mark.parametrize("rgb", [(0, 0, 0), (255, 255, 255), (255, 0, 0), (0, 255, 0), (0, 0, 255), (12, 200, 99)])
def test_colours_come_back(rgb):
    y, u, v = (float(np.dot(factors, rgb)) for factors in bt601.FROM_RGB)
    assert bt601.to_rgb(y, u, v) == pytest.approx(rgb, abs=255 * 2e-6)
    picture = bt601.to_yuv(np.full((4, 4, 3), rgb, np.uint8))
    assert (picture.y[0, 0], picture.u[0, 0], picture.v[0, 0]) == pytest.approx((y, u + 128, v + 128), abs=1)


def test_planes_are_turned_in_32_bits_as_single_values_are():
    y = np.arange(256, dtype=np.uint8)
    u, v = (np.linspace(low, 127, 256, dtype=np.float32) for low in (-128, -90))
    planes = bt601.to_rgb(y, u, v)
    assert all(plane.dtype == np.float32 for plane in planes)
    for at in (0, 100, 255):
        single = bt601.to_rgb(float(y[at]), float(u[at]), float(v[at]))
        assert [float(plane[at]) for plane in planes] == pytest.approx(single, abs=1e-4)
