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
    """A context in which keys are read one by one and not echoed; afterwards the terminal is as before."""

    def __enter__(self) -> Keys:
        self._fd = sys.stdin.fileno() if sys.stdin.isatty() else None
        self._before: list[Any] | None = None
        if self._fd is not None:
            self._before = termios.tcgetattr(self._fd)
            tty.setcbreak(self._fd)
        return self

    def __exit__(self, *exc: object) -> None:
        if self._fd is not None and self._before is not None:
            with contextlib.suppress(termios.error):  # a closed terminal needs no reset
                termios.tcsetattr(self._fd, termios.TCSADRAIN, self._before)

    def pressed(self) -> str:
        """Give the keys typed since the last call, without waiting. Raises OSError (EIO) on a closed terminal."""
        if self._fd is None or not select.select([self._fd], [], [], 0)[0]:
            return ""
        typed = os.read(self._fd, 1024)
        if not typed:
            raise OSError(errno.EIO, "the terminal is gone")
        return typed.decode(errors="replace")
