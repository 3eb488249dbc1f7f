"""The real camera, through picamera2. See `drivers.base` for the contract and its threads.

picamera2's event loop runs on the caller's thread: this driver attaches itself as the "preview" that drives the camera,
and fetches finished requests in `next_frame`. So no second thread can end unnoticed, no job can time out and lose a
frame later, and a live frame reaches its reader without a change of threads. One thread of picamera2 is left, which
reads finished requests from libcamera (one per process); when it ends, `next_frame` raises CameraLost.

Buffers are borrowed: a request goes back to the camera when its LiveFrame is released, and after every error.
"""

from __future__ import annotations

import logging
import os
import selectors
import threading
import time
from dataclasses import dataclass, replace
from typing import Any, Final

from device.controls import held, held_state, is_long_enough, is_settled
from device.drivers.picamera2 import planes, streams
from device.drivers.picamera2.buffers import MappedBuffers
from device.drivers.picamera2.controls import controls_for, still_controls_for
from device.drivers.picamera2.describe import describe, pixel_pitch_um
from device.drivers.picamera2.errors import LOST, NO_CAMERA, as_camera_error
from device.drivers.picamera2.library import list_cameras, load, pick
from device.drivers.picamera2.loop import RequestLoop
from device.drivers.picamera2.metadata import meta_from
from device.drivers.picamera2.modes import is_monochrome, modes_from
from device.drivers.picamera2.planes import StreamFormat
from device.drivers.picamera2.tuning import STOCK, tuning_name, use_tuning
from device.errors import CameraError, CameraLost, CameraStalled, ModeRefused, NoCamera, NotEnoughMemory, ShotCancelled
from device.frame import CameraInfo, Controls, FrameMeta, LiveFrame, Mode, Rect, StillFrame, YuvPicture
from device.sensors.imx477 import IMX477
from device.sensors.known import sensor_named, sensor_of

log = logging.getLogger(__name__)

POLL_S: Final = 0.2  # how often a long wait checks that picamera2's thread still runs
CLOSE_S: Final = 4.0  # chosen: stopping and releasing takes about 0.3 s
STALE_FRAMES: Final = 2.0  # in frame times: a request that was finished longer ago than this is dropped
SETTLE_FRAMES: Final = 8  # the most frames to wait for a shot's exposure: the sensor needs 2, libcamera's start 3


@dataclass(frozen=True, slots=True)
class _Delivered:
    """A finished request of picamera2, its metadata, and these as ours."""

    request: Any
    metadata: dict[str, Any]
    meta: FrameMeta


class Picamera2Camera:
    """A camera on a Raspberry Pi. See `drivers.base` for the contract."""

    def __init__(self, number: int = 0, *, tuning: str = STOCK) -> None:
        """`number` counts the attached cameras in the order in which picamera2 lists them; `tuning`: see `tuning`."""
        self._number, self._sensor, self._tuning = number, IMX477, tuning
        self._lock = threading.RLock()  # held during calls of picamera2: `close` may be called on any thread
        self._closed = threading.Event()
        self._still_ends, self._in_still = threading.Event(), False
        self._closer = threading.Thread(target=self._shut_down, name="hqcam-camera-close", daemon=True)
        self._close_once = threading.Lock()
        self._camera: Any = None
        self._info: CameraInfo | None = None
        self._mode: Mode | None = None
        self._window: Rect | None = None
        self._whole: Mode | None = None  # while magnified: the live mode that continues afterwards
        self._held: FrameMeta | None = None  # while magnified: the last frame before, whose exposure is held
        self._controls = Controls()
        self._streams: dict[str, StreamFormat] = {}
        self._buffers = MappedBuffers()
        self._loop = RequestLoop()
        self._last: FrameMeta | None = None  # the last frame, of any mode
        self._shown: FrameMeta | None = None  # the last live frame
        self._boot_offset_ns = time.clock_gettime_ns(time.CLOCK_BOOTTIME) - time.monotonic_ns()
        self._wake_r, self._wake_w = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._wake_r, selectors.EVENT_READ)

    @property
    def info(self) -> CameraInfo:
        """Model, modes, limits and capabilities; raises CameraLost before `open`."""
        if self._info is None:
            raise CameraLost("the camera is not open")
        return self._info

    # -- life -----------------------------------------------------------------------------------------------------

    def open(self) -> None:
        """Acquire the camera and read its modes. Raises DriverMissing, NoCamera, CameraBusy, NotEnoughMemory.

        Raises BadInput for a tuning file that is not there.
        """
        picamera2, allocator = load()
        with self._lock:
            self._check_open()
            tuning = use_tuning(self._tuning, picamera2.platform.name.lower())
            try:
                listed = pick(list_cameras(picamera2), self._number)
                # The allocator first: an error inside the constructor of picamera2 would leave the camera acquired.
                buffers = allocator()
                self._camera = picamera2(self._number, tuning=tuning, allocator=buffers)
                listed_modes = self._camera.sensor_modes
                model, pitch_um = str(listed.get("Model", "unknown")), pixel_pitch_um(self._camera.camera_properties)
                modes, grey = modes_from(listed_modes, sensor_named(model)), is_monochrome(listed_modes)
                self._sensor = sensor_of(model, modes, pitch_um)
                buffers.wanted = True
            except CameraError:
                raise
            except Exception as error:  # picamera2 raises RuntimeError for all: only the texts differ
                raise as_camera_error(error, "the camera cannot be opened") from error
            if not modes:
                raise NoCamera(f"{listed.get('Model', 'this camera')} has no raw modes", remedy=NO_CAMERA)
            offered, name = self._camera.camera_controls, tuning_name(self._tuning)
            self._info = describe(listed, offered, modes, self._sensor, pitch_um, monochrome=grey, tuning=name)
            self._camera.start_preview(self._loop)
            self._selector.register(self._camera.notifyme_r, selectors.EVENT_READ)

    def start(self, mode: Mode, controls: Controls) -> None:
        """Begin live frames, with raw unless memory is short (then `info.capabilities.raw_live` becomes false).

        Raises ModeRefused, NotEnoughMemory, CameraLost.
        """
        with self._lock:
            self._check_open()
            self._mode, self._controls, self._shown = mode, controls, None
            self._window = self._whole = self._held = None
            try:
                self._begin_live()
            except NotEnoughMemory as error:
                if not self.info.capabilities.raw_live:
                    raise
                log.warning("%s: the live view goes on without raw", error.message)
                self._info = replace(self.info, capabilities=replace(self.info.capabilities, raw_live=False))
                self._begin_live()

    def stop(self) -> None:
        """End live frames."""
        with self._lock:
            self._mode = None
            if self._camera is not None and not self._closed.is_set():
                self._halt()

    def request(self, controls: Controls) -> None:
        """Request `controls`: they go to the camera with the next request."""
        with self._lock:
            self._controls = controls
            if self._camera is not None and not self._closed.is_set():
                self._camera.set_controls(controls_for(self._live_controls(), self._camera.camera_controls))

    def magnify(self, window: Rect | None) -> None:
        """Show `window` of the mode with the most pixels, cropped by the ISP, or the live mode again.

        Raises ModeRefused, NotEnoughMemory, CameraLost.
        """
        with self._lock:
            mode = self._check_streaming()
            if window is not None and self._window is not None:
                self._window = window
                self._camera.set_controls(streams.scaler_crop(window))
            elif window is not None:
                self._mode, self._whole, self._window, self._held = self.info.full_mode, mode, window, self._shown
                try:
                    self._begin_live()
                except (ModeRefused, NotEnoughMemory):
                    self._show_whole()
                    raise
            elif self._window is not None:
                self._show_whole()

    def _show_whole(self) -> None:
        self._mode, self._whole, self._window, self._held = self._whole, None, None, None
        self._begin_live()

    def close(self) -> None:
        """Release the camera and wake a waiting call. Returns within CLOSE_S, even when libcamera hangs."""
        with self._close_once:
            if not self._closed.is_set():
                self._closed.set()
                os.write(self._wake_w, b"\0")
                self._closer.start()
        self._closer.join(CLOSE_S)
        if self._closer.is_alive():
            log.error("the camera software does not let go of the camera: restart hqcam if it cannot be opened again")

    # -- frames ---------------------------------------------------------------------------------------------------

    def next_frame(self, timeout_s: float) -> LiveFrame:
        """Wait for the next complete frame. Raises CameraStalled, CameraLost."""
        called_ns = time.monotonic_ns()
        deadline = time.monotonic() + timeout_s
        self._check_streaming()
        while True:
            frame = self._wait(deadline, timeout_s)
            try:
                meta = frame.meta
                waited_us = (called_ns - meta.timestamp_ns) / 1000 - meta.exposure_us - meta.frame_duration_us
                # After a pause of the caller the first requests are old: they are released, so that new ones come.
                if waited_us <= STALE_FRAMES * meta.frame_duration_us:
                    return self._live_frame(frame)
            except BaseException:
                self._give_back(frame.request)
                raise
            self._give_back(frame.request)

    def capture_still(self, timeout_s: float, controls: Controls | None = None) -> StillFrame:
        """Take one shot in the mode with the most pixels and bits; live frames continue afterwards.

        Raises CameraStalled, CameraLost, ModeRefused, NotEnoughMemory, ShotCancelled.
        """
        pressed_ns = time.monotonic_ns()
        self._still_ends.clear()
        deadline = time.monotonic() + timeout_s
        with self._lock:
            live_mode, seen = self._check_streaming(), self._shown
            self._mode = full = self.info.full_mode
            requested = held(controls or self._controls, seen, self.info.limits)
            self._in_still = True
            try:
                self._begin(
                    streams.still(self._camera, full, with_raw=self.info.capabilities.raw_still),
                    full,
                    still_controls_for(requested, self._camera.camera_controls, full),
                )
                still = self._settled_still(pressed_ns, requested, deadline, timeout_s)
            finally:
                self._in_still = False
                self._mode = live_mode
                if not self._closed.is_set():
                    self._begin_live()
        # Exposure is held for the shot: the state of auto exposure is that of the live frame before.
        return still if seen is None else replace(still, meta=replace(still.meta, ae_state=seen.ae_state))

    def cancel_still(self) -> None:
        """Cancel the still in progress; its thread notices within POLL_S. Any thread."""
        self._still_ends.set()

    def _settled_still(self, pressed_ns: int, requested: Controls, deadline: float, timeout_s: float) -> StillFrame:
        tried = 0
        while True:
            frame = self._wait(deadline, timeout_s)
            tried += 1
            try:
                if frame.meta.timestamp_ns < pressed_ns:
                    continue
                # After SETTLE_FRAMES the shot is used as it is; its metadata have the values it was exposed with.
                if tried >= SETTLE_FRAMES or is_settled(frame.meta, requested) or is_long_enough(frame.meta, requested):
                    return self._still_frame(frame)
            finally:
                self._give_back(frame.request)

    def _live_frame(self, frame: _Delivered) -> LiveFrame:
        self._shown = frame.meta
        main, raw = self._planes(frame.request, "main"), None
        if "raw" in self._streams:
            buffer = self._buffers.of(frame.request, "raw")
            raw = planes.raw_view(buffer, self._streams["raw"], frame.meta.mode, frame.metadata, self._sensor)
        return LiveFrame(
            frame.meta,
            main,
            self._planes(frame.request, "lores") if "lores" in self._streams else main,
            raw,
            on_release=lambda: self._give_back(frame.request),
        )

    def _still_frame(self, frame: _Delivered) -> StillFrame:
        picture, raw = self._planes(frame.request, "main"), None
        if "raw" in self._streams:
            buffer = self._buffers.of(frame.request, "raw")
            raw = planes.raw_copy(buffer, self._streams["raw"], frame.meta.mode, frame.metadata, self._sensor)
        return StillFrame(frame.meta, YuvPicture(picture.y.copy(), picture.u.copy(), picture.v.copy()), raw)

    def _planes(self, request: Any, stream: str) -> YuvPicture:
        return planes.yuv_planes(self._buffers.of(request, stream), self._streams[stream])

    # -- requests -------------------------------------------------------------------------------------------------

    def _wait(self, deadline: float, timeout_s: float) -> _Delivered:
        """Run picamera2's event loop until a request is finished. Raises CameraStalled, CameraLost, ShotCancelled."""
        while True:
            with self._lock:
                self._check_open()
                try:
                    request = self._loop.turn()
                except Exception as error:
                    raise as_camera_error(error, "the camera software failed") from error
                if request is not None:
                    return self._delivered(request)
            if self._in_still and self._still_ends.is_set():
                raise ShotCancelled("the shot was ended before its exposure was done")
            left = deadline - time.monotonic()
            if left <= 0:
                raise CameraStalled(
                    f"no frame within {timeout_s:g} s", remedy="check the ribbon cable; `hqcam doctor` tells more"
                )
            if not self._selector.select(min(left, POLL_S)):
                self._check_alive()

    def _delivered(self, request: Any) -> _Delivered:
        try:
            metadata = request.get_metadata()
            meta = meta_from(
                metadata,
                now_ns=time.monotonic_ns(),
                boot_offset_ns=self._boot_offset_ns,
                mode=self._check_streaming(),
                controls=self._controls,
                before=self._last,
            )
        except BaseException:
            self._give_back(request)
            raise
        self._last = meta
        if self._window is not None and "lores" not in self._streams:
            # The crop of this frame: a requested move takes some frames.
            window = Rect(*metadata["ScalerCrop"]) if "ScalerCrop" in metadata else self._window
            meta = replace(meta, window=window, ae_state=held_state(self._controls))
        return _Delivered(request, metadata, meta)

    def _give_back(self, request: Any) -> None:
        with self._lock:
            try:
                request.release()
            except Exception as error:  # the camera was lost: the next frame raises that
                log.debug("a request could not be given back: %s", error)

    # -- configuration --------------------------------------------------------------------------------------------

    def _begin_live(self) -> None:
        mode, window = self._check_streaming(), self._window
        controls = controls_for(self._live_controls(), self._camera.camera_controls)
        if window is not None:
            configuration = streams.loupe(self._camera, mode, window)
            self._begin(configuration, window, controls | streams.scaler_crop(window))
        else:
            configuration = streams.live(self._camera, mode, with_raw=self.info.capabilities.raw_live)
            self._begin(configuration, mode, controls)

    def _live_controls(self) -> Controls:
        """Give the requested controls; while magnified, automatic ones are held, so that the exposure does not jump."""
        return self._controls if self._window is None else held(self._controls, self._held, self.info.limits)

    def _begin(self, configuration: dict[str, Any], size: Mode | Rect, controls: dict[str, Any]) -> None:
        """Configure and start. Raises ModeRefused when the granted streams do not have the size of `size`."""
        self._check_streaming()
        try:
            self._halt()
            self._camera.configure_(configuration)
            granted = self._camera.camera_configuration()
            names = ("main", "lores", "raw")
            self._streams = {name: StreamFormat.granted(granted[name]) for name in names if granted.get(name)}
            streams.check_granted(self._streams, size)
            self._camera.set_controls(controls)
            self._camera.start()
        except CameraError:
            raise
        except Exception as error:
            raise as_camera_error(error, f"the camera refuses {size.width}x{size.height}") from error

    def _halt(self) -> None:
        """Stop the camera and forget its buffers."""
        self._loop.drop()
        self._camera.stop_()  # `stop` would wait for the event loop, which is this thread
        self._buffers.forget()

    def _check_streaming(self) -> Mode:
        self._check_open()
        if self._mode is None:
            raise CameraLost("the camera was not started")
        return self._mode

    def _check_open(self) -> None:
        if self._closed.is_set():
            raise CameraLost("the camera was closed")

    def _check_alive(self) -> None:
        """Raise CameraLost when picamera2's thread that fetches requests has ended."""
        listener = getattr(type(self._camera)._cm, "thread", None)
        if listener is not None and not listener.is_alive():
            raise CameraLost("the camera software's own thread ended", remedy=LOST)

    def _shut_down(self) -> None:
        """Runs in the closing thread: waits for the end of calls of picamera2, then releases everything."""
        with self._lock:
            if self._camera is not None:
                try:
                    self._loop.drop()
                    self._camera.close()
                except Exception as error:
                    log.warning("closing the camera failed: %s", error)
            self._buffers.forget()
            self._selector.close()
            os.close(self._wake_r)
            os.close(self._wake_w)
