"""Time as drive modes see it: a steady clock for waiting, the wall clock for times of day. Tests compress both."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime


class Clock:
    """The time for one `Drive`. Any thread may call it."""

    def __init__(self, speed: float = 1.0) -> None:
        """`speed` compresses time, as the simulated camera's does."""
        self._speed = speed
        self._epoch = time.monotonic(), time.time()

    def now_s(self) -> float:
        """Seconds on a clock that is never set."""
        return (time.monotonic() - self._epoch[0]) * self._speed

    def wall(self) -> datetime:
        """The time of day, with its offset from UTC."""
        now = time.time() if self._speed == 1 else self._epoch[1] + self.now_s()
        return datetime.fromtimestamp(now, UTC).astimezone()

    def wait(self, event: threading.Event, seconds: float) -> bool:
        """Wait for the event, at most `seconds`; give whether it was set."""
        return event.wait(max(0.0, seconds) / self._speed)
