"""All open connections, and who has to go when there are too many of them. Used by the server's loop alone.

A newcomer is let in as long as somebody can go for it: so a crowd of silent connections cannot keep anyone out, and
those who were let in with a cookie go last. For a newcomer of another address they go only if their address has more
connections than its own, or after SETTLED_S: who watches keeps the connection. One that is answered never goes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from web.server.connection import Connection, State
from web.server.limits import ADDRESS_CONNECTIONS, CONNECTIONS, HELD_BYTES, SETTLED_S


class Crowd:
    """The open connections."""

    def __init__(self) -> None:
        self._open: set[Connection] = set()
        self._of_address: Counter[str] = Counter()
        self._held_bytes = 0

    def __iter__(self) -> Iterator[Connection]:
        return iter(tuple(self._open))

    def __len__(self) -> int:
        return len(self._open)

    def add(self, connection: Connection) -> None:
        """Count a new connection."""
        self._open.add(connection)
        self._of_address[connection.address] += 1

    def remove(self, connection: Connection) -> None:
        """Count a connection no longer."""
        self.hold(connection, 0)
        self._open.discard(connection)
        self._of_address -= Counter((connection.address,))

    def hold(self, connection: Connection, held_bytes: int) -> None:
        """Note how much of requests is kept for this connection."""
        self._held_bytes += held_bytes - connection.held_bytes
        connection.held_bytes = held_bytes

    def has_room(self, address: str) -> bool:
        """Whether one more of `address` may come without another's going."""
        return len(self._open) < CONNECTIONS and self._of_address[address] < ADDRESS_CONNECTIONS

    def least(self, address: str, now_s: float) -> Connection | None:
        """Give who has to go so that one more of `address` may come now (monotonic); None when nobody can."""
        count = self._of_address[address]
        if count >= ADDRESS_CONNECTIONS:
            return self._least(one for one in self._open if one.address == address)

        def may_go(one: Connection) -> bool:
            return not one.paired or self._of_address[one.address] > count + 1 or now_s - one.since_s > SETTLED_S

        return self._least(filter(may_go, self._open))

    def too_much(self) -> Connection | None:
        """Give whom to close because too much is kept of requests; None while it is not too much."""
        if self._held_bytes <= HELD_BYTES:
            return None
        return self._least(connection for connection in self._open if connection.held_bytes)

    def _least(self, connections: Iterable[Connection]) -> Connection | None:
        """Of those that wait: first who is not paired, then of the address with the most, then who waits longest."""
        waiting = (connection for connection in connections if connection.state is not State.ANSWERED)
        return min(waiting, key=lambda one: (one.paired, -self._of_address[one.address], one.since_s), default=None)
