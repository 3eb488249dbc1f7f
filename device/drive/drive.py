"""Runs one drive mode at a time in a thread of its own; page and command line start, watch and cancel it here."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Final

from device.captures.shot import Recipe
from device.captures.storage import Storage
from device.drive import bracket, bulb, burst, interval, single, timer
from device.drive.clock import Clock
from device.drive.manifest import Manifest
from device.drive.mode import DriveMode
from device.drive.progress import IDLE, Progress
from device.drive.series import Cancelled, Run
from device.errors import BadInput, DriveBusy, HqcamError
from device.session.session import Session
from device.settings import declaration as setting_rules

log = logging.getLogger(__name__)

MODES: Final[Mapping[str, DriveMode]] = {
    mode.name: mode
    for mode in (single.MODE, timer.MODE, bracket.MODE, interval.MODE, bulb.MODE, burst.BURST, burst.PRECAPTURE)
}
CANCEL_S: Final = 20.0  # a shot that is being written is written to its end
LOOK_S: Final = 0.1
CAMERA_S: Final = 60.0  # how long a run that a restart cut off waits for the camera


class Drive:
    """Any thread."""

    def __init__(self, session: Session, storage: Storage, recipe: Recipe, *, clock: Clock | None = None) -> None:
        self._session, self._storage, self._recipe = session, storage, recipe
        self._clock = clock or Clock()
        self._lock = threading.Lock()
        self._run: Run | None = None
        self._thread: threading.Thread | None = None

    @property
    def running(self) -> bool:
        """Whether a mode runs now."""
        with self._lock:
            return self._run is not None and not self._run.ended.is_set()

    def start(self, mode: str, settings: Mapping[str, Any] | None = None) -> Progress:
        """Begin a mode. Raises BadInput, DriveBusy; what goes wrong later is in the progress."""
        chosen = MODES.get(mode)
        if chosen is None:
            raise BadInput(f"unknown drive mode {mode[:40]!r}", expected="one of " + ", ".join(MODES))
        checked = setting_rules.check(chosen.settings, settings or {})
        return self._begin(chosen, checked, chosen.does)

    def check_free(self) -> None:
        """Raise DriveBusy while a mode runs."""
        progress = self.progress()
        if progress.state == "running":
            title = MODES[progress.mode].title
            raise DriveBusy(f"{title} is running", expected="one at a time", remedy="wait for its end, or cancel it")

    def check_not_in_use(self, capture_id: str) -> None:
        """Raise DriveBusy when the shot is one of the series that runs."""
        with self._lock:
            run = self._run
        if run is None or run.ended.is_set() or run.manifest is None:
            return
        if any(frame["id"] == capture_id for frame in run.manifest.frames):
            raise DriveBusy(
                f"{capture_id} belongs to a series that is being taken ({MODES[run.mode].title})",
                remedy="delete it when the series has ended",
            )

    def progress(self) -> Progress:
        """How far the mode is that runs, or ran last."""
        with self._lock:
            run = self._run
        return run.progress() if run is not None else IDLE

    def trigger(self) -> Progress:
        """The second press, of a mode that takes one. Raises BadInput when none such runs."""
        with self._lock:
            run = self._run
        if run is None or run.ended.is_set() or not MODES[run.mode].triggered:
            raise BadInput(
                "nothing waits for a press", expected="a running burst or pre-capture", remedy="start it first"
            )
        run.trigger()
        return run.progress()

    def cancel(self) -> Progress:
        """End what runs, keep what is saved, and wait until it has ended. Harmless when nothing runs."""
        with self._lock:
            run = self._run
        if run is None:
            return IDLE
        run.cancel()
        deadline = time.monotonic() + CANCEL_S
        while not run.ended.wait(LOOK_S) and time.monotonic() < deadline:
            self._session.cancel_still()  # again and again: the shot may begin only now
        return run.progress()

    def wait(self, timeout_s: float | None = None) -> Progress:
        """Wait until what runs has ended, at most so long."""
        with self._lock:
            run = self._run
        if run is None:
            return IDLE
        run.ended.wait(timeout_s)
        return run.progress()

    def resume(self) -> bool:
        """Go on with what a restart cut off, if that can be; whether it does. Raises StorageError."""
        manifest = Manifest.left_running(self._storage.root)
        if manifest is None:
            return False
        mode = MODES.get(manifest.content["mode"])
        resumes = mode.resumes if mode else None
        try:
            if mode is None or resumes is None:
                raise BadInput(f"{manifest.content['mode']} cannot be taken up again")
            settings = setting_rules.check(mode.settings, manifest.content["settings"])
        except (HqcamError, TypeError) as error:
            log.warning("a run was cut off by a restart: %s (%s)", manifest.id, error)
            manifest.end("interrupted", self._clock.wall())
            return False
        self._begin(mode, settings, lambda run: resumes(run, manifest), wait_camera_s=CAMERA_S)
        return True

    def close(self, *, keep_running: bool = True) -> None:
        """End the thread. An interval's manifest stays as running, so that it is taken up again at the next start."""
        with self._lock:
            run, thread = self._run, self._thread
        if run is None or thread is None:
            return
        run.leave = keep_running and MODES[run.mode].resumes is not None
        self.cancel()
        thread.join(CANCEL_S)

    def _begin(
        self, mode: DriveMode, settings: dict[str, Any], does: Callable[[Run], None], *, wait_camera_s: float = 0.0
    ) -> Progress:
        self.check_free()
        run = Run(self._session, self._storage, self._recipe, self._clock, mode.name, settings)
        with self._lock:
            if self._run is not None and not self._run.ended.is_set():
                raise DriveBusy("another drive mode was started at the same time", remedy="wait for its end")
            self._run = run
            thread = threading.Thread(
                target=lambda: self._do(run, does, wait_camera_s), name="hqcam-drive", daemon=True
            )
            self._thread = thread
        thread.start()
        return run.progress()

    def _do(self, run: Run, does: Callable[[Run], None], wait_camera_s: float) -> None:
        """The thread: whatever happens, the run ends with a state, and what was saved stays."""
        state, error = "done", None
        try:
            if wait_camera_s:
                self._session.wait_open(wait_camera_s)
            does(run)
        except Cancelled:
            state = "cancelled"
        except HqcamError as failure:
            state, error = "failed", failure
        except Exception as failure:
            log.exception("the drive mode %s failed", run.mode)
            state, error = "failed", HqcamError(f"the drive mode failed: {failure}", remedy="please report it")
        facts = error.as_json() if error is not None else None
        if run.manifest is not None and not (run.leave and state == "cancelled"):
            run.manifest.end(state, self._clock.wall(), facts)
        run.finish(state=state, error=facts, message=error.message if error is not None else run.progress().message)


def describe(mode: DriveMode, session: Session) -> dict[str, Any]:
    """Give a mode, its settings and what is to be known of it now in plain values, for a page."""
    note = ""
    with suppress(HqcamError):  # a camera that is not open has no note
        note = mode.note(session) if mode.note else ""
    settings = [
        {
            "name": s.name,
            "label": s.label,
            "kind": s.kind,
            "default": s.default,
            "unit": s.unit,
            "minimum": s.minimum,
            "maximum": s.maximum,
            "choices": list(s.choices),
            "steps": list(s.steps),
            "zero": s.zero,
        }
        for s in mode.settings
    ]
    return {
        "name": mode.name,
        "title": mode.title,
        "sentence": mode.sentence,
        "note": note,
        "triggered": mode.triggered,
        "settings": settings,
    }
