"""The position that is told once: kept over a restart, and none where the settings file holds nonsense."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from device.preferences.position import OwnerPosition, Position
from device.preferences.store import Preferences


def test_a_position_is_kept_over_a_restart_and_can_be_forgotten(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    OwnerPosition(Preferences(path)).set(Position(-33.87, 151.21))
    again = OwnerPosition(Preferences(path))
    assert again.get() == Position(-33.87, 151.21)
    again.set(None)
    assert OwnerPosition(Preferences(path)).get() is None


@pytest.mark.parametrize(
    "kept",
    [
        {},
        {"latitude_deg": 52.5},
        {"latitude_deg": "52.5", "longitude_deg": 13},
        {"latitude_deg": 520, "longitude_deg": 13},
        {"latitude_deg": float("nan"), "longitude_deg": 13},
        {"latitude_deg": [1], "longitude_deg": {}},
    ],
)
def test_what_is_kept_and_is_no_position_counts_as_none(tmp_path: Path, kept: dict[str, Any]) -> None:
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({"position": kept}))
    assert OwnerPosition(Preferences(path)).get() is None
