"""What a session begins with, from the settings that were kept."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

from device.analysis.settings import AssistSettings, as_json
from device.preferences.store import Preferences
from device.session.stored import stored_assists


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
