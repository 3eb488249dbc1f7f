"""Where captures go: chosen, kept over a restart, and what happens when the drive is not there."""

import logging
from pathlib import Path

import pytest

from device.captures.places import HOME, Places, output_folder
from device.captures.storage import Storage
from device.captures.usb import UsbDrive
from device.errors import BadInput
from device.preferences.store import Preferences


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    storage = Storage(tmp_path / "home")
    storage.prepare()
    return storage


@pytest.fixture
def stick(tmp_path: Path) -> UsbDrive:
    (tmp_path / "STICK").mkdir()
    return UsbDrive("STICK", tmp_path / "STICK")


def test_the_stick_that_was_chosen_is_used_again_after_a_restart(
    storage: Storage, stick: UsbDrive, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    preferences = Preferences()
    Places(storage, preferences, drives=lambda: [stick]).choose("STICK")
    assert storage.root == stick.folder
    again = Storage(tmp_path / "home")
    again.prepare()
    Places(again, preferences, drives=lambda: [stick]).restore()
    assert again.root == stick.folder
    without = Storage(tmp_path / "home")
    without.prepare()
    with caplog.at_level(logging.WARNING):
        places = Places(without, preferences, drives=lambda: [])
        places.restore()
    assert without.root == tmp_path / "home" and "STICK" in caplog.text
    assert [(p.id, p.current) for p in places.list()] == [(HOME, True)]
    assert preferences.get("storage") == {"place": "STICK"}, "it may be back the next time"


def test_output_usb_means_the_one_drive_there_is(stick: UsbDrive, tmp_path: Path) -> None:
    assert output_folder("usb", tmp_path, drives=lambda: [stick]) == stick.folder
    assert output_folder(None, tmp_path, drives=lambda: [stick]) == tmp_path
    assert output_folder("/else/where", tmp_path, drives=lambda: [stick]) == Path("/else/where")
    for drives in ([], [stick, UsbDrive("B", tmp_path / "B")]):
        with pytest.raises(BadInput, match="needs one USB drive"):
            output_folder("usb", tmp_path, drives=lambda drives=drives: drives)  # type: ignore[misc]
