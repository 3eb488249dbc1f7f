"""Requests of HTTP/1.0 and 1.1 out of the bytes of one connection: no sockets, no clocks.

Strict, because what two readers of a request understand differently is a way in: lines end with CRLF, a length is said
once and in one way (never both Content-Length and Transfer-Encoding), fields are not folded, and every limit is checked
before the bytes beyond it are kept. A body in chunks is joined here; the app sees one of known length.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

from device.errors import HqcamError
from web.errors import BadRequest, HeadTooLarge, TooLarge
from web.server.limits import FIELDS, HEAD_BYTES

_REQUEST_LINE: Final = re.compile(rb"([A-Za-z]{1,20}) ([!-~]+) HTTP/1\.([01])")
_FIELD: Final = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\x00-\x08\n-\x1f\x7f]*)")  # RFC 9110, 5.1 and 5.5
_CHUNK: Final = re.compile(rb"([0-9A-Fa-f]{1,20})[ \t]*(?:;[^\x00-\x08\n-\x1f\x7f]*)?")  # RFC 9112, 7.1
_LENGTH: Final = re.compile(r"[0-9]{1,19}")
_BARE_LINE_FEED: Final = re.compile(rb"(?<!\r)\n")
_BEGIN: Final = re.compile(rb"[A-Za-z]|\r?\Z")
_ONCE: Final = frozenset({"host", "content-length", "transfer-encoding", "content-type", "origin", "expect"})


@dataclass(frozen=True, slots=True)
class Request:
    """One request, whole."""

    method: str
    target: str
    """Path and query, as they were sent."""
    minor_version: int
    """0 or 1: HTTP/1.0 or 1.1."""
    fields: dict[str, str]
    """Header fields by their name in small letters; those that came repeatedly are joined."""
    body: bytes = b""

    @property
    def keep_alive(self) -> bool:
        """Whether the client wants to send another request on this connection."""
        options = {option.strip().lower() for option in self.fields.get("connection", "").split(",")}
        return "close" not in options and (self.minor_version == 1 or "keep-alive" in options)


class RequestReader:
    """Takes the bytes of one connection in whatever pieces they come. The server's loop has one per connection."""

    def __init__(self, body_bytes: int) -> None:
        """`body_bytes` is the longest body that is taken."""
        self._body_bytes = body_bytes
        self._data = bytearray()
        self._head: Request | None = None
        self._body: _FixedBody | _ChunkedBody = _FixedBody(0)

    @property
    def held_bytes(self) -> int:
        """How much is kept of requests that are not whole, or not asked for yet."""
        return len(self._data) + len(self._body.joined)

    @property
    def asking(self) -> bool:
        """Whether a request has begun and is not whole."""
        return self._head is not None or bool(self._data)

    @property
    def awaits_continue(self) -> bool:
        """Whether the client waits for "100 Continue" before it sends the body."""
        return self._head is not None and not self.held_bytes and "expect" in self._head.fields

    def forget(self) -> None:
        """Let go of everything: nothing more is read."""
        self._data.clear()
        self._head, self._body = None, _FixedBody(0)

    def feed(self, data: bytes) -> Request | None:
        """Add what was received, and give the next request if it is whole; with b"" one that came with the last.

        Raises BadRequest, HeadTooLarge or TooLarge; after that the connection is of no more use.
        """
        self._data += data
        if self._head is None:
            self._head = self._take_head()
            if self._head is None:
                return None
            self._body = self._body_of(self._head)
        if not self._body.take(self._data):
            return None
        head, body = self._head, bytes(self._body.joined)
        self._head, self._body = None, _FixedBody(0)
        fields = {name: value for name, value in head.fields.items() if name != "transfer-encoding"}
        if body:
            fields["content-length"] = str(len(body))
        return Request(head.method, head.target, head.minor_version, fields, body)

    def _take_head(self) -> Request | None:
        while self._data.startswith(b"\r\n"):  # RFC 9112, 2.2: left over by an old client behind its last body
            del self._data[:2]
        end = self._data.find(b"\r\n\r\n", 0, HEAD_BYTES)
        head = bytes(self._data[: end if end >= 0 else HEAD_BYTES])
        if _BARE_LINE_FEED.search(head) or not _BEGIN.match(head):
            raise malformed("the request", expected="lines of HTTP/1.1")
        if end < 0:
            if len(self._data) >= HEAD_BYTES:
                raise HeadTooLarge("the head of the request is too long", expected=f"at most {HEAD_BYTES} bytes")
            return None
        del self._data[: end + 4]
        first, *lines = head.split(b"\r\n")
        line = _REQUEST_LINE.fullmatch(first)
        if line is None:
            raise malformed("the first line of the request", expected="METHOD /path HTTP/1.1")
        fields, minor_version = _fields(lines), int(line[3])
        _check(fields, minor_version)
        return Request(line[1].decode(), _path(line[2].decode(), fields), minor_version, fields)

    def _body_of(self, head: Request) -> _FixedBody | _ChunkedBody:
        if "transfer-encoding" in head.fields:
            return _ChunkedBody(self._body_bytes)
        length = int(head.fields.get("content-length", "0"))
        if length > self._body_bytes:
            raise _too_large(self._body_bytes)
        return _FixedBody(length)


class _FixedBody:
    """A body whose length was said before. It stays where it was received until it is whole."""

    def __init__(self, length: int) -> None:
        self._length = length
        self.joined = b""

    def take(self, data: bytearray) -> bool:
        """Whether the body is whole; it is then removed from `data`."""
        if len(data) < self._length:
            return False
        self.joined = bytes(data[: self._length])
        del data[: self._length]
        return True


class _ChunkedBody:
    """A body in chunks: a line with the length, the chunk, a line end; after the last one fields and an empty line."""

    def __init__(self, body_bytes: int) -> None:
        self._body_bytes = body_bytes
        self._lines_bytes = 0
        self._left_bytes = 0  # of the present chunk
        self._expected: Literal["length", "end of chunk", "end"] = "length"
        self.joined = bytearray()

    def take(self, data: bytearray) -> bool:
        """Move what there is from `data` to the body. Whether the body is whole."""
        while True:
            part = data[: self._left_bytes]
            self.joined += part
            self._left_bytes -= len(part)
            del data[: len(part)]
            line = None if self._left_bytes else self._take_line(data)
            if line is None:
                return False
            if self._expected == "length":
                self._begin(line)
            elif not line:
                if self._expected == "end":
                    return True
                self._expected = "length"
            elif self._expected == "end of chunk":
                raise malformed("the end of a chunk", expected="a chunk as long as was said")

    def _begin(self, line: bytes) -> None:
        match = _CHUNK.fullmatch(line)
        if match is None:
            raise malformed("the length of a chunk", expected="a hexadecimal number")
        self._left_bytes = int(match[1], 16)
        if len(self.joined) + self._left_bytes > self._body_bytes:
            raise _too_large(self._body_bytes)
        self._expected = "end of chunk" if self._left_bytes else "end"

    def _take_line(self, data: bytearray) -> bytes | None:
        end = data.find(b"\r\n")
        line_bytes = end + 2 if end >= 0 else len(data)
        if self._lines_bytes + line_bytes > HEAD_BYTES:
            raise HeadTooLarge("the lines around the chunks are too long", expected=f"at most {HEAD_BYTES} bytes")
        if end < 0:
            return None
        self._lines_bytes += line_bytes
        line = bytes(data[:end])
        del data[: end + 2]
        if b"\n" in line:
            raise malformed("a line between chunks")
        return line


def _fields(lines: list[bytes]) -> dict[str, str]:
    if len(lines) > FIELDS:
        raise HeadTooLarge("the request has too many header fields", expected=f"at most {FIELDS}")
    fields: dict[str, str] = {}
    for line in lines:
        match = _FIELD.fullmatch(line)
        if match is None:
            raise malformed("a header field", expected="Name: value")
        name, value = match[1].decode().lower(), match[2].decode("latin-1").rstrip(" \t")
        if "_" in name:  # to an app `Content_Length` would look like `Content-Length`
            continue
        if name in fields:
            if name in _ONCE:
                raise malformed(f"the header field {name!r}", expected="it once")
            value = f"{fields[name]}{'; ' if name == 'cookie' else ', '}{value}"
        fields[name] = value
    return fields


def _check(fields: dict[str, str], minor_version: int) -> None:
    if minor_version == 1 and "host" not in fields:
        raise malformed("the request", expected="a header field Host")
    if "transfer-encoding" in fields:
        if "content-length" in fields:
            raise malformed("the length of the body", expected="Content-Length or Transfer-Encoding, not both")
        if fields["transfer-encoding"].lower() != "chunked" or minor_version == 0:
            raise malformed("Transfer-Encoding", expected="chunked, in HTTP/1.1")
    if not _LENGTH.fullmatch(fields.get("content-length", "0")):
        raise malformed("Content-Length", expected="a whole number of bytes")
    if fields.get("expect", "100-continue").lower() != "100-continue":
        raise malformed("Expect", expected="100-continue")


def _path(target: str, fields: dict[str, str]) -> str:
    """Give path and query; from an absolute URL only if it is one of the host that is asked."""
    if not target.startswith("/") and "://" in target:
        host, slash, path = target.partition("://")[2].partition("/")
        if host.lower() != fields.get("host", "").lower():
            raise malformed("the address of the request", expected="the host of the header field Host")
        target = slash + path
    if not target.startswith("/") or "#" in target:
        raise malformed("the address of the request", expected="a path: /...")
    return target


def malformed(what: str, *, expected: str = "") -> HqcamError:
    """Make the error for something that is not as HTTP/1.1 has it."""
    return BadRequest(f"{what} cannot be understood", expected=expected)


def _too_large(limit_bytes: int) -> HqcamError:
    return TooLarge("the body of the request is too long", expected=f"at most {limit_bytes} bytes")
