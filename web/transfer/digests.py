"""SHA-256 of files, computed once for each version of a file and kept until the program ends."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from typing import Final

from web.transfer.opened import OpenedFile

KEPT_MOST: Final = 4096
"""Chosen: 150 bytes each, and as many as the shots of several days."""


class Digests:
    """The digests that were asked for. Any thread; a raw file takes a Pi some 0.2 s the first time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._computing = threading.Lock()
        self._kept: OrderedDict[tuple[str, str], bytes] = OrderedDict()
        self.computed = 0
        """How often one was computed."""

    def of(self, opened: OpenedFile) -> bytes:
        """Give the 32 bytes of the digest. One is computed at a time. Raises FileChanged, StorageError."""
        key = str(opened.path), opened.version
        if (known := self._find(key)) is not None:
            return known
        with self._computing:
            if (known := self._find(key)) is not None:
                return known
            summed = hashlib.sha256()
            for piece in opened.pieces(0, opened.size_bytes):
                summed.update(piece)
            return self._keep(key, summed.digest())

    def _find(self, key: tuple[str, str]) -> bytes | None:
        with self._lock:
            known = self._kept.get(key)
            if known is not None:
                self._kept.move_to_end(key)
            return known

    def _keep(self, key: tuple[str, str], digest: bytes) -> bytes:
        with self._lock:
            self.computed += 1
            self._kept[key] = digest
            while len(self._kept) > KEPT_MOST:
                self._kept.popitem(last=False)
        return digest
