"""One client's connection: its socket, what was received and not asked, what is sent and not received."""

from __future__ import annotations

import fcntl
import socket
import struct
import termios
from enum import Enum, auto
from typing import Final

from web.server.answer import Answer
from web.server.limits import RECEIVE_BYTES
from web.server.request import RequestReader

_WAIT: Final = (BlockingIOError, InterruptedError)


class State(Enum):
    """What a connection waits for. All but ANSWERED is the business of the server's loop, and costs no thread."""

    IDLE = auto()
    """The first byte of a request."""
    ASKING = auto()
    """The rest of a request."""
    ANSWERED = auto()
    """The app: a thread has the connection, or it is in the queue for one."""
    STALLED = auto()
    """The client, who does not read as fast as the answer comes."""
    REFUSED = auto()
    """The client, who reads why it is refused."""
    CLOSED = auto()


class Connection:
    """One connection; the loop has it, or in the state ANSWERED one thread of the pool. It never blocks."""

    def __init__(self, client: socket.socket, address: str, *, body_bytes: int) -> None:
        client.setblocking(False)
        # The start of a frame must not wait for the acknowledgement of the last one.
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket = client
        self.address = address
        self.reader = RequestReader(body_bytes)
        self.state = State.IDLE
        self.since_s = 0.0
        """When it began to wait (monotonic)."""
        self.deadline_s = 0.0
        """Until when it may wait (monotonic)."""
        self.paired = False
        """Whether its last request came from someone who was let in."""
        self.held_bytes = 0
        """How much of requests is kept for it, with the one that is answered."""
        self.answer: Answer | None = None
        self.thrown_away_bytes = 0
        self._unsent = memoryview(b"")
        self._queued_bytes = 0

    def receive(self) -> bytes | None:
        """Give what the client sent: None when there is nothing yet, b"" when it has ended. Raises OSError."""
        try:
            return self.socket.recv(RECEIVE_BYTES)
        except _WAIT:
            return None

    def send(self, piece: bytes = b"") -> bool:
        """Send a piece behind what is unsent; whether all of it is on its way. Raises OSError."""
        unsent = memoryview(piece) if piece else self._unsent
        while unsent:
            try:
                unsent = unsent[self.socket.send(unsent) :]
            except _WAIT:
                break
        self._unsent = unsent
        return not unsent

    def has_received_more(self) -> bool:
        """Whether the client received anything since the last call: a slow one does, one that left does not."""
        (queued,) = struct.unpack("i", fcntl.ioctl(self.socket, termios.TIOCOUTQ, b"\0" * 4))
        queued_before, self._queued_bytes = self._queued_bytes, queued
        return bool(queued != queued_before)

    def has_left(self) -> bool:
        """Whether the client has ended the connection. Raises OSError when it broke off."""
        try:
            return not self.socket.recv(1, socket.MSG_PEEK)
        except _WAIT:
            return False

    def close(self) -> None:
        """Close it, and end what made its answer."""
        self.state = State.CLOSED
        if self._unsent:  # what the client never read would stay in the system's memory for minutes
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()
        if self.answer is not None:
            self.answer.pieces.close()
            self.answer = None
