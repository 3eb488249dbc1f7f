"""One suite for every driver: what `device.drivers.base` promises, seen from outside."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

import pytest
from helpers import DEADLINE_S

from device.controls import PICTURE_RANGES, merge
from device.drivers.base import CameraDriver
from device.drivers.picamera2.driver import Picamera2Camera
from device.drivers.replay import ReplayCamera
from device.drivers.simulated import SimulatedCamera
from device.errors import BadControl, CameraError, CameraLost
from device.frame import Controls
from device.selftest import NotApplicable, contract
from device.selftest.contract import take

Make = Callable[[], CameraDriver]


# On the rig the real picamera2 is tested, and nothing else: see tests/rig.
DRIVERS = ["picamera2"] if "HQCAM_RIG_PLATFORM" in os.environ else ["simulated", "workers", "replay"]


@pytest.fixture(params=DRIVERS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def make(kind: str, picture_folder: Path) -> Make:
    if kind == "picamera2":
        return Picamera2Camera
    if kind == "simulated":
        return lambda: SimulatedCamera(seed=7)
    if kind == "workers":
        return lambda: SimulatedCamera(seed=7, workers=2)
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


def test_info_is_known_after_open_only(make: Make) -> None:
    camera = make()
    with pytest.raises(CameraError):
        _ = camera.info
    camera.open()
    assert camera.info.modes and camera.info.description
    camera.close()


# The same checks as in the self-test of a builder (`hqcam selftest`), written once.
CHECKS = {
    check.__name__: check
    for check in (
        contract.frames_in_order,
        contract.plane_sizes,
        contract.newest_frame,
        contract.deadline,
        contract.fresh_still,
        contract.loupe,
        contract.shot_of_its_own,
        contract.cancelled_shot,
    )
}
NO_EXPOSURE = "this camera's exposure cannot be set"
# What a driver cannot do, and why. A check that is not named here must be done, not left out.
NOT_APPLICABLE: dict[str, dict[str, str]] = {
    "replay": {
        "shot_of_its_own": NO_EXPOSURE,
        "cancelled_shot": NO_EXPOSURE,
    }
}
LACKS: dict[str, set[str]] = {
    "replay": {"raw_live", "raw_still", "lens_control", "exposure_control", "coverable", "turnable"},
    "picamera2": {"lens_control", "coverable"},
}


@pytest.mark.parametrize("name", CHECKS)
def test_the_camera_passes(live: CameraDriver, kind: str, name: str) -> None:
    reason = NOT_APPLICABLE.get(kind, {}).get(name)
    if reason is None:
        assert CHECKS[name](live).text
        return
    with pytest.raises(NotApplicable) as told:
        CHECKS[name](live)
    assert str(told.value) == reason


def test_a_camera_lacks_only_what_is_known_of_it(live: CameraDriver, kind: str) -> None:
    lacking = {name for name, there in asdict(live.info.capabilities).items() if not there}
    assert lacking == LACKS.get(kind, set())


def refuses_exposure(live: CameraDriver, kind: str) -> bool:
    """Whether this is a camera that is known to have no exposure; then hold that it says so and offers none."""
    if "exposure_control" not in LACKS.get(kind, set()):
        return False
    assert not live.info.capabilities.exposure_control
    assert live.info.limits == {} and live.info.choices == {}
    with pytest.raises(NotApplicable, match=NO_EXPOSURE):
        contract.need_exposure(live)
    with pytest.raises(BadControl):
        merge(Controls(), {"exposure_us": 5000}, live.info)
    return True


def test_metadata_tells_which_frame_has_the_new_exposure(live: CameraDriver, kind: str) -> None:
    if refuses_exposure(live, kind):
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


def test_what_is_offered_is_taken_and_the_frames_go_on(live: CameraDriver, kind: str) -> None:
    if refuses_exposure(live, kind):
        return
    offered = live.info.choices | {"awb": ("kelvin",) if "colour_temperature_k" in live.info.limits else ()}
    wanted = merge(Controls(), {"colour_temperature_k": 3300} if offered["awb"] else {}, live.info)
    for name, words in offered.items():
        for word in words:
            wanted = merge(wanted, {name: word}, live.info)
            live.request(wanted)
            take(live).release()
    for name in set(PICTURE_RANGES) & set(live.info.limits):
        wanted = merge(wanted, {name: live.info.limits[name].maximum}, live.info)
    live.request(wanted)
    for _ in range(12):
        frame = take(live)
        meta = frame.meta
        frame.release()
    assert meta.contrast == wanted.contrast
    assert wanted.awb != "kelvin" or meta.colour_temperature_k == pytest.approx(3300, rel=0.01)


def test_stop_and_start_again(live: CameraDriver) -> None:
    take(live).release()
    live.stop()
    live.stop()
    live.start(live.info.modes[-1], Controls())
    frame = take(live)
    assert frame.meta.mode == live.info.modes[-1]
    frame.release()


def test_close_ends_a_wait_from_another_thread_and_is_idempotent(live: CameraDriver, kind: str) -> None:
    if not refuses_exposure(live, kind):
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
    waiting.wait(DEADLINE_S)
    live.close()
    thread.join(DEADLINE_S)
    assert not thread.is_alive() and isinstance(outcome[0], CameraLost)
    live.close()


def test_every_mode_delivers_its_size(camera: CameraDriver) -> None:
    contract.every_mode(camera)
