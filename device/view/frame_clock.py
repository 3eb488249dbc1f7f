"""When a frame was taken by the clock that files go by: the system's, or the time that was told."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

LOOK_S: Final = 1.0  # chosen: a look for every frame would cost .2 ms; a clock that is set shows within it
_READ_NS: Final = 200_000  # chosen: two reads that took longer were not one right after the other
_READS_MOST: Final = 5


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
            self._looked_ns, self._offset_ms = now_ns, self._read_offset_ms(now_ns)
        return self._offset_ms + timestamp_ns / 1e6

    def _read_offset_ms(self, before_ns: int) -> float:
        """Read both clocks: again where the thread was held up between them, as the time it stood would be an error."""
        shortest_ns, offset_ms = None, 0.0
        for _ in range(_READS_MOST):
            unix_ms, after_ns = self._unix_s() * 1000, self._steady_ns()
            took_ns = after_ns - before_ns
            if shortest_ns is None or took_ns < shortest_ns:
                shortest_ns, offset_ms = took_ns, unix_ms - (before_ns + took_ns / 2) / 1e6
            if took_ns <= _READ_NS:
                break
            before_ns = after_ns
        return offset_ms
