"""Clients without the code who send without end: each is refused at its limit, and the server's memory stays as it is.

What is sent is made piece by piece; nothing here holds it either.
"""

from __future__ import annotations

import socket
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from itertools import chain, repeat
from pathlib import Path

from attack.report import Length, Row
from attack.target import Owner, exchange, target

from web.bench.served import Served

MOST_MB = 16
"""What no client that was not let in may take."""
MB = 2**20
POST = b"POST /api/access HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
SOME = b"a" * MB


def _endless() -> dict[str, tuple[int, Iterable[bytes]]]:
    """Give each with its expected answer."""
    return {
        "a header line of 415 MB": (431, chain([b"GET / HTTP/1.1\r\nA: "], repeat(SOME, 415))),
        "a path of 400 MB": (431, chain([b"GET /"], repeat(SOME, 400))),
        "a million header lines": (431, chain([b"GET / HTTP/1.1\r\n"], repeat(b"A: b\r\n" * 1000, 1000))),
        "an unread body of 1.5 GB": (413, chain([POST + b"Content-Length: 1572864000\r\n\r\n"], repeat(SOME, 1500))),
        "one chunk of 700 MB": (413, chain([CHUNKED + b"2bc00000\r\n"], repeat(SOME, 700))),
        "700 MB in small chunks": (413, chain([CHUNKED], repeat(b"400\r\n" + b"a" * 1024 + b"\r\n", 700_000))),
        "an extension of 400 MB": (431, chain([CHUNKED + b"1;"], repeat(SOME, 400))),
        "a million trailers": (431, chain([CHUNKED + b"0\r\n"], repeat(b"A: b\r\n" * 1000, 1000))),
    }


def attack(length: Length) -> Iterator[Row]:
    """Send each to its limit; then many together that stay just below their limits."""
    with target(code=True) as served:
        owner = Owner(served)
        owner.frames(30)
        for name, (status, pieces) in _endless().items():
            before = _reset_peak(served)
            reply = exchange(served.port, pieces, half_close=False)
            lost = not (reply.is_json_error and reply.status == status)
            yield _row(served, owner, name, 1, before, lost=lost, outcomes=Counter((reply.outcome,)))
        for name, text in {
            "heads below the limit": b"GET / HTTP/1.1\r\nA: " + b"a" * 16_000,
            "bodies below the limit": POST + b"Content-Length: 65536\r\n\r\n" + b"a" * 65_535,
        }.items():
            count = 1000 if length == "long" else 300
            before = _reset_peak(served)
            with ExitStack() as stack:
                for number in range(count):
                    client = stack.enter_context(socket.socket())
                    client.bind((f"127.0.0.{2 + number % 20}", 0))
                    client.connect(("127.0.0.1", served.port))
                    client.sendall(text)
                lost = owner.frames(10) < 10
                yield _row(served, owner, f"{count} {name}", count, before, lost=lost, outcomes=Counter())
        owner.close()


def _reset_peak(served: Served) -> float:
    """Give the resident memory in MB, and begin to look for its peak from here."""
    Path(f"/proc/{served.process.pid}/clear_refs").write_text("5")  # proc(5): resets VmHWM
    return served.memory_mb()


def _row(
    served: Served, owner: Owner, name: str, tried: int, before: float, *, lost: bool, outcomes: Counter[str]
) -> Row:
    stopped = owner.stopped()
    risen = served.memory_mb("VmHWM") - before
    measured = f"memory {risen:+.1f} MB from {before:.0f}"
    return Row(
        f"memory: {name}",
        tried,
        outcomes,
        lost=int(lost),
        leaked=int(risen > MOST_MB),
        stopped=stopped,
        measured=measured,
    )
