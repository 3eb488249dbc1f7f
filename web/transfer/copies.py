"""The answer to a request for a copy of a picture: a smaller one, or one without metadata. Nothing of it is kept.

A copy is made when it is asked for, in a few slots for all clients; a client that has it already asks with its ETag,
and nothing is made.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

from flask import Response, request

from device import host
from device.captures.capture import StoredFile
from device.errors import BadInput
from web.errors import BadRequest, FileChanged
from web.transfer.download import disposition, repr_digest, wants_sha_256
from web.transfer.opened import OpenedFile
from web.transfer.slots import Slots

LONG_EDGES_PX: Final = (1080, 2048)
SLOTS: Final = 2  # chosen: each takes up to 40 MB for a 12-megapixel picture, and a core
WAITING: Final = 12  # chosen: two phones' connections; they wait with a thread each


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a request wants of a picture."""

    long_edge_px: int | None
    """None: all pixels."""
    metadata: bool

    @property
    def is_original(self) -> bool:
        """Whether that is the file itself."""
        return self.long_edge_px is None and self.metadata


def wanted() -> Wanted:
    """Read `size` and `metadata` of the request. Raises BadRequest."""
    sizes = {"original": None, **{str(edge): edge for edge in LONG_EDGES_PX}}
    size, metadata = request.args.get("size", "original"), request.args.get("metadata", "1")
    if size not in sizes:
        raise BadRequest(f"size is {size[:40]!r}", expected="one of " + ", ".join(sizes))
    if metadata not in ("0", "1"):
        raise BadRequest(f"metadata is {metadata[:40]!r}", expected="0 to leave it out, or 1")
    return Wanted(sizes[size], metadata == "1")


def copy_slots() -> Slots:
    """Make the slots in which copies are made."""
    return Slots(SLOTS, waiting=WAITING, what="copies are being made", retry_after_s=2)


def send_copy(stored: StoredFile, want: Wanted, slots: Slots, *, attached: bool) -> Response:
    """Answer with a copy: of a raw file that of its preview. Thread of the request, for some 0.1 s to 1 s.

    Raises Busy; BadInput for a raw file without metadata, and for a TIFF; BadFile; NotFound, FileChanged where it went.
    """
    if stored.kind == "developed_tiff":
        raise BadInput("of a TIFF no copies are made", expected="the file itself: size=original")
    if stored.kind == "dng" and want.long_edge_px is None:
        raise BadInput("a raw file is not without its metadata", expected="size=2048 or size=1080: of its preview")
    version = _version(stored)
    stem = stored.name.rpartition(".")[0]
    name = f"{stem}_{want.long_edge_px}.jpg" if want.long_edge_px else f"{stem}.jpg"
    response = Response(mimetype="image/jpeg", headers={"Accept-Ranges": "none", "Cache-Control": "no-cache"})
    response.headers["Content-Disposition"] = disposition(name, attached=attached)
    response.set_etag(f"{version}-{want.long_edge_px or 'original'}-{want.metadata:d}")
    response.make_conditional(request.environ)
    if response.status_code != 200:
        return response
    with slots:
        body = _made(stored, want)
    if _version(stored) != version:
        raise FileChanged(f"{stored.name} changed while it was read", remedy="ask for it again")
    response.data = body
    if wants_sha_256():
        response.headers["Repr-Digest"] = repr_digest(hashlib.sha256(body).digest())
    return response


def _made(stored: StoredFile, want: Wanted) -> bytes:
    from device.raw.copies import smaller, without_metadata  # not at module level: costs start-up
    from device.raw.files import read_jpeg

    jpeg = read_jpeg(stored.path)
    if want.long_edge_px is not None:
        memory_bytes = host.available_memory_bytes()
        jpeg = smaller(jpeg, want.long_edge_px, name=stored.name, memory_bytes=memory_bytes)
    return jpeg if want.metadata else without_metadata(jpeg, name=stored.name)


def _version(stored: StoredFile) -> str:
    opened = OpenedFile(stored)
    opened.close()
    return opened.version
