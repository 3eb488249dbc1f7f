"""All open connections, and who has to go when there are too many of them. Used by the server's loop alone.

A newcomer is let in as long as somebody can go for it: so a crowd of silent connections cannot keep anyone out, and
those who were let in with a cookie go last. For a newcomer of another address they go only if their address has more
connections than its own, or after SETTLED_S: who watches keeps the connection. One that is answered never goes.
"""

from __future__ import annotations

from collections.abc import Iterator

from web.server.connection import Connection, State
from web.server.limits import ADDRESS_CONNECTIONS, CONNECTIONS, HELD_BYTES, SETTLED_S


class _Address:
    """The connections of one address. Those that wait are kept in the order in which they began to."""

    __slots__ = ("count", "paired", "unpaired")

    def __init__(self) -> None:
        self.count = 0
        self.unpaired: dict[Connection, None] = {}
        self.paired: dict[Connection, None] = {}

    def forget(self, connection: Connection) -> None:
        self.unpaired.pop(connection, None)
        self.paired.pop(connection, None)

    def longest(self, *, paired: bool) -> Connection | None:
        """Give who waits longest of those that were let in, or of the others."""
        return next(iter(self.paired if paired else self.unpaired), None)


class Crowd:
    """The open connections.

    Newcomers beside a full house come as fast as their sender likes, so who goes for them is found by a look at each
    address, not at each connection.
    """

    def __init__(self) -> None:
        self._open: set[Connection] = set()
        self._addresses: dict[str, _Address] = {}
        self._held_bytes = 0

    def __iter__(self) -> Iterator[Connection]:
        return iter(tuple(self._open))

    def __len__(self) -> int:
        return len(self._open)

    def add(self, connection: Connection) -> None:
        """Count a new connection."""
        self._open.add(connection)
        self._addresses.setdefault(connection.address, _Address()).count += 1

    def remove(self, connection: Connection) -> None:
        """Count a connection no longer."""
        self.hold(connection, 0)
        self._open.discard(connection)
        address = self._addresses[connection.address]
        address.forget(connection)
        address.count -= 1
        if not address.count:
            del self._addresses[connection.address]

    def waits(self, connection: Connection) -> None:
        """Note that a connection begins to wait now (`since_s`): it may have to go."""
        address = self._addresses[connection.address]
        address.forget(connection)
        (address.paired if connection.paired else address.unpaired)[connection] = None

    def is_answered(self, connection: Connection) -> None:
        """Note that a connection is answered: it never has to go."""
        self._addresses[connection.address].forget(connection)

    def hold(self, connection: Connection, held_bytes: int) -> None:
        """Note how much of requests is kept for this connection."""
        self._held_bytes += held_bytes - connection.held_bytes
        connection.held_bytes = held_bytes

    def has_room(self, address: str) -> bool:
        """Whether one more of `address` may come without another's going."""
        return len(self._open) < CONNECTIONS and self._count(address) < ADDRESS_CONNECTIONS

    def least(self, address: str, now_s: float) -> Connection | None:
        """Give who has to go so that one more of `address` may come now (monotonic); None when nobody can.

        First who is not paired, then of the address with the most, then who waits longest.
        """
        count = self._count(address)
        if count >= ADDRESS_CONNECTIONS:
            own = self._addresses[address]
            return own.longest(paired=False) or own.longest(paired=True)
        return self._unpaired() or self._paired(count, now_s)

    def too_much(self) -> Connection | None:
        """Give whom to close because too much is kept of requests; None while it is not too much."""
        if self._held_bytes <= HELD_BYTES:
            return None
        holding = (one for one in self._open if one.held_bytes and one.state is not State.ANSWERED)
        return min(holding, key=lambda one: (one.paired, -self._count(one.address), one.since_s), default=None)

    def _count(self, address: str) -> int:
        known = self._addresses.get(address)
        return known.count if known else 0

    def _unpaired(self) -> Connection | None:
        least, most = None, 0
        for address in self._addresses.values():
            one = address.longest(paired=False)
            if one and (address.count > most or (address.count == most and least and one.since_s < least.since_s)):
                least, most = one, address.count
        return least

    def _paired(self, count: int, now_s: float) -> Connection | None:
        """Give who was let in and may go for a newcomer whose address has `count` connections."""
        least, most = None, 0
        for address in self._addresses.values():
            one = address.longest(paired=True)
            if one is None or (address.count <= count + 1 and now_s - one.since_s <= SETTLED_S):
                continue
            if address.count > most or (address.count == most and least and one.since_s < least.since_s):
                least, most = one, address.count
        return least
