"""`hqcam meter` and `hqcam calibrate meter`."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.cli.test_shooting import Hqcam, hqcam

__all__ = ["hqcam"]
EXPOSED = ("--exposure", "1/250", "--iso", "100", "--f-number", "2.8")


@pytest.fixture
def wall(tmp_path: Path) -> tuple[str, ...]:
    Image.fromarray(np.full((480, 640, 3), 118, np.uint8)).save(tmp_path / "wall.png")
    return ("--camera", "simulated", "--scene", str(tmp_path / "wall.png"))


def test_a_calibration_makes_the_meter_show_what_is_known_and_stays(hqcam: Hqcam, wall: tuple[str, ...]) -> None:
    calibrated = hqcam("calibrate", "meter", "--ev100", "11.5", *EXPOSED, *wall, "--json")
    assert calibrated.returncode == 0, calibrated.stderr
    read = hqcam("meter", *EXPOSED, *wall, "--json", "--for-iso", "50", "--for-iso", "3200")
    found = json.loads(read.stdout)
    assert found["light"]["ev100"] == pytest.approx(11.5, abs=0.05)
    assert found["isos"] == [50, 3200] and found["f_number_from"] == "given"
    assert json.loads(calibrated.stdout)["calibration"] == found["calibration"]
    words = hqcam("meter", *wall)
    assert "EV100 11.5" in words.stdout and "calibrated" in words.stdout and "simulated" in words.stdout
    assert "f/5.6" in words.stdout and "ISO 400" in words.stdout
    assert "not calibrated" in hqcam("calibrate", "meter", "--forget", *wall).stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("calibrate", "meter"),
        ("calibrate", "meter", "--ev100", "1", "--forget"),
        ("calibrate", "meter", "--ev100", "99"),
        ("meter", "--spot", "2,0.5"),
        ("meter", "--spot", "middle"),
        ("meter", "--spot", "0.5,0.5,0.02,1"),
        ("meter", "--f-number", "0"),
    ],
)
def test_nonsense_is_refused_before_the_camera_is_asked(hqcam: Hqcam, arguments: tuple[str, ...]) -> None:
    done = hqcam(*arguments, "--camera", "picamera2")
    assert done.returncode == 2 and "expected" in done.stderr and "Traceback" not in done.stderr


def test_a_picture_has_no_light_to_meter(hqcam: Hqcam, picture_folder: Path) -> None:
    done = hqcam("meter", "--camera", f"replay:{picture_folder}")
    assert done.returncode == 0 and "no reading: the frame has no raw samples" in done.stdout
