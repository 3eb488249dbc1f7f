"""The tuning file, with the real picamera2: it puts back what it is not told."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from device.drivers.picamera2.driver import Picamera2Camera
from device.drivers.picamera2.tuning import VARIABLE


def test_a_tuning_of_ones_own_reaches_libcamera_and_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = tmp_path / "own.json"
    own.write_text('{"version": 2.0, "algorithms": []}')
    monkeypatch.setenv(VARIABLE, "another")
    camera = Picamera2Camera(tuning=str(own))
    try:
        camera.open()
        assert (os.environ[VARIABLE], camera.info.tuning) == (str(own), "own.json")
        assert camera.info.description.endswith(", own.json tuning")
    finally:
        camera.close()
