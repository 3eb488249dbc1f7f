"""Our driver with the real picamera2 on cameras that are odd as dumps of others show them, and on one in the dark."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from helpers import eventually

from device.captures.shot import Recipe, take_shot
from device.captures.storage import Storage
from device.drivers.picamera2.driver import Picamera2Camera
from device.frame import Controls, FrameMeta, Mode
from device.raw.files import read_picture
from device.sensors.imx477 import IMX477
from device.session.loupe import window_around
from device.session.session import Session
from device.session.shot_exposure import meter_shot

PLATFORM = os.environ["HQCAM_RIG_PLATFORM"]
TIMEOUT_S = 10.0
FULL, HALF = (4056, 3040), (2028, 1520)
Opened = Callable[[str], Picamera2Camera]


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Iterator[Opened]:
    """Open the camera with what is odd about it, joined by commas."""
    from picamera2 import Picamera2

    cameras: list[Picamera2Camera] = []

    def look_again(variant: str) -> None:
        monkeypatch.setenv("HQCAM_RIG_VARIANT", variant)
        gc.collect()
        Picamera2._cm.reset()

    def open_camera(variant: str) -> Picamera2Camera:
        look_again(variant)
        cameras.append(Picamera2Camera())
        cameras[-1].open()
        return cameras[-1]

    yield open_camera
    for camera in cameras:
        camera.close()
    look_again("")


def mode_of(camera: Picamera2Camera, size: tuple[int, int]) -> Mode:
    return next(mode for mode in camera.info.modes if (mode.width, mode.height) == size)


def frame_of(camera: Picamera2Camera, size: tuple[int, int] = HALF) -> FrameMeta:
    camera.start(mode_of(camera, size), Controls())
    frame = camera.next_frame(TIMEOUT_S)
    frame.release()
    return frame.meta


@pytest.mark.parametrize(
    ("variant", "degrees", "lux"),
    [("limit-none,no-temperature,lux", None, 412.5), ("limit-largest,zero-temperature,wall-clock-us", None, None)],
)
def test_a_camera_that_tells_no_longest_exposure_no_temperature_and_no_light(
    opened: Opened, variant: str, degrees: float | None, lux: float | None
) -> None:
    camera = opened(variant)
    for known in IMX477.modes:
        mode = mode_of(camera, (known.width, known.height))
        assert (mode.exposure_min_us, mode.exposure_max_us) == (known.exposure_min_us, known.exposure_max_us)
        assert mode.line_us == known.line_us
    meta = frame_of(camera)
    assert (meta.sensor_temperature_c, meta.lux) == (degrees, lux)
    still = camera.capture_still(TIMEOUT_S, Controls(exposure_us=1000.0, gain=1.0))
    assert abs(still.meta.exposure_us - 1000) <= still.meta.mode.line_us / 2 + 1


@pytest.mark.parametrize("mhz", [750, 909])
def test_a_faster_link_has_lines_of_its_own(opened: Opened, mhz: int) -> None:
    camera = opened(f"link-{mhz}")
    mode = mode_of(camera, FULL)
    assert mode.max_fps == pytest.approx(19.53 * mhz / 750, rel=0.005)
    assert mode.line_us == pytest.approx(16.8 * 750 / mhz, abs=0.25) and mode.exposure_max_us == 300_000_000
    frame_of(camera)
    for asked_us in (1000.0, 250.0):
        still = camera.capture_still(TIMEOUT_S, Controls(exposure_us=asked_us, gain=1.0))
        assert abs(still.meta.exposure_us - asked_us) <= mode.line_us / 2 + 1


def test_the_loupe_shows_its_window_of_a_crop_beyond_the_array(opened: Opened) -> None:
    camera = opened("crop-beyond,crop-128")
    full = mode_of(camera, FULL)
    assert (full.crop.x, full.crop.y, full.binning) == (8, 16, 1) and mode_of(camera, HALF).binning == 2
    assert camera.info.capabilities.loupe
    frame_of(camera)
    window = window_around(1.0, 1.0, full)
    camera.magnify(window)

    def arrived() -> bool:
        frame = camera.next_frame(TIMEOUT_S)
        frame.release()
        return frame.meta.window == window

    eventually(arrived, "the window in the loupe")


def test_a_sensor_without_colour_filters_gives_pictures_and_no_raw(opened: Opened) -> None:
    camera = opened("mono")
    capabilities = camera.info.capabilities
    assert not capabilities.raw_live and not capabilities.raw_still
    camera.start(mode_of(camera, HALF), Controls())
    frame = camera.next_frame(TIMEOUT_S)
    assert frame.raw is None and frame.main.y.shape == HALF[::-1] and int(frame.main.y.max()) > 100
    frame.release()
    still = camera.capture_still(TIMEOUT_S)
    assert still.raw is None and still.picture.y.shape == FULL[::-1]


def test_a_shot_in_the_dark_is_metered_up_to_the_users_limit_or_the_sensors(
    opened: Opened, make_session: Callable[..., Session], faults: Path, storage: Storage
) -> None:
    """The live view ends at 66 ms and the gain of 16; its camera waits for real, so the longest is not taken."""
    opened("").close()
    (faults / "dark").write_text("10")
    session = make_session(Picamera2Camera)
    session.wait_open(60)

    def is_at_its_end() -> bool:
        meta = session.newest_meta()
        return meta is not None and meta.exposure_us > 60_000 and meta.analogue_gain > 15

    eventually(is_at_its_end, "the end of the live view's auto exposure")
    saved = take_shot(session, storage, Recipe())
    dng = read_picture(next(file.path for file in saved.capture.files if file.path.suffix == ".dng"))
    assert dng.raw is not None
    assert dng.metadata.exposure_us is not None and 300_000 < dng.metadata.exposure_us < 2_000_000
    mean = float(np.mean(dng.raw.samples) - np.mean(dng.raw.black_dn)) / (dng.raw.white_dn - np.mean(dng.raw.black_dn))
    assert 0.08 < mean < 0.33, "within an EV of what the metering asks for"

    middle = Controls(metering="spot")  # not the time code at the top, which is white
    (faults / "dark").write_text("15")
    limited = meter_shot(session, replace(middle, slowest_us=1_000_000.0))
    assert limited.controls.exposure_us == pytest.approx(1_000_000, rel=0.001) and "less than" in limited.out_of_reach()
    (faults / "dark").write_text("22")
    eventually(is_at_its_end, "the end again, after the test shot")
    limit_us = session.info().full_mode.exposure_max_us
    longest = meter_shot(session, replace(middle, slowest_us=float(limit_us)))
    assert longest.controls.exposure_us == pytest.approx(limit_us, rel=0.001)
    assert "less than" in longest.out_of_reach()
