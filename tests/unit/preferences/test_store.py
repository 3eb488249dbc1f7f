import json
import logging
from pathlib import Path

import pytest

from device.preferences.store import Preferences


def test_sections_survive_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "settings.json"
    preferences = Preferences(path)
    preferences.set("controls", {"ev": 0.5})
    preferences.save_if_changed()
    assert Preferences(path).get("controls") == {"ev": 0.5}
    assert json.loads(path.read_text()) == {"controls": {"ev": 0.5}}


def test_nothing_is_written_while_nothing_changed(tmp_path: Path) -> None:
    preferences = Preferences(tmp_path / "settings.json")
    preferences.save_if_changed()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("broken", ["", "{", "[1, 2]", '{"controls": 3}', "\x00\xff"])
def test_a_broken_file_is_set_aside_and_defaults_are_used(
    tmp_path: Path, broken: str, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "settings.json"
    path.write_text(broken)
    with caplog.at_level(logging.WARNING):
        assert Preferences(path).get("controls") == {}
    assert "cannot be read" in caplog.text
    assert (tmp_path / "settings.broken.json").read_text() == broken and not path.exists()


def test_a_folder_that_cannot_be_written_is_logged_and_not_fatal(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("")
    preferences = Preferences(tmp_path / "file" / "settings.json")
    preferences.set("a", {})
    preferences.save_if_changed()
    assert "could not be kept" in caplog.text


def test_what_get_gives_is_a_copy() -> None:
    preferences = Preferences()
    preferences.set("a", {"x": 1})
    preferences.get("a")["x"] = 2
    assert preferences.get("a") == {"x": 1}
