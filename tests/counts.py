"""Counts the work of a call: the same on a slow, a busy and a fast machine, so a test may judge it.

Not seen: loops inside C functions, such as a sort. What a call reads from files is counted by the kernel.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

IO = Path("/proc/self/io")


@dataclass(frozen=True, slots=True)
class Work:
    """What one call did."""

    steps: int
    """Instructions of Python that this thread ran."""
    read_bytes: int
    """From files and pipes, by every thread of the process."""


def work_of(action: Callable[[], object]) -> Work:
    """Run the action in this thread and give what it did."""
    steps = 0

    def trace(frame: FrameType, event: str, _argument: object) -> Callable[..., object]:
        nonlocal steps
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        steps += event == "opcode"
        return trace

    before = sys.gettrace()
    read_bytes = _read_bytes()
    sys.settrace(trace)
    try:
        action()
    finally:
        sys.settrace(before)
    return Work(steps, _read_bytes() - read_bytes - len(IO.read_bytes()))


def _read_bytes() -> int:
    found = re.search(r"rchar: (\d+)", IO.read_text())
    assert found
    return int(found[1])
