"""Work for the camera thread: how long who asked for it waits, and that everyone gets an answer."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from helpers import eventually

from device.drivers.base import CameraDriver
from device.drivers.simulated import SimulatedCamera
from device.errors import CameraLost, CameraStalled
from device.session.fair_clock import BUSY_MOST, FairClock
from device.session.jobs import JobQueue


class Starved(FairClock):
    """The clock of a machine that has no time for the program: it stands still, and counts who looks at it."""

    looks = 0

    @property
    def now_s(self) -> float:
        self.looks += 1
        return 0.0

    @now_s.setter
    def now_s(self, _: float) -> None:
        """Nothing moves it."""


def submitted(
    pool: ThreadPoolExecutor, jobs: JobQueue, work: Callable[[CameraDriver], Any], **wait: float
) -> Future[Any]:
    return pool.submit(jobs.submit, work, **wait)


def test_a_job_that_only_waits_for_a_processor_is_waited_for() -> None:
    clock = Starved()
    jobs = JobQueue(clock)
    with ThreadPoolExecutor() as pool:
        answer = submitted(pool, jobs, lambda _: "done", budget_s=0.5, patience_s=0.5)
        eventually(lambda: clock.looks >= 4, "who waits has looked at the clock after the budget of the wall clock")
        assert jobs.run_waiting(SimulatedCamera(), lambda _: None)
        assert answer.result() == "done"


def test_the_wait_is_bounded_on_a_machine_that_never_has_time() -> None:
    with pytest.raises(CameraStalled, match=r"within 0\.02 s"):
        JobQueue(Starved()).submit(lambda _: None, budget_s=0.02, patience_s=0.0)


def test_on_a_machine_that_has_time_the_clock_ends_the_wait() -> None:
    clock = FairClock()
    jobs = JobQueue(clock)
    with ThreadPoolExecutor() as pool:
        answer = submitted(pool, jobs, lambda _: None, budget_s=0.5, patience_s=0.5)
        eventually(lambda: not jobs._jobs.empty(), "the job is in the queue")
        clock.now_s = 1.5
        assert isinstance(answer.exception(), CameraStalled)
        assert not jobs.run_waiting(SimulatedCamera(), lambda _: None), "nobody waits for it any more"


def test_who_waits_for_a_job_that_hangs_is_told_when_the_camera_is_closed() -> None:
    jobs, hangs, ends = JobQueue(FairClock()), threading.Event(), threading.Event()

    def hang(_: CameraDriver) -> None:
        hangs.set()
        ends.wait()

    with ThreadPoolExecutor() as pool:
        answer = submitted(pool, jobs, hang, budget_s=600.0, patience_s=0.0)
        eventually(lambda: not jobs._jobs.empty(), "the job is in the queue")
        camera = pool.submit(jobs.run_waiting, SimulatedCamera(), lambda _: None)
        try:
            assert hangs.wait(60)
            jobs.fail_all(CameraLost("the camera was closed"))
            assert isinstance(answer.exception(), CameraLost)
        finally:
            ends.set()
        assert camera.result() is True, "what it gives afterwards is nobody's"


def test_a_wait_is_stretched_by_how_busy_the_machine_is_and_not_without_end() -> None:
    assert [FairClock(share=lambda share=share: share).stretched(3.0) for share in (1.0, 0.5, 0.01)] == [
        3.0,
        6.0,
        3.0 * BUSY_MOST,
    ]
