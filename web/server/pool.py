"""The threads that run the app, and the queue in front of them, in which addresses take turns.

Whoever asks much waits for its own requests, not others for it: one address has at most ADDRESS_THREADS threads, and
all clients without a cookie together have at most UNPAIRED_THREADS: the rest is kept for those who were let in.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter, OrderedDict, deque
from collections.abc import Callable

from web.server.connection import Connection
from web.server.limits import ADDRESS_THREADS, THREADS, UNPAIRED_THREADS

log = logging.getLogger(__name__)

_Who = tuple[str, bool]
"""Address, and whether paired."""


class Pool:
    """Threads that call `run` with one connection after the other."""

    def __init__(self, run: Callable[[Connection], None]) -> None:
        """`run` has the connection until it returns, and raises nothing."""
        self._run = run
        self._queues: OrderedDict[_Who, deque[Connection]] = OrderedDict()
        self._running: Counter[_Who] = Counter()
        self._changed = threading.Condition()
        self._ended = False
        self._threads = [
            threading.Thread(target=self._work, name=f"hqcam-web-{n}", daemon=True) for n in range(THREADS)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, connection: Connection) -> None:
        """Have a thread run the connection, as soon as it is the turn of its address. Any thread."""
        with self._changed:
            self._queues.setdefault((connection.address, connection.paired), deque()).append(connection)
            self._changed.notify()

    @property
    def has_queue(self) -> bool:
        """Whether anyone waits for a thread: who has one for long then goes behind them."""
        return bool(self._queues)

    def close(self) -> None:
        """End the threads, and wait for what they are doing: a shot is finished. What is in the queue is left there."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        while (taken := self._take()) is not None:
            who, connection = taken
            try:
                self._run(connection)
            finally:
                with self._changed:
                    self._running -= Counter((who,))  # without a place for what is zero

    def _take(self) -> tuple[_Who, Connection] | None:
        """Wait for a connection that may run; None at the end."""
        with self._changed:
            while not self._ended:
                who = next((who for who in self._queues if self._has_room(who)), None)
                if who is not None:
                    queue = self._queues.pop(who)
                    connection = queue.popleft()
                    if queue:
                        self._queues[who] = queue  # behind all others
                    self._running[who] += 1
                    return who, connection
                self._changed.wait()
            return None

    def _has_room(self, who: _Who) -> bool:
        if not who[1] and sum(count for (_, paired), count in self._running.items() if not paired) >= UNPAIRED_THREADS:
            return False
        return self._running[who] < ADDRESS_THREADS
