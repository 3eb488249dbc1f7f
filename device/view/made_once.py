"""Values that are made when they are first asked for, each once, however many threads ask."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class MadeOnce(Generic[K, V]):
    """Values by key. Any thread asks; the first to ask for a key makes its value, on its own thread.

    Others who ask for the same key wait for that one. Who asks for another key does not wait: the lock is never held
    while a value is made.
    """

    def __init__(self, make: Callable[[K], V]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._values: dict[K, Future[V]] = {}

    def at(self, key: K) -> V:
        """Give the value of `key`. Raises, for everyone who asks, what making it raised."""
        with self._lock:
            first = key not in self._values
            value = self._values.setdefault(key, Future())
        if first:
            try:
                value.set_result(self._make(key))
            except BaseException as error:
                value.set_exception(error)
        return value.result()
