"""Servers to send to, with the faults of real ones: they drop, stall, refuse, and store other bytes."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import ssl
import threading
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


@dataclass
class Faults:
    """What goes wrong, each the given number of times."""

    drop_put: int = 0
    """The connection is cut in the middle of a body."""
    stall_put: int = 0
    """Nothing is read and nothing answered until the client gives up."""
    spoil_put: int = 0
    """One byte is stored as another one."""
    lose_answer: int = 0
    """What was asked is done, and the connection cut before the answer."""
    statuses: list[int] = field(default_factory=list)
    """The next bodies are answered so."""
    refuse: dict[str, int] = field(default_factory=dict)
    """Names whose bodies are answered so each time."""
    no_move: bool = False
    all_answers: int = 0
    """Every request is answered so, where not 0."""


@dataclass
class Stored:
    """What a server has, and what it was asked."""

    files: dict[str, bytes] = field(default_factory=dict)
    folders: set[str] = field(default_factory=lambda: {""})
    asked: Counter[str] = field(default_factory=Counter)
    faults: Faults = field(default_factory=Faults)
    user: str = ""
    """What the field Authorization must be; "" for any."""
    port: int = 0
    closing: threading.Event = field(default_factory=threading.Event)

    @property
    def whole(self) -> dict[str, bytes]:
        """The files that have their names."""
        return {name: data for name, data in self.files.items() if not name.endswith(".part")}

    def names(self) -> list[str]:
        """Their names without folders, in order of arrival."""
        return [name.rpartition("/")[2] for name in self.whole]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    stored: Stored

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def _answer(self, status: int, body: bytes = b"") -> None:
        faults = self.stored.faults
        if faults.lose_answer and self.command in ("MOVE", "POST") and status < 300:
            faults.lose_answer -= 1
            self.close_connection = True
            return
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _begins(self) -> bool:
        stored = self.stored
        stored.asked[self.command] += 1
        if stored.faults.all_answers:
            self.close_connection = True
            self._answer(stored.faults.all_answers)
            return False
        if stored.user and self.headers.get("Authorization", self.headers.get("x-api-key")) != stored.user:
            self.close_connection = True
            self._answer(401)
            return False
        return True

    def _body(self) -> bytes | None:
        """Read a body; None where the request has ended by a fault."""
        size, faults = int(self.headers.get("Content-Length", 0)), self.stored.faults
        named = [status for name, status in faults.refuse.items() if name in self.path]
        if faults.drop_put:
            faults.drop_put -= 1
            self.rfile.read(size // 2)
            self.close_connection = True
            return None
        if faults.stall_put:
            faults.stall_put -= 1
            self.stored.closing.wait(60)
            self.close_connection = True
            return None
        data = self.rfile.read(size)
        if faults.statuses or named:
            self._answer(named[0] if named else faults.statuses.pop(0))
            return None
        if faults.spoil_put:
            faults.spoil_put -= 1
            data = data[:-1] + bytes([data[-1] ^ 1])
        return data


class _Dav(_Handler):
    @property
    def place(self) -> str:
        return self.path.rstrip("/")

    def do_MKCOL(self) -> None:  # noqa: N802
        if self._begins():
            if self.place in self.stored.folders:
                self._answer(405)
            elif self.place.rpartition("/")[0] not in self.stored.folders:
                self._answer(409)
            else:
                self.stored.folders.add(self.place)
                self._answer(201)

    def do_HEAD(self) -> None:  # noqa: N802
        if self._begins():
            data = self.stored.files.get(self.path)
            self._answer(404) if data is None else self._answer(200, data)

    def do_GET(self) -> None:  # noqa: N802
        if self._begins():
            data = self.stored.files.get(self.path)
            self._answer(404) if data is None else self._answer(200, data)

    def do_DELETE(self) -> None:  # noqa: N802
        if self._begins():
            self._answer(204 if self.stored.files.pop(self.path, None) is not None else 404)

    def do_PUT(self) -> None:  # noqa: N802
        if not self._begins() or (data := self._body()) is None:
            return
        if self.path.rpartition("/")[0] not in self.stored.folders:
            self._answer(409)
        elif self.headers.get("If-None-Match") == "*" and self.path in self.stored.files:
            self._answer(412)
        else:
            self.stored.files[self.path] = data
            self._answer(201)

    def do_MOVE(self) -> None:  # noqa: N802
        if not self._begins():
            return
        to = re.sub(r"^http://[^/]*", "", self.headers["Destination"])
        if self.stored.faults.no_move:
            self._answer(501)
        elif to in self.stored.files and self.headers.get("Overwrite") == "F":
            self._answer(412)
        else:
            self.stored.files[to] = self.stored.files.pop(self.path)
            self._answer(201)


class _Immich(_Handler):
    ids: dict[str, tuple[str, bytes]]

    def do_GET(self) -> None:  # noqa: N802
        if self.path == "/api/server/ping":
            self._answer(200, b'{"res":"pong"}')
        elif not self._begins():
            return
        elif self.path == "/api/users/me":
            self._answer(200, b'{"id":"1"}')
        else:
            name, data = self.ids[self.path.rpartition("/")[2]]
            checksum = base64.b64encode(hashlib.sha1(data).digest()).decode()
            self._answer(200, json.dumps({"originalFileName": name, "checksum": checksum}).encode())

    def do_POST(self) -> None:  # noqa: N802
        if not self._begins():
            return
        boundary = self.headers["Content-Type"].partition("boundary=")[2].encode()
        if (body := self._body()) is None:
            return
        parts: dict[str, bytes] = {}
        filename = ""
        for part in body.split(b"--" + boundary)[1:-1]:
            head, _, value = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
            (name,) = re.findall(rb'\bname="(\w+)"', head)
            parts[name.decode()] = value[:-2]
            if found := re.search(rb'filename="([^"]+)"', head):
                filename = found[1].decode()
        assert parts["deviceId"] == b"hqcam", parts
        data = parts["assetData"]
        sha1 = hashlib.sha1(data).hexdigest()
        there = [identity for identity, (_, other) in self.ids.items() if hashlib.sha1(other).hexdigest() == sha1]
        identity = there[0] if there else str(uuid.uuid4())
        if not there:
            self.ids[identity] = (filename, data)
            self.stored.files[f"/{filename}"] = data
        state = {"id": identity, "status": "duplicate" if there else "created"}
        self._answer(200 if there else 201, json.dumps(state).encode())


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no error here."""


@contextmanager
def serving(
    kind: type[_Handler] = _Dav, *, certificate: tuple[Path, Path] | None = None, **stored: Any
) -> Iterator[Stored]:
    """Serve on loopback until the block ends; by https with the files of a certificate and its key."""
    state = Stored(**stored)
    handler = type("Handler", (kind,), {"stored": state, "ids": {}, "timeout": 60})
    server = _Quiet(("127.0.0.1", 0), handler)
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    state.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield state
    finally:
        state.closing.set()
        server.shutdown()
        thread.join()
        server.server_close()


DAV, IMMICH = _Dav, _Immich
