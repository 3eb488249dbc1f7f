"""Requests that two readers could understand differently: each is one 4xx, and what is hidden behind it is not read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from attack.report import Length, Row
from attack.target import Owner, exchange, target

HIDDEN = b"GET /api/openapi.json HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
END = b"0\r\n\r\n"
FIELDS = {
    "both lengths": b"Content-Length: 5\r\nTransfer-Encoding: chunked",
    "both lengths, turned around": b"Transfer-Encoding: chunked\r\nContent-Length: 5",
    "both, one empty": b"Content-Length:\r\nTransfer-Encoding: chunked",
    "two lengths": b"Content-Length: 5\r\nContent-Length: 0",
    "two equal lengths": b"Content-Length: 5\r\nContent-Length: 5",
    "a list of lengths": b"Content-Length: 5, 5",
    "a length with a sign": b"Content-Length: +5",
    "a hexadecimal length": b"Content-Length: 0x5",
    "a negative length": b"Content-Length: -5",
    "two codings": b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
    "a list of codings": b"Transfer-Encoding: identity, chunked",
    "another coding": b"Transfer-Encoding: gzip",
    "almost chunked": b"Transfer-Encoding: xchunked",
    "chunked after a control character": b"Transfer-Encoding: \x0bchunked",
    "a space before the colon": b"Transfer-Encoding : chunked",
    "a folded coding": b"Transfer-Encoding:\r\n chunked",
    "a bare line feed": b"A: b\nTransfer-Encoding: chunked",
    "a bare carriage return": b"A: b\rTransfer-Encoding: chunked",
    "a zero byte": b"A: b\x00\r\nTransfer-Encoding: chunked",
    "two hosts": b"Host: elsewhere",
}
CHUNKS = {
    "the longest chunk": b"7fffffffffffffff\r\n",
    "a chunk longer than any number": b"f" * 30 + b"\r\n",
    "a negative chunk": b"-1\r\n",
    "a chunk with a prefix": b"0x5\r\nhello\r\n" + END,
    "a chunk with a sign": b"+5\r\nhello\r\n" + END,
    "a chunk with an underscore": b"1_0\r\n" + b"a" * 16 + b"\r\n" + END,
    "a chunk that ends late": b"5\r\nhello, \r\n" + END,
    "a chunk that ends with a line feed": b"5\r\nhello\n" + END,
    "a line feed in an extension": b"5;a\nb\r\nhello\r\n" + END,
}


def attack(length: Length) -> Iterator[Row]:
    """Send each shape, with a request hidden behind it. It takes a second, so that both lengths are the same."""
    with target() as served:
        owner = Owner(served)
        outcomes: Counter[str] = Counter()
        lost = leaked = 0
        shapes = [(name, fields, END) for name, fields in FIELDS.items()]
        shapes += [(name, b"Transfer-Encoding: chunked", chunks) for name, chunks in CHUNKS.items()]
        for _, fields, body in shapes:
            head = b"POST /api/access HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            reply = exchange(served.port, [head + fields + b"\r\n\r\n" + body + HIDDEN])
            outcomes[reply.outcome] += 1
            lost += not reply.is_json_error
            leaked += reply.text.count(b"HTTP/1.1 ") > 1
        yield Row("smuggling shapes", len(shapes), outcomes, lost=lost, leaked=leaked, stopped=owner.stopped())
        owner.close()
