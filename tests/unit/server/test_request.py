"""Requests out of bytes: whole ones in any pieces, one answer for every other shape, and never more than the limits."""

from __future__ import annotations

import pytest

from device.errors import HqcamError
from web.errors import BadRequest, HeadTooLarge, TooLarge, status_of
from web.server.limits import FIELDS, HEAD_BYTES
from web.server.request import Request, RequestReader

BODY_BYTES = 1000
GET = b"GET /a?b=c HTTP/1.1\r\nHost: x\r\n\r\n"
POST = b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"
CHUNKED = (
    b"POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: Chunked\r\n\r\n"
    b"2;name=value\r\nhe\r\n3\r\nllo\r\n0\r\nTrailer: x\r\n\r\n"
)


def read(data: bytes) -> Request | None:
    return RequestReader(BODY_BYTES).feed(data)


def in_pieces(data: bytes, size: int) -> list[Request]:
    reader = RequestReader(BODY_BYTES)
    found = [reader.feed(data[start : start + size]) for start in range(0, len(data), size)]
    return [request for request in found if request is not None]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
@pytest.mark.parametrize(
    ("data", "body"), [(GET, b""), (POST, b"hello"), (CHUNKED, b"hello"), (b"\r\n" + GET, b"")], ids=str
)
def test_a_request_is_the_same_in_whatever_pieces_it_comes(data: bytes, body: bytes, size: int) -> None:
    (request,) = in_pieces(data, size)
    assert request.body == body and request.fields["host"] == "x" and request.keep_alive
    assert request.target == ("/a" if body else "/a?b=c")
    assert "transfer-encoding" not in request.fields
    assert request.fields.get("content-length", "0") == str(len(body))


def test_requests_that_come_together_are_given_one_by_one() -> None:
    reader = RequestReader(BODY_BYTES)
    first = reader.feed(POST + CHUNKED + GET + b"GET /half")
    second, third, none = (reader.feed(b"") for _ in range(3))
    assert first and second and third and none is None
    assert [first.body, second.body, third.body] == [b"hello", b"hello", b""]
    assert reader.asking and reader.held_bytes == len(b"GET /half")


def test_the_absolute_address_of_a_proxy_is_a_path() -> None:
    request = read(b"GET http://X:8000/a?b HTTP/1.1\r\nHost: x:8000\r\n\r\n")
    assert request is not None and request.target == "/a?b"


def test_repeated_fields_are_joined_and_those_with_underscores_are_not_taken() -> None:
    request = read(
        b"GET / HTTP/1.1\r\nHost: x\r\nCookie: a=1\r\nA:1\r\ncookie: b=2 \r\na: \t2\r\nContent_Length: 5\r\n\r\n"
    )
    assert request is not None
    assert request.fields == {"host": "x", "cookie": "a=1; b=2", "a": "1, 2"}


@pytest.mark.parametrize(
    ("fields", "keeps"),
    [
        (b" HTTP/1.1\r\nHost: x", True),
        (b" HTTP/1.1\r\nHost: x\r\nConnection: TE, Close", False),
        (b" HTTP/1.0", False),
        (b" HTTP/1.0\r\nConnection: Keep-Alive", True),
    ],
)
def test_who_keeps_the_connection(fields: bytes, keeps: bool) -> None:
    request = read(b"GET /" + fields + b"\r\n\r\n")
    assert request is not None and request.keep_alive is keeps


def post(fields: bytes, body: bytes = b"") -> bytes:
    return b"POST / HTTP/1.1\r\nHost: x\r\n" + fields + b"\r\n\r\n" + body


@pytest.mark.parametrize(
    "data",
    [
        b"\x16\x03\x01\x02\x00",  # TLS
        b"\x00",
        b" GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\nHost: x\n\n",
        b"GET / HTTP/1.1\r\nHost: x\nA: b",
        b"GET / HTTP/1.1\r\n\r\n",  # no Host
        b"GET / HTTP/2.0\r\nHost: x\r\n\r\n",
        b"GET  / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1 \r\nHost: x\r\n\r\n",
        b"GET /\xc3\xa4 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /#a HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET * HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET http://y/ HTTP/1.1\r\nHost: x\r\n\r\n",
        b"CONNECT x:80 HTTP/1.1\r\nHost: x\r\n\r\n",
        post(b"Host: y"),
        post(b"A : b"),
        post(b"A b"),
        post(b": b"),
        post(b" folded"),
        post(b"A: b\r\n\tfolded"),
        post(b"A: b\rc"),
        post(b"A: b\x00"),
        post(b"Content-Length: 5\r\nContent-Length: 5", b"hello"),
        post(b"Content-Length: 5, 5", b"hello"),
        post(b"Content-Length: +5", b"hello"),
        post(b"Content-Length: -1"),
        post(b"Content-Length: 0x5", b"hello"),
        post("Content-Length: ５".encode(), b"hello"),
        post(b"Content-Length:"),
        post(b"Content-Length: 99999999999999999999"),
        post(b"Content-Length: 5\r\nTransfer-Encoding: chunked", b"0\r\n\r\n"),
        post(b"Transfer-Encoding: chunked\r\nContent-Length: 5", b"0\r\n\r\n"),
        post(b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", b"0\r\n\r\n"),
        post(b"Transfer-Encoding: gzip, chunked", b"0\r\n\r\n"),
        post(b"Transfer-Encoding: identity"),
        post(b"Transfer-Encoding: xchunked", b"0\r\n\r\n"),
        post(b"Transfer-Encoding: \x0bchunked", b"0\r\n\r\n"),
        b"POST / HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        post(b"Expect: 200-maybe"),
        *(
            post(b"Transfer-Encoding: chunked", chunks)
            for chunks in (
                b"\r\n",
                b"x\r\n",
                b"-1\r\n",
                b"0x5\r\nhello\r\n",
                b"5 5\r\n",
                b"5\nhello\r\n",
                b"5\r\nhello!\r\n",
                b"5\r\nhello0\r\n\r\n",
                b"5;a\nb\r\nhello\r\n",
                b"fffffffffffffffffffff\r\n",
                b"0\r\na\nb\r\n\r\n",
            )
        ),
    ],
)
@pytest.mark.parametrize("size", [1, 100_000])
def test_what_is_no_request_is_a_bad_one(data: bytes, size: int) -> None:
    with pytest.raises(BadRequest):
        in_pieces(data, size)


@pytest.mark.parametrize(
    ("data", "kind", "status"),
    [
        (b"G" * HEAD_BYTES, HeadTooLarge, 431),
        (post(b"A: " + b"b" * HEAD_BYTES), HeadTooLarge, 431),
        (post(b"\r\n".join([b"A: b"] * (FIELDS + 1))), HeadTooLarge, 431),
        (post(b"Content-Length: 1001"), TooLarge, 413),
        (post(b"Content-Length: 1500000000"), TooLarge, 413),
        (post(b"Transfer-Encoding: chunked", b"2bc00000\r\n"), TooLarge, 413),
        (post(b"Transfer-Encoding: chunked", b"7fffffffffffffff\r\n"), TooLarge, 413),
        (post(b"Transfer-Encoding: chunked", b"1f4\r\n" + b"a" * 500 + b"\r\n1f5\r\n"), TooLarge, 413),
        (post(b"Transfer-Encoding: chunked", b"1;" + b"a" * HEAD_BYTES), HeadTooLarge, 431),
        (post(b"Transfer-Encoding: chunked", (b"1;" + b"a" * 100 + b"\r\na\r\n") * 200), HeadTooLarge, 431),
        (post(b"Transfer-Encoding: chunked", b"0\r\n" + b"a: b\r\n" * HEAD_BYTES), HeadTooLarge, 431),
    ],
)
@pytest.mark.parametrize("size", [1, 2_000_000])
def test_each_limit_has_its_answer(data: bytes, kind: type[HqcamError], status: int, size: int) -> None:
    with pytest.raises(kind) as refused:
        in_pieces(data, size)
    assert status_of(refused.value) == status


def test_no_more_is_kept_than_the_limits() -> None:
    reader, most = RequestReader(BODY_BYTES), 0
    for piece in [b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n", *[b"a" * 10] * 99]:
        assert reader.feed(piece) is None
        most = max(most, reader.held_bytes)
    assert most == 990
    reader.forget()
    assert reader.held_bytes == 0 and not reader.asking


def test_a_client_that_waits_before_it_sends_the_body_is_seen() -> None:
    reader = RequestReader(BODY_BYTES)
    assert reader.feed(post(b"Content-Length: 5\r\nExpect: 100-Continue")) is None and reader.awaits_continue
    assert reader.feed(b"he") is None and not reader.awaits_continue
    request = reader.feed(b"llo")
    assert request is not None and request.body == b"hello"
