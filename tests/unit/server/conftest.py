"""The server with a small app, on a socket of loopback, and clients of any loopback address."""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from web.server.limits import BACKLOG
from web.server.loop import Server

BODY_BYTES = 1000
Start = Callable[..., Any]


class Site:
    """An app with one page for each way to answer, served."""

    def __init__(self) -> None:
        self.go_on = threading.Event()
        """What /wait waits for."""
        self.waiting = threading.Semaphore(0)
        """Released by each request that has come to /wait."""
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=BACKLOG)
        self.port: int = self.listener.getsockname()[1]
        self.server = Server(self.app, self.listener, knows=self.knows, body_bytes=BODY_BYTES)
        self.thread = threading.Thread(target=self.server.serve, name="hqcam-test-server")
        self._clients = ExitStack()

    @staticmethod
    def knows(environ: dict[str, Any]) -> bool:
        return environ.get("HTTP_COOKIE") == "let-in"

    def app(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        path, text = environ["PATH_INFO"], [("Content-Type", "text/plain")]
        if path == "/fails":
            raise RuntimeError("as it should")
        if path == "/empty":
            start("204 No Content", [])
            return []
        start("200 OK", [*text, ("Content-Length", "5")] if path == "/length" else text)
        if path == "/wait":
            self.waiting.release()
            assert self.go_on.wait(60)
        pages: dict[str, Callable[[], Iterable[bytes]]] = {
            "/length": lambda: [b"hello"],
            "/echo": lambda: [environ["REQUEST_METHOD"].encode(), environ["wsgi.input"].read()],
            "/large": lambda: (bytes([number]) * 100_000 for number in range(100)),
            "/endless": lambda: iter(lambda: b"x" * 100_000, None),
            "/nothing-yet": lambda: iter(lambda: b"" if self.go_on.wait(0.01) else b"", None),
            "/breaks-off": self._breaks_off,
        }
        return pages.get(path, lambda: [b"hel", b"lo"])()

    @staticmethod
    def _breaks_off() -> Iterator[bytes]:
        yield b"begun"
        raise RuntimeError("as it should")

    def client(self, address: str = "127.0.0.1", *, receive_bytes: int | None = None) -> socket.socket:
        """Connect from an address; closed with the test."""
        client = self._clients.enter_context(socket.socket())
        if receive_bytes is not None:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        client.settimeout(60)
        client.bind((address, 0))
        client.connect(("127.0.0.1", self.port))
        return client

    def http(self, address: str = "127.0.0.1") -> http.client.HTTPConnection:
        """Connect from an address; closed with the test."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60, source_address=(address, 0))
        self._clients.callback(connection.close)
        return connection

    def close(self) -> None:
        self.go_on.set()
        self.server.stop()
        self._clients.close()
        self.thread.join()
        self.listener.close()


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    site.thread.start()
    yield site
    site.close()
