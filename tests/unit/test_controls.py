import math

import pytest

from device.controls import keep_valid, merge
from device.errors import BadControl
from device.frame import CameraInfo, Capabilities, Controls, Limit
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
    },
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
        ({"ev": None}, "not a number", "-8 to 8 EV"),
        ({"ae_lock": 1}, "ae_lock is 1", "true or false"),
        ({"awb": "sunny"}, "awb is 'sunny'", "auto, incandescent"),
        ({"awb": []}, "awb is []", "auto, incandescent"),
        ({"awb": "manual"}, "colour_gains is missing", "[red, blue]"),
        ({"colour_gains": [1.0]}, "colour_gains is [1.0]", "two numbers"),
        ({"colour_gains": [1.0, 99]}, "out of range", "0.1 to 32"),
        ({"focus_m": 2.0}, "cannot be set on this camera", "colour_gains, ev, exposure_us, gain"),
        ({"zoom": 2}, "unknown control 'zoom'", "exposure_us"),
    ],
)
def test_bad_changes_say_what_was_found_and_expected(changes: dict[str, object], says: str, expects: str) -> None:
    with pytest.raises(BadControl) as caught:
        merge(Controls(), changes, INFO)
    assert says in caught.value.message and expects in caught.value.expected


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
