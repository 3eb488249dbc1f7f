"""How much one client may take, and how long. All values are chosen; where they come from is beside them."""

from __future__ import annotations

from typing import Final

BACKLOG: Final = 256
"""Connections that the system completes and keeps until the server accepts them."""

CONNECTIONS: Final = 256
"""Open connections together: a process may have 1,024 files open, and the camera and the captures need some."""
ADDRESS_CONNECTIONS: Final = 64
"""Open connections of one address: a browser has six, and several people may share an address."""

THREADS: Final = 32
"""A waiting long poll holds a thread, and a client has two: enough for a dozen phones and their downloads."""
ADDRESS_THREADS: Final = 16
"""Of them, those that one address can hold."""
UNPAIRED_THREADS: Final = 8
"""Of them, those that all clients without a cookie can hold: their answers take a few milliseconds."""

HEAD_BYTES: Final = 16 * 1024
"""Request line and header fields; of a chunked body also all that is not the body. A browser sends about 1 kB."""
FIELDS: Final = 100
"""Header fields of a request; a browser sends about 20."""
HELD_BYTES: Final = 4 * 2**20
"""What all connections together have sent and the app has not answered."""
RECEIVE_BYTES: Final = 64 * 1024
"""The most that is taken off a socket at a time."""

CROWDING: Final = 8
"""Newcomers for whom somebody has to go that are let in, or sent away, at once."""
CROWDED_S: Final = 0.04
"""From so many of them to the next: to let in and to close is work that others would feel. 200 a second."""
SETTLED_S: Final = 10.0
"""For so long someone who was let in and waits does not go for a newcomer of an address with as many connections."""
REQUEST_S: Final = 10.0
"""From the first byte of a request, or from the connection, to its last byte."""
IDLE_S: Final = 60.0
"""Between two requests of a connection."""
STALLED_S: Final = 30.0
"""Without a byte that the client received: a phone that left the network. A slow client has no limit."""
LINGER_S: Final = 2.0
"""For a refused client to read the answer, while what it goes on sending is thrown away."""
LINGER_BYTES: Final = 4 * 2**20
"""And how much of that at most."""
STOP_S: Final = 2.0
"""For the answers in progress when the server is told to stop: a long poll takes as long."""
