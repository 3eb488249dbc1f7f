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


@dataclass(slots=True)
class Job:
    """One piece of work, and how long it may take."""

    work: Callable[[CameraDriver], Any]
    future: Future[Any]
    budget_s: float
    survives: tuple[type[CameraError], ...] = ()
    """Errors that go to the asker alone: the camera is kept."""


class JobQueue:
    """First come, first served; any thread may submit, one thread runs."""

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
        """Wait for the work's result, `patience_s` longer than its budget. Raises what the work raises."""
        job = Job(work, Future(), budget_s, survives)
        self._jobs.put(job)
        try:
            result: T = job.future.result(timeout=budget_s + patience_s)
        except FutureTimeout:
            job.future.cancel()
            raise CameraStalled(
                f"the camera did not finish within {budget_s:g} s", remedy="try again; if it stays, run `hqcam doctor`"
            ) from None
        return result

    def run_waiting(self, driver: CameraDriver, on_begin: Callable[[float], None]) -> bool:
        """Run all that waits; true when there was any. A camera error goes to the asker, and to the caller
        too unless the job `survives` it.

        `on_begin` is told each job's budget before it runs.
        """
        ran = False
        while (job := self._next()) is not None:
            ran = True
            on_begin(job.budget_s)
            try:
                job.future.set_result(job.work(driver))
            except CameraError as error:
                job.future.set_exception(error)
                if not isinstance(error, job.survives):
                    raise
            except Exception as error:  # handed to whoever asked
                job.future.set_exception(error)
        return ran

    def fail_waiting(self, error: HqcamError) -> None:
        """Answer all that waits with `error`."""
        while (job := self._next()) is not None:
            job.future.set_exception(error)

    def _next(self) -> Job | None:
        """Give the next job whose asker still waits."""
        while True:
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                return None
            if job.future.set_running_or_notify_cancel():
                return job
