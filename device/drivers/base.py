"""The contract between the session and a camera.

Threads. All methods are called from the session's camera thread, one at a time, except `close` and `cancel_still`,
which may be called on any thread at any time (the watchdog closes a camera whose thread hangs) and must always return.

Life. `open` -> (`start` -> `next_frame`... -> `stop`)* -> `close`. A driver object is used once: after `close` a new
one is made. `close` may be called in any state and more than once.

Time. `FrameMeta.timestamp_ns` is on `time.monotonic_ns()`'s clock: the start of the first row's exposure.

A driver must
- report modes, limits and capabilities in `info` after `open`; before, they are unknown;
- deliver frames in order with a strictly rising `sequence` and `timestamp_ns`; a missed frame leaves a gap;
- deliver the *next* frame the sensor completes: never one that was already delivered, never a queue of old ones
  (a caller that was slow gets the newest complete frame);
- put into `meta` what the frame was exposed with, not what was requested;
- report in `info.limits` and `info.choices` which controls it takes: all others are only requested with their default
  values; sharpness and noise reduction change a still's picture only, never the live picture, never raw;
- honour every deadline: raise CameraStalled when no frame came in time, CameraLost when the camera went away;
- take a still whose exposure began after the call (a still is never older than the press), with raw and picture of
  the same frame;
- take no longer for a still than its exposure, one readout and two switches of the mode: never a second exposure;
- continue live streaming after `capture_still`, with the controls in force;
- with `Capabilities.loupe`, while magnified: show the window at the sensor's own pixels (`main` and `small` are the
  same picture), report in `meta.window` which part it was, and hold automatic exposure, gain and white balance at the
  values of the frame before, so that nothing jumps; raw may be missing.

A driver may
- deliver live raw (`Capabilities.raw_live`) and control the lens (`Capabilities.lens_control`);
- need some frames until a control takes effect; the metadata of each frame have the values that it was exposed with.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, Protocol

from device.frame import CameraInfo, Controls, LiveFrame, Mode, Rect, StillFrame


class CameraDriver(Protocol):
    """What the session needs of a camera; see the module's text for the rules."""

    @property
    def info(self) -> CameraInfo:
        """Model, modes, limits and capabilities of this camera; valid after `open`."""
        ...

    def open(self) -> None:
        """Acquire the camera. Raises NoCamera, CameraBusy, DriverMissing, or BadInput for a bad scene or replay."""
        ...

    def start(self, mode: Mode, controls: Controls) -> None:
        """Begin live frames in `mode` (one of `info.modes`), with `controls` in force from the first frame."""
        ...

    def stop(self) -> None:
        """End live frames. Harmless when not started."""
        ...

    def request(self, controls: Controls) -> None:
        """Request `controls` (already checked by `device.controls`); returns at once."""
        ...

    def next_frame(self, timeout_s: float) -> LiveFrame:
        """Wait for the next complete frame. Raises CameraStalled after `timeout_s`, or CameraLost."""
        ...

    def magnify(self, window: Rect | None) -> None:
        """Show `window` of the mode with the most pixels instead of the live mode; None: the live mode again.

        The window lies within that mode's crop; its corner and size are even. Another window of the same size only
        moves it; the first window, and None, restart the camera. Raises ModeRefused or NotEnoughMemory, and then
        continues with the live mode.
        """
        ...

    def capture_still(self, timeout_s: float, controls: Controls | None = None) -> StillFrame:
        """Take one full-resolution shot with the controls in force, or with `controls` for this shot only.

        Raises as `next_frame`, and ShotCancelled after `cancel_still`.
        """
        ...

    def cancel_still(self) -> None:
        """Cancel a `capture_still` in progress, at once. Any thread; harmless when there is none."""
        ...

    def close(self) -> None:
        """Release the camera. Always returns; any thread; any state."""
        ...


class Coverable(Protocol):
    """A driver with `Capabilities.coverable`: a simulated lens can be covered without a hand."""

    def cover(self, front: Literal["open", "cap", "paper"]) -> None:
        """Put this before the lens, from the next frame on. Camera thread."""
        ...


DriverFactory = Callable[[], CameraDriver]
"""Makes a new, unopened driver: at the start and after each loss of the camera."""
