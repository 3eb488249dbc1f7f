"""How many may do something at once: the work that takes a core or a thread for long never takes them all."""

from __future__ import annotations

import threading
import time

from web.errors import Busy

WAIT_S = 20.0
"""Chosen: as long as a phone waits for a picture before it looks broken."""


class Slots:
    """`at_once` have a slot, `waiting` more may wait for one; the next is told to come again. Any thread."""

    def __init__(self, at_once: int, *, waiting: int, what: str, retry_after_s: int) -> None:
        """`what` says in the error what is being done: "copies are being made"."""
        self._at_once, self._waiting_most = at_once, waiting
        self._what, self._retry_after_s = what, retry_after_s
        self._changed = threading.Condition()
        self._taken = self._waiting = 0

    @property
    def taken(self) -> int:
        """How many have one."""
        return self._taken

    @property
    def waiting(self) -> int:
        """How many wait for one."""
        return self._waiting

    def take(self) -> None:
        """Take a slot, within WAIT_S. Raises Busy."""
        ends_at = time.monotonic() + WAIT_S
        with self._changed:
            if self._taken >= self._at_once and self._waiting >= self._waiting_most:
                raise self._busy()
            self._waiting += 1
            try:
                while self._taken >= self._at_once:
                    if not self._changed.wait(max(0.0, ends_at - time.monotonic())) and time.monotonic() >= ends_at:
                        raise self._busy()
                self._taken += 1
            finally:
                self._waiting -= 1

    def give_back(self) -> None:
        """Let another have the slot."""
        with self._changed:
            self._taken -= 1
            self._changed.notify()

    def __enter__(self) -> None:
        self.take()

    def __exit__(self, *_: object) -> None:
        self.give_back()

    def _busy(self) -> Busy:
        return Busy(f"{self._at_once} {self._what} already", retry_after_s=self._retry_after_s)
