"""Time as drive modes see it: a steady clock for waiting, the wall clock for times of day. Tests compress both."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import Final

from device import host

LOOK_S: Final = 10.0  # chosen: a machine that slept meanwhile is noticed within this


class Clock:
    """The time for one `Drive`. Any thread may call it."""

    def __init__(self, speed: float = 1.0, *, wall_s: Callable[[], float] = time.time) -> None:
        """`speed` compresses time, as the simulated camera's does. `wall_s` gives the time of day, in Unix seconds."""
        self._speed, self._wall_s = speed, wall_s
        self._epoch = host.since_boot_s(), wall_s()

    def now_s(self) -> float:
        """Seconds on a clock that is never set, and that goes on while the machine sleeps."""
        return (host.since_boot_s() - self._epoch[0]) * self._speed

    def since_boot_s(self, at_s: float) -> float:
        """Give a moment of `now_s` in seconds since the boot of the machine, which outlive the program."""
        return self._epoch[0] + at_s / self._speed

    def at_since_boot_s(self, since_boot_s: float) -> float:
        """Give the moment of `now_s` that is so many seconds after the boot."""
        return (since_boot_s - self._epoch[0]) * self._speed

    def wall(self) -> datetime:
        """The time of day, with its offset from UTC."""
        now = self._wall_s() if self._speed == 1 else self._epoch[1] + self.now_s()
        return host.local_time(now)

    def wait(self, event: threading.Event, seconds: float) -> bool:
        """Wait for the event, at most `seconds`; give whether it was set."""
        end_s = self.now_s() + seconds
        while (left_s := (end_s - self.now_s()) / self._speed) > 0:
            if event.wait(min(left_s, LOOK_S)):
                return True
        return event.is_set()
