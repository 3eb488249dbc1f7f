"""Values that are computed on first request, each once, for any number of threads."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class MadeOnce(Generic[K, V]):
    """Values by key. The first thread that requests a key computes its value; others that want the same key wait.

    Different keys do not wait for each other: the lock is not held while a value is computed.
    """

    def __init__(self, make: Callable[[K], V]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._values: dict[K, Future[V]] = {}

    def at(self, key: K) -> V:
        """Give the value of `key`. When computing it raised an error, every call for that key raises it. Any thread."""
        with self._lock:
            first = key not in self._values
            value = self._values.setdefault(key, Future())
        if first:
            try:
                value.set_result(self._make(key))
            except BaseException as error:
                value.set_exception(error)
        return value.result()
