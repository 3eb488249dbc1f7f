"""One answer as the bytes that are sent: the app is run (WSGI, PEP 3333) and what it gives is framed for HTTP/1.1.

The bytes come piece by piece from a generator. It stands still while the client does not read, and may go on in another
thread; only one has it at a time.
"""

from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import Callable, Generator, Iterable
from email.utils import formatdate
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import unquote_to_bytes

from device.errors import HqcamError
from web.errors import status_of
from web.guard import FENCES
from web.server.request import Request

log = logging.getLogger(__name__)

Environ = dict[str, Any]
App = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]
SERVER: Final = "hqcam"
_WITHOUT_BODY: Final = ("1", "204", "304")


def environ_of(request: Request, address: str, port: int) -> Environ:
    """Give the request as WSGI has it. `address` is the client's, `port` the server's."""
    path, _, query = request.target.partition("?")
    names = ((name.upper().replace("-", "_"), value) for name, value in request.fields.items())
    environ: Environ = {
        name if name in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{name}": value for name, value in names
    }
    return environ | {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query,
        "REMOTE_ADDR": address,
        "SERVER_NAME": SERVER,
        "SERVER_PORT": str(port),
        "SERVER_PROTOCOL": f"HTTP/1.{request.minor_version}",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }


class Answer:
    """The answer to one request."""

    def __init__(self, app: App, request: Request, environ: Environ) -> None:
        self._app = app
        self._environ = environ
        self._request = request
        self._status = ""
        self._fields: list[tuple[str, str]] = []
        self._written: list[bytes] = []
        self._begun = False
        self.keep_alive = request.keep_alive
        """Whether the connection can be used again. It is known when the last piece was given."""
        self.pieces = self._pieces()
        """What to send. The thread that takes a piece runs the app; it raises nothing."""

    @property
    def _path(self) -> str:
        """What was asked for, as logs may have it: without the query, which may hold a secret."""
        return self._request.target.partition("?")[0][:200]

    def _pieces(self) -> Generator[bytes, None, None]:
        try:
            yield from self._of_app()
        except HqcamError as error:  # after the head was sent: the client sees that it is not whole
            log.warning("an answer was broken off: %s: %s", self._path, error.message)
            self.keep_alive = False
            if not self._begun:
                yield error_answer(error)
        except Exception:
            log.exception("an answer failed: %s %s", self._request.method, self._path)
            self.keep_alive = False
            if not self._begun:
                yield error_answer(HqcamError("something went wrong inside hqcam", remedy="the log has the details"))

    def _of_app(self) -> Generator[bytes, None, None]:
        parts = self._app(self._environ, self._start)
        try:
            yield from self._framed(parts)
        finally:
            close = getattr(parts, "close", None)
            if close is not None:
                close()

    def _framed(self, parts: Iterable[bytes]) -> Generator[bytes, None, None]:
        chunks = (chunk for source in (self._written, parts) for chunk in source)
        first = next(chunks, b"")  # the app has called `_start` when it gives the first
        lengths = [int(value) for name, value in self._fields if name.lower() == "content-length"]
        without_body = self._request.method == "HEAD" or self._status.startswith(_WITHOUT_BODY)
        chunked = not lengths and not without_body and self._request.minor_version == 1
        self.keep_alive = self.keep_alive and (bool(lengths) or without_body or chunked)
        head, self._begun = self._head(chunked), True
        if without_body:
            yield head
            return
        frame = _chunk if chunked else bytes
        yield head + (frame(first) if first else b"")
        sent_bytes = len(first)
        for chunk in chunks:
            yield frame(chunk) if chunk else b""  # nothing yet: the thread may do something else
            sent_bytes += len(chunk)
        if chunked:
            yield b"0\r\n\r\n"
        elif lengths and sent_bytes != lengths[0]:
            self.keep_alive = False
            log.error("%s: %d bytes sent, %d announced", self._path, sent_bytes, lengths[0])

    def _start(self, status: str, fields: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], None]:
        """What the app calls to begin its answer: `start_response` of PEP 3333."""
        if exc_info and self._begun:
            raise exc_info[1]
        self._status, self._fields = status, fields
        return self._written.append

    def _head(self, chunked: bool) -> bytes:
        fields = [*self._fields, ("Date", formatdate(usegmt=True)), ("Server", SERVER)]
        if chunked:
            fields.append(("Transfer-Encoding", "chunked"))
        if not self.keep_alive:
            fields.append(("Connection", "close"))
        elif self._request.minor_version == 0:
            fields.append(("Connection", "keep-alive"))
        return _head(self._status, fields)


def error_answer(error: HqcamError) -> bytes:
    """Give a whole answer in the JSON shape of every error, for what does not reach the app. The connection closes."""
    body = json.dumps({"error": error.as_json()}).encode()
    status = HTTPStatus(status_of(error))
    fields = [
        ("Content-Type", "application/json"),
        ("Content-Length", str(len(body))),
        ("Cache-Control", "no-store"),
        *FENCES.items(),
        ("Date", formatdate(usegmt=True)),
        ("Server", SERVER),
        ("Connection", "close"),
    ]
    return _head(f"{status.value} {status.phrase}", fields) + body


def _head(status: str, fields: list[tuple[str, str]]) -> bytes:
    lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in fields), "", ""]
    return "\r\n".join(lines).encode("latin-1")


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)
