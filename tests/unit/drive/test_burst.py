"""Bursts on the simulated camera: recorded into memory, then written. Pre-capture has a file of its own."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from drive_helpers import (
    SMALL,
    MakeDrive,
    MakeSession,
    UnhurriedCamera,
    ended,
    let_white_balance_wander,
    manifest_of,
    wait_for_frames,
    white_balances,
)
from helpers import eventually

from device.captures.storage import Storage
from device.drive import burst
from device.drive.drive import MODES, Drive, describe
from device.drive.ring_buffer import RingBuffer, depth, missing
from device.drive.series import Series
from device.drivers.replay import ReplayCamera
from device.drivers.simulated import SimulatedCamera
from device.frame import Controls, LiveFrame, StillFrame
from device.raw.files import read_picture
from device.sensors.imx477 import IMX477
from device.session.session import Session
from device.simulator.faults import FaultScript

pytestmark = pytest.mark.usefixtures("time_to_start")


@pytest.mark.timeout(400)
def test_a_burst_records_every_frame_in_order_and_goes_back_to_the_live_mode(
    make_session: MakeSession, storage: Storage, make_drive: MakeDrive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(burst, "SLACK", 1000.0)
    session = make_session(UnhurriedCamera)
    session.wait_open(60)
    session.set_controls({"exposure_us": 5000, "gain": 2.0})
    live = session.mode()
    drive = make_drive(session, 1.0)
    drive.start("burst", {"count": 3})
    progress = ended(drive)
    assert (progress.state, progress.taken, progress.missed, progress.error) == ("done", 3, 0, None)
    manifest = manifest_of(storage, progress)
    assert manifest["plan"]["depth"] >= 3
    for frame in manifest["frames"]:
        picture = read_picture(next(storage.root.rglob(frame["id"] + ".dng")))
        assert picture.raw is not None and picture.raw.samples.shape == (3040, 4056)
    times = [frame["taken_at"] for frame in manifest["frames"]]
    assert times == sorted(times) and len(set(times)) == 3
    assert session.mode() == live
    eventually(lambda: (m := session.newest_meta()) is not None and m.mode == live, "the live mode", 60)


def test_the_frames_of_a_burst_say_how_the_camera_was_mounted(
    slow: Session, storage: Storage, make_drive: MakeDrive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(burst, "SLACK", 1000.0)
    slow.owner_orientation.change({"rotation_deg": 270})
    drive = make_drive(slow, 1.0)
    drive.start("burst", {"count": 2})
    assert ended(drive).state == "done"
    files = sorted(storage.root.rglob("*.dng")) + sorted(storage.root.rglob("*.jpg"))
    assert [read_picture(path).metadata.orientation for path in files] == [8] * 4


def record_some_frames(drive: Drive, session: Session) -> None:
    """Begin a burst that is far from its end when this returns."""
    drive.start("burst", {"count": 200})
    eventually(lambda: drive.progress().phase == "recording", "recording", 60)
    wait_for_frames(session, 3)


def test_a_second_press_ends_a_burst_and_what_was_recorded_is_written(
    slow: Session, storage: Storage, make_drive: MakeDrive
) -> None:
    drive = make_drive(slow, 0.05)
    record_some_frames(drive, slow)
    drive.trigger()
    progress = ended(drive)
    assert progress.state == "done" and 1 <= progress.taken < 200 and progress.total == progress.taken
    frames = manifest_of(storage, progress)["frames"]
    assert [frame["audit"] for frame in frames] == ["ok"] * progress.taken == ["ok"] * len(storage.list())


def test_a_burst_whose_camera_is_lost_is_written(
    make_session: MakeSession, storage: Storage, make_drive: MakeDrive
) -> None:
    faults = FaultScript()
    session = make_session(lambda: SimulatedCamera(speed=0.05, sensor=SMALL, faults=faults))
    session.wait_open(60)
    drive = make_drive(session, 0.05)
    record_some_frames(drive, session)
    faults.faults = FaultScript.parse("unplug@0s").faults
    eventually(lambda: session.status.state == "lost", "lost", 60)
    drive.trigger()
    progress = ended(drive)
    assert progress.state == "done" and 1 <= progress.taken < 200 and len(storage.list()) == progress.taken


def test_a_cancel_while_a_burst_is_recorded_ends_it_soon_and_forgets_it(
    slow: Session, storage: Storage, make_drive: MakeDrive
) -> None:
    live, drive = slow.mode(), make_drive(slow, 0.05)
    drive.start("burst", {"count": 200})
    eventually(lambda: drive.progress().phase == "recording", "recording", 60)
    progress = drive.cancel()
    assert (progress.state, progress.taken) == ("cancelled", 0)
    assert storage.list() == [] and slow.mode() == live


def test_a_burst_says_how_many_frames_fit_before_it_begins(fast: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("device.drive.burst.available_bytes", lambda: 250 * 2**20)
    assert describe(MODES["burst"], fast)["note"] == "30 frames fit into memory now, 120 a second."
    assert describe(MODES["bracket"], fast)["note"] == ""


def test_more_frames_than_memory_are_refused_before_anything_is_taken(
    fast: Session, storage: Storage, make_drive: MakeDrive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("device.drive.burst.available_bytes", lambda: 250 * 2**20)
    drive = make_drive(fast)
    drive.start("burst", {"count": 40})
    error = ended(drive).error
    assert error is not None and "40 frames do not fit" in error["message"] and error["expected"] == "at most 30 frames"
    assert fast.mode().width == 1332 and list(storage.root.rglob("*.json")) == []


def test_a_ring_buffer_counts_what_was_lost_and_owns_its_memory() -> None:
    mode = IMX477.modes[0]
    camera = SimulatedCamera(pace=False)
    camera.open()
    camera.start(mode, Controls())
    buffer = RingBuffer(mode, 4)
    buffer.offer(camera.next_frame(5))
    buffer.prepare(1.0)
    buffer.record(3)
    for n in range(4):
        if n == 2:
            camera.next_frame(5).release()  # nobody showed it to the buffer
        frame = camera.next_frame(5)
        buffer.offer(frame)
        assert frame.raw is not None
        samples = frame.raw.samples.copy()
        frame.raw.samples[:] = 0
        frame.release()
        if n == 0:
            first = samples
    assert buffer.filled == 3 and missing(buffer.sequences) == 1
    still = buffer.take()
    assert still is not None and still.raw is not None and np.array_equal(still.raw.samples, first)
    camera.close()
    assert depth(mode, 0) == 0


def test_a_burst_holds_the_white_balance(
    slow: Session, storage: Storage, make_drive: MakeDrive, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_white_balance_wander(monkeypatch)
    drive = make_drive(slow, 0.05)
    drive.start("burst", {"count": 4})
    assert (ended(drive).state, len(storage.list()), len(white_balances(storage))) == ("done", 4, 1)


def test_what_a_rolling_buffer_has_replaced_is_not_missed() -> None:
    mode = IMX477.modes[0]
    camera = SimulatedCamera(pace=False)
    camera.open()
    camera.start(mode, Controls())
    buffer = RingBuffer(mode, 3)
    with closing(camera):
        first = camera.next_frame(5)
        buffer.offer(first)
        first.release()
        buffer.prepare(1.0)
        buffer.roll()
        lost = []
        for n in range(8):
            if n == 2:
                camera.next_frame(5).release()  # nobody showed it to the buffer
            frame = camera.next_frame(5)
            buffer.offer(frame)
            frame.release()
            lost.append(missing(buffer.sequences))
    assert lost == [0, 0, 1, 1, 0, 0, 0, 0], "it is missing while frames on both sides are kept"


@pytest.mark.parametrize("mode", ["burst", "precapture"])
def test_frames_that_are_missing_among_the_kept_are_told(
    slow: Session, storage: Storage, make_drive: MakeDrive, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    real, seen = RingBuffer.offer, list[int]()

    def offer(buffer: RingBuffer, frame: LiveFrame) -> None:
        seen.append(frame.meta.sequence)  # the driver's numbers, which begin again when the mode changes
        if frame.meta.sequence % 3:
            real(buffer, frame)

    monkeypatch.setattr(RingBuffer, "offer", offer)
    drive = make_drive(slow, 0.05)
    drive.start(mode, {"count": 4} if mode == "burst" else {"before": 4, "after": 0})
    if mode == "precapture":
        eventually(lambda: drive.progress().phase == "armed", "armed", 60)
        begun = seen[-1]
        eventually(lambda: seen[-1] > begun + 20, "frames that are replaced", 60)
        drive.trigger()
    progress = ended(drive)
    assert (progress.state, progress.taken) == ("done", 4) and 1 <= progress.missed <= 2
    assert manifest_of(storage, progress)["lost"] == progress.missed


def test_a_camera_without_live_raw_says_so(
    make_session: MakeSession,
    picture_folder: Path,
    storage: Storage,
    make_drive: MakeDrive,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("device.drive.burst.SECONDS_TO_START", 0.3)
    session = make_session(lambda: ReplayCamera(picture_folder))
    session.wait_open(60)
    drive = make_drive(session, 1.0)
    drive.start("burst", {"count": 2})
    progress = ended(drive)
    assert progress.error is not None and "no raw samples" in progress.error["message"]


def test_at_the_end_of_the_service_what_is_in_memory_is_written(
    slow: Session, storage: Storage, make_drive: MakeDrive
) -> None:
    drive = make_drive(slow, 0.05)
    record_some_frames(drive, slow)
    assert drive.end_recording()
    drive.close(write_s=60.0)
    progress = drive.progress()
    manifest = manifest_of(storage, progress)
    assert (progress.state, manifest["state"]) == ("done", "done") and not drive.end_recording()
    assert 1 <= progress.taken == len(manifest["frames"]) == len(storage.list())


def test_what_there_was_no_time_to_write_is_counted_as_lost(
    slow: Session, storage: Storage, make_drive: MakeDrive, monkeypatch: pytest.MonkeyPatch
) -> None:
    drive, save = make_drive(slow, 0.05), Series.save

    def save_and_end(series: Series, still: StillFrame) -> None:
        save(series, still)
        series.cancel()

    monkeypatch.setattr(Series, "save", save_and_end)
    record_some_frames(drive, slow)
    drive.trigger()
    progress = ended(drive)
    manifest = manifest_of(storage, progress)
    assert (progress.state, progress.taken, len(storage.list())) == ("cancelled", 1, 1)
    assert manifest["state"] == "cancelled" and manifest["lost"] >= progress.missed >= 1 and progress.total is not None
    assert f"{progress.total - 1} frames were in memory and are not written" in progress.message
