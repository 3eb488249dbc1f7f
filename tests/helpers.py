"""What several tests need."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

DEADLINE_S = 10.0


def eventually(condition: Callable[[], object], what: str, deadline_s: float = DEADLINE_S) -> None:
    """Wait on a condition with a deadline; the only wait that tests use."""
    deadline = time.monotonic() + deadline_s
    while not condition():
        assert time.monotonic() < deadline, f"not within {deadline_s:g} s: {what}"
        threading.Event().wait(0.01)
