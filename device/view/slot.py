"""A one-place slot: holds only the newest value; readers wait for a value newer than the one they have."""

from __future__ import annotations

import threading
import time
from typing import Generic, Protocol, TypeVar


class Numbered(Protocol):
    """Anything with a rising number."""

    @property
    def sequence(self) -> int:
        """Larger for newer values."""
        ...


T = TypeVar("T", bound=Numbered)


class Slot(Generic[T]):
    """Holds the newest value put in; any number of readers and writers."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._value: T | None = None
        self._closed = False
        self._waiting = 0

    def put(self, value: T) -> None:
        """Replace the value and wake all readers."""
        with self._changed:
            self._value = value
            self._changed.notify_all()

    def newest(self) -> T | None:
        """Give the newest value at once, or None when there never was one."""
        with self._changed:
            return self._value

    @property
    def waiting(self) -> int:
        """How many readers wait now."""
        return self._waiting

    def wait_newer(self, after: int, timeout_s: float) -> T | None:
        """Wait for a value whose sequence is above `after`; None when none came in time.

        If `after` is above the held value's sequence (from another camera, before), the next value is given.
        """
        deadline = time.monotonic() + timeout_s
        with self._changed:
            held = self._value
            while not self._closed:
                value = self._value
                if value is not None and (value.sequence > after or value is not held):
                    return value
                left = deadline - time.monotonic()
                if left <= 0:
                    return None
                self._waiting += 1
                try:
                    self._changed.wait(left)
                finally:
                    self._waiting -= 1
        return None

    def close(self) -> None:
        """Wake all readers; from now on `wait_newer` gives None at once."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
