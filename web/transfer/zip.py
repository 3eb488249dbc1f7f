"""Many captures as one zip file that is made while it is sent: stored as they are, zip64, of a length known before.

Nothing of it is kept: a few pieces of one file are in memory at a time. A file that goes or changes meanwhile ends the
transfer short of its length, so that no client takes it for whole.
"""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from flask import Response, request

from device.captures.capture import Capture, StoredFile
from device.errors import NotFound
from web.errors import BadRequest, FileChanged
from web.transfer.ahead import made_ahead
from web.transfer.download import disposition
from web.transfer.opened import OpenedFile
from web.transfer.slots import Slots

if TYPE_CHECKING:
    from zipstream import ZipStream

KINDS_OF: Final = {
    "raw+jpeg": ("dng", "jpeg", "developed_jpeg", "developed_tiff"),
    "raw": ("dng",),
    "jpeg": ("jpeg", "developed_jpeg"),
}
CAPTURES_MOST: Final = 10_000  # with two files each far from the 65,535 of a zip without zip64 fields
AT_ONCE: Final = 3  # chosen: of 32 threads; each fills a link of its own
RETRY_AFTER_S: Final = 10
SELECTIONS_MOST: Final = 32
"""Chosen: a selection of a thousand captures takes some 300 kB, and is asked for as soon as it is made."""
ZIP64_VERSION: Final = 45  # APPNOTE, 4.4.3: the version that is needed to extract
_PIECE_BYTES: Final = 256 * 1024  # chosen: what one core has read is still near when it is summed up
_AHEAD: Final = 2
"""Chosen: with the piece that is read and the one that is sent, three zips at once keep 3 MB in memory."""


@dataclass(frozen=True, slots=True)
class Member:
    """One file of the zip."""

    name: str
    """In the zip: no two are the same, also where small and capital letters are."""
    stored: StoredFile
    size_bytes: int
    version: str
    """As in `OpenedFile`: what was there when the selection was made."""

    def pieces(self) -> Iterator[bytes]:
        """Give the file's bytes. Raises NotFound, FileChanged, StorageError."""
        opened = OpenedFile(self.stored)
        try:
            if opened.version != self.version:
                raise FileChanged(f"{self.name} changed before it was sent", remedy="select it again")
            yield from opened.pieces(0, self.size_bytes, piece_bytes=_PIECE_BYTES)
        finally:
            opened.close()


@dataclass(frozen=True, slots=True)
class Selection:
    """What goes into a zip."""

    name: str
    """What a browser saves the zip as."""
    members: tuple[Member, ...]
    without: int
    """How many captures have no file of the wanted kind."""

    def stream(self) -> ZipStream:
        """Make the zip, of which nothing is read yet."""
        from zipstream import ZIP_STORED, ZipStream  # not at module level: it would delay the first frame

        stream = ZipStream(compress_type=ZIP_STORED, sized=True)
        for member in self.members:
            stream.add(member.pieces(), member.name, size=member.size_bytes)
        return stream

    @property
    def size_bytes(self) -> int:
        """How long the zip will be."""
        return _zip_bytes([(len(member.name.encode()), member.size_bytes) for member in self.members])

    def check_unchanged(self) -> None:
        """Raise NotFound or FileChanged where a file went or changed since the selection was made."""
        for member in self.members:
            opened = OpenedFile(member.stored)
            opened.close()
            if opened.version != member.version:
                raise FileChanged(f"{member.name} changed since it was selected", remedy="select it again")


def select(ids: Sequence[str], files: str, get: Callable[[str], Capture]) -> Selection:
    """Make a selection of captures; one that is named twice counts once. `files` is a key of KINDS_OF.

    `get` gives a capture by its id. Raises BadRequest, NotFound, StorageError.
    """
    if files not in KINDS_OF:
        raise BadRequest(f"files is {files[:40]!r}", expected="one of " + ", ".join(KINDS_OF))
    if not 1 <= len(ids) <= CAPTURES_MOST:
        raise BadRequest(f"{len(ids)} captures are named", expected=f"the ids of 1 to {CAPTURES_MOST} captures")
    captures = [get(one) for one in dict.fromkeys(ids)]
    members: dict[str, Member] = {}
    without = 0
    for capture in captures:
        wanted = [stored for stored in capture.all_files if stored.kind in KINDS_OF[files]]
        without += not wanted
        for stored in wanted:
            opened = OpenedFile(stored)
            opened.close()
            name = _unused(stored.name, members)
            members[name.casefold()] = Member(name, stored, opened.size_bytes, opened.version)
    if not members:
        raise NotFound(f"none of these captures has a file of the kind {files}", remedy="choose other files")
    more = f"_and_{len(captures) - 1}_more" if len(captures) > 1 else ""
    return Selection(f"{captures[0].id}{more}.zip", tuple(members.values()), without)


def _unused(name: str, used: dict[str, Member]) -> str:
    """Give the name, or with a number one that differs from all before: captures of two folders may share theirs."""
    stem, dot, suffix = name.rpartition(".")
    number = 1
    while name.casefold() in used:
        number += 1
        name = f"{stem}_{number}{dot}{suffix}"
    return name


def _zip_bytes(members: Sequence[tuple[int, int]]) -> int:
    """Give the length of a zip whose members have names and contents of these lengths, in bytes (APPNOTE 6.3, 4.3).

    Not the library's own `len()`: in the version of Debian 12 it leaves out the zip64 fields that it writes, and it
    ends at 2 GB where addresses have 32 bits.
    """
    from zipstream.ng import ZIP64_ESTIMATE_FACTOR, ZIP64_LIMIT

    position = directory = 0
    for name_bytes, size_bytes in members:
        zip64 = _always_zip64() or size_bytes * ZIP64_ESTIMATE_FACTOR > ZIP64_LIMIT
        beyond = 2 * (size_bytes > ZIP64_LIMIT) + (position > ZIP64_LIMIT)
        directory += 46 + name_bytes + (4 + 8 * beyond if beyond else 0)
        position += 30 + name_bytes + size_bytes + (20 + 24 if zip64 else 16)
    return position + directory + 22 + (56 + 20 if max(position, directory) > ZIP64_LIMIT else 0)


@lru_cache(maxsize=1)
def _always_zip64() -> bool:
    """Whether this version of the library writes zip64 fields for every member that comes in pieces."""
    from zipstream import ZIP_STORED, ZipStream

    stream = ZipStream(compress_type=ZIP_STORED, sized=True)
    stream.add(iter([b"x"]), "x", size=1)
    first = next(iter(stream))
    return int.from_bytes(first[4:6], "little") >= ZIP64_VERSION


class Selections:
    """Selections that were too long for an address: each gets a short name, the oldest go. Any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, Selection] = OrderedDict()

    def keep(self, selection: Selection) -> str:
        """Keep a selection; give its name."""
        name = secrets.token_urlsafe(12)
        with self._lock:
            self._kept[name] = selection
            while len(self._kept) > SELECTIONS_MOST:
                self._kept.popitem(last=False)
        return name

    def get(self, name: str) -> Selection:
        """Give the selection of that name as it was kept. Raises NotFound; FileChanged where its files did."""
        with self._lock:
            selection = self._kept.get(name)
        if selection is None:
            raise NotFound("this selection is not there any more", remedy="select the captures again")
        selection.check_unchanged()
        return selection


def zip_slots() -> Slots:
    """Make the slots in which zips are sent. Nobody waits for one: a zip takes minutes."""
    return Slots(AT_ONCE, waiting=0, what="zips are being sent", retry_after_s=RETRY_AFTER_S)


def send_zip(selection: Selection, slots: Slots) -> Response:
    """Answer with the zip of a selection. Thread of the request. Raises Busy."""
    response = Response(mimetype="application/zip", headers={"Accept-Ranges": "none", "Cache-Control": "no-store"})
    response.headers["Content-Disposition"] = disposition(selection.name, attached=True)
    if request.method != "HEAD":
        slots.take()
        response.call_on_close(slots.give_back)
        response.response = made_ahead(selection.stream(), _AHEAD)
    response.content_length = selection.size_bytes
    return response
