"""A clock that counts only the time in which this machine could run the program: a busy machine is not a dead camera.

With 16 busy processes on two processors a thread has a ninth of its usual time, and a frame is nine times as late. So a
second counts for the share of it that a thread had: as many processors as there are, by the threads that want one. Time
in which the watchdog itself was not woken (the program was stopped, the system slept) does not count either.

The watchdog calls `tick`; the camera thread, the watchdog and who waits for a job read `now_s` instead of the system's
clock. A camera that is dead while the machine is busy is found later by the same factor.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Final

from device import host

SLOW_SHARE: Final = 0.5
"""Below this share of its time the program is slow: chosen, four threads on two processors."""
SMOOTHING: Final = 0.2
"""The weight of the last tick in the share that is told: chosen, some seconds, because the load jumps."""
LEAST_WAIT_S: Final = 0.05
"""Chosen: between two looks at the clock of who waits by it."""
BUSY_MOST: Final = 10.0
"""The most that a wait is made longer on a busy machine, where there is a bound: chosen, 20 threads on 2 processors."""


def processor_share() -> float:
    """Give the share of a processor that a thread can have now: 1 when the machine is not busy, or does not tell."""
    return min(1.0, (os.cpu_count() or 1) / (host.runnable_threads() or 1))


class FairClock:
    """Seconds since it was made in which the machine could run the program."""

    def __init__(
        self, *, share: Callable[[], float] = processor_share, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`share` gives the part of a processor that a thread can have now (0..1), `clock` the time in seconds."""
        self._share, self._clock = share, clock
        self._looked_s = clock()
        self.now_s = 0.0
        """Any thread may read it; it changes with each `tick`."""
        self._lately = 1.0

    @property
    def is_slow(self) -> bool:
        """Whether the program lately had less than SLOW_SHARE of its time. Any thread."""
        return self._lately < SLOW_SHARE

    def stretched(self, seconds: float) -> float:
        """Give how long, by the system's clock, a wait of `seconds` may take on a machine as busy as now."""
        return seconds * min(BUSY_MOST, 1 / self._share())

    def begin_wait(self, seconds: float) -> Callable[[], float]:
        """Begin a wait of `seconds` of this clock, at most BUSY_MOST times as long; give what tells how much is left.

        Whoever waits looks every LEAST_WAIT_S at least: the clock moves with each tick.
        """
        ends_s, latest_s = self.now_s + seconds, self._clock() + BUSY_MOST * seconds
        return lambda: min(ends_s - self.now_s, latest_s - self._clock())

    def tick(self, expected_s: float) -> None:
        """Count the time since the last tick, at most `expected_s`: the rest is lateness. One thread only."""
        now_s = self._clock()
        passed_s, self._looked_s = now_s - self._looked_s, now_s
        counted_s = min(passed_s, expected_s) * self._share()
        self.now_s += counted_s
        if passed_s > 0:
            self._lately += SMOOTHING * (counted_s / passed_s - self._lately)
