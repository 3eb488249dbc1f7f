"""Runs one drive mode at a time, each in a thread of its own; the page and the command line start and end it here."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

from device.captures.shot import Recipe
from device.captures.storage import Storage
from device.drive import bracket, bulb, burst, interval, single, timer
from device.drive.clock import Clock
from device.drive.journal import is_owned, journal_path, journals
from device.drive.manifest import Manifest, left_series
from device.drive.mode import DriveMode
from device.drive.progress import IDLE, Progress
from device.drive.recover import add_shots_without_frame
from device.drive.series import Cancelled, Series
from device.errors import BadInput, CameraStalled, DriveBusy, HqcamError
from device.preferences.position import Position
from device.session.session import Session
from device.session.shot_exposure import meter_shot
from device.settings import declaration as setting_rules

log = logging.getLogger(__name__)

MODES: Final[Mapping[str, DriveMode]] = {
    mode.name: mode
    for mode in (single.MODE, timer.MODE, bracket.MODE, interval.MODE, bulb.MODE, burst.BURST, burst.PRECAPTURE)
}
Continued = tuple[DriveMode, dict[str, Any], Callable[[Manifest, Series], None]]
"""A mode, the settings it had, and its function that goes on with the series of a manifest."""
CANCEL_WAIT_S: Final = 20.0  # a shot that is being written is written to its end
POLL_S: Final = 0.1  # how often a cancel tries to end an exposure that may begin only now
CAMERA_WAIT_S: Final = 60.0  # how long a series waits for the camera after a restart


class Drive:
    """The drive modes of one camera, and the series that is in progress or ended last. Any thread may call it."""

    def __init__(
        self,
        session: Session,
        storage: Storage,
        recipe: Recipe,
        *,
        clock: Clock | None = None,
        position: Callable[[], Position | None] = lambda: None,
    ) -> None:
        """`position` gives where the camera stands, if that is known."""
        self._session, self._storage, self._recipe, self._position = session, storage, recipe, position
        self._clock = clock or Clock()
        self._lock = threading.Lock()
        self._series: Series | None = None
        self._thread: threading.Thread | None = None
        self._waiting = set[Path]()  # journals of series that are marked and wait for the next start

    @property
    def running(self) -> bool:
        """Whether a series is in progress."""
        with self._lock:
            return self._series is not None and not self._series.ended.is_set()

    def start(self, mode: str, settings: Mapping[str, Any] | None = None) -> Progress:
        """Begin a mode. Raises BadInput, DriveBusy; what goes wrong later is in the progress."""
        chosen, checked = _checked(mode, settings)
        if chosen.outline is not None:
            chosen.outline(checked, self._clock.wall(), self._position())
        return self._begin(chosen, checked, chosen.shoot)

    def foresee(self, mode: str, settings: Mapping[str, Any] | None = None) -> list[str]:
        """Say what the camera could not do if the mode began now, a sentence each. Raises BadInput, CameraError."""
        chosen, checked = _checked(mode, settings)
        if chosen.foresee is not None:
            return chosen.foresee(self._session, checked)
        if not chosen.metered:
            return []
        said = meter_shot(self._session, self._session.controls(), test_shot=False).out_of_reach()
        return [said] if said else []

    def plan(self, mode: str, settings: Mapping[str, Any] | None = None) -> str:
        """Say what the mode will come to if it begins now; "" for a mode that has no plan.

        Raises BadInput, and CameraError where the camera's exposure belongs to the plan.
        """
        chosen, checked = _checked(mode, settings)
        if chosen.exposures is not None:
            return chosen.exposures(self._session, checked)
        return plan_text(mode, settings, self._clock.wall(), self._position(), self._storage.shot_bytes())

    def check_free(self) -> None:
        """Raise DriveBusy while a series is in progress."""
        progress = self.progress()
        if progress.state == "running":
            title = MODES[progress.mode].title
            raise DriveBusy(f"{title} is running", expected="one at a time", remedy="wait for its end, or cancel it")

    def check_not_in_use(self, capture_id: str) -> None:
        """Raise DriveBusy when the capture belongs to the series in progress."""
        with self._lock:
            series = self._series
        if series is None or series.ended.is_set() or series.manifest is None:
            return
        if any(frame["id"] == capture_id for frame in series.manifest.frames):
            raise DriveBusy(
                f"{capture_id} belongs to a series that is being taken ({MODES[series.mode].title})",
                remedy="delete it when the series has ended",
            )

    def progress(self) -> Progress:
        """Give how far the series is that is in progress or ended last."""
        with self._lock:
            series = self._series
        return series.progress() if series is not None else IDLE

    def trigger(self) -> Progress:
        """Pass the second press to a mode that takes one. Raises BadInput when none is in progress."""
        with self._lock:
            series = self._series
        if series is None or series.ended.is_set() or not MODES[series.mode].triggered:
            raise BadInput(
                "nothing waits for a press", expected="a running burst or pre-capture", remedy="start it first"
            )
        series.trigger()
        return series.progress()

    def cancel(self) -> Progress:
        """Cancel the series, and wait until it has ended; what is saved stays. Harmless when none is in progress."""
        with self._lock:
            series = self._series
        if series is None:
            return IDLE
        series.cancel()
        deadline = time.monotonic() + CANCEL_WAIT_S
        while not series.ended.wait(POLL_S) and time.monotonic() < deadline:
            self._session.cancel_still()
        return series.progress()

    def wait(self, timeout_s: float | None = None) -> Progress:
        """Wait until the series has ended, at most `timeout_s`."""
        with self._lock:
            series = self._series
        if series is None:
            return IDLE
        series.ended.wait(timeout_s)
        return series.progress()

    def resume(self) -> bool:
        """Settle the series that were cut off, and continue the newest that can be; False without one that can.

        The others are marked as interrupted. Those that another process takes are not touched.
        """
        goes_on = False
        for manifest, continued in self._settled():
            if continued is None or goes_on:
                self._mark_interrupted(manifest)
            else:
                mode, settings, resume = continued
                self._begin(mode, settings, partial(resume, manifest), left=manifest)
                goes_on = True
        return goes_on

    def settle(self) -> None:
        """Mark the series that were cut off as interrupted. Those that can be continued wait for the next start."""
        for manifest, continued in self._settled():
            if continued is None:
                self._mark_interrupted(manifest)
            else:
                manifest.release("interrupted")
                self._waiting.add(journal_path(self._storage.root, manifest.id))

    def settle_new(self) -> None:
        """Do the same for what another process left since the start: cheap when none did."""
        if any(path not in self._waiting and not is_owned(path) for path in journals(self._storage.root)):
            self.settle()

    def _settled(self) -> Iterator[tuple[Manifest, Continued | None]]:
        """Take over what was cut off, newest first, with all its shots in it; and how it is continued, if it can be."""
        for manifest, named in reversed(left_series(self._storage.root, self._storage.notices)):
            add_shots_without_frame(manifest, self._storage, named)
            mode, continued = MODES.get(manifest.content["mode"]), None
            if mode is not None and mode.resume is not None:
                with suppress(BadInput, TypeError):
                    continued = mode, setting_rules.check(mode.settings, manifest.content["settings"]), mode.resume
            yield manifest, continued

    def _mark_interrupted(self, manifest: Manifest) -> None:
        self._storage.notices.say(f"series {manifest.id}", f"a series was cut off: {manifest.id}")
        manifest.end("interrupted", self._clock.wall())

    def end_recording(self) -> bool:
        """Have a burst record no more and write what it has in memory; whether there is any. Any thread."""
        with self._lock:
            series = self._series
        if series is None or not MODES[series.mode].triggered:
            return False
        if series.progress().phase not in ("recording", "saving"):
            return False
        series.trigger()
        return True

    def close(self, *, keep_running: bool = True, write_s: float = 0.0) -> None:
        """End the thread. An interval's manifest stays "running", so that the next start goes on with it.

        What a burst has in memory is written for at most `write_s`; the manifest counts the rest as lost.
        """
        with self._lock:
            series, thread = self._series, self._thread
        if series is None or thread is None:
            return
        if write_s and self.end_recording():
            series.ended.wait(write_s)
        series.stays_running = keep_running and MODES[series.mode].resume is not None
        self.cancel()
        thread.join(CANCEL_WAIT_S)

    def _begin(
        self,
        mode: DriveMode,
        settings: dict[str, Any],
        shoot: Callable[[Series], None],
        *,
        left: Manifest | None = None,
    ) -> Progress:
        """Start the thread of a series; `left` is the manifest of one that was cut off. Raises DriveBusy."""
        self.check_free()
        series = Series(
            self._session, self._storage, self._recipe, self._clock, mode.name, settings, position=self._position()
        )
        series.manifest = left
        with self._lock:
            if self._series is not None and not self._series.ended.is_set():
                raise DriveBusy("another drive mode was started at the same time", remedy="wait for its end")
            self._series = series
            thread = threading.Thread(target=lambda: self._run_series(series, shoot), name="hqcam-drive", daemon=True)
            self._thread = thread
        thread.start()
        return series.progress()

    def _run_series(self, series: Series, shoot: Callable[[Series], None]) -> None:
        """Run the mode's function in the series's thread. Whatever it raises, the series ends with a state."""
        state, error, waits_for_camera = "done", None, series.manifest is not None
        try:
            if waits_for_camera:
                self._wait_for_camera(series)
                waits_for_camera = False
            shoot(series)
        except Cancelled:
            state = "cancelled"
        except HqcamError as failure:
            state, error = "failed", failure
        except Exception as failure:
            log.exception("the drive mode %s failed", series.mode)
            state, error = "failed", HqcamError(f"the drive mode failed: {failure}", remedy="please report it")
        error_json = error.as_json() if error is not None else None
        goes_on = series.stays_running if state == "cancelled" else waits_for_camera
        if series.manifest is not None and goes_on:
            series.manifest.release()
        elif series.manifest is not None:
            series.manifest.end(state, self._clock.wall(), error_json)
        message = error.message if error is not None else series.progress().message
        series.finish(state=state, error=error_json, message=message)

    def _wait_for_camera(self, series: Series) -> None:
        """Wait until the camera is open. Raises Cancelled, CameraError."""
        deadline = time.monotonic() + CAMERA_WAIT_S
        while True:
            series.raise_if_cancelled()
            try:
                self._session.wait_open(POLL_S)
                return
            except CameraStalled:
                if time.monotonic() > deadline:
                    raise


def _checked(mode: str, settings: Mapping[str, Any] | None) -> tuple[DriveMode, dict[str, Any]]:
    """Give the mode of that name, and a value for each of its settings. Raises BadInput."""
    chosen = MODES.get(mode)
    if chosen is None:
        raise BadInput(f"unknown drive mode {mode[:40]!r}", expected="one of " + ", ".join(MODES))
    return chosen, setting_rules.check(chosen.settings, settings or {})


def plan_text(
    mode: str, settings: Mapping[str, Any] | None, now: datetime, position: Position | None, shot_bytes: int
) -> str:
    """Say what a mode will come to from `now` on; "" for a mode that has no plan. Raises BadInput, without a camera."""
    chosen, checked = _checked(mode, settings)
    if chosen.outline is None:
        return ""
    return chosen.outline(checked, now, position).text(checked["interval_s"], shot_bytes)


def describe(mode: DriveMode, session: Session) -> dict[str, Any]:
    """Give a mode, its settings and its note of this moment in plain JSON values, for the page."""
    note = ""
    with suppress(HqcamError):  # a camera that is not open has no note
        note = mode.note(session) if mode.note else ""
    return {
        "name": mode.name,
        "title": mode.title,
        "sentence": mode.sentence,
        "note": note,
        "triggered": mode.triggered,
        "settings": [setting.as_json() for setting in mode.settings],
    }
