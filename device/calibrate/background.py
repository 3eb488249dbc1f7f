"""A calibration that goes on while its owner looks at a page: one step at a time, in a thread of its own.

The page asks for a step, watches its progress, and asks for the next. What is found is kept when the last step is done.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from typing import Final, Literal

from device.calibrate.camera_run import CameraRun
from device.calibration.profile import same_sensor
from device.errors import BadInput, CameraError, DriveBusy, HqcamError
from device.session.session import Session

Step = Literal["cap", "paper"]
END_S: Final = 5.0  # chosen: a still is cancelled at once, what is computed of the last two takes some seconds


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a calibration is."""

    step: Step | None = None
    """What is measured now, or was last; None before the first."""
    running: bool = False
    done: int = 0
    of: int = 0
    """Stills taken in this step, and those there will be."""
    what: str = ""
    cap_done: bool = False
    """Whether the paper may be asked for."""
    complete: bool = False
    """Whether the calibration was kept."""
    same_sensor: bool | None = None
    """Whether hot photosites of the calibration before are hot again; None where it is not known."""
    error: HqcamError | None = None
    """Why the step did not end well."""


class BackgroundCalibration:
    """At most one calibration of the session's camera. Any thread."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._lock = threading.Lock()
        self._progress = Progress()
        self._run: CameraRun | None = None
        self._thread: threading.Thread | None = None
        self._ended = threading.Event()

    @property
    def progress(self) -> Progress:
        """Where it is now."""
        with self._lock:
            return self._progress

    def check_free(self) -> None:
        """Raise DriveBusy while a step is in progress: a shot and its frames would be in each other's way."""
        with self._lock:
            self._check_free()

    def _check_free(self) -> None:
        if self._progress.running:
            raise DriveBusy("a calibration is running", remedy="wait until the step is done, or end it")

    def begin(self, step: Step) -> None:
        """Begin a step: "cap" begins a calibration anew. Raises BadInput, StepRefused, CameraError; DriveBusy."""
        with self._lock:
            self._check_free()
            if step == "paper" and (self._run is None or not self._progress.cap_done):
                raise BadInput("white paper was asked for first", expected="the step with the cap on before it")
            if step == "cap" or self._run is None:
                self._run = CameraRun(self._session, tell=self._tell, ended=self._ended.is_set)
            self._ended.clear()
            self._progress = Progress(step, running=True, cap_done=step == "paper")
            self._thread = threading.Thread(
                target=self._work, args=(step, self._run), name="hqcam-calibrate", daemon=True
            )
            self._thread.start()

    def cancel(self) -> None:
        """End the step in progress; nothing of it is kept. Does not wait, and is harmless when there is none."""
        with self._lock:
            running = self._progress.running
        if running:
            self._ended.set()
            self._session.cancel_still()

    def close(self) -> None:
        """End the step in progress and wait for it, END_S at most."""
        self.cancel()
        thread = self._thread
        if thread is not None:
            thread.join(END_S)

    def _work(self, step: Step, run: CameraRun) -> None:
        error: HqcamError | None = None
        same: bool | None = None
        try:
            if step == "cap":
                run.cap()
            else:
                run.white()
                same = self._keep(run)
        except HqcamError as caught:
            error = caught
        except (ArithmeticError, ValueError, MemoryError) as caught:  # numbers that no camera gives
            error = BadInput(
                f"nothing can be measured from these frames: {caught}", expected="frames of a sound camera"
            )
        try:
            run.uncover()
        except CameraError as caught:
            error = error or caught
        with self._lock:
            well = error is None
            self._progress = replace(
                self._progress,
                running=False,
                cap_done=well and step == "cap" or self._progress.cap_done,
                complete=well and step == "paper",
                same_sensor=same,
                error=error,
            )

    def _keep(self, run: CameraRun) -> bool | None:
        profile, measured = run.profile(), self._session.measured
        before = measured.calibrations.history(profile.camera).profile
        measured.calibrations.add(profile)
        measured.look()
        return same_sensor(before, profile) if before else None

    def _tell(self, done: int, of: int, what: str) -> None:
        with self._lock:
            self._progress = replace(self._progress, done=min(done, of), of=of, what=what)
