"""The rig's faults, as the real picamera2 meets them."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from concurrent.futures import TimeoutError as NoFrame
from pathlib import Path

import pytest
from picamera2 import Picamera2

TIMEOUT_S = 5.0
# Both are picamera2's own: a way of threading.Thread that is deprecated, and a pipe left open where opening fails.
pytestmark = [
    pytest.mark.filterwarnings("ignore:setDaemon:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning"),
]
SIZE = (1332, 990)


@pytest.fixture(autouse=True)
def nothing_of_the_test_before() -> Iterator[None]:
    look_again()
    yield
    gc.collect()  # what picamera2 left open is of this test, not of the next


def look_again() -> None:
    """libcamera looks for cameras when its manager starts, and picamera2 keeps that one while it is not in use."""
    gc.collect()
    Picamera2._cm.reset()


@pytest.fixture
def camera(faults: Path) -> Iterator[Picamera2]:
    camera = Picamera2()
    yield camera
    camera.close()


def configure(camera: Picamera2) -> None:
    config = camera.create_preview_configuration(
        main={"format": "YUV420", "size": SIZE},
        raw={"format": "SRGGB10", "size": SIZE},
        controls={"ExposureTime": 2000, "AnalogueGain": 1.0, "FrameDurationLimits": (100, 83333)},
    )
    camera.configure(config)


def start(camera: Picamera2) -> None:
    configure(camera)
    camera.start()
    camera.capture_metadata(wait=TIMEOUT_S)


def take_all(camera: Picamera2) -> None:
    """Take frames until none comes any more."""
    with pytest.raises(NoFrame):
        for _ in range(50):
            camera.capture_metadata(wait=0.5)


@pytest.mark.parametrize("fault", ["stall", "corrupt"])
def test_no_frame_comes_while_it_lasts_and_frames_come_again_after(camera: Picamera2, faults: Path, fault: str) -> None:
    start(camera)
    (faults / fault).touch()
    take_all(camera)
    (faults / fault).unlink()
    assert camera.capture_metadata(wait=TIMEOUT_S)["ExposureTime"] == pytest.approx(2000, abs=8)


def test_absent_lists_no_camera(faults: Path) -> None:
    (faults / "absent").touch()
    look_again()
    assert Picamera2.global_camera_info() == []
    with pytest.raises((RuntimeError, IndexError), match="No camera number 0 found|out of range"):  # older: IndexError
        Picamera2()


def test_busy_refuses_the_camera(faults: Path) -> None:
    (faults / "busy").touch()
    with pytest.raises(RuntimeError, match="did not complete") as raised:
        Picamera2()
    assert "Failed to acquire camera" in str(raised.value.__cause__ or raised.value.__context__)


def test_unplugging_ends_the_frames_and_takes_the_camera_off_the_list(faults: Path) -> None:
    camera = Picamera2()
    start(camera)
    (faults / "unplug").touch()
    take_all(camera)
    camera.stop_preview()
    camera.close()
    assert Picamera2.global_camera_info() == []
    (faults / "unplug").unlink()
    look_again()
    assert len(Picamera2.global_camera_info()) == 1


def test_no_memory_is_told_when_configuring(camera: Picamera2, faults: Path) -> None:
    (faults / "no-memory").touch()
    with pytest.raises(OSError, match="Cannot allocate memory"):
        configure(camera)
    (faults / "no-memory").unlink()
    start(camera)


def test_no_mode_is_told_when_configuring(camera: Picamera2, faults: Path) -> None:
    (faults / "no-mode").touch()
    with pytest.raises(RuntimeError, match="Invalid camera configuration"):
        configure(camera)
    (faults / "no-mode").unlink()
    start(camera)


def test_comp1_compresses_on_a_pi_5_even_what_was_asked_for_unpacked(camera: Picamera2, faults: Path) -> None:
    (faults / "comp1").touch()
    start(camera)
    granted = camera.camera_configuration()["raw"]["format"]
    assert granted == {"pisp": "BGGR_PISP_COMP1", "vc4": "SBGGR10"}[os.environ["HQCAM_RIG_PLATFORM"]]


def test_slow_makes_frames_ten_times_as_long(camera: Picamera2, faults: Path) -> None:
    start(camera)
    (faults / "slow").touch()
    durations = [camera.capture_metadata(wait=TIMEOUT_S)["FrameDuration"] for _ in range(8)]
    assert max(durations) == pytest.approx(10 * 1e6 / 120.05, rel=0.01)
