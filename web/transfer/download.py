"""The answer to a request for a file: whole, a part of it, or nothing new (RFC 9110, 13 and 14).

A part is sent only of the version that the client has begun with: `If-Range` takes a strong ETag. A date is too coarse
to tell two versions apart, and gives the whole file.
"""

from __future__ import annotations

import base64
import re
from datetime import UTC, datetime
from typing import Final

from flask import Response, request

from device.captures.capture import StoredFile
from web.errors import OtherVersion, RangeBeyond
from web.transfer.digests import Digests
from web.transfer.opened import OpenedFile

_RANGE: Final = re.compile(r"bytes=[ \t]*([0-9]{0,18})-([0-9]{0,18})[ \t]*", re.ASCII | re.IGNORECASE)
MIME_TYPES: Final = {
    ".jpg": "image/jpeg",
    ".tif": "image/tiff",
    ".dng": "image/x-adobe-dng",
    ".mp4": "video/mp4",
}
"""Of the files that hqcam makes."""
_WANTS_SHA_256: Final = re.compile(r"(?:^|,)[ \t]*sha-256=(?:[1-9]|10)[ \t]*(?:,|$)")  # RFC 9530, 4


def send_file(opened: OpenedFile, digests: Digests, *, mimetype: str, name: str, attached: bool) -> Response:
    """Answer with an open file, which is closed with the answer; `name` is what a browser saves it as.

    Thread of the request. Raises RangeBeyond, OtherVersion, FileChanged, StorageError.
    """
    try:
        return _answer(opened, digests, mimetype=mimetype, disposition=disposition(name, attached=attached))
    except BaseException:
        opened.close()
        raise


def send_stored(stored: StoredFile, digests: Digests, *, attached: bool) -> Response:
    """The same for a file by its name. Raises NotFound also."""
    mimetype = MIME_TYPES[stored.path.suffix]
    return send_file(OpenedFile(stored), digests, mimetype=mimetype, name=stored.name, attached=attached)


def _answer(opened: OpenedFile, digests: Digests, *, mimetype: str, disposition: str) -> Response:
    response = Response(mimetype=mimetype)
    response.call_on_close(opened.close)
    response.set_etag(opened.version)
    response.last_modified = datetime.fromtimestamp(opened.modified, UTC)
    response.headers.update({"Accept-Ranges": "bytes", "Content-Disposition": disposition, "Cache-Control": "no-cache"})
    response.make_conditional(request.environ)
    if response.status_code == 412:
        raise OtherVersion("the file is not the one that If-Match names", remedy="ask for it without If-Match")
    if response.status_code != 200:
        return response
    first, length = 0, opened.size_bytes
    part = asked_part(length) if _same_version(opened) else None
    if part is not None:
        first, length = part
        response.status_code = 206
        response.headers["Content-Range"] = f"bytes {first}-{first + length - 1}/{opened.size_bytes}"
    if wants_sha_256():
        response.headers["Repr-Digest"] = repr_digest(digests.of(opened))
    response.response = opened.pieces(first, length)
    response.content_length = length
    return response


def asked_part(size_bytes: int) -> tuple[int, int] | None:
    """Give first byte and length of the part that a GET asks for; None for all. Raises RangeBeyond.

    None also for several parts at once, and for what is no range of bytes: a server may send all (RFC 9110, 14.2).
    """
    match = _RANGE.fullmatch(request.headers.get("Range", "")) if request.method == "GET" else None
    if match is None or not (match[1] or match[2]) or (match[1] and match[2] and int(match[1]) > int(match[2])):
        return None
    first = int(match[1]) if match[1] else max(0, size_bytes - int(match[2]))
    end = min(size_bytes, int(match[2]) + 1) if match[1] and match[2] else size_bytes
    if first >= end:
        raise RangeBeyond(size_bytes)
    return first, end - first


def wants_sha_256() -> bool:
    """Whether the client wants to know the checksum of the whole file (RFC 9530)."""
    return _WANTS_SHA_256.search(request.headers.get("Want-Repr-Digest", "")) is not None


def repr_digest(sha_256: bytes) -> str:
    """Give the header's value that tells it."""
    return f"sha-256=:{base64.b64encode(sha_256).decode()}:"


def disposition(name: str, *, attached: bool) -> str:
    """Give Content-Disposition for any name (RFC 6266): plain ASCII, and the whole name as UTF-8 where it has more."""
    kind = "attachment" if attached else "inline"
    plain = re.sub(r'[^ -~]|["\\%]', "_", name)
    if plain == name:
        return f'{kind}; filename="{plain}"'
    encoded = "".join(
        chr(byte) if chr(byte).isalnum() and byte < 128 or byte in b"-._~" else f"%{byte:02X}"
        for byte in name.encode("utf-8", "surrogateescape")
    )
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{encoded}"


def _same_version(opened: OpenedFile) -> bool:
    """Whether a part would belong to what the client has: it says nothing of that, or the ETag of this version."""
    return request.headers.get("If-Range", f'"{opened.version}"') == f'"{opened.version}"'
