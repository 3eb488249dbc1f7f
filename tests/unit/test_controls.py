import math
from collections.abc import Callable
from dataclasses import asdict, replace

import pytest

from device.controls import Asked, keep_valid, merge
from device.errors import BadControl
from device.frame import CameraInfo, Capabilities, Controls, FrameMeta, Limit
from device.sensors.imx477 import IMX477

INFO = CameraInfo(
    driver="test",
    model="imx477",
    simulated=True,
    description="a camera for tests",
    modes=IMX477.modes,
    limits={
        "exposure_us": Limit(60, 1_000_000, None, "us"),
        "gain": Limit(1, 22.26, None, ""),
        "ev": Limit(-8, 8, 0, "EV"),
        "colour_gains": Limit(0.1, 32, None, ""),
        "colour_temperature_k": Limit(2500, 9500, None, "K"),
        "contrast": Limit(0.25, 4, 1, "x"),
    },
    choices={"metering": ("centre", "spot", "matrix"), "anti_flicker": ("off", "50 Hz", "60 Hz")},
    capabilities=Capabilities(raw_live=True, raw_still=True, lens_control=False, exposure_control=True, loupe=False),
)


def test_good_changes_are_merged_and_the_rest_stays() -> None:
    controls = merge(Controls(ev=1.0), {"exposure_us": 8000, "ae_lock": True}, INFO)
    assert controls == Controls(ev=1.0, exposure_us=8000.0, ae_lock=True)
    assert merge(controls, {"exposure_us": None}, INFO).exposure_us is None


@pytest.mark.parametrize("edge", [60, 1_000_000])
def test_both_ends_of_a_range_are_in(edge: float) -> None:
    assert merge(Controls(), {"exposure_us": edge}, INFO).exposure_us == edge


@pytest.mark.parametrize(
    ("changes", "says", "expects"),
    [
        ({"exposure_us": 59}, "out of range", "60 to 1e+06 us"),
        ({"exposure_us": 1_000_001}, "out of range", "60 to"),
        ({"exposure_us": "1/125"}, "not a number", "a number from 60"),
        ({"exposure_us": True}, "not a number", "a number"),
        ({"exposure_us": math.nan}, "not a number", "a number"),
        ({"gain": math.inf}, "not a number", "1 to 22.26"),
        ({"gain": 10**400}, "not a number", "1 to 22.26"),
        ({"gain": 256}, "ISO 25600 (gain 256) is out of range", "ISO 100 to 2226 (gain 1 to 22.26)"),
        ({"colour_gains": [10**400, 1]}, "not a number", "0.1 to 32"),
        ({"ev": None}, "not a number", "-8 to 8 EV"),
        ({"ae_lock": 1}, "ae_lock is 1", "true or false"),
        ({"awb": "sunny"}, "awb is 'sunny'", "auto, incandescent"),
        ({"awb": []}, "awb is []", "auto, incandescent"),
        ({"awb": "manual"}, "colour_gains is missing", "[red, blue]"),
        ({"colour_gains": [1.0]}, "colour_gains is [1.0]", "two numbers"),
        ({"colour_gains": [1.0, 99]}, "out of range", "0.1 to 32"),
        ({"focus_m": 2.0}, "cannot be set on this camera", "colour_gains, colour_temperature_k, contrast, ev"),
        ({"metering": "evaluative"}, "metering is 'evaluative'", "centre, spot, matrix"),
        ({"metering": None}, "metering is None", "centre, spot, matrix"),
        ({"metering": ["spot"]}, "metering is ['spot']", "centre, spot, matrix"),
        ({"anti_flicker": "auto"}, "anti_flicker auto cannot be set on this camera", "off, 50 Hz, 60 Hz"),
        ({"anti_flicker": 50}, "anti_flicker is 50", "off, 50 Hz, 60 Hz"),
        ({"constraint": "highlight"}, "constraint highlight cannot be set on this camera", "left as it is"),
        ({"awb": "kelvin"}, "colour_temperature_k is missing", "2500 to 9500 K"),
        ({"colour_temperature_k": 2499}, "out of range", "2500 to 9500 K"),
        ({"contrast": 0.2}, "out of range", "0.25 to 4 x"),
        ({"contrast": None}, "not a number", "0.25 to 4 x"),
        ({"sharpness": 2}, "cannot be set on this camera", "contrast"),
        ({"jpeg_quality": 101}, "jpeg_quality is 101, out of range", "60 to 100"),
        ({"jpeg_quality": 80.5}, "not a whole number", "60 to 100"),
        ({"zoom": 2}, "unknown control 'zoom'", "exposure_us"),
    ],
)
def test_bad_changes_say_what_was_found_and_expected(changes: dict[str, object], says: str, expects: str) -> None:
    with pytest.raises(BadControl) as caught:
        merge(Controls(), changes, INFO)
    assert says in caught.value.message and expects in caught.value.expected


def test_the_quality_of_files_is_set_with_every_camera() -> None:
    assert "jpeg_quality" not in INFO.limits
    assert merge(Controls(), {"jpeg_quality": 60}, INFO).jpeg_quality == 60
    assert keep_valid({"jpeg_quality": 100}, INFO) == (Controls(jpeg_quality=100), [])


def test_one_bad_value_of_several_changes_nothing() -> None:
    before = Controls(ev=1.0)
    with pytest.raises(BadControl):
        merge(before, {"ev": 2.0, "gain": 0}, INFO)
    assert before == Controls(ev=1.0)


def test_stored_controls_of_another_camera_lose_only_what_does_not_fit() -> None:
    stored = {"awb": "manual", "colour_gains": [3.0, 1.5], "focus_m": 2.0, "ev": 99, "gone": 1, "gain": 2.0}
    controls, dropped = keep_valid(stored, INFO)
    assert controls == Controls(awb="manual", colour_gains=(3.0, 1.5), gain=2.0)
    assert sorted(dropped) == ["ev", "focus_m", "gone"]


def test_what_is_stored_as_it_was_shipped_is_neither_asked_nor_missed() -> None:
    bare = replace(INFO, limits={}, choices={})
    stored = asdict(Controls()) | {"contrast": 1.5, "constraint": "highlight"}
    controls, dropped = keep_valid(stored, bare)
    assert controls == Controls() and sorted(dropped) == ["constraint", "contrast"]


def test_a_temperature_is_stored_and_taken_back_with_its_mode() -> None:
    kelvin = merge(Controls(), {"awb": "kelvin", "colour_temperature_k": 3200}, INFO)
    assert keep_valid(asdict(kelvin), INFO) == (kelvin, [])
    rest = {name: limit for name, limit in INFO.limits.items() if limit.unit != "K"}
    with pytest.raises(BadControl, match="awb kelvin cannot be set"):
        merge(Controls(), {"awb": "kelvin"}, replace(INFO, limits=rest))


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (Asked(), ""),
        (Asked(gain=2.0), ""),
        (Asked(gain=2.05), ""),
        (Asked(gain=4.0), "asked for ISO 400"),
        (Asked(gain=1.9), "asked for ISO 190"),
        (Asked(exposure_us=10_000.0, gain=4.0), "asked for ISO 400"),
        (Asked(exposure_us=20_000.0, gain=4.0), "asked for 0.02 s, ISO 400"),
        (Asked(exposure_us=20_000.0, gain=2.0), "asked for 0.02 s"),
        (Asked(exposure_us=20_000.0, gain=1.0, total_us=20_000.0), ""),
        (Asked(gain=1.0, total_us=40_000.0), "1.00 EV less than asked for"),
    ],
)
def test_what_was_asked_for_is_compared_time_and_gain_each_by_itself(
    make_meta: Callable[..., FrameMeta], asked: Asked, said: str
) -> None:
    assert asked.shortfall(make_meta(exposure_us=10_000.0, analogue_gain=2.0)) == said
