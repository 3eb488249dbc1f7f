"""A line that is typed in answer to a command, while Ctrl-C still ends it."""

from __future__ import annotations

import os
import select
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from device.cli.interrupt import Interrupt

POLL_S = 0.2


def typed_line(interrupt: Interrupt) -> str | None:
    """Wait for Enter and give what was typed before it; None at the end of the input. Raises click.Abort."""
    descriptor, typed = sys.stdin.fileno(), b""
    while not typed.endswith(b"\n"):
        interrupt.check()
        if not select.select([descriptor], [], [], POLL_S)[0]:
            continue
        part = os.read(descriptor, 1)  # one by one: the rest is for the next answer
        if not part:
            return None
        typed += part
    return typed.decode(errors="replace").strip()
