"""A queue of work for the camera thread: others submit a job with a time budget and wait for its result."""

from __future__ import annotations

import queue
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import dataclass
from typing import Any, TypeVar

from device.drivers.base import CameraDriver
from device.errors import CameraError, CameraStalled, HqcamError

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

    def __init__(self) -> None:
        self._jobs: queue.SimpleQueue[Job] = queue.SimpleQueue()

    def submit(
        self,
        work: Callable[[CameraDriver], T],
        *,
        budget_s: float,
        patience_s: float,
        survives: tuple[type[CameraError], ...] = (),
    ) -> T:
        """Queue `work` and wait for its result, at most `budget_s + patience_s`. Any thread but the camera's.

        Raises what the work raises, and CameraStalled when time runs out.
        """
        job = Job(work, Future(), budget_s, survives)
        self._jobs.put(job)
        try:
            result: T = job.answer.result(timeout=budget_s + patience_s)
        except FutureTimeout:
            job.answer.cancel()
            raise CameraStalled(
                f"the camera did not finish within {budget_s:g} s", remedy="try again; if it stays, run `hqcam doctor`"
            ) from None
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
            try:
                job.answer.set_result(job.work(driver))
            except Exception as error:
                job.answer.set_exception(error)
                if isinstance(error, CameraError) and not isinstance(error, job.survives):
                    raise
        return ran

    def fail_waiting(self, error: HqcamError) -> None:
        """End all waiting jobs with `error`: the camera was lost or closed. Any thread."""
        while (job := self._next()) is not None:
            job.answer.set_exception(error)

    def _next(self) -> Job | None:
        """Give the next job whose submitter still waits, or None."""
        while True:
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                return None
            if job.answer.set_running_or_notify_cancel():
                return job
