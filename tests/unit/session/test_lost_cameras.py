"""Cameras that are lost, stall, hang or are late, over the product's own simulated camera."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from helpers import DEADLINE_S, eventually
from PIL import Image

from device.drivers.replay import ReplayCamera
from device.drivers.simulated import SimulatedCamera
from device.errors import CameraError, CameraLost, CameraStalled
from device.frame import LiveFrame
from device.preferences.store import Preferences
from device.sensors.imx477 import IMX477
from device.session import camera_thread
from device.session.session import Session
from device.simulator.faults import FaultScript

MakeSession = Callable[..., Session]
SMALL = replace(IMX477, modes=IMX477.modes[:1])  # 1332x990 only: soon opened, and little to compute


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("scene") / "noise.png"
    Image.effect_noise((640, 480), 40).save(path)
    return path


@pytest.fixture
def faults() -> FaultScript:
    """None at first; a test lets one begin when it is ready for it, and ends it."""
    return FaultScript()


@pytest.fixture
def simulated(make_session: MakeSession, scene: Path, faults: FaultScript, monkeypatch: pytest.MonkeyPatch) -> Session:
    """A small simulated camera that is live, and counts as lost or dead soon after it sends no frames."""
    session = make_session(lambda: SimulatedCamera(scene, sensor=SMALL, faults=faults))
    session.wait_open(DEADLINE_S)
    eventually(lambda: session.status.state == "live", "live")
    monkeypatch.setattr(camera_thread, "STALL_GRACE_S", 0.3)
    return session


def begin(faults: FaultScript, script: str) -> None:
    faults.faults = FaultScript.parse(script).faults


def test_an_unplugged_camera_is_lost_retried_and_comes_back(simulated: Session, faults: FaultScript) -> None:
    before = simulated.newest_meta()
    begin(faults, "unplug@0s")
    eventually(lambda: simulated.status.state == "lost", "lost")
    assert simulated.status.message and simulated.status.remedy and simulated.status.retry_at is not None
    with pytest.raises(CameraError):
        simulated.capture()
    faults.faults = ()
    eventually(lambda: simulated.status.state == "live", "back")
    after = simulated.newest_meta()
    assert before is not None and after is not None and after.sequence > before.sequence


def test_a_camera_that_is_lost_for_an_unknown_reason_still_has_a_remedy(
    simulated: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def next_frame(self: SimulatedCamera, timeout_s: float) -> LiveFrame:
        raise CameraLost("it went away")

    with monkeypatch.context() as patch:
        patch.setattr(SimulatedCamera, "next_frame", next_frame)
        eventually(lambda: simulated.status.state == "lost", "lost")
        assert simulated.status.message == "it went away"
        assert simulated.status.remedy == camera_thread.LOST_REMEDY
    eventually(lambda: simulated.status.state == "live", "back")


def test_controls_survive_a_lost_camera(simulated: Session, faults: FaultScript) -> None:
    simulated.set_controls({"exposure_us": 4000, "gain": 2.0})
    begin(faults, "unplug@0s")
    eventually(lambda: simulated.status.state == "lost", "lost")
    faults.faults = ()
    eventually(lambda: simulated.status.state == "live", "back")
    assert simulated.controls().exposure_us == 4000
    meta = simulated.wait_settled(DEADLINE_S)
    assert meta is not None and meta.exposure_us == pytest.approx(4000, abs=meta.mode.line_us)


def test_a_camera_that_stalls_is_reopened(simulated: Session, faults: FaultScript) -> None:
    begin(faults, "stall@0s")
    eventually(lambda: simulated.status.state == "lost", "lost")
    assert isinstance(simulated.status.error, CameraStalled)
    faults.faults = ()
    eventually(lambda: simulated.status.state == "live", "back")


def test_a_hanging_driver_is_replaced_by_the_watchdog(
    simulated: Session, faults: FaultScript, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    first = simulated.submit(lambda _: threading.current_thread(), budget_s=1)
    with monkeypatch.context() as patch:
        patch.setattr(camera_thread, "HANG_GRACE_S", 0.5)
        begin(faults, "hang@0s")
        eventually(lambda: not first.is_alive(), "the old thread ends")
    assert "no camera now: the camera software hangs" in caplog.text  # it was lost in between
    eventually(lambda: simulated.status.state == "live", "back")
    assert simulated.submit(lambda _: threading.current_thread(), budget_s=1) is not first


def test_a_driver_that_hangs_and_cannot_be_closed_holds_up_neither_watchdog_nor_end(
    make_session: MakeSession, picture_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another driver is taken, settings are saved, and the session ends, while the first driver never returns."""
    returns, hangs = threading.Event(), threading.Event()
    made: list[ReplayCamera] = []

    class Hanging(ReplayCamera):
        def next_frame(self, timeout_s: float) -> LiveFrame:
            if self is made[0]:
                hangs.set()
                returns.wait()
            return super().next_frame(timeout_s)

        def close(self) -> None:
            if self is made[0]:
                returns.wait()
            super().close()

    def make() -> ReplayCamera:
        made.append(Hanging(picture_folder))
        return made[-1]

    preferences = Preferences(tmp_path / "settings.json")
    monkeypatch.setattr(camera_thread, "HANG_GRACE_S", 0.5)
    monkeypatch.setattr("device.session.session.END_S", 0.5)
    try:
        session = make_session(make, preferences=preferences)
        assert hangs.wait(DEADLINE_S)
        eventually(lambda: session.status.state == "live" and len(made) > 1, "live with another driver")
        session.set_assists({"peaking": False})
        eventually(lambda: Preferences(tmp_path / "settings.json").get("assists"), "the settings are saved")
        closing = threading.Thread(target=session.close, name="hqcam-test-closes")
        closing.start()
        closing.join(DEADLINE_S)
        assert not closing.is_alive()
    finally:
        returns.set()


def test_a_camera_that_is_late_on_a_busy_machine_is_kept_and_a_dead_one_is_not(
    simulated: Session, faults: FaultScript, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While threads get no processor the deadline does not come nearer; when they get one, it comes."""
    ticks: list[float] = []

    def busy() -> float:
        ticks.append(time.monotonic())
        return 0.0

    monkeypatch.setattr(simulated._camera.clock, "_share", busy)
    eventually(lambda: ticks, "the machine is busy")
    begin(faults, "stall@0s")
    eventually(lambda: simulated.fps == 0, "no frames")
    ticks.clear()
    eventually(lambda: ticks and ticks[-1] - ticks[0] > 5 * camera_thread.STALL_GRACE_S, "the grace is long over")
    assert simulated.status.state == "live"
    monkeypatch.setattr(simulated._camera.clock, "_share", lambda: 1.0)
    eventually(lambda: simulated.status.state == "lost", "lost")
    faults.faults = ()
    eventually(lambda: simulated.status.state == "live", "back")


def test_closing_while_the_camera_is_lost_returns_at_once(
    simulated: Session, faults: FaultScript, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It waits neither for the next try nor as long as it may wait for a thread: both are a minute here."""
    for name in ("RETRY_FIRST_S", "HANG_GRACE_S"):
        monkeypatch.setattr(camera_thread, name, DEADLINE_S)
    begin(faults, "unplug@0s")
    eventually(lambda: simulated.status.state == "lost" and simulated.status.retry_at is not None, "lost")
    began = time.monotonic()
    simulated.close()
    assert time.monotonic() - began < DEADLINE_S / 2
    with pytest.raises(CameraLost):
        simulated.capture()


def test_who_closes_meanwhile_finds_no_thread_that_was_not_started(
    simulated: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    start, known_before = threading.Thread.start, []

    def note_and_start(self: threading.Thread) -> None:
        if self.name == "hqcam-camera-end":
            known_before.append(simulated._camera._closer is self)
        start(self)

    monkeypatch.setattr(threading.Thread, "start", note_and_start)
    simulated.close()
    simulated.close()
    assert known_before and not any(known_before)
