"""Makes the sender of a destination."""

from __future__ import annotations

from pathlib import Path

from device.uploads.destination import Destination
from device.uploads.folder import Folder
from device.uploads.http_client import STEP_S, HttpClient, basic
from device.uploads.immich import Immich
from device.uploads.outgoing import Sender
from device.uploads.webdav import WebDav

IMMICH_API = "/api"
PHOTOPRISM_FOLDER = "/import"
"""Where PhotoPrism takes new files by WebDAV; it moves them into its library by itself (docs.photoprism.app)."""


def make_sender(destination: Destination, *, step_s: float = STEP_S) -> Sender:
    """Make it; nothing is opened yet. `step_s`: how long the other side may be still."""
    if destination.kind == "folder":
        return Folder(Path(destination.address), other_disk=destination.other_disk)
    address = destination.address.rstrip("/")
    if destination.kind == "immich":
        address = address.removesuffix(IMMICH_API) + IMMICH_API
        headers = {"x-api-key": destination.secret}
        return Immich(HttpClient(address, headers, fingerprint=destination.fingerprint, step_s=step_s))
    if destination.kind == "photoprism":
        address = address.removesuffix(PHOTOPRISM_FOLDER) + PHOTOPRISM_FOLDER
    headers = basic(destination.user, destination.secret)
    return WebDav(HttpClient(address, headers, fingerprint=destination.fingerprint, step_s=step_s))
