"""WebDAV: a folder on Nextcloud, ownCloud, PhotoPrism, a NAS, rclone, Apache ... (RFC 4918).

A file is sent under a name of its own, read back, and only then given its name: who looks there sees whole files alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Final
from urllib.parse import quote

from device.uploads.errors import NeedsOwner, UploadError
from device.uploads.http_client import HttpClient, check
from device.uploads.outgoing import Arrival, Outgoing, all_names_taken, names_for

_THERE, _GONE = (200, 206), (404, 410)
_PROBE: Final = "hqcam-can-write.part"
_NO_MOVE: Final = (405, 501, 502)


class WebDav:
    """Sends into a folder of a WebDAV server; days are folders below it."""

    def __init__(self, client: HttpClient) -> None:
        self._client = client
        self._made: set[str] = set()
        self._moves = True

    def check(self) -> None:
        """Write a small file, read it and delete it."""
        self._make_folder("")
        body = b"hqcam\n"
        check(self._client.ask("PUT", f"/{_PROBE}", body=body), 200, 201, 204)
        try:
            if self._sum(f"/{_PROBE}") != hashlib.sha256(body).digest():
                raise NeedsOwner("the server gives back other bytes than it was sent", expected="a WebDAV folder")
        finally:
            self._client.ask("DELETE", f"/{_PROBE}")

    def send(self, file: Outgoing, progress: Callable[[int], None]) -> Arrival:
        """Send a file; see Sender."""
        folder = f"/{file.day}" if file.day else ""
        self._make_folder(folder)
        for name in names_for(file):
            target = f"{folder}/{name}"
            size = self._size(target)
            if size is None:
                if self._put(file, target, progress):
                    return "sent"
                size = self._size(target)  # somebody else took the name meanwhile
            if size in (file.size_bytes, -1) and self._sum(target, file.size_bytes) == file.sha256:
                return "was there"
        raise all_names_taken(file)

    def end(self) -> None:
        """End what is on its way."""
        self._client.end()

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def _put(self, file: Outgoing, target: str, progress: Callable[[int], None]) -> bool:
        """Send, compare, name; give whether the name was free."""
        staged = f"{target}.part" if self._moves else target
        only_new = {} if self._moves else {"If-None-Match": "*"}
        headers = {"OC-Checksum": f"SHA1:{file.sha1.hex()}", "X-OC-Mtime": str(int(file.modified)), **only_new}
        answer = self._client.ask("PUT", staged, headers=headers, body=file.blocks(progress), length=file.size_bytes)
        if answer.status == 412 and not self._moves:
            return False
        if answer.status in (404, 409):
            self._made.clear()  # the folder was deleted there
            raise UploadError(f"the server answered {answer.status}: the folder is gone", remedy="it is made again")
        check(answer, 200, 201, 204)
        if self._sum(staged, file.size_bytes) != file.sha256:
            self._client.ask("DELETE", staged)
            raise UploadError(
                f"{file.name} arrived with other bytes than it was sent", remedy="check the server and its disk"
            )
        if not self._moves:
            return True
        to = self._client.origin + self._client.base_path + quote(target)
        moved = self._client.ask("MOVE", staged, headers={"Destination": to, "Overwrite": "F"})
        if moved.status == 412:
            self._client.ask("DELETE", staged)
            return False
        if moved.status in _NO_MOVE:
            self._moves = False
            self._client.ask("DELETE", staged)
            return self._put(file, target, progress)
        check(moved, 200, 201, 204)
        return True

    def _make_folder(self, folder: str) -> None:
        if folder in self._made:
            return
        answer = self._client.ask("MKCOL", f"{folder}/")
        is_there = answer.status == 405 or (answer.status in (301, 400, 409) and self._is_there(f"{folder}/"))
        if not is_there:
            check(answer, 200, 201)
        self._made.add(folder)

    def _is_there(self, path: str) -> bool:
        return self._client.ask("PROPFIND", path, headers={"Depth": "0"}).status in (200, 207)

    def _size(self, target: str) -> int | None:
        """Give the size of a file there; None where there is none, -1 where the server does not tell it."""
        answer = self._client.ask("HEAD", target)
        if answer.status in _GONE:
            return None
        check(answer, *_THERE)
        size = answer.headers.get("content-length", "")
        return int(size) if size.isascii() and size.isdecimal() and len(size) < 16 else -1

    def _sum(self, target: str, size_bytes: int = 0) -> bytes:
        digest = hashlib.sha256()
        check(self._client.ask("GET", target, sink=digest.update, expects_bytes=size_bytes), *_THERE)
        return digest.digest()
