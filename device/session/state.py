"""What the session's threads share: one immutable value, replaced under one lock.

The camera thread, the watchdog and the session's callers read `SharedState.now` and change it with `change`.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

from device.analysis.settings import AssistSettings
from device.errors import CameraLost, HqcamError
from device.frame import CameraInfo, Controls, Mode

StatusName = Literal["starting", "live", "lost", "failed", "closed"]
BUSY_WORDS: Final[Mapping[StatusName, str]] = {
    "starting": "preparing the camera, slowly: its computer is busy",
    "live": "the camera is slow: its computer is busy",
}
"""What is said while the program gets too little of the processors; a starved camera is not a lost one."""
BUSY_REMEDY: Final = "end other programs on it, or close other pages that show the picture"
FPS_WINDOW: Final = 60  # chosen: two seconds at 30 frames a second


@dataclass(frozen=True, slots=True)
class Status:
    """The state of the camera, with message and remedy for people."""

    state: StatusName
    message: str = ""
    remedy: str = ""
    error: HqcamError | None = None
    retry_at: float | None = None
    """Monotonic time of the next attempt to reopen, while lost."""

    def refusal(self) -> HqcamError:
        """Give the error for a caller who needs the camera now, while it is not live."""
        if self.error is not None:
            return self.error
        return CameraLost(f"the camera is not ready ({self.state})", remedy="try again in a moment")


@dataclass(frozen=True, slots=True)
class State:
    """The camera, its status and the requested settings at one moment."""

    assists: AssistSettings
    status: Status = Status("starting", "opening the camera")
    info: CameraInfo | None = None
    """None until the camera is opened for the first time; so are `mode` and `controls`."""
    mode: Mode | None = None
    controls: Controls | None = None
    revision: int = 1
    """Rises with every change of mode, controls or assists."""


class SharedState:
    """The state now, and the frame rate. Any thread."""

    def __init__(self, assists: AssistSettings) -> None:
        self._changed = threading.Condition()
        self._now = State(assists)
        self._arrivals: deque[float] = deque(maxlen=FPS_WINDOW)

    @property
    def now(self) -> State:
        """The state at this moment."""
        return self._now

    def change(self, step: Callable[[State], State]) -> State:
        """Replace the state by `step(now)` under the lock, and give the new one. What `step` raises is passed on."""
        with self._changed:
            self._now = step(self._now)
            self._changed.notify_all()
            return self._now

    def set_status(self, status: Status) -> None:
        """Set the status; "closed" is final."""
        self.change(lambda now: now if now.status.state == "closed" else replace(now, status=status))

    def wait_for(self, condition: Callable[[State], bool], timeout_s: float) -> State:
        """Wait until `condition` holds, at most `timeout_s`; give the state at that moment, in both cases."""
        with self._changed:
            self._changed.wait_for(lambda: condition(self._now), timeout_s)
            return self._now

    def frame_arrived(self) -> None:
        """Count a frame for `fps`. The camera thread calls this for each."""
        with self._changed:
            self._arrivals.append(time.monotonic())

    def frames_ended(self) -> None:
        """Restart the count for `fps`: the camera was lost."""
        with self._changed:
            self._arrivals.clear()

    @property
    def fps(self) -> float:
        """Frames a second that the camera delivered lately; 0 when there were none for two seconds."""
        with self._changed:
            arrivals = list(self._arrivals)
        if len(arrivals) < 2 or time.monotonic() - arrivals[-1] > max(2.0, 3 * (arrivals[-1] - arrivals[-2])):
            return 0.0
        return (len(arrivals) - 1) / (arrivals[-1] - arrivals[0])
