"""Sensors by their names: what is published of each, how gains are coded, and what is assumed of an unknown one."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from device.drivers.simulated import SimulatedCamera
from device.sensors.base import Sensor
from device.sensors.imx477 import IMX477
from device.sensors.known import PITCH, SENSORS, sensor_named, sensor_of

ALL = list(SENSORS.values())
FULL_FRAME_MM = math.hypot(36, 24)


def full_well_e(sensor: Sensor) -> float:
    return (sensor.white_dn - sensor.black_dn) / sensor.noise.dn_per_e


@pytest.mark.parametrize(
    ("model", "gain", "taken"),
    [
        ("imx219", 3.0, 256 / (256 - 170)),
        ("imx219", 100.0, 256 / 24),
        ("imx708", 1.0, 1024 / 912),
        ("imx296", 2.0, 10 ** (60 / 200)),
        ("imx283", 8.0, 8.0),
        ("ov5647", 2.7, 43 / 16),
        ("imx585", 2.0, 10 ** (20 * 0.3 / 20)),
    ],
)
def test_a_sensor_takes_the_next_lower_gain_of_its_own_codes(model: str, gain: float, taken: float) -> None:
    assert SENSORS[model].quantise_gain(gain) == pytest.approx(taken, rel=1e-12)


@pytest.mark.parametrize("sensor", ALL, ids=lambda sensor: sensor.model)
def test_each_code_of_a_sensor_is_taken_as_it_is(sensor: Sensor) -> None:
    law = sensor.gains
    for code in range(law.code_min, law.code_max + 1):
        assert law.code(law.gain(code)) == code
    assert law.code(0.0) == law.code_min and law.code(1e9) == law.code_max


@pytest.mark.parametrize(
    ("model", "crop_factor"),
    [
        ("imx477", 5.507),
        ("imx283", 2.741),
        ("imx585", 3.386),
        ("imx296", 6.900),
        ("imx708", 5.845),
        ("imx219", 9.417),
        ("ov5647", 9.539),
    ],
)
def test_crop_factors_are_those_of_the_diagonals(model: str, crop_factor: float) -> None:
    sensor = SENSORS[model]
    diagonal_mm = math.hypot(sensor.active_width, sensor.active_height) * sensor.pixel_pitch_um / 1000
    assert FULL_FRAME_MM / diagonal_mm == pytest.approx(crop_factor, abs=0.001)


@pytest.mark.parametrize("sensor", ALL, ids=lambda sensor: sensor.model)
def test_the_figures_of_a_sensor_go_together(sensor: Sensor) -> None:
    whole = max(sensor.modes, key=lambda mode: mode.width)
    assert (whole.width, whole.height) == (sensor.active_width, sensor.active_height)
    assert sensor.white_dn == 2**sensor.bit_depth - 1 and 0 < sensor.black_dn < sensor.white_dn / 10
    assert 700 <= full_well_e(sensor) / sensor.pixel_pitch_um**2 <= 5000, "electrons per square micrometre"
    for mode in sensor.modes:
        assert mode.crop.width == mode.width * mode.binning and mode.bit_depth <= sensor.bit_depth
        assert mode.height * mode.line_us <= 1e6 / mode.max_fps * 1.001, "a frame is not shorter than its lines"
    for _, matrix in sensor.colour.ccms:
        assert [sum(matrix[row : row + 3]) for row in (0, 3, 6)] == pytest.approx([1, 1, 1], abs=0.002)
    warm, cold = sensor.colour.gains_at(2900), sensor.colour.gains_at(6500)
    assert warm[0] < cold[0] and warm[1] > cold[1]


def test_a_variant_has_the_name_of_its_sensor_in_front() -> None:
    assert sensor_named("imx708_wide_noir") is SENSORS["imx708"] and sensor_named("IMX477") is IMX477
    assert sensor_named("imx4771") is None


def test_of_an_unknown_sensor_more_noise_is_expected_than_of_any_known_one() -> None:
    for known in ALL:
        assumed = sensor_of("xyz1", known.modes, known.pixel_pitch_um)
        assert (assumed.active_width, assumed.active_height) == (known.active_width, known.active_height)
        assert {"noise", "colour", "black level", "gains"} <= set(assumed.assumed) and PITCH not in assumed.assumed
        if known.bit_depth == assumed.bit_depth:
            for gain in (1.0, 4.0, 16.0):
                slope, constant = assumed.noise.variance_dn(gain)
                slope_known, constant_known = known.noise.variance_dn(gain)
                assert slope >= 0.99 * slope_known and constant >= constant_known, (known.model, gain)
    assert PITCH in sensor_of("xyz1", IMX477.modes).assumed
    assert sensor_of("xyz1", IMX477.modes).unique_camera_model == "hqcam XYZ1"
    assert replace(sensor_of("imx477", ()), modes=()) == replace(IMX477, modes=())


@pytest.mark.parametrize(
    ("model", "size"),
    [
        ("imx477", (2028, 1520)),
        ("imx219", (1640, 1232)),
        ("imx283", (2736, 1824)),
        ("imx296", (1456, 1088)),
        ("imx585", (1920, 1080)),
        ("imx708", (2304, 1296)),
        ("ov5647", (1296, 972)),
    ],
)
def test_a_camera_begins_with_all_that_its_sensor_sees_at_a_live_rate(model: str, size: tuple[int, int]) -> None:
    camera = SimulatedCamera(sensor=SENSORS[model], pace=False)
    camera.open()
    try:
        mode = camera.info.live_mode
        assert (mode.width, mode.height) == size
    finally:
        camera.close()
