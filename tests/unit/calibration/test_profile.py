"""A profile takes the place of the published numbers, and comes back from its file as it was."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from calibration_bench import profile_of

from device.calibration.cap import HotSite
from device.calibration.profile import Camera, parse_profile, same_sensor
from device.frame import RawFrame
from device.sensors.imx477 import IMX477

PROFILE = profile_of(Camera("imx477", "/base/soc/i2c0mux/i2c@1/imx477@1a", False))


def test_a_profile_survives_its_file() -> None:
    assert parse_profile(json.loads(json.dumps(PROFILE.as_json()))) == PROFILE


@pytest.mark.parametrize(
    "broken",
    [
        {"darks": []},
        {"darks": [*PROFILE.as_json()["darks"]][::-1]},
        {"noise": {"dn_per_e": -1, "read_a_e2": 1, "read_b_e2": 1}},
        {"noise": {"dn_per_e": True, "read_a_e2": 1, "read_b_e2": 1}},
        {"prnu": 7},
        {"hot": ["1 2"]},
        {"hot": ["1 -2 3"]},
        {"hot": [7]},
        {"dust": [{"x": 1}]},
        {"at": "yesterday"},
        {"temperature_c": "warm"},
        {"camera": None},
    ],
)
def test_what_is_no_profile_is_refused(broken: dict[str, Any]) -> None:
    values = json.loads(json.dumps(PROFILE.as_json())) | broken
    with pytest.raises((ValueError, TypeError, LookupError, AttributeError)):
        parse_profile(values)


def test_the_measured_noise_and_black_take_the_place_of_the_published() -> None:
    sensor = PROFILE.measured(IMX477)
    assert sensor.noise == PROFILE.noise and sensor.black_dn == pytest.approx(258.75)
    assert replace(sensor, noise=IMX477.noise, black_dn=IMX477.black_dn) == IMX477


@pytest.mark.parametrize(("gain", "red"), [(0.5, 259), (1, 259), (2, 260.5), (4, 262), (8, 268), (22, 274)])
def test_black_follows_the_gain_between_those_measured(gain: float, red: float) -> None:
    assert PROFILE.black_dn(gain) == pytest.approx((red, 258.5, 258.5, 259.0))


@pytest.mark.parametrize(("bits", "scale"), [(10, 0.25), (12, 1), (16, 16)])
def test_a_frame_gets_black_on_its_own_scale(bits: int, scale: float) -> None:
    raw = RawFrame(np.zeros((2, 2), np.uint16), "BGGR", bits, (1, 1, 1, 1), 2**bits - 1)
    found = PROFILE.with_levels(raw, 4.0, IMX477)
    assert found.black_dn == pytest.approx([level * scale for level in (262, 258.5, 258.5, 259)])
    assert found.samples is raw.samples and found.white_dn == raw.white_dn


def test_hot_sites_tell_a_sensor_from_another() -> None:
    def with_hot(places: range) -> Any:
        return replace(PROFILE, hot=tuple(HotSite(100 + 3 * i, 50 + i, 20.0) for i in places))

    assert same_sensor(with_hot(range(30)), with_hot(range(10, 60))) is True
    assert same_sensor(with_hot(range(30)), with_hot(range(40, 90))) is False
    assert same_sensor(PROFILE, PROFILE) is None
