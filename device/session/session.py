"""The session: the camera as all other code uses it while hqcam runs.

    camera thread   owns the driver: receives frames, runs jobs between them, reopens a lost camera (`camera_thread`)
    view thread     makes a view of the newest frame while someone waits for one (`device.view.view_thread`)
    watchdog        replaces a camera thread that hangs inside the driver; saves settings (`watchdog`)

The methods here run on the caller's thread: the web server's, a command's or a drive mode's. They read the shared
state, wait for frames and views, or queue a job for the camera thread and wait for its result.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from typing import Any, Final, TypeVar

from device import controls as control_rules
from device.analysis import settings as assist_rules
from device.analysis.settings import AssistSettings
from device.drivers.base import CameraDriver, DriverFactory
from device.errors import BadControl, CameraError, CameraStalled, HqcamError
from device.frame import CameraInfo, Controls, FrameMeta, LiveFrame, Mode, StillFrame
from device.preferences.orientation import OwnerOrientation
from device.preferences.owner_calibrations import OwnerCalibrations
from device.preferences.owner_clock import OwnerClock
from device.preferences.presets import OwnerPresets
from device.preferences.store import Preferences
from device.sensors.base import Sensor
from device.session import watchdog
from device.session.camera_thread import CameraThread
from device.session.fair_clock import LEAST_WAIT_S
from device.session.loupe import Loupe
from device.session.measured import MeasuredSensor
from device.session.state import BUSY_REMEDY, BUSY_WORDS, SharedState, State, Status
from device.session.stored import recalled_settings, stored_assists
from device.view.view import View, ViewMaker
from device.view.view_thread import ViewThread

log = logging.getLogger(__name__)

T = TypeVar("T")

MODE_SWITCH_S: Final = 5.0  # stopping, configuring and starting a Pi's camera takes about 1 s
SHOT_S: Final = 15.0  # estimated for a Zero 2 W: 12 megapixels read out, two mode switches, the start
END_S: Final = 5.0  # chosen: how long `close` waits for the threads, all together


class Session:
    """One camera from `start` to `close`. Every method may be called from any thread, and runs on it."""

    def __init__(
        self,
        factory: DriverFactory,
        *,
        sensor: Sensor,
        preferences: Preferences,
        mode_size: tuple[int, int] = (2028, 1520),
        overrides: Mapping[str, Any] | None = None,
        time_code: bool = False,
        orientation: OwnerOrientation | None = None,
        clock: OwnerClock | None = None,
        calibrations: OwnerCalibrations | None = None,
    ) -> None:
        """`overrides` are controls that win over the preferences at start (from a command line).

        `orientation` is how the camera is mounted, and `clock` what time it is: by the preferences where they are None.
        `calibrations` are those of the owner's cameras; None: the published numbers of `sensor` are used.
        """
        self.measured = MeasuredSensor(sensor, calibrations or OwnerCalibrations(None), preferences.notices)
        """The sensor's numbers: as published, or as calibrated."""
        self.owner_clock = clock or OwnerClock(preferences)
        """What time it is."""
        maker = ViewMaker(
            lambda: self.sensor, time_code=time_code, controls=self.controls, unix_s=self.owner_clock.unix_s
        )
        self.views = ViewThread(maker)
        self.loupe = Loupe(self)
        self._factory = factory
        self._preferences = preferences
        self.owner_orientation = orientation or OwnerOrientation(preferences)
        """How the camera is mounted."""
        self._presets = OwnerPresets(preferences)
        self._mode_size = mode_size
        self._overrides = dict(overrides or {})
        self._state = SharedState(stored_assists(preferences))
        self._closing = threading.Event()
        self._camera = CameraThread(
            self._new_driver,
            self._choose_start,
            state=self._state,
            views=self.views,
            closing=self._closing,
            orientation=self.orientation,
        )
        self._threads: list[threading.Thread] = []

    # -- life -------------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to open the camera and return at once; `wait_open` waits for the result."""
        self.views.warm_up()
        self._camera.start()
        self._spawn("hqcam-view", lambda: self.views.run(self._closing, lambda: self.assists))
        self._spawn(
            "hqcam-watchdog",
            lambda: watchdog.watch(
                self._camera, self._state, self._preferences, self._closing, at_check=self._changed_beside
            ),
        )

    def wait_open(self, timeout_s: float) -> CameraInfo:
        """Wait until the camera is open. Raises the error that prevented it, CameraLost or CameraStalled.

        On a busy machine it waits longer, by the same factor as the session's clock is slower, at most BUSY_MOST.
        """

        def known(now: State) -> bool:
            return now.info is not None or now.status.error is not None or now.status.state == "closed"

        left_s = self._camera.clock.begin_wait(timeout_s)
        now = self._state.wait_for(known, 0.0)
        while not known(now) and (wait_s := left_s()) > 0:
            now = self._state.wait_for(known, max(wait_s, LEAST_WAIT_S))
        if now.info is not None:
            return now.info
        if known(now):
            raise now.status.refusal()
        raise CameraStalled(
            f"the camera did not open within {timeout_s:g} s",
            remedy="run `hqcam doctor`; check that no other program uses the camera",
        )

    def close(self) -> None:
        """Release the camera, end all threads and save the settings. It takes END_S at most, also when a driver hangs.

        It may be called again, also while another thread closes the session.
        """
        ends_at = time.monotonic() + END_S
        self._closing.set()
        self._state.set_status(Status("closed", "the camera was closed"))
        self._preferences.save_if_changed()
        self.views.close()
        self._camera.close(END_S)
        for thread in self._threads:
            thread.join(max(0.0, ends_at - time.monotonic()))
        self._preferences.save_if_changed()

    def __enter__(self) -> Session:
        self.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _spawn(self, name: str, target: Callable[[], None]) -> None:
        thread = threading.Thread(target=target, name=name, daemon=True)
        thread.start()
        self._threads.append(thread)  # `close`, in another thread, joins only what was started

    # -- the state now ----------------------------------------------------------------------------------------------

    @property
    def sensor(self) -> Sensor:
        """The sensor of the camera, with its measured noise and black level where it was calibrated."""
        return self.measured.sensor

    @property
    def status(self) -> Status:
        """The state of the camera now: starting, live, lost, failed or closed; what is only slow says so."""
        status = self._state.now.status
        if status.state in BUSY_WORDS and self._camera.clock.is_slow:
            return replace(status, message=BUSY_WORDS[status.state], remedy=BUSY_REMEDY)
        return status

    @property
    def revision(self) -> int:
        """Rises with every change of mode, controls or assists, by any caller."""
        return self._state.now.revision

    @property
    def fps(self) -> float:
        """Frames a second that the camera delivered lately; 0 when there were none for two seconds."""
        return self._state.fps

    def info(self) -> CameraInfo:
        """Model, modes, limits and capabilities; raises CameraError while no camera has been opened."""
        return _opened(self._state.now)[0]

    def mode(self) -> Mode:
        """The live mode; raises CameraError while no camera has been opened."""
        return _opened(self._state.now)[1]

    def controls(self) -> Controls:
        """The control values that were requested; raises CameraError while no camera has been opened."""
        return _opened(self._state.now)[2]

    @property
    def assists(self) -> AssistSettings:
        """The settings of the assists."""
        return self._state.now.assists

    def orientation(self) -> int:
        """Give Exif's number (1 to 8) of how the frames are to be turned now; a replay's are the right way up."""
        info = self._state.now.info
        return self.owner_orientation.get().exif if info is None or info.capabilities.turnable else 1

    # -- settings: they reach the camera with one of the next frames -------------------------------------------------

    def set_controls(self, changes: Mapping[str, Any]) -> Controls:
        """Request new control values; they reach the sensor some frames later. Raises BadControl, CameraError."""

        def merged(now: State) -> State:
            info, _, controls = _opened(now)
            return replace(now, controls=control_rules.merge(controls, changes, info), revision=now.revision + 1)

        _, _, controls = _opened(self._state.change(merged))
        self._preferences.set("controls", asdict(controls))
        return controls

    def set_assists(self, changes: Mapping[str, Any]) -> AssistSettings:
        """Change settings of the assists, from the next frame on. Raises BadAssist."""

        def merged(now: State) -> State:
            return replace(now, assists=assist_rules.merge(now.assists, dict(changes)), revision=now.revision + 1)

        assists = self._state.change(merged).assists
        self._preferences.set("assists", assist_rules.as_json(assists))
        return assists

    def recall(self, controls: Mapping[str, Any], assists: Mapping[str, Any]) -> None:
        """Set all controls and assists as in a preset: what it does not name gets its default, the lens stays.

        Raises BadControl, and changes nothing, where the camera does not take all of it.
        """

        def recalled(now: State) -> State:
            info, _, before = _opened(now)
            wanted, refused = recalled_settings(before, controls, assists, info)
            if refused:
                raise BadControl(
                    f"nothing was changed: this camera does not take {', '.join(refused)}",
                    expected="what this camera offers (`hqcam info`)",
                    remedy="set it by hand, and save the preset again",
                )
            return replace(now, controls=wanted[0], assists=wanted[1], revision=now.revision + 1)

        now = self._state.change(recalled)
        self._preferences.set("controls", asdict(_opened(now)[2]))
        self._preferences.set("assists", assist_rules.as_json(now.assists))

    def _changed_beside(self) -> None:
        """Take over what commands changed beside this viewfinder. Watchdog thread; it waits for an open camera."""
        self.measured.look()
        if self._state.now.info is None or (slot := self._presets.take_asked()) is None:
            return
        try:
            preset = self._presets.get(slot)
            self.recall(preset.controls, preset.assists)
        except HqcamError as error:
            self._preferences.notices.say("preset", f"{slot} could not be recalled: {error.message}")
        else:
            self._preferences.notices.withdraw("preset")

    # -- frames and views: waited for on the caller's thread --------------------------------------------------------

    def wait_view(self, after: int, timeout_s: float) -> View | None:
        """Wait for a view newer than `after` (a sequence number); None when none came in time."""
        return self.views.wait(after, timeout_s, live=self.status.state == "live")

    def newest_meta(self) -> FrameMeta | None:
        """The metadata of the newest frame; None before the first."""
        return self._camera.metas.newest()

    def wait_frame(self, after: int, timeout_s: float) -> FrameMeta | None:
        """Wait for the metadata of a frame newer than `after`; no view is made for it."""
        return self._camera.metas.wait_newer(after, timeout_s)

    def wait_settled(self, timeout_s: float) -> FrameMeta | None:
        """Wait until a frame has the requested exposure and gain, or auto exposure has converged.

        Gives that frame's metadata; after `timeout_s`, or when the camera was closed, the newest (None: no frame came).
        """
        deadline = time.monotonic() + timeout_s
        meta = self.newest_meta()
        while (left := deadline - time.monotonic()) > 0 and not self._closing.is_set():
            meta = self.wait_frame(meta.sequence if meta else 0, left) or meta
            if meta is not None and control_rules.is_settled(meta, self.controls()):
                return meta
        return meta

    # -- jobs: done by the camera thread while the caller waits -----------------------------------------------------

    def capture(self, controls: Controls | None = None, timeout_s: float | None = None) -> StillFrame:
        """Take one full-resolution shot whose exposure begins after this call. Raises CameraError, ShotCancelled.

        `controls` are for this shot only (None: those in force); the live view keeps its own.
        """
        exposure_s = ((controls or self.controls()).exposure_us or 0) / 1e6
        budget_s = timeout_s if timeout_s is not None else 2 * exposure_s + SHOT_S

        def on_camera_thread(driver: CameraDriver) -> StillFrame:  # a driver waits by the system's clock
            still = driver.capture_still(self._camera.clock.stretched(budget_s), controls)
            return replace(still, meta=replace(still.meta, orientation=self.orientation()))

        return self.submit(on_camera_thread, budget_s=budget_s)

    def cancel_still(self) -> None:
        """Cancel the `capture` in progress: it raises ShotCancelled. Harmless when there is none. Does not wait."""
        self._camera.cancel_still()

    def set_mode(self, mode: Mode, controls: Controls | None = None) -> None:
        """Switch the live mode until the camera is reopened; `controls` are in force until others are set."""

        def on_camera_thread(driver: CameraDriver) -> None:
            now = self._state.change(lambda now: replace(now, mode=mode, revision=now.revision + 1))
            driver.stop()
            driver.start(mode, controls or now.controls or Controls())

        self.submit(on_camera_thread, budget_s=MODE_SWITCH_S)

    def submit(
        self, work: Callable[[CameraDriver], T], *, budget_s: float, survives: tuple[type[CameraError], ...] = ()
    ) -> T:
        """Run `work` on the camera thread between two frames, wait for it, and give its result.

        `budget_s` is how long the work itself may take. Raises what the work raises, and CameraError when the camera
        is not there or the work did not end in time. After a CameraError the camera counts as lost and is reopened,
        except for the types in `survives`: these only reach the caller.
        """
        status = self.status
        if status.state not in ("starting", "live"):
            raise status.refusal()
        return self._camera.submit(work, budget_s=budget_s, survives=survives)

    def watch(self, watcher: Callable[[LiveFrame], None] | None) -> None:
        """Call `watcher` with every live frame from now on; None ends that. Does not wait.

        The call is on the camera thread, before the frame's buffers go back to the driver.
        """
        self._camera.watcher = watcher

    # -- called by the camera thread --------------------------------------------------------------------------------

    def _new_driver(self) -> CameraDriver:
        self.loupe.forget()
        return self.measured.levelled(self._factory())

    def _choose_start(self, info: CameraInfo) -> tuple[Mode, Controls]:
        """Choose the mode and the controls for an opened camera, and put both into the shared state."""
        self.measured.opened(info)
        mode = next((m for m in info.modes if (m.width, m.height) == self._mode_size), info.live_mode)
        stored = self._preferences.get("controls")

        def opened(now: State) -> State:
            controls, dropped = control_rules.keep_valid(asdict(now.controls) if now.controls else stored, info)
            if dropped:
                log.warning("stored controls that this camera does not take were dropped: %s", ", ".join(dropped))
            if now.controls is None:
                controls = control_rules.merge(controls, self._overrides, info)
            return replace(now, info=info, mode=mode, controls=controls)

        _, _, controls = _opened(self._state.change(opened))
        return mode, controls


def _opened(now: State) -> tuple[CameraInfo, Mode, Controls]:
    """Give info, mode and controls; raises CameraError while no camera has been opened."""
    if now.info is None or now.mode is None or now.controls is None:
        raise now.status.refusal()
    return now.info, now.mode, now.controls
