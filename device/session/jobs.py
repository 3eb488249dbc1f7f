"""A queue of work for the camera thread: others submit a job with a time budget and wait for its result.

The budget is counted by the session's clock, which a busy machine slows down: a shot that only waits for a processor is
no failure. BUSY_MOST bounds it all the same.
"""

from __future__ import annotations

import queue
from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError
from concurrent.futures import wait as wait_for
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from device.drivers.base import CameraDriver
from device.errors import CameraError, CameraStalled, HqcamError
from device.session.fair_clock import LEAST_WAIT_S, FairClock

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of work for the camera thread."""

    work: Callable[[CameraDriver], Any]
    answer: Future[Any]
    budget_s: float
    """How long the work itself may take."""
    survives: tuple[type[CameraError], ...]
    """Errors after which the camera still works: only the submitter gets them."""


class JobQueue:
    """First come, first served. Any thread submits; the camera thread runs."""

    def __init__(self, clock: FairClock) -> None:
        """`clock` counts the budgets; the watchdog drives it."""
        self._clock = clock
        self._jobs: queue.SimpleQueue[Job] = queue.SimpleQueue()
        self._running: Job | None = None

    def submit(
        self,
        work: Callable[[CameraDriver], T],
        *,
        budget_s: float,
        patience_s: float,
        survives: tuple[type[CameraError], ...] = (),
    ) -> T:
        """Queue `work` and wait for its result, at most `budget_s + patience_s`. Any thread but the camera's.

        On a busy machine it waits longer, by the same factor as the clock is slower, at most BUSY_MOST.
        Raises what the work raises, and CameraStalled when time runs out.
        """
        job = Job(work, Future(), budget_s, survives)
        self._jobs.put(job)
        left_s = self._clock.begin_wait(budget_s + patience_s)
        while not job.answer.done():
            wait_s = left_s()
            if wait_s <= 0:
                job.answer.cancel()
                raise CameraStalled(
                    f"the camera did not finish within {budget_s:g} s",
                    remedy="try again; if it stays, run `hqcam doctor`",
                )
            wait_for((job.answer,), max(wait_s, LEAST_WAIT_S))
        result: T = job.answer.result()
        return result

    def run_waiting(self, driver: CameraDriver, on_begin: Callable[[float], None]) -> bool:
        """Run all waiting jobs; true when there was one. On the camera thread.

        `on_begin` is called with each job's budget in seconds before the job runs. An error goes to the submitter. A
        CameraError that is not in `survives` is also raised here: the camera is lost, later jobs stay in the queue.
        """
        ran = False
        while (job := self._next()) is not None:
            ran = True
            on_begin(job.budget_s)
            self._running = job
            try:
                result = job.work(driver)
            except Exception as error:
                _fail(job, error)
                if isinstance(error, CameraError) and not isinstance(error, job.survives):
                    raise
            else:
                with suppress(InvalidStateError):  # `fail_all` came before
                    job.answer.set_result(result)
        return ran

    def fail_waiting(self, error: HqcamError) -> None:
        """End all waiting jobs with `error`: the camera was lost or closed. Any thread."""
        while (job := self._next()) is not None:
            _fail(job, error)

    def fail_all(self, error: HqcamError) -> None:
        """End all jobs with `error`, also one that hangs: the camera was closed. Any thread."""
        if (job := self._running) is not None:
            _fail(job, error)
        self.fail_waiting(error)

    def _next(self) -> Job | None:
        """Give the next job whose submitter still waits, or None."""
        while True:
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                return None
            if job.answer.set_running_or_notify_cancel():
                return job


def _fail(job: Job, error: Exception) -> None:
    """Give the submitter the error, unless it has its answer already."""
    with suppress(InvalidStateError):
        job.answer.set_exception(error)
