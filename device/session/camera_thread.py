"""The camera thread: owns the driver. Opens it, receives its frames, runs jobs between frames, reopens a lost camera.

Python cannot end a thread that hangs inside a driver. The watchdog then calls `replace`: it counts the generation up,
and starts a thread that closes that driver, and a new camera thread, which waits for it and takes a new driver. The old
thread sees that its generation is over as soon as its driver returns, and ends. The watchdog waits for none of them.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Final, TypeVar

from device.drivers.base import CameraDriver, DriverFactory
from device.errors import BadInput, CameraError, CameraLost, CameraStalled
from device.frame import CameraInfo, Controls, FrameMeta, LiveFrame, Mode
from device.session.fair_clock import FairClock
from device.session.jobs import JobQueue
from device.session.state import SharedState, Status
from device.view.slot import Slot
from device.view.view_thread import ViewThread

log = logging.getLogger(__name__)

T = TypeVar("T")

POLL_S: Final = 0.2  # how long the camera thread waits for a frame before it checks for jobs
STALL_GRACE_S = 2.0  # beyond a frame's own duration; chosen above any mode switch of a Pi (about 1 s)
HANG_GRACE_S = 5.0  # beyond the driver's own deadline; after that the thread counts as hanging
OPEN_S: Final = 20.0  # chosen: opening a real camera loads tuning files and talks to the kernel
START_S: Final = 2.0  # chosen: the first frame also waits for the sensor to start
RETRY_FIRST_S: Final = 0.5
RETRY_CAP_S: Final = 8.0
LONG_S: Final = 2 * RETRY_CAP_S  # after a loss, a camera that ran longer than this is retried with the first pause
LOST_REMEDY: Final = "it is being reopened; the log has the details"  # where the error has none


class CameraThread:
    """The thread, and the methods that other threads call. Made by the session."""

    def __init__(
        self,
        new_driver: DriverFactory,
        choose_start: Callable[[CameraInfo], tuple[Mode, Controls]],
        *,
        state: SharedState,
        views: ViewThread,
        closing: threading.Event,
        orientation: Callable[[], int],
    ) -> None:
        """The camera thread calls `new_driver`, and `choose_start` for the mode and controls of an opened camera.

        It calls `orientation` for each frame: Exif's number of how to turn it for looking at it.
        """
        self.clock = FairClock()
        """What deadlines of the camera are judged by; the watchdog drives it."""
        self._new_driver, self._choose_start = new_driver, choose_start
        self._state, self._views, self._closing = state, views, closing
        self._orientation = orientation
        self._jobs = JobQueue(self.clock)
        self._generation = self._sequence = 0
        self._driver: CameraDriver | None = None
        self._requested: Controls | None = None  # the controls of the last request to the driver
        self._busy_until = float("inf")
        self._threads: list[threading.Thread] = []
        self._closer: threading.Thread | None = None  # closes the driver of a thread that was replaced, or the last one
        self.metas: Slot[FrameMeta] = Slot()
        """The metadata of the newest frame."""
        self.watcher: Callable[[LiveFrame], None] | None = None
        """Called on the camera thread with every live frame, before its buffers go back to the driver."""

    # -- called by others, on any thread ----------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to open the camera and return at once. Called by the session, and by `replace`."""
        self._generation += 1
        generation, closer = self._generation, self._closer
        self._busy_until = float("inf")

        def run() -> None:
            if closer is not None:
                closer.join(HANG_GRACE_S)  # two drivers cannot have one camera
            self._keep_open(generation)

        thread = threading.Thread(target=run, name=f"hqcam-camera-{generation}", daemon=True)
        thread.start()
        self._threads.append(thread)  # `close`, in another thread, joins only what was started

    def submit(
        self, work: Callable[[CameraDriver], T], *, budget_s: float, survives: tuple[type[CameraError], ...] = ()
    ) -> T:
        """Run `work` on the camera thread and give its result; see `Session.submit`."""
        return self._jobs.submit(work, budget_s=budget_s, patience_s=HANG_GRACE_S, survives=survives)

    def cancel_still(self) -> None:
        """Cancel the still in progress, if there is one."""
        if (driver := self._driver) is not None:
            driver.cancel_still()

    @property
    def overdue(self) -> bool:
        """Whether the thread has been inside the driver for longer than any deadline allows."""
        return self.clock.now_s >= self._busy_until

    def replace(self, error: CameraError) -> None:
        """Give up a hanging thread: close its driver and start another thread. Called by the watchdog."""
        self._report_lost(error, 0.0)
        log.error("%s: replacing the camera thread", error.message)
        self._generation += 1
        self._close_driver()
        if not self._closing.is_set():
            self.start()

    def close(self, timeout_s: float) -> None:
        """Release the camera and end the threads; what hangs is left after `timeout_s`. `closing` was set before."""
        ends_at = time.monotonic() + timeout_s
        self._close_driver()
        self.metas.close()
        for thread in (*self._threads, self._closer):
            if thread is not None:
                thread.join(max(0.0, ends_at - time.monotonic()))
        self._jobs.fail_all(CameraLost("the camera was closed"))

    # -- on the camera thread ---------------------------------------------------------------------------------------

    def _keep_open(self, generation: int) -> None:
        """Open, run, and after a loss reopen with a growing pause, until closed or replaced."""
        pause_s = RETRY_FIRST_S
        while self._is_current(generation):
            started = time.monotonic()
            try:
                self._run_camera(generation)
            except BadInput as error:
                self._report_failed(error)
                return
            except Exception as error:  # the thread's boundary: a driver's bug must not end the viewfinder
                if not self._is_current(generation):
                    return
                if time.monotonic() - started > LONG_S:
                    pause_s = RETRY_FIRST_S
                self._report_lost(_as_camera_error(error), pause_s)
                self._closing.wait(pause_s)
                pause_s = min(2 * pause_s, RETRY_CAP_S)

    def _is_current(self, generation: int) -> bool:
        return not self._closing.is_set() and generation == self._generation

    def _run_camera(self, generation: int) -> None:
        """Open a new driver and stream until the generation is over. Raises when the camera is lost."""
        driver = self._new_driver()
        self._driver = driver
        try:
            self._set_deadline(OPEN_S)
            driver.open()
            mode, self._requested = self._choose_start(driver.info)
            driver.start(mode, self._requested)
            info = driver.info  # where memory is short, `start` removes a capability
            self._state.change(lambda now: replace(now, info=info))
            self._stream(driver, generation)
        finally:
            driver.close()

    def _stream(self, driver: CameraDriver, generation: int) -> None:
        last_frame_s = self.clock.now_s
        longest_s = STALL_GRACE_S + START_S
        while self._is_current(generation):
            self._request_controls(driver)
            if self._jobs.run_waiting(driver, self._set_deadline):
                last_frame_s = self.clock.now_s
            self._set_deadline(POLL_S)
            try:
                frame = driver.next_frame(POLL_S)
            except CameraStalled:
                waited_s = self.clock.now_s - last_frame_s
                if waited_s > max(longest_s, 2 * self._requested_exposure_s() + STALL_GRACE_S):
                    raise
                continue
            last_frame_s = self.clock.now_s
            try:
                meta = self._receive(frame)
            finally:
                frame.release()
            longest_s = STALL_GRACE_S + 2 * meta.frame_duration_us / 1e6

    def _receive(self, frame: LiveFrame) -> FrameMeta:
        """Number the frame (numbers rise over the whole session), and pass it to watcher, view thread and `metas`."""
        frame.meta = replace(frame.meta, orientation=self._orientation())
        if (watcher := self.watcher) is not None:
            watcher(frame)
        self._sequence += 1
        frame.meta = replace(frame.meta, sequence=self._sequence)
        self._state.frame_arrived()
        if self._views.wanted and (watcher is None or self._views.idle):  # a burst's copies have priority
            with_raw = self._state.now.assists.reads_raw or frame.meta.processing == "raw"
            self._views.offer(frame, with_raw=with_raw)
        self.metas.put(frame.meta)
        if self._state.now.status.state != "live":
            self._state.set_status(Status("live"))
        return frame.meta

    def _request_controls(self, driver: CameraDriver) -> None:
        controls = self._state.now.controls
        if controls is not None and controls is not self._requested:
            self._requested = controls
            driver.request(controls)

    def _requested_exposure_s(self) -> float:
        controls = self._state.now.controls
        return ((controls.exposure_us if controls else None) or 0) / 1e6

    def _set_deadline(self, seconds: float) -> None:
        """Set, for the watchdog, how long the camera thread may now be inside the driver."""
        self._busy_until = self.clock.now_s + seconds + HANG_GRACE_S

    # -- failures, on the camera thread or the watchdog's -------------------------------------------------------------

    def _report_failed(self, error: BadInput) -> None:
        """Report that the chosen camera can never open (wrong input), so that no retry helps."""
        self._state.set_status(Status("failed", error.message, error.remedy or error.expected, error))
        self._jobs.fail_waiting(error)

    def _report_lost(self, error: CameraError, pause_s: float) -> None:
        log.warning("no camera now: %s; trying again in %.1f s", error.message, pause_s)
        self._state.frames_ended()
        remedy = error.remedy or LOST_REMEDY
        self._state.set_status(Status("lost", error.message, remedy, error, time.monotonic() + pause_s))
        self._jobs.fail_waiting(error)

    def _close_driver(self) -> None:
        """Begin to close the driver, in a thread of its own: a driver's bug must not hold up who closes it."""
        if (driver := self._driver) is not None:
            closer = threading.Thread(target=driver.close, name="hqcam-camera-end", daemon=True)
            closer.start()
            self._closer = closer  # `close`, in another thread, joins only what was started


def _as_camera_error(error: Exception) -> CameraError:
    """Turn what a driver raised into a CameraError; log a bug of the driver."""
    if isinstance(error, CameraError):
        return error
    log.error("the camera driver failed", exc_info=error)
    return CameraLost(f"the camera driver failed: {error}", remedy=LOST_REMEDY)
