"""The session: the one thread that owns the camera, and what everyone else may ask of it.

    camera thread   opens the driver, takes frames, runs jobs between frames, reopens a lost camera
    view thread     turns the newest frame into a view (assists and JPEG) for whoever waits, newest wins
    watchdog        notices a camera thread that hangs inside the driver and replaces it; saves preferences

Everyone else submits jobs with deadlines or reads the newest-view slot.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from typing import Any, TypeVar

from device import controls as control_rules
from device.analysis import settings as assist_rules
from device.analysis.settings import AssistSettings
from device.drivers.base import CameraDriver, DriverFactory
from device.errors import BadInput, CameraError, CameraLost, CameraStalled, HqcamError
from device.frame import CameraInfo, Controls, FrameMeta, LiveFrame, Mode, StillFrame
from device.preferences.store import Preferences
from device.sensors.base import Sensor
from device.session.jobs import JobQueue
from device.session.loupe import Loupe
from device.session.status import Status
from device.session.stored import as_camera_error, stored_assists
from device.view.slot import Slot
from device.view.view import View, ViewMaker
from device.view.view_thread import Viewing

log = logging.getLogger(__name__)

T = TypeVar("T")

POLL_S = 0.2  # how long the camera thread waits for a frame before it looks at its jobs
STALL_GRACE_S = 2.0  # beyond a frame's own duration; chosen above any mode switch of a Pi (about 1 s)
HANG_GRACE_S = 5.0  # beyond every deadline the driver was given: then the thread counts as dead
MODE_SWITCH_S = 5.0  # stopping, configuring and starting a Pi's camera takes about 1 s
RETRY_FIRST_S, RETRY_CAP_S = 0.5, 8.0
FPS_WINDOW = 60


class Session:
    """Owns one camera from `start` to `close`. All public methods may be called from any thread."""

    def __init__(
        self,
        factory: DriverFactory,
        *,
        sensor: Sensor,
        preferences: Preferences,
        mode_size: tuple[int, int] = (2028, 1520),
        overrides: Mapping[str, Any] | None = None,
        time_code: bool = False,
    ) -> None:
        """`overrides` are controls that win over the preferences at start (from a command line)."""
        self.sensor = sensor
        self.views = Viewing(ViewMaker(sensor, time_code=time_code))
        self.loupe = Loupe(self)
        self._factory = factory
        self._preferences = preferences
        self._mode_size = mode_size
        self._overrides = dict(overrides or {})
        self._lock = threading.Lock()
        self._status_changed = threading.Condition(self._lock)
        self._status = Status("starting", "opening the camera")
        self._info: CameraInfo | None = None
        self._mode: Mode | None = None
        self._controls: Controls | None = None
        self._assists = stored_assists(preferences)
        self._revision = 1
        self._requested: Controls | None = None
        self._jobs = JobQueue()
        self._closing = threading.Event()
        self._generation = self._sequence = 0
        self._driver: CameraDriver | None = None
        self._watcher: Callable[[LiveFrame], None] | None = None
        self._busy_until = float("inf")
        self._metas: Slot[FrameMeta] = Slot()
        self._arrivals: deque[float] = deque(maxlen=FPS_WINDOW)
        self._threads: list[threading.Thread] = []

    # -- life ---------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to open the camera and return at once; `wait_open` tells how it went."""
        self.views.warm_up()
        self._spawn_camera_thread()
        for name, target in (("hqcam-view", self._view), ("hqcam-watchdog", self._watch)):
            self._spawn(name, target)

    def wait_open(self, timeout_s: float) -> CameraInfo:
        """Wait until the camera has been opened; raises what kept it from opening, CameraLost when it was closed."""
        deadline = time.monotonic() + timeout_s
        with self._status_changed:
            while True:
                if self._info is not None:
                    return self._info
                if self._status.error is not None:
                    raise self._status.error
                if self._status.state == "closed":
                    raise self._not_ready(self._status)
                left = deadline - time.monotonic()
                if left <= 0:
                    raise CameraStalled(
                        f"the camera did not open within {timeout_s:g} s",
                        remedy="run `hqcam doctor`; check that no other program uses the camera",
                    )
                self._status_changed.wait(left)

    def close(self) -> None:
        """Give the camera back and end all threads."""
        self._closing.set()
        self._set_status(Status("closed", "the camera was closed"))
        self._close_driver()
        self.views.close()
        self._metas.close()
        for thread in self._threads:
            thread.join(timeout=HANG_GRACE_S)
        self._jobs.fail_waiting(CameraLost("the camera was closed"))
        self._preferences.save_if_changed()

    def __enter__(self) -> Session:
        self.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    # -- what is known --------------------------------------------------------------------------------------------

    @property
    def status(self) -> Status:
        """How the camera is doing now."""
        with self._lock:
            return self._status

    @property
    def revision(self) -> int:
        """Rises with every change of controls or assists, whoever made it."""
        with self._lock:
            return self._revision

    @property
    def fps(self) -> float:
        """Frames a second that the camera delivered lately; 0 when there were none for two seconds."""
        with self._lock:
            arrivals = list(self._arrivals)
        if len(arrivals) < 2 or time.monotonic() - arrivals[-1] > max(2.0, 3 * (arrivals[-1] - arrivals[-2])):
            return 0.0
        return (len(arrivals) - 1) / (arrivals[-1] - arrivals[0])

    def info(self) -> CameraInfo:
        """Who the camera is; raises CameraError while none has been opened."""
        with self._lock:
            if self._info is None:
                raise self._not_ready()
            return self._info

    def mode(self) -> Mode:
        """The live mode; raises CameraError while no camera has been opened."""
        with self._lock:
            if self._mode is None:
                raise self._not_ready()
            return self._mode

    def controls(self) -> Controls:
        """What is asked of the camera; raises CameraError while none has been opened."""
        with self._lock:
            if self._controls is None:
                raise self._not_ready()
            return self._controls

    @property
    def assists(self) -> AssistSettings:
        """What the assists detect."""
        with self._lock:
            return self._assists

    # -- what can be asked ----------------------------------------------------------------------------------------

    def set_controls(self, changes: Mapping[str, Any]) -> Controls:
        """Ask for new control values; they reach the sensor some frames later. Raises BadControl, CameraError."""
        with self._lock:
            if self._info is None or self._controls is None:
                raise self._not_ready()
            merged = control_rules.merge(self._controls, changes, self._info)
            self._controls = self._requested = merged
            self._revision += 1
        self._preferences.set("controls", asdict(merged))
        return merged

    def set_assists(self, changes: Mapping[str, Any]) -> AssistSettings:
        """Change what is detected, from the next frame on. Raises BadAssist."""
        with self._lock:
            merged = assist_rules.merge(self._assists, dict(changes))
            self._assists = merged
            self._revision += 1
        self._preferences.set("assists", assist_rules.as_json(merged))
        return merged

    def wait_view(self, after: int, timeout_s: float) -> View | None:
        """Wait for a view newer than `after` (a sequence number); None when none came in time."""
        return self.views.wait(after, timeout_s, live=self.status.state == "live")

    def newest_meta(self) -> FrameMeta | None:
        """The metadata of the newest frame; None before the first."""
        return self._metas.newest()

    def wait_frame(self, after: int, timeout_s: float) -> FrameMeta | None:
        """Wait for the metadata of a frame newer than `after`, without asking for a view."""
        return self._metas.wait_newer(after, timeout_s)

    def wait_settled(self, timeout_s: float) -> FrameMeta | None:
        """Wait until a frame has what was asked for: the exposure and gain, or converged auto exposure.

        Gives that frame's metadata, or the newest one when time ran out or the camera was closed (None when there was
        no frame at all).
        """
        deadline = time.monotonic() + timeout_s
        meta = self._metas.newest()
        while (left := deadline - time.monotonic()) > 0 and not self._closing.is_set():
            meta = self.wait_frame(meta.sequence if meta else 0, left) or meta
            if meta is not None and control_rules.is_settled(meta, self.controls()):
                return meta
        return meta

    def capture(self, controls: Controls | None = None, timeout_s: float | None = None) -> StillFrame:
        """Take one full-resolution shot whose exposure begins after this call. Raises CameraError.

        `controls` are for this shot only (None: those in force), and leave the live view as it is.
        """
        exposure_s = ((controls or self.controls()).exposure_us or 0) / 1e6
        # 15 s: reading out 12 megapixels, switching modes twice and starting up, with a Zero 2 W in mind.
        budget_s = timeout_s if timeout_s is not None else 2 * exposure_s + 15
        return self.submit(lambda driver: driver.capture_still(budget_s, controls), budget_s=budget_s)

    def cancel_still(self) -> None:
        """End a `capture` that is going on: it raises ShotCancelled. Harmless when there is none."""
        if (driver := self._driver) is not None:
            driver.cancel_still()

    def set_mode(self, mode: Mode, controls: Controls | None = None) -> None:
        """Read the sensor in another mode, until the camera is opened anew; with `controls` until others are set."""

        def switch(driver: CameraDriver) -> None:
            with self._lock:
                self._mode, asked = mode, controls or self._controls or Controls()
                self._revision += 1
            driver.stop()
            driver.start(mode, asked)

        self.submit(switch, budget_s=MODE_SWITCH_S)

    def watch(self, watcher: Callable[[LiveFrame], None] | None) -> None:
        """Show every live frame to `watcher` in the camera thread, before its buffers go back; None ends it."""
        self._watcher = watcher

    def submit(
        self, work: Callable[[CameraDriver], T], *, budget_s: float, survives: tuple[type[CameraError], ...] = ()
    ) -> T:
        """Run `work` on the camera thread between two frames and give its result.

        `budget_s` is how long the work itself may take. Raises what the work raises, and CameraError when the camera
        is not there or the work did not end in time. After a CameraError the camera counts as lost and is opened anew,
        except for the types that the job `survives`: these go to the asker alone.
        """
        status = self.status
        if status.state not in ("starting", "live"):
            raise self._not_ready(status)
        return self._jobs.submit(work, budget_s=budget_s, patience_s=HANG_GRACE_S, survives=survives)

    # -- camera thread --------------------------------------------------------------------------------------------

    def _spawn(self, name: str, target: Callable[[], None]) -> None:
        thread = threading.Thread(target=target, name=name, daemon=True)
        thread.start()
        self._threads.append(thread)  # `close`, in another thread, joins only what was started

    def _spawn_camera_thread(self) -> None:
        self._generation += 1
        generation = self._generation
        self._busy_until = float("inf")
        self._spawn(f"hqcam-camera-{generation}", lambda: self._own_camera(generation))

    def _own_camera(self, generation: int) -> None:
        """Open, run, and after a loss reopen with a growing pause, until closed or replaced by the watchdog."""
        pause_s = RETRY_FIRST_S
        while self._is_current(generation):
            started = time.monotonic()
            try:
                self._run_camera(generation)
            except BadInput as error:
                self._set_status(Status("failed", error.message, error.remedy or error.expected, error))
                self._jobs.fail_waiting(error)
                return
            except Exception as error:  # the thread's boundary: a driver's bug must not end the viewfinder
                if not self._is_current(generation):
                    return
                if time.monotonic() - started > 2 * RETRY_CAP_S:
                    pause_s = RETRY_FIRST_S
                self._lose(as_camera_error(error), pause_s)
                self._closing.wait(pause_s)
                pause_s = min(2 * pause_s, RETRY_CAP_S)

    def _is_current(self, generation: int) -> bool:
        return not self._closing.is_set() and generation == self._generation

    def _run_camera(self, generation: int) -> None:
        driver = self._factory()
        self._driver = driver
        self.loupe.forget()
        try:
            self._allow(HANG_GRACE_S * 4)  # opening a real camera loads tuning files and talks to the kernel
            driver.open()
            mode, controls = self._prepare(driver.info)
            driver.start(mode, controls)
            with self._lock:
                self._info = driver.info  # a camera short of memory starts with fewer capabilities than it opened with
            self._stream(driver, generation)
        finally:
            driver.close()

    def _prepare(self, info: CameraInfo) -> tuple[Mode, Controls]:
        """Choose the mode, fit the stored controls to this camera, and tell everyone that it is open."""
        mode = next((m for m in info.modes if (m.width, m.height) == self._mode_size), info.modes[0])
        with self._status_changed:
            current = self._controls
        stored = asdict(current) if current else self._preferences.get("controls")
        controls, dropped = control_rules.keep_valid(stored, info)
        if dropped:
            log.warning("stored controls that this camera does not take were dropped: %s", ", ".join(dropped))
        if current is None:
            controls = control_rules.merge(controls, self._overrides, info)
        with self._status_changed:
            self._info, self._mode, self._controls = info, mode, controls
            self._requested = None
            self._status_changed.notify_all()
        return mode, controls

    def _stream(self, driver: CameraDriver, generation: int) -> None:
        last_frame_at = time.monotonic()
        allowed_s = STALL_GRACE_S + 2.0  # the first frame also waits for the sensor to start
        while self._is_current(generation):
            self._apply_request(driver)
            if self._jobs.run_waiting(driver, self._allow):
                last_frame_at = time.monotonic()
            self._allow(POLL_S)
            try:
                frame = driver.next_frame(POLL_S)
            except CameraStalled:
                if time.monotonic() - last_frame_at > max(allowed_s, self._asked_exposure_s() * 2 + STALL_GRACE_S):
                    raise
                continue
            last_frame_at = time.monotonic()
            try:
                meta = self._receive(frame)
            finally:
                frame.release()
            allowed_s = STALL_GRACE_S + 2 * meta.frame_duration_us / 1e6

    def _receive(self, frame: LiveFrame) -> FrameMeta:
        """Number the frame for the session's whole life, hand it on, and note that the camera lives."""
        if (watcher := self._watcher) is not None:
            watcher(frame)
        self._sequence += 1
        meta = replace(frame.meta, sequence=self._sequence)
        now = time.monotonic()
        with self._lock:
            self._arrivals.append(now)
            wanted = self.views.wanted and (watcher is None or self.views.idle)  # a burst's copies come first
            with_raw = self._assists.reads_raw
        if wanted:
            frame.meta = meta
            self.views.offer(frame, with_raw=with_raw)
        self._metas.put(meta)
        if self.status.state != "live":
            self._set_status(Status("live"))
        return meta

    def _apply_request(self, driver: CameraDriver) -> None:
        with self._lock:
            requested, self._requested = self._requested, None
        if requested is not None:
            driver.request(requested)

    def _allow(self, seconds: float) -> None:
        """Tell the watchdog how long the camera thread may now be inside the driver."""
        self._busy_until = time.monotonic() + seconds + HANG_GRACE_S

    def _asked_exposure_s(self) -> float:
        with self._lock:
            return ((self._controls.exposure_us if self._controls else None) or 0) / 1e6

    def _lose(self, error: CameraError, pause_s: float) -> None:
        log.warning("no camera now: %s; trying again in %.1f s", error.message, pause_s)
        with self._lock:
            self._arrivals.clear()
        self._set_status(Status("lost", error.message, error.remedy, error, time.monotonic() + pause_s))
        self._jobs.fail_waiting(error)

    def _set_status(self, status: Status) -> None:
        with self._status_changed:
            if self._status.state == "closed":
                return
            self._status = status
            self._status_changed.notify_all()

    def _not_ready(self, status: Status | None = None) -> HqcamError:
        status = status or self._status
        if status.error is not None:
            return status.error
        return CameraLost(f"the camera is not ready ({status.state})", remedy="try again in a moment")

    def _view(self) -> None:
        self.views.run(self._closing, lambda: self.assists)

    # -- watchdog -------------------------------------------------------------------------------------------------

    def _watch(self) -> None:
        while not self._closing.wait(0.5):
            self._preferences.save_if_changed()
            if self.status.state in ("failed", "closed") or time.monotonic() < self._busy_until:
                continue
            error = CameraStalled(
                "the camera software hangs", remedy="it is being reopened; if this repeats, run `hqcam doctor`"
            )
            self._lose(error, 0.0)
            self._spawn_camera_thread_after(error)

    def _spawn_camera_thread_after(self, error: CameraError) -> None:
        """Abandon the hanging thread (Python cannot end it): close its driver, start another."""
        log.error("%s: replacing the camera thread", error.message)
        self._generation += 1
        self._close_driver()
        if not self._closing.is_set():
            self._spawn_camera_thread()

    def _close_driver(self) -> None:
        if (driver := self._driver) is not None:
            driver.close()
