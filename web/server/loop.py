"""The server's loop: accepts, reads requests, sends what clients did not take at once, and ends who takes too long."""

from __future__ import annotations

import logging
import selectors
import socket
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from device.errors import HqcamError
from web.errors import TooSlow
from web.server.answer import Answer, App, Environ, environ_of, error_answer
from web.server.connection import Connection, State
from web.server.crowd import Crowd
from web.server.limits import (
    CROWDED_S,
    CROWDING,
    IDLE_S,
    LINGER_BYTES,
    LINGER_S,
    REQUEST_S,
    STALLED_S,
    STOP_S,
)
from web.server.pool import Pool
from web.server.request import Request

log = logging.getLogger(__name__)

TICK_S: Final = 1.0
"""Between two looks at the deadlines."""
CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"


class Server:
    """Serves one app on one listening socket. `serve` runs the loop in its caller's thread."""

    def __init__(self, app: App, listener: socket.socket, *, knows: Callable[[Environ], bool], body_bytes: int) -> None:
        """`knows` tells whether a request comes from someone who was let in; `body_bytes` is the longest body."""
        self._app = app
        self._listener = listener
        self._knows = knows
        self._body_bytes = body_bytes
        self._port: int = listener.getsockname()[1]
        self._selector = selectors.DefaultSelector()
        self._crowd = Crowd()
        self._back: deque[tuple[Connection, State]] = deque()
        self._woken, self._waker = socket.socketpair()
        self._stopping = False
        self._ended = False
        self._accepts = False
        self._next_look_s = self._next_accept_s = 0.0
        for one in (listener, self._woken, self._waker):
            one.setblocking(False)

    def stop(self) -> None:
        """Have `serve` end; answers in progress have STOP_S, and what the app is doing is finished. Any thread."""
        self._stopping = True
        self._wake()

    def serve(self) -> None:
        """Serve until `stop` is called, also before. The listener stays open."""
        self._pool = Pool(self._answer)
        self._selector.register(self._woken, selectors.EVENT_READ)
        try:
            while not self._stopping:
                self._turn()
            self._finish()
        finally:
            self._ended = True
            for connection in self._crowd:
                with suppress(OSError):
                    connection.socket.shutdown(socket.SHUT_RDWR)  # whoever is sending ends
            self._pool.close()
            for connection in self._crowd:
                self._close(connection)
            self._selector.close()
            self._woken.close()
            self._waker.close()

    def _finish(self) -> None:
        """Wait for the answers in progress, at most STOP_S."""
        self._accept_no_more()
        ends_s = time.monotonic() + STOP_S
        for connection in self._crowd:
            if connection.state not in (State.ANSWERED, State.STALLED):
                self._close(connection)
        while len(self._crowd) and time.monotonic() < ends_s:
            self._turn(ends_s)

    def _turn(self, ends_s: float = float("inf")) -> None:
        """Wait until something happens, and do what is to be done."""
        now_s = time.monotonic()
        newcomers = False
        for key, _ in self._selector.select(max(0.0, self._wakes_at(ends_s) - now_s)):
            if key.fileobj is self._listener:
                newcomers = True
            elif key.fileobj is self._woken:
                self._woken.recv(4096)
            else:
                self._guarded(self._go_on, key.data)
        while self._back:
            connection, state = self._back.popleft()
            self._guarded(self._take_back, connection, state)
        if newcomers:  # after those who are there already
            self._accept()
        if not self._accepts and not self._stopping and time.monotonic() >= self._next_accept_s:
            self._selector.register(self._listener, selectors.EVENT_READ)
            self._accepts = True
        if time.monotonic() >= self._next_look_s:
            self._look_at_deadlines()

    def _wakes_at(self, ends_s: float) -> float:
        return min(self._next_look_s, ends_s, float("inf") if self._accepts or self._stopping else self._next_accept_s)

    def _guarded(self, action: Callable[..., None], connection: Connection, *rest: object) -> None:
        """Do `action`; what goes wrong with one connection ends that one."""
        try:
            action(connection, *rest)
        except OSError:
            self._close(connection)
        except Exception:
            log.exception("a connection failed")
            self._close(connection)

    # -- newcomers -----------------------------------------------------------------------------------------------------

    def _accept(self) -> None:
        crowding = 0
        while self._accepts:
            try:
                client, address = self._listener.accept()
            except (BlockingIOError, ConnectionAbortedError):
                return
            except OSError as error:
                log.warning("no connection can be accepted now: %s", error)
                self._accept_later(TICK_S)
                return
            if not self._crowd.has_room(address[0]):
                crowding += 1
                if crowding == CROWDING:
                    self._accept_later(CROWDED_S)
                least = self._crowd.least(address[0], time.monotonic())
                if least is None:
                    client.close()
                    continue
                self._close(least)
            connection = Connection(client, address[0], body_bytes=self._body_bytes)
            self._crowd.add(connection)
            self._selector.register(client, selectors.EVENT_READ, connection)
            self._wait(connection, State.IDLE, REQUEST_S)

    def _accept_later(self, seconds: float) -> None:
        self._accept_no_more()
        self._next_accept_s = time.monotonic() + seconds

    def _accept_no_more(self) -> None:
        if self._accepts:
            self._selector.unregister(self._listener)
        self._accepts = False

    # -- from request to answer ----------------------------------------------------------------------------------------

    def _go_on(self, connection: Connection) -> None:
        """Do what the connection waited for. Raises OSError when it is broken."""
        if connection.state in (State.IDLE, State.ASKING):
            self._read(connection)
        elif connection.state is State.STALLED:
            if connection.send():
                self._selector.unregister(connection.socket)
                self._submit(connection)
        elif connection.state is State.REFUSED:
            thrown_away = connection.receive()
            connection.thrown_away_bytes += len(thrown_away or b"")
            if thrown_away == b"" or connection.thrown_away_bytes > LINGER_BYTES:
                self._close(connection)

    def _read(self, connection: Connection) -> None:
        data = connection.receive()
        if data == b"":
            self._close(connection)
        elif data is not None:
            self._feed(connection, data)

    def _feed(self, connection: Connection, data: bytes) -> None:
        try:
            request = connection.reader.feed(data)
        except HqcamError as error:
            self._refuse(connection, error)
            return
        self._crowd.hold(connection, connection.reader.held_bytes + (len(request.body) if request else 0))
        if request is not None:
            self._selector.unregister(connection.socket)
            self._ask(connection, request)
        else:
            if connection.state is State.IDLE and connection.reader.asking:
                self._wait(connection, State.ASKING, REQUEST_S)
            if connection.reader.awaits_continue:
                connection.send(CONTINUE)
        greedy = self._crowd.too_much()
        if greedy is not None:
            self._close(greedy)

    def _ask(self, connection: Connection, request: Request) -> None:
        environ = environ_of(request, connection.address, self._port)
        connection.paired = self._knows(environ)
        connection.answer = Answer(self._app, request, environ)
        self._submit(connection)

    def _submit(self, connection: Connection) -> None:
        connection.state = State.ANSWERED
        self._crowd.is_answered(connection)
        self._pool.submit(connection)

    def _answer(self, connection: Connection) -> None:
        """Send the answer until it ends, the client takes no more, or others wait. Thread of the pool."""
        answer = connection.answer
        assert answer is not None
        state = State.CLOSED
        with suppress(OSError):  # the client has gone
            for piece in answer.pieces:
                if self._ended or (not piece and connection.has_left()):
                    break
                if not connection.send(piece):
                    state = State.STALLED
                    break
                if self._pool.has_queue:
                    self._pool.submit(connection)
                    return
            else:
                state = State.IDLE if answer.keep_alive else State.CLOSED
        self._back.append((connection, state))
        self._wake()

    def _take_back(self, connection: Connection, state: State) -> None:
        """Wait for what an answered connection waits for now."""
        if state is State.STALLED:
            connection.has_received_more()
            self._selector.register(connection.socket, selectors.EVENT_WRITE, connection)
            self._wait(connection, state, STALLED_S)
        elif state is State.CLOSED or self._stopping:
            self._close(connection)
        else:
            connection.answer = None
            self._selector.register(connection.socket, selectors.EVENT_READ, connection)
            self._wait(connection, State.IDLE, IDLE_S)
            self._feed(connection, b"")

    # -- ends ----------------------------------------------------------------------------------------------------------

    def _refuse(self, connection: Connection, error: HqcamError) -> None:
        """Tell why, then wait for the client to end: a close before it has read would take the answer away from it."""
        self._crowd.hold(connection, 0)
        connection.reader.forget()
        self._wait(connection, State.REFUSED, LINGER_S)
        connection.send(error_answer(error))
        connection.socket.shutdown(socket.SHUT_WR)

    def _close(self, connection: Connection) -> None:
        if connection.state is not State.CLOSED:
            with suppress(KeyError, ValueError):  # it is not registered while it is answered
                self._selector.unregister(connection.socket)
            self._crowd.remove(connection)
            connection.close()

    def _wait(self, connection: Connection, state: State, seconds: float) -> None:
        connection.state, connection.since_s = state, time.monotonic()
        connection.deadline_s = connection.since_s + seconds
        self._crowd.waits(connection)

    def _look_at_deadlines(self) -> None:
        now_s = time.monotonic()
        self._next_look_s = now_s + TICK_S
        for connection in self._crowd:
            if connection.state is not State.ANSWERED and connection.deadline_s < now_s:
                self._guarded(self._too_late, connection)

    def _too_late(self, connection: Connection) -> None:
        if connection.state is State.STALLED and connection.has_received_more():
            connection.deadline_s = time.monotonic() + STALLED_S
        elif connection.state is State.ASKING:
            self._refuse(
                connection, TooSlow("the request did not come whole", expected=f"all of it in {REQUEST_S:g} s")
            )
        else:
            self._close(connection)

    def _wake(self) -> None:
        with suppress(OSError):  # full: the loop is woken already; closed: it has ended
            self._waker.send(b"\0")
