"""Assist settings: what may be changed to what."""

import pytest

from device.analysis.settings import AssistSettings, BadAssist, as_json, merge


@pytest.mark.parametrize(
    ("changes", "name", "value"),
    [
        ({"peaking": False}, "peaking", False),
        ({"peaking_sensitivity": "high"}, "peaking_sensitivity", "high"),
        ({"zebra_high_ire": 70}, "zebra_high_ire", 70.0),
        ({"zebra_high_ire": 100}, "zebra_high_ire", 100.0),
        ({"zebra_low_ire": 0}, "zebra_low_ire", 0.0),
        ({"zebra_band_low_ire": 75}, "zebra_band_low_ire", 75.0),
        ({"zebra_band_low_ire": 20, "zebra_band_high_ire": 30.5}, "zebra_band_high_ire", 30.5),
    ],
)
def test_good_changes_are_taken(changes, name, value):
    merged = merge(AssistSettings(), changes)
    assert getattr(merged, name) == value
    assert type(getattr(merged, name)) is type(value)


@pytest.mark.parametrize(
    "changes",
    [
        {"unknown": 1},
        {"peaking": 1},
        {"peaking": "true"},
        {"peaking": None},
        {"peaking_sensitivity": "extreme"},
        {"peaking_sensitivity": 2},
        {"zebra_high_ire": 69.9},
        {"zebra_high_ire": 100.1},
        {"zebra_high_ire": True},
        {"zebra_high_ire": "95"},
        {"zebra_high_ire": float("nan")},
        {"zebra_low_ire": float("inf")},
        {"zebra_low_ire": -1},
        {"zebra_band_low_ire": 80},
        {"zebra_band_low_ire": 50, "zebra_band_high_ire": 40},
        {"peaking": False, "zebra_low_ire": 21},
        {"zebra_high_channel": "alpha"},
        {"waveform": None},
        {"spot_x": 1.5},
        {"spot_size": 0.21},
        {"raw_shadow_ev": -1},
        {"ettr_tolerance_percent": 100},
    ],
)
def test_bad_changes_are_refused_whole(changes):
    with pytest.raises(BadAssist) as caught:
        merge(AssistSettings(), changes)
    assert caught.value.code == "bad_assist"
    assert caught.value.expected


def test_settings_survive_json():
    settings = merge(AssistSettings(), {"zebra_low": True, "zebra_low_ire": 5})
    assert merge(AssistSettings(), as_json(settings)) == settings
