"""The files of captures: downloads, smaller copies, thumbnails, previews, and many as one zip."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, request, url_for

from device.errors import NotFound
from web.context import camera_session, capture_storage, transfers
from web.errors import BadRequest, json_body
from web.transfer.copies import send_copy, wanted
from web.transfer.download import send_stored
from web.transfer.zip import select, send_zip

blueprint = Blueprint("capture_files", __name__, url_prefix="/api/captures")

THUMBNAIL_WIDTH = 320
OWN_THUMBNAIL_PX = 240  # chosen: of hqcam 253; the 160 that Exif asks for is coarse
_NOT_KEPT = {"Cache-Control": "no-store"}


@blueprint.get("/zip")
def download_zip() -> Response:
    """Give captures as one zip: those of `id`, or the `selection` that POST has kept."""
    name = request.args.get("selection")
    if name is not None:
        return send_zip(transfers().selections.get(name), transfers().zips)
    files = request.args.get("files", "raw+jpeg").replace(" ", "+")  # what a plus in an address stands for
    return send_zip(select(request.args.getlist("id"), files, capture_storage().get), transfers().zips)


@blueprint.post("/zip")
def select_for_zip() -> tuple[dict[str, Any], int]:
    """Keep a selection that is too long for an address; gives the one under which a plain link has its zip."""
    body = json_body()
    ids, files = body.pop("ids", None), body.pop("files", "raw+jpeg")
    if body or not isinstance(ids, list) or not all(isinstance(one, str) for one in ids) or not isinstance(files, str):
        raise BadRequest("the body is no selection", expected='{"ids": ["..."], "files": "raw+jpeg"}')
    selection = select(ids, files, capture_storage().get)
    return {
        "url": url_for("capture_files.download_zip", selection=transfers().selections.keep(selection)),
        "name": selection.name,
        "bytes": selection.size_bytes,
        "files": len(selection.members),
        "without": selection.without,
    }, 201


@blueprint.get("/<capture_id>/thumbnail")
def show_thumbnail(capture_id: str) -> Response:
    """Give a small JPEG of the capture."""
    capture = capture_storage().get(capture_id)
    return _jpeg(_thumbnail(capture.shown().path, capture.modified))


@blueprint.get("/<capture_id>/preview")
def show_preview(capture_id: str) -> Response:
    """Give the JPEG preview that is in the DNG of the capture."""
    from device.raw.files import read_jpeg

    capture = capture_storage().get(capture_id)
    raw = next((file for file in capture.files if file.kind == "dng"), None)
    if raw is None:
        raise NotFound(f"the capture {capture_id[:80]!r} has no raw file", remedy="ask for a copy of its JPEG")
    return _jpeg(read_jpeg(raw.path))


def _jpeg(body: bytes) -> Response:
    return Response(body, mimetype="image/jpeg", headers={"Cache-Control": "private, max-age=86400"})


@blueprint.get("/<capture_id>/peaking")
def show_peaking(capture_id: str) -> Response:
    """Give where the picture of the capture is sharp, as a PNG of half its size: transparent where it is not."""
    from device.library.assists_of_file import peaking_of

    path = capture_storage().get(capture_id).shown().path
    with transfers().copies:
        body, percent = peaking_of(path, camera_session().assists)
    return Response(body, mimetype="image/png", headers={"X-Peaking-Percent": f"{percent:.3f}", **_NOT_KEPT})


@blueprint.get("/<capture_id>/<name>")
def download(capture_id: str, name: str) -> Response:
    """Give one file of the capture, the part of it that `Range` names, or a copy: smaller, without metadata."""
    stored = capture_storage().file(capture_id, name)
    want, attached = wanted(), request.args.get("download") == "1"
    if not want.is_original:
        return send_copy(stored, want, transfers().copies, attached=attached)
    return send_stored(stored, transfers().digests, attached=attached)


@lru_cache(maxsize=256)
def _thumbnail(path: Path, _modified: float) -> bytes:
    """Its own, which costs nothing; or one made of all its pixels, a tenth of a second of a Pi."""
    from device.raw.files import read_jpeg, read_own_thumbnail
    from device.raw.jpeg import thumbnail

    return read_own_thumbnail(path, OWN_THUMBNAIL_PX) or thumbnail(read_jpeg(path), THUMBNAIL_WIDTH, name=path.name)
