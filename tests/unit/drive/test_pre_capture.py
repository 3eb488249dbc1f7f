"""Pre-capture on the simulated camera: the frames before the press and after it, and what is lost of them."""

from __future__ import annotations

import threading

import pytest
from drive_helpers import MakeDrive, MakeSession, ended, manifest_of, wait_for_frames
from helpers import eventually

from device.captures.storage import Storage
from device.drive import burst
from device.drive.clock import Clock
from device.drive.drive import Drive
from device.drive.ring_buffer import RingBuffer
from device.drive.series import Series
from device.drivers.simulated import SimulatedCamera
from device.errors import StorageFull
from device.frame import LiveFrame, StillFrame
from device.session.session import Session

pytestmark = pytest.mark.usefixtures("time_to_start")


def test_pre_capture_keeps_the_frames_before_the_press(
    make_session: MakeSession, storage: Storage, make_drive: MakeDrive
) -> None:
    session = make_session(lambda: SimulatedCamera(speed=0.5))
    session.wait_open(60)
    drive = make_drive(session, 0.5)
    drive.start("precapture", {"before": 2, "after": 1})
    eventually(lambda: drive.progress().phase == "armed", "armed", 60)
    armed_at = session.newest_meta()
    assert armed_at is not None
    eventually(lambda: _seen_in_full(session) > armed_at.sequence + 3, "frames", 60)
    pressed = Clock().wall()
    drive.trigger()
    progress = ended(drive)
    assert (progress.state, progress.taken, progress.error) == ("done", 3, None)
    times = [frame["taken_at"] for frame in manifest_of(storage, progress)["frames"]]
    assert sum(time < pressed.isoformat() for time in times) >= 2 and times == sorted(times)


def _seen_in_full(session: Session) -> int:
    meta = session.newest_meta()
    return meta.sequence if meta is not None and meta.mode.width == 4056 else 0


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The numbers of the frames in memory when a series counts its gaps; each third frame never comes there."""
    real_offer, count_gaps, recorded = RingBuffer.offer, burst._count_gaps, list[int]()

    def offer(buffer: RingBuffer, frame: LiveFrame) -> None:
        if frame.meta.sequence % 3:
            real_offer(buffer, frame)

    def count(series: Series, buffers: list[RingBuffer]) -> None:
        recorded.extend(number for buffer in buffers for number in buffer.sequences)
        count_gaps(series, buffers)

    monkeypatch.setattr(RingBuffer, "offer", offer)
    monkeypatch.setattr(burst, "_count_gaps", count)
    return recorded


@pytest.mark.parametrize("error", [None, StorageFull("the card is full")], ids=["cancelled", "card full"])
def test_a_pre_capture_that_is_not_written_to_its_end_counts_every_frame_once(
    slow: Session,
    storage: Storage,
    make_drive: MakeDrive,
    monkeypatch: pytest.MonkeyPatch,
    recorded: list[int],
    error: StorageFull | None,
) -> None:
    """Those that are missing between the written ones too, and between those before and after the press."""
    save, drive = Series.save, make_drive(slow, 0.05)

    def save_three(series: Series, still: StillFrame) -> None:
        if series.progress().taken == 3 and error is not None:
            raise error
        save(series, still)
        if series.progress().taken == 3 and error is None:
            series.cancel()

    monkeypatch.setattr(Series, "save", save_three)
    begin_pre_capture(drive, slow, after=2)
    drive.trigger()
    progress = ended(drive)
    sent = recorded[-1] - recorded[0] + 1
    assert (progress.state, progress.taken) == ("cancelled" if error is None else "failed", 3)
    assert sent > len(recorded) == 6 and progress.missed == manifest_of(storage, progress)["lost"] == sent - 3


def test_a_pre_capture_that_is_cancelled_after_the_press_counts_what_it_had(
    slow: Session, storage: Storage, make_drive: MakeDrive, recorded: list[int]
) -> None:
    drive = make_drive(slow, 0.05)
    begin_pre_capture(drive, slow, after=50)
    drive.trigger()
    eventually(lambda: drive.progress().phase == "recording", "recording", 60)
    wait_for_frames(slow, 4)
    progress = drive.cancel()
    sent = recorded[-1] - recorded[0] + 1
    assert (progress.state, progress.taken) == ("cancelled", 0)
    assert sent > len(recorded) >= 4 and progress.missed == manifest_of(storage, progress)["lost"] == sent


def test_a_pre_capture_is_written_when_the_service_ends_right_after_the_press(
    slow: Session, storage: Storage, make_drive: MakeDrive, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop_rolling, ending = RingBuffer.stop_rolling, threading.Event()

    def stop_later(buffer: RingBuffer) -> None:
        assert ending.wait(60)
        stop_rolling(buffer)

    monkeypatch.setattr(RingBuffer, "stop_rolling", stop_later)
    drive = make_drive(slow, 0.05)
    begin_pre_capture(drive, slow, after=0)
    drive.trigger()
    eventually(drive.end_recording, "it has something to write")
    ending.set()
    progress = ended(drive)
    assert (progress.state, progress.taken, len(storage.list())) == ("done", 4, 4)


def begin_pre_capture(drive: Drive, session: Session, *, after: int) -> None:
    """Arm a pre-capture, and wait until it has more than the four frames that it keeps."""
    drive.start("precapture", {"before": 4, "after": after})
    eventually(lambda: drive.progress().phase == "armed", "armed", 60)
    wait_for_frames(session, 10)
