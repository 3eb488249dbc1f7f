"""PROPFIND: what a client asks of files and folders, and the answer, which is written while it is sent (RFC 4918, 9.1).

A listing of any length takes the same memory. Any name stands in it: an address is bytes, percent-encoded; in the name
that is shown, what XML cannot have or is no UTF-8 becomes U+FFFD.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email.utils import formatdate
from typing import Final, Literal
from urllib.parse import quote_from_bytes
from xml.dom import XML_NAMESPACE
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from web.dav.shown import Shown
from web.errors import BadRequest
from web.transfer.opened import http_time, version_of

DAV: Final = "DAV:"
PIECE_CHARACTERS: Final = 32 * 1024
"""Chosen: some fifty files a piece."""
NAMES_MOST: Final = 64
NAMES_LENGTH_MOST: Final = 4096
"""Each file of a listing repeats the names that it does not have: a short question must not make an endless answer."""
MIME_TYPES: Final = {
    b".dng": "image/x-adobe-dng",
    b".jpg": "image/jpeg",
    b".json": "application/json",
    b".xmp": "application/rdf+xml",
}
OTHER_TYPE: Final = "application/octet-stream"
"""Of files that hqcam does not write: none of them is a page or a script of the camera's own site."""
FINITE_DEPTH: Final = (
    b'<?xml version="1.0" encoding="utf-8"?>\n<D:error xmlns:D="DAV:"><D:propfind-finite-depth/></D:error>\n'
)
"""The answer to a listing of all folders in folders."""
_HEAD: Final = '<?xml version="1.0" encoding="utf-8"?>\n<D:multistatus xmlns:D="DAV:">\n'
_TAIL: Final = "</D:multistatus>\n"
_PLAIN: Final = "!$()*+,:;=@~"  # some clients do not know these when they are encoded

_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

Name = tuple[str, str]
"""Namespace and local name of a property."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a client wants to know."""

    kind: Literal["all", "names", "some"]
    names: tuple[Name, ...] = ()
    """The properties, where it names some."""


def read_question(body: bytes) -> Asked:
    """Read the body of a request; without one all is asked. Raises BadRequest."""
    if not body.strip():
        return Asked("all")
    reader = _Reader()
    try:
        reader.parser.Parse(body, True)
    except BadRequest:
        raise
    except (expat.ExpatError, ValueError, LookupError) as error:  # the latter: an encoding that is none
        raise BadRequest("the body is not XML", expected="an element propfind of the namespace DAV:") from error
    if reader.kind is None:
        raise BadRequest("the body asks for nothing", expected="prop, allprop or propname in an element propfind")
    return Asked(reader.kind, tuple(dict.fromkeys(reader.names)))


class _Reader:
    """Takes the question out of the events of a parser. Entities, which can grow without end, are refused."""

    def __init__(self) -> None:
        self.kind: Literal["all", "names", "some"] | None = None
        self.names: list[Name] = []
        self._open: list[Name] = []
        self.parser = expat.ParserCreate(namespace_separator="}")
        self.parser.StartDoctypeDeclHandler = self._refuse
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end

    def _refuse(self, *_: object) -> None:
        raise BadRequest("the body has a document type", expected="XML without one")

    def _start(self, full: str, _: object) -> None:
        namespace, _, local = full.rpartition("}")
        depth, name = len(self._open), (namespace, local)
        if depth == 0 and name != (DAV, "propfind"):
            raise BadRequest("the body is no question", expected="an element propfind of the namespace DAV:")
        if depth == 1 and namespace == DAV and local in ("allprop", "propname", "prop"):
            if self.kind is not None:
                raise BadRequest("the body asks twice", expected="one of prop, allprop and propname")
            self.kind = "all" if local == "allprop" else "names" if local == "propname" else "some"
        if depth == 2 and self._open[1] == (DAV, "prop"):
            self.names.append(name)
            if len(self.names) > NAMES_MOST or sum(len(a) + len(b) for a, b in self.names) > NAMES_LENGTH_MOST:
                raise BadRequest("the body asks for too many properties", expected=f"at most {NAMES_MOST}")
        self._open.append(name)

    def _end(self, _: object) -> None:
        self._open.pop()


def address_of(shown: Shown, base: str) -> str:
    """Give the path of its address, percent-encoded, below `base`; those of folders, and `base`, end with a slash."""
    path = base + quote_from_bytes(shown.path, safe="/" + _PLAIN)
    return path if not shown.is_folder or path.endswith("/") else path + "/"


def mime_type(name: bytes) -> str:
    """Give the type of a file by its name."""
    return MIME_TYPES.get(name[name.rfind(b".") :].lower(), OTHER_TYPE)


def told(every: Iterable[Shown], asked: Asked, base: str) -> Iterator[bytes]:
    """Give the body of the answer, piece by piece. `base` is the address of the folder that is shared."""
    lines, length = [_HEAD], len(_HEAD)
    for shown in every:
        line = _told_of(shown, asked, base)
        lines.append(line)
        length += len(line)
        if length >= PIECE_CHARACTERS:
            yield "".join(lines).encode()
            lines, length = [], 0
    lines.append(_TAIL)
    yield "".join(lines).encode()


def _told_of(shown: Shown, asked: Asked, base: str) -> str:
    known = _properties(shown)
    missing = [name for name in asked.names if name[0] != DAV or name[1] not in known]
    if asked.kind == "some":
        known = {local: value for local, value in known.items() if (DAV, local) in asked.names}
    if asked.kind == "names":
        known = dict.fromkeys(known, "")
    found = "".join(f"<D:{local}>{value}</D:{local}>" if value else f"<D:{local}/>" for local, value in known.items())
    parts = _part(found, "200 OK") if found or not missing else ""
    if missing:
        parts += _part("".join(map(_empty, missing)), "404 Not Found")
    return f"<D:response><D:href>{escape(address_of(shown, base))}</D:href>{parts}</D:response>\n"


def _part(properties: str, status: str) -> str:
    return f"<D:propstat><D:prop>{properties}</D:prop><D:status>HTTP/1.1 {status}</D:status></D:propstat>"


def _empty(name: Name) -> str:
    namespace, local = name
    if namespace == DAV:
        return f"<D:{local}/>"
    if namespace == XML_NAMESPACE:
        return f"<xml:{local}/>"
    return f"<N:{local} xmlns:N={quoteattr(namespace)}/>" if namespace else f"<{local}/>"


def _properties(shown: Shown) -> dict[str, str]:
    """Give the properties of the namespace DAV: by their local names, as XML."""
    properties = {
        "resourcetype": "<D:collection/>" if shown.is_folder else "",
        "getlastmodified": formatdate(http_time(shown.status), usegmt=True),
        "displayname": escape(_NOT_XML.sub("\N{REPLACEMENT CHARACTER}", shown.name.decode(errors="replace"))),
    }
    if not shown.is_folder:
        properties |= {
            "getcontentlength": str(shown.status.st_size),
            "getcontenttype": mime_type(shown.name),
            "getetag": f'"{version_of(shown.status)}"',
        }
    return properties
