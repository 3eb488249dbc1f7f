"""SHA-256 of files, computed once for each version of a file, and kept in a file over restarts where there is one."""

from __future__ import annotations

import hashlib
import os
import re
import threading
import zlib
from collections import OrderedDict
from contextlib import suppress
from pathlib import Path
from typing import Final

from device.atomic import write_atomically
from device.errors import HqcamError
from device.stored import read_bounded
from web.transfer.opened import OpenedFile

DIGESTS_FILE: Final = "digests"
KEPT_MOST: Final = 4096
"""Chosen: 150 bytes each, and as many as the shots of several days."""
_LINE: Final = re.compile(rb"^([0-9a-f]{32}) ([0-9a-f]{64}) ([0-9a-f]{8})$", re.MULTILINE)
_LINE_BYTES: Final = 107
_LINES_MOST: Final = 4 * KEPT_MOST
"""Chosen: 1.8 MB; more lines are not of this program, or of many starts."""


class Digests:
    """The digests that were asked for. Any thread; a raw file takes a Pi some 0.2 s the first time."""

    def __init__(self, file: Path | None = None) -> None:
        """`file` is read at the first question. Where it cannot be read or written, digests are computed again."""
        self._lock = threading.Lock()
        self._computing = threading.Lock()
        self._file = file
        self._kept: OrderedDict[str, bytes] | None = None
        self.computed = 0
        """How often one was computed."""

    def of(self, opened: OpenedFile) -> bytes:
        """Give the 32 bytes of the digest. One is computed at a time. Raises FileChanged, StorageError."""
        key = _key(opened)
        if (known := self._find(key)) is not None:
            return known
        with self._computing:
            if (known := self._find(key)) is not None:
                return known
            summed = hashlib.sha256()
            for piece in opened.pieces(0, opened.size_bytes):
                summed.update(piece)
            return self._keep(key, summed.digest())

    def _find(self, key: str) -> bytes | None:
        with self._lock:
            if self._kept is None:
                self._kept = self._read()
            known = self._kept.get(key)
            if known is not None:
                self._kept.move_to_end(key)
            return known

    def _keep(self, key: str, digest: bytes) -> bytes:
        with self._lock:
            assert self._kept is not None
            self.computed += 1
            self._kept[key] = digest
            while len(self._kept) > KEPT_MOST:
                self._kept.popitem(last=False)
            if self._file is not None:
                with suppress(OSError), self._file.open("ab", buffering=0) as file:  # what is lost is computed again
                    file.write(_line(key, digest))
        return digest

    def _read(self) -> OrderedDict[str, bytes]:
        """Read what was kept, and write it anew where much of it is old. A line that was damaged is none."""
        kept = OrderedDict[str, bytes]()
        if self._file is None:
            return kept
        try:
            data = read_bounded(self._file, _LINES_MOST * _LINE_BYTES)
        except FileNotFoundError:
            return kept
        except (OSError, ValueError):
            data = b""
        for match in _LINE.finditer(data):
            key, digest = match[1].decode(), bytes.fromhex(match[2].decode())
            if _line(key, digest) == match[0] + b"\n":
                kept[key] = digest
                kept.move_to_end(key)
        while len(kept) > KEPT_MOST:
            kept.popitem(last=False)
        if not data.endswith(b"\n") or len(data) > 2 * KEPT_MOST * _LINE_BYTES:
            with suppress(HqcamError, OSError):
                write_atomically(self._file, [_line(*one) for one in kept.items()], replace=True)
        return kept


def _key(opened: OpenedFile) -> str:
    """Name one version of one file; its name may be any bytes."""
    whole = b"\0".join((os.fsencode(opened.path), opened.version.encode(), b"%d" % opened.inode))
    return hashlib.sha256(whole).hexdigest()[:32]


def _line(key: str, digest: bytes) -> bytes:
    text = f"{key} {digest.hex()}".encode()
    return b"%b %08x\n" % (text, zlib.crc32(text))
