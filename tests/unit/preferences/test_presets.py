"""The presets C1 to C3 in the settings file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from device.errors import BadInput, StorageError
from device.preferences.presets import OwnerPresets, make_preset
from device.preferences.store import Preferences

VALUES: dict[str, Any] = {
    "name": "Portrait",
    "controls": {"ev": 0.7, "awb": "daylight", "f_number": 4, "focus_m": 2, "ae_lock": True},
    "assists": {"peaking": False},
    "display": {"guideLines": "thirds"},
    "drive": {"mode": "timer", "settings": {"delay_s": 2}},
}


def test_a_preset_is_kept_over_a_restart_without_what_belongs_to_the_lens_or_the_moment(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    presets = OwnerPresets(Preferences(path))
    presets.set("C2", make_preset(VALUES))
    again = OwnerPresets(Preferences(path)).all()
    assert again["C1"] is None and again["C3"] is None and again["C2"] == make_preset(VALUES)
    assert again["C2"].controls == {"ev": 0.7, "awb": "daylight"}
    presets.set("C2", None)
    assert OwnerPresets(Preferences(path)).all()["C2"] is None


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"name": 3}, "name"),
        ({"name": "x" * 41}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"controls": []}, "controls of the preset"),
        ({"controls": {"speed": 1}}, "unknown control 'speed'"),
        ({"display": {"x": "y" * 10_000}}, "display of the preset"),
        ({"drive": None}, "drive of the preset"),
        ({"more": 1}, "more is missing or not known"),
    ],
)
def test_what_is_no_preset_is_refused(change: dict[str, Any], says: str) -> None:
    with pytest.raises(BadInput, match=says) as caught:
        make_preset(VALUES | change)
    assert caught.value.expected


@pytest.mark.parametrize("broken", [3, [], "x", {}, {"C1": 3, "C2": {"name": "half"}, "C4": 1}])
def test_a_broken_section_is_no_preset_and_stops_nothing(tmp_path: Path, broken: object) -> None:
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({"presets": broken, "controls": {"ev": 1}}))
    preferences = Preferences(path)
    presets = OwnerPresets(preferences)
    assert presets.all() == {"C1": None, "C2": None, "C3": None} and preferences.get("controls") == {"ev": 1}
    with pytest.raises(BadInput, match="nothing is saved under C1"):
        presets.get("C1")
    presets.set("C1", make_preset(VALUES))
    assert OwnerPresets(Preferences(path)).get("C1").name == "Portrait"


def test_a_slot_that_is_none_is_refused() -> None:
    presets = OwnerPresets(Preferences())
    for act in (presets.get, presets.ask, lambda slot: presets.set(slot, None)):
        with pytest.raises(BadInput, match="there is no preset 'C4'"):
            act("C4")


def test_a_preset_that_cannot_be_kept_is_not_said_to_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError):
        OwnerPresets(Preferences(tmp_path / "file" / "settings.json")).set("C1", make_preset(VALUES))


def test_another_process_asks_once_and_its_changes_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    here, there = OwnerPresets(Preferences(path)), OwnerPresets(Preferences(path))
    revision = here.revision
    there.set("C3", make_preset(VALUES))
    assert here.revision == revision + 1 == here.revision
    assert here.take_asked() is None
    there.ask("C3")
    assert here.take_asked() == "C3" and here.take_asked() is None
    there.ask("C3")  # the answer to the first one is not on the disk yet
    assert here.take_asked() == "C3" and here.take_asked() is None
    here._preferences.save()
    assert OwnerPresets(Preferences(path)).take_asked() is None, "once, over restarts too"
