"""Fault scripts: how they are read, when they strike, and what they make of the camera."""

from __future__ import annotations

import itertools
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from camera_helpers import MANUAL, MODE, metas, opened
from helpers import DEADLINE_S

from device.drivers.simulated import SimulatedCamera
from device.errors import BadInput, CameraLost, CameraStalled, NoCamera
from device.simulator.faults import Fault, FaultScript

S = 1_000_000_000


def test_a_script_of_all_kinds() -> None:
    script = FaultScript.parse("unplug@5s+3s, stall@2s+4s,hang@2.5s, corrupt@3s")
    assert script.faults == (
        Fault("unplug", 5.0, 3.0),
        Fault("stall", 2.0, 4.0),
        Fault("hang", 2.5),
        Fault("corrupt", 3.0),
    )


@pytest.mark.parametrize(
    "text",
    ["", "unplug", "unplug@", "unplug@5", "melt@5s", "stall@-1s", "stall@1s+", "hang@2s+1s", "stall@1s,,", "@5s"],
)
def test_a_bad_script_says_what_was_expected(text: str) -> None:
    with pytest.raises(BadInput) as caught:
        FaultScript.parse(text)
    assert caught.value.message and caught.value.expected


def test_the_clock_starts_at_the_first_opening_and_goes_on() -> None:
    script = FaultScript.parse("unplug@5s+3s")
    assert script.until_ns("unplug", 0) is None
    assert script.begin(100 * S) == 100 * S
    assert script.until_ns("unplug", 104 * S) is None
    assert script.until_ns("unplug", 105 * S) == 108 * S
    assert script.begin(106 * S) == 106 * S  # opened again: the clock is the first one's
    assert script.until_ns("unplug", 107 * S) == 108 * S
    assert script.until_ns("unplug", 108 * S) is None


def test_a_new_drivers_clock_never_runs_behind() -> None:
    script = FaultScript.parse("corrupt@50s")
    script.begin(0)
    script.until_ns("stall", 60 * S)
    assert script.begin(10 * S) == 60 * S
    assert script.begin(70 * S) == 70 * S
    assert script.begin(70 * S, virtual=True) == 60 * S


def test_one_time_faults_strike_once() -> None:
    script = FaultScript.parse("hang@1s")
    script.begin(0)
    assert not script.spend("hang", S - 1)
    assert script.spend("hang", 2 * S)
    assert not script.spend("hang", 3 * S)


# -- on the camera -----------------------------------------------------------------------------------------------------


def test_unplugging_loses_the_camera_until_it_comes_back(photo: Path) -> None:
    script = FaultScript.parse("unplug@0.5s+0.3s")
    camera = SimulatedCamera(photo, pace=False, faults=script)
    camera.open()
    camera.start(MODE, MANUAL)
    with pytest.raises(CameraLost):
        metas(camera, 30)
    camera.close()
    second = SimulatedCamera(photo, pace=False, faults=script)
    with pytest.raises(NoCamera):
        second.open()
    script.until_ns("unplug", second._now_ns() + 300_000_000)  # time passes
    third = SimulatedCamera(photo, pace=False, faults=script)
    third.open()
    third.start(MODE, MANUAL)
    assert len(metas(third, 2)) == 2


def test_a_stall_ends(photo: Path) -> None:
    camera = opened(photo, faults="stall@0.2s+0.5s")
    camera.start(MODE, MANUAL)
    metas(camera, 6)  # the last began before 0.2 s
    stalled = 0
    for _ in range(5):
        try:
            camera.next_frame(0.2).release()
            break
        except CameraStalled:
            stalled += 1
    assert stalled == 2


def test_a_corrupt_frame_leaves_a_gap(photo: Path) -> None:
    camera = opened(photo, faults="corrupt@0.2s")
    camera.start(MODE, MANUAL)
    sequences = [meta.sequence for meta in metas(camera, 10)]
    assert sorted(b - a for a, b in itertools.pairwise(sequences)) == [1] * 8 + [2]


def call_and_close(camera: SimulatedCamera) -> BaseException | None:
    """Wait for a frame in another thread and close meanwhile; give what it raised, if it did within the deadline."""
    caught: list[BaseException] = []
    entered = threading.Event()

    def wait() -> None:
        entered.set()
        try:
            camera.next_frame(60.0)
        except CameraLost as error:
            caught.append(error)

    thread = threading.Thread(target=wait, name="hqcam-test")
    thread.start()
    entered.wait(DEADLINE_S)
    camera.close()
    thread.join(DEADLINE_S)
    return caught[0] if caught else None


def test_a_hang_ignores_its_deadline_until_closed(photo: Path) -> None:
    camera = opened(photo, faults="hang@0s")
    camera.start(MODE, MANUAL)
    assert isinstance(call_and_close(camera), CameraLost)


def test_close_interrupts_a_long_exposure_at_once(photo: Path) -> None:
    camera = opened(photo, pace=True)
    camera.start(MODE, replace(MANUAL, exposure_us=300e6))
    assert isinstance(call_and_close(camera), CameraLost), "long before the exposure would have ended"
    camera.close()
    with pytest.raises(CameraLost):
        camera.next_frame(1.0)
