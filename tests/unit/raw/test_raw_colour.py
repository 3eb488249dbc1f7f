"""DNG colour against published numbers, and read back the way a raw converter reads it."""

import numpy as np
import pytest

from device.raw.colour import (
    KELVIN_A,
    KELVIN_D65,
    WHITE_A,
    WHITE_D50,
    WHITE_D65,
    adaptation,
    as_shot_neutral,
    dng_colour,
    kelvin_of,
    usable_gains,
)
from device.sensors.imx477 import IMX477

# Worked out independently from libcamera's vc4 imx477.json, given to four digits; the last one depends on how
# many digits of the whites are used.
TABLE_TOLERANCE = 6e-4
COLOR_MATRIX_1 = [[0.7000, -0.3138, 0.1393], [-0.2214, 0.9898, 0.7122], [0.0062, 0.0959, 0.8515]]
COLOR_MATRIX_2 = [[0.4283, -0.0947, -0.0036], [-0.1852, 0.8642, 0.2864], [0.0881, 0.0585, 0.5278]]
FORWARD_MATRIX_1 = [[0.6922, 0.3645, -0.0925], [0.1288, 1.2829, -0.4117], [-0.0454, -0.4216, 1.2919]]
FORWARD_MATRIX_2 = [[0.8154, 0.3337, -0.1849], [0.2376, 1.2794, -0.5170], [-0.1178, -0.1253, 1.0681]]


def kelvin_of_white(xyz: np.ndarray) -> float:
    """Correlated colour temperature by McCamy's formula (1992), good to some 20 K between 2000 and 7000 K."""
    x, y = xyz[0] / xyz.sum(), xyz[1] / xyz.sum()
    n = (x - 0.3320) / (y - 0.1858)
    return float(-449 * n**3 + 3525 * n**2 - 6823.3 * n + 5520.33)


def as_a_converter_reads_it(neutral: tuple[float, ...]) -> float:
    """DNG 1.4 chapter 6, "Translating camera neutral coordinates to white balance xy coordinates"."""
    first, second = dng_colour(IMX477.colour).color_matrices
    kelvin = 5000.0
    for _ in range(50):
        # Interpolated linearly in 1/kelvin, as the specification asks.
        share = np.clip((1 / kelvin - 1 / KELVIN_D65) / (1 / KELVIN_A - 1 / KELVIN_D65), 0, 1)
        white = np.linalg.solve(share * first + (1 - share) * second, np.array(neutral))
        kelvin = kelvin_of_white(white)
    return kelvin


def test_the_matrices_are_those_of_the_table() -> None:
    colour = dng_colour(IMX477.colour)
    assert colour.illuminants == (17, 21)
    for found, expected in zip(colour.color_matrices, (COLOR_MATRIX_1, COLOR_MATRIX_2), strict=True):
        np.testing.assert_allclose(found, expected, atol=TABLE_TOLERANCE)
    for found, expected in zip(colour.forward_matrices, (FORWARD_MATRIX_1, FORWARD_MATRIX_2), strict=True):
        np.testing.assert_allclose(found, expected, atol=TABLE_TOLERANCE)


def test_a_balanced_grey_becomes_d50_as_the_specification_demands() -> None:
    for matrix in dng_colour(IMX477.colour).forward_matrices:
        np.testing.assert_allclose(matrix @ np.ones(3), WHITE_D50, atol=2e-3)


def test_the_calibration_whites_give_the_tunings_neutrals() -> None:
    for matrix, white, kelvin in zip(
        dng_colour(IMX477.colour).color_matrices, (WHITE_A, WHITE_D65), (KELVIN_A, KELVIN_D65), strict=True
    ):
        camera = matrix @ np.array(white)
        expected = as_shot_neutral(IMX477.colour.gains_at(kelvin))
        np.testing.assert_allclose(camera / camera[1], expected, atol=1e-4)


@pytest.mark.parametrize(("kelvin", "tolerance"), [(2856, 25), (6504, 40), (4000, 350), (5000, 600)])
def test_a_shot_reads_its_own_colour_temperature(kelvin: float, tolerance: float) -> None:
    # At the two calibrations the error is McCamy's. Between them two matrices cannot follow the bend of the sensor's
    # white-balance curve: daylight reads some 500 K too cool.
    neutral = as_shot_neutral(IMX477.colour.gains_at(kelvin))
    assert as_a_converter_reads_it(neutral) == pytest.approx(kelvin, abs=tolerance)


def test_adaptation_moves_one_white_to_the_other_and_back() -> None:
    there = adaptation(WHITE_D65, WHITE_A)
    np.testing.assert_allclose(there @ np.array(WHITE_D65), WHITE_A, atol=1e-9)
    np.testing.assert_allclose(adaptation(WHITE_A, WHITE_D65) @ there, np.eye(3), atol=1e-9)


def test_gains_find_their_place_on_the_curve() -> None:
    for kelvin in (2500, 2856, 4000, 6504, 9000):
        assert kelvin_of(IMX477.colour.gains_at(kelvin), IMX477.colour) == pytest.approx(kelvin, rel=0.01)


def test_gains_that_mean_no_white_are_known() -> None:
    assert usable_gains((2.0, 1.5))
    assert not any(usable_gains(g) for g in ((0.0, 1.0), (1.0, -1.0), (float("nan"), 1.0), (1.0, float("inf"))))
