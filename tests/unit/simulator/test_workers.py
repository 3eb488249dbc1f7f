"""Frames made by other processes: the same pictures, the same promises, and nobody left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from helpers import DEADLINE_S, children_of, eventually, is_running, started
from leftovers import children

from device.drivers.choose import CameraChoice, driver_factory
from device.drivers.simulated import SimulatedCamera
from device.errors import CameraLost
from device.frame import U8, Controls, LiveFrame, Mode, Rect
from device.sensors.imx477 import IMX477
from device.session.session import Session
from device.simulator.renderer import Buffers, FrameParameters, Renderer, frame_bytes, lay_out
from device.simulator.workers import sensible_count

MODES = {mode.name: mode for mode in IMX477.modes}
BINNED, FULL = MODES["2028x1520-12"], MODES["4056x3040-12"]
MANUAL = Controls(exposure_us=5000.0, gain=1.0, awb="manual", colour_gains=IMX477.colour.gains_at(5000), contrast=1.2)


@pytest.fixture
def cameras(photo: Path) -> Iterator[Callable[..., SimulatedCamera]]:
    opened: list[SimulatedCamera] = []

    def make(**options: int) -> SimulatedCamera:
        camera = SimulatedCamera(photo, pace=False, **options)  # type: ignore[arg-type]
        opened.append(camera)
        camera.open()
        return camera

    yield make
    for camera in opened:
        camera.close()


def developed(frame: LiveFrame, mode: Mode) -> Buffers:
    """What this process makes of the frame's raw samples, in one piece."""
    assert frame.raw is not None
    memory = np.empty(frame_bytes(mode, with_small=True), np.uint8)
    buffers = lay_out(memory, mode, with_small=True)
    buffers.raw[...] = frame.raw.samples
    meta = frame.meta
    ccm = IMX477.colour.ccm_at(meta.colour_temperature_k)
    take = FrameParameters(meta.exposure_us, meta.analogue_gain, 2.8, meta.colour_gains, ccm, meta.contrast, 1.0)
    Renderer(IMX477, mode, np.random.default_rng(0)).develop(take, buffers)
    return buffers


def planes(frame: LiveFrame | Buffers) -> list[U8]:
    assert frame.small is not None
    return [plane for picture in (frame.main, frame.small) for plane in (picture.y, picture.u, picture.v)]


@pytest.mark.parametrize("mode", [BINNED, FULL], ids=lambda mode: mode.name)
def test_their_pictures_are_those_of_one_piece(cameras: Callable[..., SimulatedCamera], mode: Mode) -> None:
    camera = cameras(workers=2)
    camera.start(mode, MANUAL)
    frame = camera.next_frame(10)
    expected = developed(frame, mode)
    assert all(np.array_equal(a, b) for a, b in zip(planes(frame), planes(expected), strict=True))
    assert frame.raw is not None and 0 < np.ptp(frame.raw.samples[-20:].astype(int))  # the last strip is there too
    frame.release()


def test_the_largest_mode_takes_two_and_the_others_one(cameras: Callable[..., SimulatedCamera]) -> None:
    before = children()
    camera = cameras(workers=2)
    assert children() == before, "none before the first frame is wanted"
    camera.start(BINNED, MANUAL)
    assert len(children() - before) == 1
    camera.start(FULL, MANUAL)
    assert len(children() - before) == 2
    camera.close()
    assert children() == before


def test_the_same_seed_gives_the_same_bytes(cameras: Callable[..., SimulatedCamera]) -> None:
    frames = []
    for seed in (5, 5, 6):
        camera = cameras(workers=1, seed=seed)
        camera.start(BINNED, MANUAL)
        frame = camera.next_frame(10)
        assert frame.raw is not None
        frames.append(frame.raw.samples.copy())
        frame.release()
    assert np.array_equal(frames[0], frames[1]) and not np.array_equal(frames[0], frames[2])


def test_buffers_come_back_and_a_moved_lens_is_seen(cameras: Callable[..., SimulatedCamera]) -> None:
    camera = cameras(workers=1)
    camera.start(BINNED, MANUAL)
    detail = []
    for focus_m in (2.0, 2.0, 0.3, 0.3):
        camera.request(Controls(exposure_us=5000.0, gain=1.0, focus_m=focus_m))
        frame = camera.next_frame(10)
        detail.append(np.abs(np.diff(frame.main.y[600:900].astype(int), axis=1)).mean())
        frame.release()
    assert max(detail[2:]) < 0.8 * min(detail[:2])


def test_the_loupe_and_the_way_back(cameras: Callable[..., SimulatedCamera]) -> None:
    camera = cameras(workers=1)
    camera.start(BINNED, MANUAL)
    camera.next_frame(10).release()
    camera.magnify(Rect(1000, 800, 1014, 760))
    frame = camera.next_frame(10)
    assert frame.main.y.shape == (760, 1014) and frame.small is frame.main
    frame.release()
    camera.magnify(Rect(0, 0, 1014, 760))
    camera.next_frame(10).release()
    camera.magnify(None)
    frame = camera.next_frame(10)
    assert frame.main.y.shape == (1520, 2028)
    frame.release()


@pytest.fixture
def with_process(cameras: Callable[..., SimulatedCamera]) -> tuple[SimulatedCamera, int]:
    """A camera that gave a frame, and the number of its one process."""
    before = children()
    camera = cameras(workers=1)
    camera.start(BINNED, MANUAL)
    camera.next_frame(10).release()
    (pid,) = children() - before
    return camera, pid


def test_a_process_that_dies_is_a_lost_camera(with_process: tuple[SimulatedCamera, int]) -> None:
    camera, pid = with_process
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(CameraLost, match="process of the simulated camera"):
        for _ in range(3):
            camera.next_frame(10).release()


def test_closing_does_not_wait_for_a_process_that_is_stopped(with_process: tuple[SimulatedCamera, int]) -> None:
    """The thread that waits for its frame is told that the camera was closed."""
    camera, pid = with_process
    before = children() - {pid}
    os.kill(pid, signal.SIGSTOP)
    told: list[str] = []

    def wait_for_a_frame() -> None:
        with pytest.raises(CameraLost) as lost:
            camera.next_frame(10)
        told.append(lost.value.message)

    waiting = threading.Thread(target=wait_for_a_frame, name="hqcam-test-waits")
    waiting.start()
    assert camera._workers is not None
    eventually(camera._workers._busy.locked, "it waits for the process")
    camera.close()
    waiting.join(DEADLINE_S)
    assert told == ["the simulated camera was closed"]
    assert children() == before


def test_they_end_without_a_word_when_the_program_is_killed(photo: Path) -> None:
    program = f"""
import sys
from pathlib import Path
from device.drivers.simulated import SimulatedCamera
from device.frame import Controls
camera = SimulatedCamera(Path({str(photo)!r}), pace=False, workers=2)
camera.open()
camera.start(camera.info.full_mode, Controls())
camera.next_frame({DEADLINE_S}).release()
print("ready", flush=True)
sys.stdin.read()
"""
    with started(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout.readline() == b"ready\n"
        workers = children_of(process.pid)
        assert len(workers) == 2
        process.kill()
        eventually(lambda: not any(is_running(pid) for pid in workers), "its processes end")
        assert process.stderr.read() == b""


def test_what_fails_there_is_told_here(cameras: Callable[..., SimulatedCamera]) -> None:
    camera = cameras(workers=1)
    camera.start(BINNED, MANUAL)
    assert camera._workers is not None
    with pytest.raises(CameraLost, match="KeyError: 99"):
        camera._workers.send([("end", 99)])
    camera.next_frame(10).release()


def test_the_session_opens_it_again(make_session: Callable[..., Session], photo: Path) -> None:
    before = children()
    session = make_session(lambda: SimulatedCamera(photo, workers=1))
    meta = session.wait_frame(0, DEADLINE_S)
    assert meta is not None
    (pid,) = children() - before
    os.kill(pid, signal.SIGKILL)
    eventually(lambda: children() - before - {pid} and session.status.state == "live", "live with another process")
    assert pid not in children()
    assert session.wait_frame(0, DEADLINE_S) is not None


def test_the_command_line_takes_them_where_the_system_can() -> None:
    assert sensible_count() == min(2, os.cpu_count() or 1)
    camera = driver_factory(CameraChoice("simulated"))()
    assert isinstance(camera, SimulatedCamera) and camera._worker_count == sensible_count()
