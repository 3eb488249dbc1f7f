"""What a session begins with, from the settings that were kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import permutations
from pathlib import Path

import pytest

from device.analysis.settings import AssistSettings, as_json
from device.captures.places import Places
from device.captures.storage import Storage
from device.drivers.replay import ReplayCamera
from device.meter.light_meter import LightMeter
from device.preferences.owner_lenses import OwnerLenses
from device.preferences.store import Preferences
from device.session.session import Session
from device.session.stored import stored_assists

MakeSession = Callable[..., Session]


def test_a_band_above_or_below_the_shipped_one_is_taken_back_in_whatever_order_it_was_kept() -> None:
    for low, high in ((90.0, 95.0), (5.0, 10.0)):
        kept = {"zebra_band_low_ire": low, "zebra_band_high_ire": high, "peaking": False}
        for names in permutations(kept):
            preferences = Preferences()
            preferences.set("assists", {name: kept[name] for name in names})
            expected = replace(AssistSettings(), zebra_band_low_ire=low, zebra_band_high_ire=high, peaking=False)
            assert stored_assists(preferences) == expected


def test_what_is_no_longer_valid_loses_only_itself() -> None:
    preferences = Preferences()
    preferences.set("assists", as_json(AssistSettings(spot=True)) | {"zebra_high_ire": 200, "gone": 1})
    assert stored_assists(preferences) == AssistSettings(spot=True)


VALUES = (None, True, -1, 10**400, 1e308, "", "\x00" * 9, [], [[]], {}, {"id": {}}, [{}], {"exposure_us": "x"})
NAMES = ("ev", "gain", "awb", "colour_gains", "zebra_high_ire", "spot_x", "id", "f_number", "recent", "place")


@pytest.mark.parametrize("section", ["controls", "assists", "lens", "storage", "light_meter", "unknown"])
def test_a_camera_starts_with_whatever_its_settings_hold(
    section: str, make_session: MakeSession, picture_folder: Path, tmp_path: Path
) -> None:
    """Values of every kind under every name; the replay's kind is a name of the light meter's section."""
    names = (*NAMES, "replay", "replay:replay")
    for value in VALUES:
        preferences = Preferences()
        preferences.set(section, dict.fromkeys(names, value))
        lenses = OwnerLenses(preferences)
        assert lenses.chosen() is None and lenses.recent() == [] and lenses.revision == 0
        Places(Storage(tmp_path), preferences, drives=lambda: []).restore()
        session = make_session(lambda: ReplayCamera(picture_folder), preferences=preferences)
        info = session.wait_open(60)
        LightMeter(session, preferences, lenses).calibration(info)
        session.close()
