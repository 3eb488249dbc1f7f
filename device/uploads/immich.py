"""Immich, a photo library at home: by its API with a key, deduplicated there by SHA-1."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, Final

from device.uploads.errors import FileRefused, NeedsOwner, UploadError
from device.uploads.http_client import Answer, HttpClient, check
from device.uploads.outgoing import Arrival, Outgoing

DEVICE_ID: Final = "hqcam"


class Immich:
    """Sends to its `assets`, and compares the sum that Immich tells of what it stored."""

    def __init__(self, client: HttpClient) -> None:
        self._client = client

    def check(self) -> None:
        """Ask whether this is Immich, and whom the key belongs to."""
        answer = self._client.ask("GET", "/server/ping")
        if answer.status != 200 or _json(answer).get("res") != "pong":
            raise NeedsOwner(
                "there is no Immich at this address", expected="the address of Immich, such as http://nas:2283"
            )
        check(self._client.ask("GET", "/users/me"), 200)

    def send(self, file: Outgoing, progress: Callable[[int], None]) -> Arrival:
        """Send a file; see Sender."""
        at = datetime.fromtimestamp(file.modified, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        named = {
            "deviceAssetId": f"{file.name}-{file.sha1.hex()}",
            "deviceId": DEVICE_ID,
            "fileCreatedAt": at,  # of a file that says it itself Immich takes what its Exif says
            "fileModifiedAt": at,
        }
        boundary = secrets.token_hex(16)
        before = "".join(
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in named.items()
        )
        before += f'--{boundary}\r\nContent-Disposition: form-data; name="assetData"; filename="{file.name}"\r\n'
        before += "Content-Type: application/octet-stream\r\n\r\n"
        after = f"\r\n--{boundary}--\r\n"

        def body() -> Iterator[bytes]:
            yield before.encode()
            yield from file.blocks(progress)
            yield after.encode()

        headers = {
            "Content-Type": f"multipart/form-data; boundary={boundary}",
            "Accept": "application/json",
            "x-immich-checksum": file.sha1.hex(),
        }
        length = len(before.encode()) + file.size_bytes + len(after)
        stored = check(self._client.ask("POST", "/assets", headers=headers, body=body(), length=length), 200, 201)
        asset = _json(stored)
        identity = asset.get("id")
        if not isinstance(identity, str) or not identity.replace("-", "").isalnum():
            raise UploadError("the server did not say under which id it stored the file", remedy="check the server")
        self._compare(identity, file)
        return "was there" if asset.get("status") == "duplicate" else "sent"

    def end(self) -> None:
        """End what is on its way."""
        self._client.end()

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def _compare(self, identity: str, file: Outgoing) -> None:
        told = _json(check(self._client.ask("GET", f"/assets/{identity}"), 200))
        if told.get("isTrashed") is True:
            raise FileRefused(f"{file.name} is in the trash of Immich", remedy="restore it there, or empty the trash")
        if told.get("checksum") not in (base64.b64encode(file.sha1).decode(), file.sha1.hex()):
            raise UploadError(
                f"{file.name} arrived with other bytes than it was sent", remedy="check the server and its disk"
            )


def _json(answer: Answer) -> dict[str, Any]:
    try:
        value = json.loads(answer.body)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
