"""The HTTP server (cheroot): threads and keep-alive. Flask's server opens a connection per request: slow for frames."""

from __future__ import annotations

import logging
import socket
from typing import Any

from cheroot import wsgi
from flask import Flask

log = logging.getLogger(__name__)

SEND_TIMEOUT_S = 30  # without sending a byte: a phone that left the network must not hold a thread for ever


class _Server(wsgi.Server):
    """Serves on a socket that is listening already, and logs like the rest of hqcam."""

    def __init__(self, app: Flask, listener: socket.socket, threads: int) -> None:
        super().__init__(
            listener.getsockname()[:2], app, numthreads=threads, timeout=SEND_TIMEOUT_S, shutdown_timeout=3
        )
        self._listener = listener
        self.server_name = "hqcam"

    def bind(self, family: int, type: int, proto: int = 0) -> socket.socket:
        """Use the listener instead of making a socket: the port was opened before the slow part of the start."""
        # Accepted connections inherit it: the start of a frame must not wait for the acknowledgement of the last one.
        self._listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket = self._listener
        return self._listener

    def error_log(self, msg: str = "", level: int = 20, traceback: bool = False) -> None:
        """Send the server's messages to the log of hqcam, at their own level."""
        log.log(level, msg, exc_info=traceback)


def make_server(app: Flask, listener: socket.socket, threads: int) -> Any:
    """Make the server; after `prepare()`, `serve()` runs it in the calling thread until another calls `stop()`."""
    return _Server(app, listener, threads)
