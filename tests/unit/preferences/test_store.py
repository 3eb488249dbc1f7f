import json
import logging
import os
import threading
from pathlib import Path

import pytest

from device.errors import StorageError
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


DEEP = "[" * 100_000 + "]" * 100_000
HOSTILE = [DEEP, f'{{"controls": {DEEP}}}', '{"controls": {"ev": 1e999}}', '{"a": {"b": "\\ud800"}}', '{"a": NaN}']


@pytest.mark.parametrize("broken", HOSTILE, ids=range(len(HOSTILE)))
def test_a_file_of_any_shape_is_set_aside_and_the_owner_is_told(tmp_path: Path, broken: str) -> None:
    path = tmp_path / "settings.json"
    path.write_text(broken)
    preferences = Preferences(path)
    assert preferences.get("controls") == {} and (tmp_path / "settings.broken.json").read_text() == broken
    assert any("settings.broken.json" in notice for notice in preferences.notices.list())
    path.write_text(broken)
    Preferences(path)
    assert (tmp_path / "settings.broken-2.json").exists(), "the first one is still there"


@pytest.mark.parametrize("kind", ["folder", "pipe", "link to nothing"])
def test_what_is_no_file_is_set_aside_without_waiting_for_it(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "settings.json"
    make = {"folder": path.mkdir, "pipe": lambda: os.mkfifo(path), "link to nothing": lambda: path.symlink_to("gone")}
    make[kind]()
    preferences = Preferences(path)
    preferences.set("controls", {"ev": 1.0})
    preferences.save()
    assert path.is_file() and not path.is_symlink() and Preferences(path).get("controls") == {"ev": 1.0}


def test_one_bad_section_keeps_the_others_and_the_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    whole = json.dumps({"controls": {"ev": 0.5}, "assists": 3, "lens": {"id": "x"}})
    path.write_text(whole)
    preferences = Preferences(path)
    assert preferences.get("controls") == {"ev": 0.5} and preferences.get("lens") == {"id": "x"}
    assert preferences.get("assists") == {}
    assert (tmp_path / "settings.broken.json").read_text() == whole
    assert json.loads(path.read_text()) == {"controls": {"ev": 0.5}, "lens": {"id": "x"}}
    assert len(preferences.notices.list()) == 1 and "assists" in preferences.notices.list()[0]
    assert Preferences(path).notices.list() == [], "the next start finds a sound file"


def test_settings_that_could_not_be_saved_are_not_said_to_be_and_are_tried_again(tmp_path: Path) -> None:
    folder = tmp_path / "config"
    folder.write_text("in the way")
    preferences = Preferences(folder / "settings.json")
    preferences.set("controls", {"ev": 0.5})
    with pytest.raises(StorageError):
        preferences.save()
    preferences.save_if_changed()
    assert "could not be kept" in preferences.notices.list()[0]
    folder.unlink()
    preferences.save_if_changed()
    assert preferences.notices.list() == [] and Preferences(folder / "settings.json").get("controls") == {"ev": 0.5}


def test_what_two_processes_write_at_once_is_all_kept(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    writers = [Preferences(path) for _ in range(4)]

    def write(number: int) -> None:
        for turn in range(10):
            writers[number].set(f"section {number}", {"turn": turn})
            writers[number].save()

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    kept = Preferences(path)
    assert [kept.get(f"section {number}") for number in range(4)] == [{"turn": 9}] * 4
