"""Many connections that are held open, as a program of its own: `python -m attack.crowd PORT KIND COUNT ADDRESSES`.

Kinds: `silent` sends nothing; `dripping` a byte of a head every second; `slow-body` one of a body; `reader` asks for
the stream and never reads. Client addresses are 127.0.0.2 and those after it, as many as ADDRESSES; 0 is 127.0.0.1.
Whoever is closed comes again, AGAIN_PER_S of them a second. It ends with its standard input, and prints how many were
held at most and how many came again.
"""

from __future__ import annotations

import json
import resource
import select
import socket
import sys
import time
from contextlib import suppress
from itertools import count
from typing import Literal

Kind = Literal["silent", "dripping", "slow-body", "reader"]
BEGIN: dict[str, bytes] = {
    "silent": b"",
    "dripping": b"GET /",
    "slow-body": b"POST /api/access HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    b"Content-Length: 60000\r\n\r\n",
    "reader": b"GET /stream.mjpg HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
}
DRIP_S = 1.0
AGAIN_PER_S = 100  # more would only measure how fast this program is


def hold(port: int, kind: Kind, most: int, addresses: int) -> dict[str, int]:
    """Hold `most` connections until the standard input ends."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    waiting = select.poll()
    waiting.register(sys.stdin, select.POLLIN)
    held: dict[int, socket.socket] = {}
    opened = most_held = 0
    next_drip_s = next_s = time.monotonic()
    begun = False
    for number in count():
        if not begun or (len(held) < most and time.monotonic() >= next_s):
            next_s = time.monotonic() + 1 / AGAIN_PER_S
            client = _connect(port, kind, f"127.0.0.{2 + number % addresses}" if addresses else "127.0.0.1")
            if client is not None:
                held[client.fileno()] = client
                waiting.register(client, select.POLLHUP if kind == "reader" else select.POLLIN)
                opened, most_held = opened + 1, max(most_held, len(held))
        if not begun and number == most - 1:
            begun = True
            print("held", flush=True)
        for descriptor, _ in waiting.poll(1000 / AGAIN_PER_S if begun else 0):
            if descriptor == sys.stdin.fileno():
                return {"held": most_held, "again": opened - most_held}
            _drop(held, waiting, descriptor)
        if kind in ("dripping", "slow-body") and time.monotonic() >= next_drip_s:
            next_drip_s = time.monotonic() + DRIP_S
            for descriptor, client in list(held.items()):
                try:
                    client.send(b"a")
                except OSError:
                    _drop(held, waiting, descriptor)
    raise AssertionError


def _connect(port: int, kind: Kind, address: str) -> socket.socket | None:
    with suppress(OSError):
        client = socket.socket()
        if kind == "reader":
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.settimeout(1.0)
        client.bind((address, 0))
        client.connect(("127.0.0.1", port))
        if BEGIN[kind]:
            client.send(BEGIN[kind])
        client.setblocking(False)
        return client
    return None


def _drop(held: dict[int, socket.socket], waiting: select.poll, descriptor: int) -> None:
    waiting.unregister(descriptor)
    held.pop(descriptor).close()


if __name__ == "__main__":
    _, port_text, kind_text, most_text, addresses_text = sys.argv
    assert kind_text in BEGIN
    print(json.dumps(hold(int(port_text), kind_text, int(most_text), int(addresses_text))), flush=True)  # type: ignore[arg-type]
