"""DNG colour against published numbers, and read back the way a raw converter reads it."""

import numpy as np
import pytest

from device.raw.colour import (
    KELVIN_A,
    KELVIN_D65,
    SRGB_TO_XYZ,
    WHITE_A,
    WHITE_D50,
    WHITE_D65,
    DngColour,
    adaptation,
    as_shot_neutral,
    dng_colour,
    kelvin_of,
    usable_gains,
    white_at,
)
from device.sensors.imx477 import IMX477

# Worked out independently from libcamera's vc4 imx477.json, given to four digits; the last one depends on how
# many digits of the whites are used.
TABLE_TOLERANCE = 6e-4
KELVINS = (2400, 2856, 3300, 4000, 5000, 5500, 6504, 7500, 9000)
COLOR_MATRIX_1 = [[0.7000, -0.3138, 0.1393], [-0.2214, 0.9898, 0.7122], [0.0062, 0.0959, 0.8515]]
COLOR_MATRIX_2 = [[0.4283, -0.0947, -0.0036], [-0.1852, 0.8642, 0.2864], [0.0881, 0.0585, 0.5278]]
FORWARD_MATRIX_1 = [[0.6922, 0.3645, -0.0925], [0.1288, 1.2829, -0.4117], [-0.0454, -0.4216, 1.2919]]
FORWARD_MATRIX_2 = [[0.8154, 0.3337, -0.1849], [0.2376, 1.2794, -0.5170], [-0.1178, -0.1253, 1.0681]]


def kelvin_of_white(xyz: np.ndarray) -> float:
    """Correlated colour temperature by McCamy's formula (1992), good to some 20 K between 2000 and 7000 K."""
    x, y = xyz[0] / xyz.sum(), xyz[1] / xyz.sum()
    n = (x - 0.3320) / (y - 0.1858)
    return float(-449 * n**3 + 3525 * n**2 - 6823.3 * n + 5520.33)


def as_a_converter_reads_it(colour: DngColour, neutral: tuple[float, ...]) -> float:
    """DNG 1.4 chapter 6, "Translating camera neutral coordinates to white balance xy coordinates"."""
    first, second = colour.color_matrices
    kelvin = 5000.0
    for _ in range(50):
        # Interpolated linearly in 1/kelvin, as the specification asks.
        share = np.clip((1 / kelvin - 1 / KELVIN_D65) / (1 / KELVIN_A - 1 / KELVIN_D65), 0, 1)
        white = np.linalg.solve(share * first + (1 - share) * second, np.array(neutral))
        kelvin = kelvin_of_white(white)
    return kelvin


def test_at_the_two_illuminants_the_matrices_are_those_of_the_table() -> None:
    for index, kelvin in enumerate((KELVIN_A, KELVIN_D65)):
        colour = dng_colour(IMX477.colour, kelvin)
        assert colour.illuminants == (17, 21)
        color, forward = colour.color_matrices[index], colour.forward_matrices[index]
        # The factor that puts the white on the curve is 1 here, up to what the formula of the black body is good for.
        np.testing.assert_allclose(color, (COLOR_MATRIX_1, COLOR_MATRIX_2)[index], atol=3e-3)
        np.testing.assert_allclose(forward, (FORWARD_MATRIX_1, FORWARD_MATRIX_2)[index], atol=TABLE_TOLERANCE)


@pytest.mark.parametrize("kelvin", KELVINS)
def test_a_balanced_grey_becomes_d50_as_the_specification_demands(kelvin: float) -> None:
    for matrix in dng_colour(IMX477.colour, kelvin).forward_matrices:
        np.testing.assert_allclose(matrix @ np.ones(3), WHITE_D50, atol=2e-3)


@pytest.mark.parametrize("kelvin", KELVINS)
def test_a_shot_reads_its_own_colour_temperature(kelvin: float) -> None:
    neutral = as_shot_neutral(IMX477.colour.gains_at(kelvin))
    assert as_a_converter_reads_it(dng_colour(IMX477.colour, kelvin), neutral) == pytest.approx(kelvin, rel=0.01)


@pytest.mark.parametrize("kelvin", KELVINS)
def test_a_program_that_takes_one_matrix_gets_the_correction_of_the_shots_light(kelvin: float) -> None:
    for matrix, white in zip(dng_colour(IMX477.colour, kelvin).color_matrices, (WHITE_A, WHITE_D65), strict=True):
        # As dcraw has it: sRGB seen by the camera, each row scaled so that white is white; its inverse corrects colour.
        camera = matrix @ adaptation(WHITE_D65, white) @ np.array(SRGB_TO_XYZ)
        correction = np.linalg.inv(camera / camera.sum(axis=1, keepdims=True))
        np.testing.assert_allclose(correction, IMX477.colour.ccm_at(kelvin), atol=2e-3)


@pytest.mark.parametrize("kelvin", (2850, 4000, 5500, 7500))
def test_even_the_matrix_for_d65_alone_tells_the_light_within_7_percent(kelvin: float) -> None:
    neutral = np.array(as_shot_neutral(IMX477.colour.gains_at(kelvin)))
    white = np.linalg.solve(dng_colour(IMX477.colour, kelvin).color_matrices[1], neutral)
    assert kelvin_of_white(white) == pytest.approx(kelvin, rel=0.07)


def test_beyond_the_curve_its_ends_are_taken() -> None:
    for kelvin, end in ((1000.0, 2360.0), (30_000.0, 9505.0)):
        found, expected = dng_colour(IMX477.colour, kelvin), dng_colour(IMX477.colour, end)
        np.testing.assert_array_equal(found.color_matrices, expected.color_matrices)


def test_the_white_of_a_light_is_on_the_locus() -> None:
    # CIE 15: D50 and D65 are the daylight of 1.4388/1.4380 times 5000 K and 6500 K; black bodies by Planck's law.
    for kelvin, x, y in ((5003, 0.34567, 0.35850), (6504, 0.31272, 0.32903), (2856, 0.44757, 0.40745)):
        white = np.array(white_at(kelvin))
        np.testing.assert_allclose(white[:2] / white.sum(), (x, y), atol=6e-4)
    assert [round(kelvin_of_white(np.array(white_at(k)))) for k in (2000, 8000)] == pytest.approx(
        [2000, 8000], rel=0.02
    )


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
