"""Our driver with the real picamera2 on the rig: what the contract suite cannot ask of a camera without faults."""

from __future__ import annotations

import gc
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from helpers import DEADLINE_S, eventually
from rig.timecode import BITS, read_code

from device.controls import as_asked, merge
from device.drivers.picamera2.driver import Picamera2Camera
from device.errors import CameraBusy, CameraError, CameraLost, CameraStalled, ModeRefused, NoCamera, NotEnoughMemory
from device.frame import Controls, FrameMeta
from device.preferences.store import Preferences
from device.session.session import Session

PLATFORM = os.environ["HQCAM_RIG_PLATFORM"]
TIMEOUT_S = 5.0
HALF = (2028, 1520)
pytestmark = pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")  # picamera2's, where opening fails


@pytest.fixture(autouse=True)
def libcamera_looks_again() -> Iterator[None]:
    """A camera that was absent in the test before is there again."""
    look_again()
    yield
    gc.collect()


def look_again() -> None:
    from picamera2 import Picamera2

    gc.collect()
    Picamera2._cm.reset()


@pytest.fixture
def camera(faults: Path) -> Iterator[Picamera2Camera]:
    camera = Picamera2Camera()
    yield camera
    camera.close()


@pytest.fixture
def live(camera: Picamera2Camera) -> Picamera2Camera:
    camera.open()
    camera.start(next(m for m in camera.info.modes if (m.width, m.height) == HALF), Controls())
    return camera


def take(camera: Picamera2Camera, count: int = 1) -> list[FrameMeta]:
    metas = []
    for _ in range(count):
        frame = camera.next_frame(TIMEOUT_S)
        metas.append(frame.meta)
        frame.release()
    return metas


def code_of(meta: FrameMeta) -> int:
    """What the pixels of this frame must say: the moment of readout, an exposure later than the frame's time."""
    return (meta.timestamp_ns + round(meta.exposure_us * 1000)) // 1000 % 2**BITS


# -- frames -----------------------------------------------------------------------------------------------------------


def test_every_picture_and_the_raw_of_a_frame_are_of_its_metadata(live: Picamera2Camera) -> None:
    codes = set()
    for _ in range(10):
        frame = live.next_frame(TIMEOUT_S)
        assert frame.raw is not None
        read = {
            read_code(frame.main.y, middle=128),
            read_code(frame.small.y, middle=128),
            read_code(frame.raw.samples, middle=frame.raw.white_dn / 2),
        }
        assert read == {code_of(frame.meta)}
        codes |= read
        frame.release()
    assert len(codes) == 10


@pytest.mark.parametrize(("asked_us", "lines"), [(1000.0, 35), (114.0, 4), (31.0, 4), (312.5, 11)])
def test_a_still_has_the_nearest_whole_lines_of_its_mode(live: Picamera2Camera, asked_us: float, lines: int) -> None:
    """libcamera cuts to lines, and then tells whole microseconds."""
    still = live.capture_still(TIMEOUT_S, Controls(exposure_us=asked_us, gain=1.0))
    mode = still.meta.mode
    assert 0 <= lines * mode.line_us - still.meta.exposure_us <= 1
    assert as_asked(still.meta.exposure_us, asked_us, mode) == (asked_us != 31.0)


def test_raw_and_picture_of_a_still_are_of_one_frame_at_full_resolution(live: Picamera2Camera) -> None:
    [shown] = take(live, 12)[-1:]
    still = live.capture_still(TIMEOUT_S)
    assert still.raw is not None and still.raw.samples.shape == still.picture.y.shape == (3040, 4056)
    assert read_code(still.raw.samples, middle=2048) == read_code(still.picture.y, middle=128) == code_of(still.meta)
    # Right-justified 12 bit on every platform, and every level there is.
    assert (still.raw.bit_depth, still.raw.black_dn, still.raw.white_dn) == (12, (256.0,) * 4, 4095)
    assert len(np.unique(still.raw.samples[100:])) > 1000
    # Exposure and colour are those of the screen, in the lines of the larger mode.
    assert abs(still.meta.exposure_us - shown.exposure_us) <= still.meta.mode.line_us
    assert still.meta.colour_gains == pytest.approx(shown.colour_gains, abs=0.01)
    assert still.meta.ae_state == shown.ae_state
    again = live.capture_still(TIMEOUT_S)
    assert again.meta.exposure_us == still.meta.exposure_us, "shots in a row do not drift"


def test_controls_arrive_within_the_requests_in_flight_and_the_delay_of_the_sensor(live: Picamera2Camera) -> None:
    take(live, 3)
    live.request(merge(Controls(), {"exposure_us": 2000, "gain": 4.0}, live.info))
    arrived = [abs(m.exposure_us - 2000) < 16 and m.analogue_gain == pytest.approx(4) for m in take(live, 12)]
    assert arrived[-1] and arrived.index(True) <= 8


def test_auto_exposure_comes_back_and_locks(live: Picamera2Camera) -> None:
    live.request(Controls(exposure_us=1000, gain=1.0))
    assert take(live, 10)[-1].ae_state == "off"
    live.request(Controls())
    metas = take(live, 40)
    assert metas[-1].ae_state == "converged" and metas[-1].exposure_us > 5000
    live.request(Controls(ae_lock=True, ev=2.0))
    locked = take(live, 20)[-1]
    assert locked.ae_state == "locked" and locked.exposure_us == pytest.approx(metas[-1].exposure_us, rel=0.02)


def test_a_long_exposure_is_not_cut_by_the_frame_rate(live: Picamera2Camera) -> None:
    live.request(Controls(exposure_us=400_000, gain=1.0))
    eventually(lambda: take(live)[0].exposure_us >= 399_000, "it is exposed that long")
    meta = take(live)[0]
    still = live.capture_still(TIMEOUT_S)
    assert still.meta.exposure_us == pytest.approx(400_000, rel=1e-3) and meta.frame_duration_us > 400_000


def test_frames_that_nobody_took_leave_a_gap(live: Picamera2Camera) -> None:
    [before] = take(live, 5)[-1:]
    threading.Event().wait(0.5)
    [after] = take(live)
    passed = (after.timestamp_ns - before.timestamp_ns) / 1000 / after.frame_duration_us
    assert after.sequence - before.sequence == round(passed) >= 12


# -- loans ------------------------------------------------------------------------------------------------------------


@pytest.mark.timeout(600)
def test_1000_captures_leave_nothing_behind(live: Picamera2Camera) -> None:
    """900 live frames and 100 shots with raw: as many open files, threads and mappings as before, and no frame late."""

    def open_things() -> tuple[int, int, int]:
        gc.collect()
        maps = Path("/proc/self/maps").read_text().count("memfd")
        return len(os.listdir("/proc/self/fd")), threading.active_count(), maps

    def shoot(count: int) -> None:
        for _ in range(count):
            assert live.capture_still(TIMEOUT_S).raw is not None
            assert live.next_frame(1.0).release() is None

    shoot(3)
    take(live, 20)
    before = open_things()
    for _ in range(20):
        shoot(5)
        take(live, 40)
    shoot(0)
    take(live, 20)
    assert open_things() == before


def test_a_frame_that_is_kept_does_not_hurt_the_camera(live: Picamera2Camera) -> None:
    kept = live.next_frame(TIMEOUT_S)
    live.capture_still(TIMEOUT_S)
    live.stop()
    assert kept.main.y.shape == (1520, 2028) and int(kept.main.y[-1, -1]) >= 0, "its memory is still there"
    kept.release()
    live.start(live.info.modes[0], Controls())
    take(live, 3)


def test_a_job_that_fails_gives_its_buffers_back(live: Picamera2Camera, monkeypatch: pytest.MonkeyPatch) -> None:
    from device.drivers.picamera2 import planes

    take(live)
    with monkeypatch.context() as patch:
        patch.setattr(planes, "raw_view", lambda *_: 1 / 0)
        for _ in range(8):  # twice the number of buffers
            with pytest.raises(ZeroDivisionError):
                live.next_frame(TIMEOUT_S)
    take(live, 8)


# -- faults -----------------------------------------------------------------------------------------------------------


def test_no_camera(camera: Picamera2Camera, faults: Path) -> None:
    (faults / "absent").touch()
    look_again()
    with pytest.raises(NoCamera) as caught:
        camera.open()
    assert "ribbon cable" in caught.value.remedy and "camera_auto_detect" in caught.value.remedy
    (faults / "absent").unlink()
    later = Picamera2Camera()
    later.open()  # a camera that was plugged in meanwhile is found
    later.close()


def test_a_second_camera_that_is_not_there() -> None:
    camera = Picamera2Camera(1)
    with pytest.raises(NoCamera, match="camera 1 was asked for"):
        camera.open()
    camera.close()


def test_busy(camera: Picamera2Camera, faults: Path) -> None:
    (faults / "busy").touch()
    with pytest.raises(CameraBusy) as caught:
        camera.open()
    assert "systemctl stop hqcam" in caught.value.remedy


def test_a_camera_that_this_program_has_already_is_busy(live: Picamera2Camera) -> None:
    second = Picamera2Camera()
    with pytest.raises(CameraBusy):
        second.open()
    second.close()
    take(live)


def test_a_stall(live: Picamera2Camera, faults: Path) -> None:
    take(live)
    (faults / "stall").touch()
    with pytest.raises(CameraStalled):
        take(live, 10)
    (faults / "stall").unlink()
    take(live)


def test_corrupt_frames_are_never_handed_out(live: Picamera2Camera, faults: Path) -> None:
    take(live)
    (faults / "corrupt").touch()
    with pytest.raises(CameraStalled):
        take(live, 10)
    (faults / "corrupt").unlink()
    take(live)


def test_no_memory(camera: Picamera2Camera, faults: Path) -> None:
    camera.open()
    (faults / "no-memory").touch()
    with pytest.raises(NotEnoughMemory) as caught:
        camera.start(camera.info.modes[0], Controls())
    assert "cma-" in caught.value.remedy
    (faults / "no-memory").unlink()
    camera.start(camera.info.modes[0], Controls())
    take(camera)


def test_too_little_memory_for_raw_goes_on_without(camera: Picamera2Camera, monkeypatch: pytest.MonkeyPatch) -> None:
    camera.open()
    heap_class = sys.modules["picamera2.dma_heap"].DmaHeap
    alloc, limit = heap_class.alloc, 5_000_000  # a raw buffer of this mode takes 6.2 MB

    def little(heap: object, name: str, size: int) -> object:
        if size > limit:
            raise OSError(12, os.strerror(12))
        return alloc(heap, name, size)

    monkeypatch.setattr(heap_class, "alloc", little)
    camera.start(next(m for m in camera.info.modes if (m.width, m.height) == HALF), Controls())
    frame = camera.next_frame(TIMEOUT_S)
    assert frame.raw is None and not camera.info.capabilities.raw_live
    frame.release()


def test_a_refused_mode(camera: Picamera2Camera, faults: Path) -> None:
    camera.open()
    (faults / "no-mode").touch()
    with pytest.raises(ModeRefused) as caught:
        camera.start(camera.info.modes[0], Controls())
    assert "hqcam info" in caught.value.remedy


def test_compressed_raw_is_never_called_raw(camera: Picamera2Camera, faults: Path) -> None:
    camera.open()
    (faults / "comp1").touch()
    if PLATFORM == "vc4":  # only a Pi 5 compresses
        camera.start(camera.info.modes[0], Controls())
        take(camera)
        return
    with pytest.raises(ModeRefused, match="PISP_COMP1"):
        camera.start(camera.info.modes[0], Controls())


def test_use_before_open_after_close_and_before_start() -> None:
    camera = Picamera2Camera()
    for use in (lambda: camera.info, lambda: camera.next_frame(0.1), lambda: camera.capture_still(0.1)):
        with pytest.raises(CameraLost):
            use()
    camera.close()
    with pytest.raises(CameraLost, match="closed"):
        camera.open()


def test_close_returns_while_picamera2_is_stuck(live: Picamera2Camera, monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread that hangs inside libcamera must not take the one that closes along."""
    take(live)
    release, stuck, let_go = threading.Event(), threading.Event(), threading.Event()

    def hang(*_: object) -> None:
        stuck.set()
        release.wait(60)
        let_go.set()

    monkeypatch.setattr(live._camera, "process_requests", hang)

    def wait() -> None:
        with pytest.raises(CameraError):
            live.next_frame(20)

    waiter = threading.Thread(target=wait, name="hqcam-test-waiter")
    waiter.start()
    assert stuck.wait(DEADLINE_S)
    live.close()
    assert not let_go.is_set(), "what hangs still hangs"
    release.set()
    waiter.join(DEADLINE_S)
    live.close()
    assert not waiter.is_alive() and not live._closer.is_alive()


# -- recovery, through the session ------------------------------------------------------------------------------------


def make_lively(make_session: Callable[..., Session]) -> Session:
    session = make_session(Picamera2Camera, preferences=Preferences())
    session.wait_open(TIMEOUT_S)
    assert session.wait_frame(0, TIMEOUT_S)
    return session


def until_live_again(session: Session) -> None:
    """Wait until a frame comes that was taken after now."""
    began_ns = time.monotonic_ns()

    def is_new() -> bool:
        meta = session.newest_meta()
        return meta is not None and meta.timestamp_ns > began_ns and session.status.state == "live"

    eventually(is_new, "frames after the fault")


def test_a_dead_event_thread_is_noticed_and_replaced(make_session: Callable[..., Session]) -> None:
    from picamera2 import Picamera2

    session = make_lively(make_session)
    thread = Picamera2._cm.thread
    Picamera2._cm.running = False  # ends the thread that fetches requests, as an exception in it would
    eventually(lambda: not thread.is_alive(), "the thread ends")
    eventually(lambda: session.status.state == "lost", "it is noticed")
    until_live_again(session)
    assert Picamera2._cm.thread is not thread


def test_an_exception_inside_picamera2_is_survived(make_session: Callable[..., Session]) -> None:
    session = make_lively(make_session)

    def explode(_: object) -> None:
        raise RuntimeError("a callback failed")

    session._camera._driver._camera.pre_callback = explode  # type: ignore[union-attr]
    eventually(lambda: session.status.state == "lost", "it is noticed")
    until_live_again(session)


def test_a_camera_that_was_unplugged_comes_back(make_session: Callable[..., Session], faults: Path) -> None:
    session = make_lively(make_session)
    (faults / "unplug").touch()
    eventually(lambda: session.status.state == "lost", "it is noticed")
    assert session.status.remedy
    (faults / "unplug").unlink()
    until_live_again(session)


def test_a_shot_through_the_session_while_live(make_session: Callable[..., Session]) -> None:
    session = make_lively(make_session)
    pressed_ns = time.monotonic_ns()
    still = session.capture()
    assert still.meta.timestamp_ns >= pressed_ns and still.raw is not None
    until_live_again(session)
