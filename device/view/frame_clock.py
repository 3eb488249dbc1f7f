"""When a frame was taken by the clock that files go by: the system's, or the time that was told."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

LOOK_S: Final = 1.0  # chosen: a look for every frame would cost .2 ms; a clock that is set shows within it


class FrameClock:
    """The time of frames by the clock that `unix_s` reads. One thread; it looks once a second, for all of them."""

    def __init__(self, unix_s: Callable[[], float], *, steady_ns: Callable[[], int] = time.monotonic_ns) -> None:
        """`unix_s` gives the time now, `steady_ns` the clock of the frames' timestamps."""
        self._unix_s, self._steady_ns = unix_s, steady_ns
        self._looked_ns: int | None = None
        self._offset_ms = 0.0

    def unix_ms(self, timestamp_ns: int) -> float:
        """Give the Unix time in milliseconds of a moment on the steady clock."""
        now_ns = self._steady_ns()
        if self._looked_ns is None or now_ns - self._looked_ns >= LOOK_S * 1e9:
            self._looked_ns, self._offset_ms = now_ns, self._unix_s() * 1000 - now_ns / 1e6
        return self._offset_ms + timestamp_ns / 1e6
