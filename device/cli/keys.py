"""Single keystrokes from the terminal, without waiting for them."""

from __future__ import annotations

import contextlib
import errno
import os
import select
import sys
import termios
import tty
from typing import Any


class Keys:
    """Inside a `with`, keys come one by one and are not echoed; the terminal is as before afterwards."""

    def __enter__(self) -> Keys:
        self._fd = sys.stdin.fileno() if sys.stdin.isatty() else None
        self._before: list[Any] | None = None
        if self._fd is not None:
            self._before = termios.tcgetattr(self._fd)
            tty.setcbreak(self._fd)
        return self

    def __exit__(self, *exc: object) -> None:
        if self._fd is not None and self._before is not None:
            with contextlib.suppress(termios.error):  # a terminal that is gone needs nothing
                termios.tcsetattr(self._fd, termios.TCSADRAIN, self._before)

    def pressed(self) -> str:
        """Give what was typed since the last time, at once. Raises OSError (EIO) when the terminal is gone."""
        if self._fd is None or not select.select([self._fd], [], [], 0)[0]:
            return ""
        typed = os.read(self._fd, 1024)
        if not typed:
            raise OSError(errno.EIO, "the terminal is gone")
        return typed.decode(errors="replace")
