"""Who reads the pushed stream, in a process of its own: `python -m bench.view.readers URL [BYTES_PER_S]`."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.request import urlopen

from web.bench.served import percentile, pushed


@dataclass(slots=True)
class Seen:
    """What one client saw between two moments (unix seconds)."""

    since: float
    until: float
    arrived_s: list[float] = field(default_factory=list)
    ages_ms: list[float] = field(default_factory=list)
    picture_bytes: int = 0
    beside_bytes: int = 0
    failures: int = 0

    def note(self, arrived_s: float, captured_s: float, picture: int, beside: int = 0) -> None:
        """Count a frame."""
        self.arrived_s.append(arrived_s)
        self.ages_ms.append(1000 * (arrived_s - captured_s))
        self.picture_bytes += picture
        self.beside_bytes += beside

    @property
    def fps(self) -> float:
        """Frames a second."""
        return len(self.ages_ms) / (self.until - self.since)

    @property
    def median_ms(self) -> float:
        """Median age when a frame was whole."""
        return percentile(self.ages_ms, 50)

    @property
    def p95_ms(self) -> float:
        """95th percentile of that."""
        return percentile(self.ages_ms, 95)

    @property
    def beside_share(self) -> float:
        """Bytes of overlay, readings and metadata for each byte of picture."""
        return self.beside_bytes / max(1, self.picture_bytes)

    @property
    def longest_gap_ms(self) -> float:
        """The longest time without a frame."""
        times = [self.since, *self.arrived_s, self.until]
        return 1000 * max(after - before for before, after in zip(times, times[1:], strict=False))

    @property
    def worst_ms(self) -> float:
        """How old the picture on the screen came to be: the age of a frame when the next one replaced it."""
        pairs = zip(self.arrived_s, self.ages_ms, [*self.arrived_s[1:], self.until], strict=False)
        return max(age + 1000 * (until - at) for at, age, until in pairs)

    def fresh_from(self, since_s: float, limit_ms: float) -> float:
        """Seconds after `since_s` from which the median of the ages of any ten frames in a row is below the limit."""
        late = [
            at
            for i, at in enumerate(self.arrived_s)
            if at >= since_s and percentile(self.ages_ms[i : i + 10], 50) >= limit_ms
        ]
        return max(late, default=since_s) - since_s


class PushReader:
    """Reads as fast as the link gives, or as `bytes_per_s` says."""

    def __init__(self, url: str, inside: Sequence[str], bytes_per_s: float | None) -> None:
        command = [*inside, sys.executable, "-m", "bench.view.readers", url, str(bytes_per_s or 0)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self._lines: list[Any] = []
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        self._lines.extend(json.loads(line) for line in self._process.stdout)

    def end(self, since: float) -> Seen:
        """Stop; give what came from `since` (unix seconds) on."""
        until = time.time()
        self._process.terminate()
        self._process.wait()
        self._thread.join()
        assert self._process.stdout is not None
        self._process.stdout.close()
        first = self._lines[0][0] if self._lines else until
        seen = Seen(since or first, until)
        for arrived_s, captured_s, size in self._lines:
            if arrived_s >= since:
                seen.note(arrived_s, captured_s, size)
        return seen


def push_seen(url: str, inside: Sequence[str] = (), bytes_per_s: float | None = None) -> PushReader:
    """Begin to read a pushed stream."""
    return PushReader(url, inside, bytes_per_s)


def read(url: str, bytes_per_s: float) -> None:
    """Read until ended; print when each frame was whole, when it was captured, and its size."""
    with urlopen(url, timeout=30) as response:
        for headers in pushed(response, bytes_per_s or None):
            captured_s, size = float(headers["X-Frame-Captured-Ms"]) / 1000, int(headers["Content-Length"])
            print(json.dumps([time.time(), captured_s, size]), flush=True)


if __name__ == "__main__":
    read(sys.argv[1], float(sys.argv[2]))
