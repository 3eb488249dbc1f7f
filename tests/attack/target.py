"""What is attacked: a real `hqcam serve` on loopback. And its owner, who watches meanwhile."""

from __future__ import annotations

import http.client
import json
import select
import socket
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from web.bench.served import Served, serve

CODE_NEEDED = "127.1"
"""Loopback for the system. hqcam only counts written-out loopback addresses as such, so here it asks for its code."""
PATIENCE_S = 60.0


@contextmanager
def target(*, code: bool = False) -> Iterator[Served]:
    """Serve the simulated camera; with `code` to those only who have it."""
    with serve("--camera", "simulated", *(("--host", CODE_NEEDED) if code else ())) as served:
        yield served


class Owner:
    """Someone with a connection of long ago who pulls frames, with the cookie where one is needed."""

    def __init__(self, served: Served) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=PATIENCE_S)
        self._after = 0
        self._fields: dict[str, str] = {}
        key = served.folder / "access.json"
        if key.exists():
            body = json.dumps({"code": json.loads(key.read_text())["code"]})
            answer = self.ask("POST", "/api/access", body)
            self._fields = {"Cookie": str(answer.headers["Set-Cookie"]).split(";")[0]}

    def ask(self, method: str, path: str, body: str | None = None) -> http.client.HTTPResponse:
        """Give the answer, its body read. A connection that was closed while idle is opened again, as browsers do."""
        fields = self._fields | ({"Content-Type": "application/json"} if body is not None else {})
        for attempt in range(2):
            try:
                self._connection.request(method, path, body, fields)
                response = self._connection.getresponse()
                response.read()
                return response
            except (http.client.RemoteDisconnected, ConnectionError):
                self._connection.close()
                if attempt:
                    raise
        raise AssertionError

    def frames(self, count: int) -> int:
        """Pull frames until there are `count`, or PATIENCE_S are over; give how many there are."""
        return self._pull(PATIENCE_S, count)

    def rate(self, seconds: float) -> float:
        """Give the frames a second that come in that time."""
        began_s = time.monotonic()
        return self._pull(seconds, None) / (time.monotonic() - began_s)

    def _pull(self, seconds: float, count: int | None) -> int:
        ends_s, got = time.monotonic() + seconds, 0
        while time.monotonic() < ends_s and got != count:
            with suppress(OSError, http.client.HTTPException):
                response = self.ask("GET", f"/api/viewfinder/frame?after={self._after}")
                if response.status == 200:
                    self._after = int(response.headers["X-Frame-Sequence"])
                    got += 1
        return got

    def stopped(self) -> int:
        """Give 1 if the viewfinder stands still, else 0."""
        return int(self.frames(5) < 5)

    def close(self) -> None:
        self._connection.close()


@dataclass(frozen=True, slots=True)
class Reply:
    """What a raw connection got: 0 as status means that it was closed without an answer."""

    status: int
    text: bytes
    sent_bytes: int

    @property
    def outcome(self) -> str:
        return str(self.status) if self.status else "closed"

    @property
    def is_json_error(self) -> bool:
        """Whether it is one answer, of the one shape that errors have."""
        _, _, body = self.text.partition(b"\r\n\r\n")
        with suppress(ValueError, KeyError, TypeError):
            return 400 <= self.status < 500 and set(json.loads(body)["error"]) == {
                "code",
                "message",
                "expected",
                "remedy",
            }
        return False


def exchange(port: int, pieces: Iterable[bytes], *, address: str = "127.0.0.1", half_close: bool = True) -> Reply:
    """Send pieces until there are no more or an answer comes, and read it to its end. Pieces are made one at a time.

    With `half_close` the server is told that no more comes.
    """
    sent = 0
    with socket.create_connection(("127.0.0.1", port), PATIENCE_S, source_address=(address, 0)) as client:
        with suppress(OSError):
            for piece in pieces:
                if select.select([client], [], [], 0)[0]:
                    break
                client.sendall(piece)
                sent += len(piece)
            if half_close:
                client.shutdown(socket.SHUT_WR)
        text = b""
        with suppress(OSError):
            while part := client.recv(65536):
                text += part
                if len(text) > 2**20:  # a stream: it has begun, and does not end
                    break
    words = text.split(b" ", 2)
    return Reply(int(words[1]) if len(words) == 3 and words[1].isdigit() else 0, text, sent)
