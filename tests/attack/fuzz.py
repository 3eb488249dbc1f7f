"""Requests of any shape: addresses, header fields and bodies made up from a seed, some of them with bytes changed.

Without a code every request reaches its route; with one, nothing but the form for it may answer. No answer is an error
of the server, and each that is whole gets one.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from attack.report import Length, Row
from attack.target import Owner, Reply, exchange, target

from web.bench.served import Served
from web.openapi import describe

REQUESTS = {"short": 300, "long": 3000}
SEED = 15
OPEN = ("/access", "/api/access", "/static/")
ENDLESS = "/stream.mjpg"
"""It is asked for in `held`; here only with bytes changed."""
TEXTS = (
    *(
        "",
        "x",
        "../../etc/passwd",
        "..%2f..%2f",
        "%00",
        "\x7f",
        "\ud800",
        "ä" * 40,
        "a" * 5000,
        "http://[",
        "-1",
        "0",
        "None",
    ),
    *(
        "1e999",
        "NaN",
        "9" * 400,
        "\u202e",
        "'; --",
        "<script>",
        "%",
        "%zz",
        "a/b",
        ".",
        "..",
        "~",
        "\\",
        "*",
        "\t",
        "[::1",
    ),
)
VALUES: tuple[Any, ...] = (
    *(
        None,
        True,
        False,
        0,
        -1,
        1,
        0.5,
        1e308,
        -1e308,
        10**300,
        10**30,
        2**63,
        2**53 + 1,
        "",
        "x",
        "auto",
        [],
        {},
        [[]],
    ),
    *({"a": {"b": []}}, [1, 2, 3], "\ud800", "\x00", "a" * 10_000, float("nan"), float("inf")),
)
FIELDS = (
    *("Host", "Origin", "Cookie", "Range", "If-None-Match", "If-Modified-Since", "Content-Type", "Content-Length"),
    *("Transfer-Encoding", "Expect", "Connection", "Accept-Encoding", "Sec-Fetch-Site", "X-Forwarded-For", "If-Range"),
)
FIELD_VALUES = (
    *(
        "",
        "http://[",
        "[",
        "127.0.0.1:99999",
        "localhost",
        "chunked",
        "gzip",
        "close",
        "keep-alive",
        "bytes=0-0",
        "bytes=-",
    ),
    *(
        "bytes=9-1,0-",
        "bytes=" + "0-," * 500,
        "hqcam_access=x",
        'hqcam_access="\\377\\',
        "hqcam_access=a.b.c",
        'W/"x"',
        "*",
    ),
    *(
        "0",
        "-1",
        "5",
        "99999999999",
        "application/json; charset=x",
        "text/plain",
        "Thu, 99 Foo 9999",
        "a" * 9000,
        "\xe9\xff",
    ),
)


def attack(length: Length) -> Iterator[Row]:
    """Send them all, first to a camera without a code."""
    for code in (False, True):
        with target(code=code) as served:
            owner = Owner(served)
            yield _fuzz(served, owner, REQUESTS[length] // 2, code=code)
            owner.close()


def _fuzz(served: Served, owner: Owner, count: int, *, code: bool) -> Row:
    chance = random.Random(SEED + code)
    outcomes: Counter[str] = Counter()
    lost = leaked = 0
    routes = _routes()
    for _ in range(count):
        path, request, is_whole = _request(chance, routes)
        reply = exchange(served.port, [request])
        outcomes[reply.outcome] += 1
        failed = reply.status >= 500 or (is_whole and not reply.status)
        if failed or (code and _lets_in(reply, path)):
            print(f"  {reply.outcome}: {request[:300]!r}\n    {reply.text[-300:]!r}", flush=True)
        lost += failed
        leaked += code and _lets_in(reply, path)
        if not code and chance.random() < 0.02:
            _tidy(owner)
    _tidy(owner)
    name = f"requests fuzzed{', no code' * code}"
    return Row(name, count, outcomes, lost=lost, leaked=leaked, stopped=owner.stopped())


def _lets_in(reply: Reply, path: str) -> bool:
    """Whether somebody without the code got more than the form for it."""
    return 200 <= reply.status < 300 and not path.startswith(OPEN)


def _tidy(owner: Owner) -> None:
    """End what a request has begun, and make frames come as fast as before: some are valid."""
    for path in ("/api/drive", "/api/loupe"):
        owner.ask("DELETE", path)
    owner.ask("PATCH", "/api/controls", '{"exposure_mode": "auto"}')


def _routes() -> list[tuple[str, str, list[str]]]:
    """Give method, address and the fields of the body of every route."""
    api = describe()
    routes = []
    for path, methods in api["paths"].items():
        for method, operation in methods.items():
            content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
            reference = str(content.get("schema", {}).get("$ref", "")).rpartition("/")[2]
            fields = list(api["components"]["schemas"].get(reference, {}).get("properties", {}))
            if path != ENDLESS:
                routes.append((method.upper(), path, fields))
    return [*routes, ("GET", "/static/{name}", [])]


def _request(chance: random.Random, routes: list[tuple[str, str, list[str]]]) -> tuple[str, bytes, bool]:
    """Make one up; give its path, its bytes, and whether it is a whole request of HTTP/1.1."""
    method, path, names = chance.choice(routes)
    while "{" in path:
        before, _, rest = path.partition("{")
        path = before + quote(chance.choice(TEXTS), safe="%", errors="surrogatepass") + rest.partition("}")[2]
    if chance.random() < 0.3:
        query = "&".join(
            f"{name}={quote(chance.choice(TEXTS), safe='%', errors='surrogatepass')}"
            for name in chance.choices(("after", "bytes", "width", "known", "graphs", "limit", "area", "download"), k=3)
        )
        path += f"?{query}"
    body = _body(chance, names) if method in ("POST", "PATCH", "PUT") or chance.random() < 0.1 else b""
    fields = {"Host": "127.0.0.1"} | (
        {"Content-Type": "application/json", "Content-Length": str(len(body))} if body else {}
    )
    is_whole = chance.random() < 0.6
    if not is_whole:
        for name in chance.choices(FIELDS, k=2):
            fields[name] = chance.choice(FIELD_VALUES)
    if chance.random() < 0.1:
        method = chance.choice(("HEAD", "OPTIONS", "TRACE", "FOO", "GET", "DELETE"))
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items()), "", ""]
    request = "\r\n".join(lines).encode("latin-1", "replace") + body
    if chance.random() < 0.2:
        return path, _changed(chance, request), False
    return path, request, is_whole


def _body(chance: random.Random, names: list[str]) -> bytes:
    kind = chance.random()
    if kind < 0.1:
        depth = chance.choice((10, 1000, 30_000))
        return b'{"x":' + b"[" * depth + b"]" * depth + b"}"
    if kind < 0.2:
        return chance.randbytes(chance.randrange(200))
    chosen = chance.sample(names, min(len(names), chance.randrange(1, 4))) if names else []
    if chance.random() < 0.2:
        chosen.append(chance.choice(TEXTS))
    text = json.dumps({name: chance.choice(VALUES) for name in chosen}).encode()
    return _changed(chance, text) if kind < 0.3 else text


def _changed(chance: random.Random, data: bytes) -> bytes:
    """Change, take away, repeat and put in some bytes."""
    changed = bytearray(data)
    for _ in range(chance.randrange(1, 6)):
        place = chance.randrange(len(changed) + 1)
        changed[place : place + chance.randrange(4)] = chance.choice(
            (
                b"",
                b"\x00",
                b"\r\n",
                b"\n",
                b"\xff",
                b" ",
                b":",
                b"%",
                b'"',
                bytes(changed[place : place + 20]),
                chance.randbytes(3),
            )
        )
    return bytes(changed)
