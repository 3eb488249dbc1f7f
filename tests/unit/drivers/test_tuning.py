"""Which tuning file libcamera is told to read, and what is said of it: no camera needed."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from device.drivers.choose import CameraChoice, driver_factory
from device.drivers.picamera2.describe import describe
from device.drivers.picamera2.tuning import VARIABLE, tuning_file, tuning_name, use_tuning
from device.errors import BadInput
from device.raw.decode import decode_picture
from device.sensors.imx477 import IMX477


@pytest.fixture
def shipped(tmp_path: Path) -> Path:
    """Where libcamera installs its files."""
    for platform in ("vc4", "pisp"):
        (tmp_path / platform).mkdir()
        for name in ("imx477.json", "imx477_scientific.json", "imx477_noir.json"):
            (tmp_path / platform / name).write_text(json.dumps({"version": 2.0, "algorithms": []}))
    return tmp_path


@pytest.mark.parametrize("platform", ["vc4", "pisp"])
def test_a_word_is_the_file_that_libcamera_ships_for_this_board(shipped: Path, platform: str) -> None:
    for word in ("scientific", "noir"):
        found = tuning_file(word, platform, folders=[shipped / "absent", shipped])
        assert found == str(shipped / platform / f"imx477_{word}.json")
    assert tuning_file("stock", platform, folders=[]) is None, "libcamera finds the sensor's own"


def test_a_file_of_ones_own_is_given_to_libcamera(shipped: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "before")
    own = shipped / "vc4" / "imx477.json"
    monkeypatch.chdir(own.parent)
    assert use_tuning("imx477.json", "pisp") == os.environ[VARIABLE] == str(own)
    assert tuning_name(str(own)) == "imx477.json" and tuning_name("noir") == "noir"
    assert tuning_name("/a/gr\u00fcn;1.json") == "gr?n?1.json"


def test_a_shipped_file_that_is_missing_is_told_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"no tuning file .*imx477_noir\.json") as caught:
        tuning_file("noir", "vc4", folders=[tmp_path])
    assert "--tuning stock" in caught.value.remedy


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "^there is no tuning file"),
        ("{", "cannot be read"),
        ("[]", "no algorithms"),
        ('{"version": 2}', "no alg"),
    ],
)
def test_a_file_that_is_none_is_refused_before_a_camera_is_made(tmp_path: Path, content: str | None, says: str) -> None:
    path = tmp_path / "own.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(BadInput, match=says):
        driver_factory(CameraChoice("picamera2", tuning=str(path)))


@pytest.mark.parametrize("camera", ["simulated", "replay:x.jpg"])
def test_a_tuning_belongs_to_the_real_camera(camera: str) -> None:
    with pytest.raises(BadInput, match="a tuning was given"):
        driver_factory(CameraChoice(camera, tuning="noir"))
    driver_factory(CameraChoice(camera))


def test_page_and_manifest_name_another_tuning_than_the_stock_one() -> None:
    stock = describe({"Model": "imx477"}, {}, IMX477.modes, IMX477)
    noir = describe({"Model": "imx477"}, {}, IMX477.modes, IMX477, tuning="noir")
    assert (stock.tuning, stock.description) == ("stock", IMX477.description)
    assert (noir.tuning, noir.description) == ("noir", f"{IMX477.description}, noir tuning")


def test_files_name_another_tuning_than_the_stock_one(make_dng: Callable[..., bytes]) -> None:
    noted = decode_picture(make_dng(tuning="noir"), name="a.dng").metadata.notes
    assert "tuning: noir" in noted
    for plain in ("stock", ""):
        assert not any("tuning" in note for note in decode_picture(make_dng(tuning=plain), name="a.dng").metadata.notes)
