"""How the camera is mounted: kept over a restart, told by another process, and none where the file holds nonsense."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from device.errors import BadInput
from device.pixels.orientation import turned
from device.preferences.orientation import ROTATIONS_DEG, Orientation, OwnerOrientation
from device.preferences.store import Preferences

ALL = [Orientation(rotation, mirrored) for mirrored in (False, True) for rotation in ROTATIONS_DEG]


def test_each_of_the_eight_is_mirrored_first_and_then_turned_clockwise() -> None:
    pixels = np.arange(12).reshape(3, 4)
    for orientation in ALL:
        wanted = np.rot90(np.fliplr(pixels) if orientation.mirrored else pixels, -orientation.rotation_deg // 90)
        assert np.array_equal(turned(pixels, orientation.exif), wanted), orientation
    assert sorted(orientation.exif for orientation in ALL) == list(range(1, 9))


def test_it_is_kept_over_a_restart_and_one_value_changes_alone(tmp_path: Path) -> None:
    preferences = Preferences(tmp_path / "settings.json")
    kept = OwnerOrientation(preferences)
    assert kept.get() == Orientation(0, False)
    kept.change({"rotation_deg": 270})
    assert kept.change({"mirrored": True}) == Orientation(270, True)
    preferences.save()
    assert OwnerOrientation(Preferences(tmp_path / "settings.json")).get() == Orientation(270, True)


def test_what_another_process_told_is_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    running, command = OwnerOrientation(Preferences(path)), Preferences(path)
    assert running.get().exif == 1
    OwnerOrientation(command).change({"rotation_deg": 180})
    command.save()
    assert running.get() == Orientation(180)


@pytest.mark.parametrize(
    "changes", [{"rotation_deg": 45}, {"rotation_deg": 360}, {"rotation_deg": "90"}, {"mirrored": 1}, {"tilt": 0}]
)
def test_what_is_no_orientation_is_refused_and_changes_nothing(changes: dict[str, Any]) -> None:
    kept = OwnerOrientation(Preferences())
    kept.change({"rotation_deg": 90})
    with pytest.raises(BadInput):
        kept.change(changes)
    assert kept.get() == Orientation(90)


@pytest.mark.parametrize(
    "kept", [{"rotation_deg": 45}, {"rotation_deg": None}, {"mirrored": "yes"}, {"angle": 90}, {"rotation_deg": [90]}]
)
def test_what_is_kept_and_is_no_orientation_counts_as_the_sensors_own(tmp_path: Path, kept: dict[str, Any]) -> None:
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({"orientation": kept}))
    assert OwnerOrientation(Preferences(path)).get() == Orientation()
