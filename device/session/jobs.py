"""Work for the camera thread, handed over by others with a time budget and answered by a future."""

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
    """Errors that tell nothing about the camera: only the asker gets them."""


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
        """Wait for the work's result, `patience_s` longer than its budget. Any thread.

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
        """Run all that waits; true when there was any. On the camera thread.

        `on_begin` is told each job's budget before it runs. An error goes to who asked. A CameraError that the job
        does not survive is raised here too: the camera is lost, and the jobs behind it stay in the queue.
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
        """Answer all that waits with `error`. Any thread: the camera was lost or closed."""
        while (job := self._next()) is not None:
            job.answer.set_exception(error)

    def _next(self) -> Job | None:
        """Give the next job whose asker still waits."""
        while True:
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                return None
            if job.answer.set_running_or_notify_cancel():
                return job
