"""One suite for every driver: what `device.drivers.base` promises, seen from outside."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from device.controls import merge
from device.drivers.base import CameraDriver
from device.drivers.picamera2 import Picamera2Camera
from device.drivers.replay import ReplayCamera
from device.drivers.simulated import SimulatedCamera
from device.errors import CameraError, CameraLost, CameraStalled
from device.frame import Controls, LiveFrame

Make = Callable[[], CameraDriver]
TIMEOUT_S = 10.0


# On the rig the real picamera2 is tested, and nothing else: see tests/rig.
DRIVERS = ["picamera2"] if "HQCAM_RIG_PLATFORM" in os.environ else ["simulated", "replay"]


@pytest.fixture(params=DRIVERS)
def make(request: pytest.FixtureRequest, picture_folder: Path) -> Make:
    if request.param == "picamera2":
        return Picamera2Camera
    if request.param == "simulated":
        return lambda: SimulatedCamera(seed=7)
    return lambda: ReplayCamera(picture_folder)


@pytest.fixture
def camera(make: Make) -> Iterator[CameraDriver]:
    camera = make()
    camera.open()
    yield camera
    camera.close()


@pytest.fixture
def live(camera: CameraDriver) -> CameraDriver:
    mode = next((m for m in camera.info.modes if m.width == 2028 and m.height == 1520), camera.info.modes[0])
    camera.start(mode, Controls())
    return camera


def take(camera: CameraDriver) -> LiveFrame:
    return camera.next_frame(TIMEOUT_S)


def test_info_is_known_after_open_only(make: Make) -> None:
    camera = make()
    with pytest.raises(CameraError):
        _ = camera.info
    camera.open()
    assert camera.info.modes and camera.info.description
    camera.close()


def test_frames_come_in_order_with_rising_numbers_and_times(live: CameraDriver) -> None:
    frames = []
    for _ in range(5):
        frame = take(live)
        frames.append(frame.meta)
        frame.release()
    for before, after in zip(frames, frames[1:], strict=False):
        assert after.sequence > before.sequence
        assert after.timestamp_ns > before.timestamp_ns
    assert frames[-1].timestamp_ns <= time.monotonic_ns()


def test_planes_have_the_sizes_that_the_mode_and_4_2_0_say(live: CameraDriver) -> None:
    frame = take(live)
    mode = frame.meta.mode
    assert frame.main.y.shape == (mode.height, mode.width)
    for picture in (frame.main, frame.small):
        height, width = picture.y.shape
        assert picture.u.shape == picture.v.shape == ((height + 1) // 2, (width + 1) // 2)
        assert {p.dtype for p in (picture.y, picture.u, picture.v)} == {np.dtype(np.uint8)}
    if live.info.capabilities.raw_live:
        assert frame.raw is not None and frame.raw.samples.shape == (mode.height, mode.width)
        assert frame.raw.samples.max() <= 2**frame.raw.bit_depth - 1
    frame.release()
    frame.release()


def test_a_slow_caller_gets_the_newest_frame_not_a_queue(live: CameraDriver) -> None:
    take(live).release()
    threading.Event().wait(0.5)
    frame = take(live)
    age_s = (time.monotonic_ns() - frame.meta.timestamp_ns) / 1e9
    frame.release()
    assert age_s < 0.45


def test_a_still_began_after_the_press_and_live_goes_on(live: CameraDriver) -> None:
    take(live).release()
    pressed_ns = time.monotonic_ns()
    still = live.capture_still(TIMEOUT_S)
    assert still.meta.timestamp_ns >= pressed_ns
    if live.info.capabilities.raw_still:
        assert still.raw is not None and still.raw.samples.shape == still.picture.y.shape
    take(live).release()


def test_metadata_tells_which_frame_has_the_new_exposure(live: CameraDriver) -> None:
    if not live.info.capabilities.exposure_control:
        assert live.info.limits == {}
        return
    wanted = merge(Controls(), {"exposure_us": 5000, "gain": 2.0}, live.info)
    live.request(wanted)
    means = {}
    for _ in range(12):
        frame = take(live)
        means[round(frame.meta.exposure_us)] = (frame.meta, float(frame.raw.samples.mean()) if frame.raw else 0.0)
        frame.release()
    meta, before = list(means.values())[-1]
    assert abs(meta.exposure_us - 5000) <= meta.mode.line_us and meta.analogue_gain == pytest.approx(2.0, rel=0.01)
    live.request(merge(wanted, {"exposure_us": 10000}, live.info))
    for _ in range(12):
        frame = take(live)
        meta, mean = frame.meta, float(frame.raw.samples.mean()) if frame.raw else 0.0
        black = frame.raw.black_dn[0] if frame.raw else 0.0
        frame.release()
        if meta.exposure_us > 7500:
            break
    assert abs(meta.exposure_us - 10000) <= meta.mode.line_us
    # Twice the light: twice the signal above black, less what clips.
    assert 1.5 < (mean - black) / (before - black) <= 2.05


def test_stop_and_start_again(live: CameraDriver) -> None:
    take(live).release()
    live.stop()
    live.stop()
    live.start(live.info.modes[-1], Controls())
    frame = take(live)
    assert frame.meta.mode == live.info.modes[-1]
    frame.release()


def test_a_deadline_is_honoured(live: CameraDriver) -> None:
    take(live).release()
    began = time.monotonic()
    try:
        live.next_frame(0.0).release()
    except CameraStalled:
        pass
    assert time.monotonic() - began < 1.0


def test_close_ends_a_wait_from_another_thread_and_is_idempotent(live: CameraDriver) -> None:
    if live.info.capabilities.exposure_control:
        live.request(merge(Controls(), {"exposure_us": 60_000_000}, live.info))
    outcome: list[BaseException] = []
    waiting = threading.Event()

    def wait() -> None:
        try:
            while True:
                waiting.set()
                live.next_frame(30.0).release()
        except CameraError as error:
            outcome.append(error)

    thread = threading.Thread(target=wait, name="hqcam-test-waiter")
    thread.start()
    waiting.wait(5)
    live.close()
    thread.join(5)
    assert not thread.is_alive() and isinstance(outcome[0], CameraLost)
    live.close()


def test_every_mode_delivers_its_size(camera: CameraDriver) -> None:
    for mode in camera.info.modes:
        camera.start(mode, Controls())
        frame = take(camera)
        assert frame.main.y.shape == (mode.height, mode.width)
        frame.release()
        camera.stop()
