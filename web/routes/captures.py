"""Shooting, listing, downloading and deleting captures."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, request, send_file, url_for

from device.captures.capture import Capture
from device.errors import BadFile, NotFound
from web.context import camera_session, capture_storage, drive_modes, drive_state, recipe, settle_series
from web.errors import BadRequest, json_body

blueprint = Blueprint("captures", __name__, url_prefix="/api/captures")

LIST_LIMIT_DEFAULT, LIST_LIMIT_MAX = 50, 1000
THUMBNAIL_WIDTH = 320


@blueprint.post("")
def shoot() -> tuple[dict[str, Any], int]:
    """Take one shot; answers when it is on disk under its final name."""
    from device.captures.shot import take_shot  # not at module level: the file writers would delay the first frame

    unknown = sorted(json_body())
    if unknown:
        raise BadRequest(f"unknown field {unknown[0]!r}", expected="an empty object: {}")
    if drive_state() == "running":
        drive_modes().check_free()
    return _describe(take_shot(camera_session(), capture_storage(), recipe()).capture), 201


@blueprint.get("")
def index() -> dict[str, Any]:
    """List the captures, newest first."""
    storage = capture_storage()
    settle_series()
    captures = [_describe(capture) for capture in storage.list(_limit())]
    return {"captures": captures, "free_bytes": storage.free_bytes(), "shots_left": storage.shots_left()}


@blueprint.delete("/<capture_id>")
def delete(capture_id: str) -> tuple[str, int]:
    """Delete the capture: all of its files, for good."""
    if drive_state() == "running":
        drive_modes().check_not_in_use(capture_id)
    capture_storage().delete(capture_id)
    return "", 204


@blueprint.get("/<capture_id>/thumbnail")
def show_thumbnail(capture_id: str) -> Response:
    """Give a small JPEG of the capture."""
    capture = capture_storage().get(capture_id)
    jpeg = capture.file("jpeg")
    if jpeg is None:
        raise NotFound(f"capture {capture_id} has no picture to show", remedy="download its files instead")
    body = _thumbnail(jpeg.path, capture.modified)
    return Response(body, mimetype="image/jpeg", headers={"Cache-Control": "private, max-age=86400"})


@blueprint.get("/<capture_id>/<name>")
def download(capture_id: str, name: str) -> Response:
    """Give one file of the capture."""
    stored = capture_storage().file(capture_id, name)
    return send_file(
        stored.path,
        mimetype="image/jpeg" if stored.kind == "jpeg" else "image/x-adobe-dng",
        as_attachment=request.args.get("download") == "1",
        download_name=stored.name,
        etag=f"{stored.path.stat().st_mtime_ns:x}-{stored.size_bytes:x}",  # Flask's own needs a path that is UTF-8
    )


def _limit() -> int:
    text = request.args.get("limit", str(LIST_LIMIT_DEFAULT))
    if not (text.isascii() and text.isdigit() and len(text) < 6 and 1 <= int(text) <= LIST_LIMIT_MAX):
        raise BadRequest(f"limit is {text[:40]!r}", expected=f"a whole number from 1 to {LIST_LIMIT_MAX}")
    return int(text)


def _describe(capture: Capture) -> dict[str, Any]:
    jpeg = capture.file("jpeg")
    exposure = _exposure(jpeg.path, capture.modified) if jpeg else {}
    return {
        "id": capture.id,
        **exposure,
        "audit": _audit(capture),
        "files": [
            {
                "name": f.name,
                "kind": f.kind,
                "bytes": f.size_bytes,
                "url": url_for("captures.download", capture_id=capture.id, name=f.name),
            }
            for f in capture.files
        ],
        "thumbnail_url": _thumbnail_url(capture) if jpeg else None,
    }


def _thumbnail_url(capture: Capture) -> str:
    # Browsers keep thumbnails; a capture may have the name of one that was deleted.
    return url_for("captures.show_thumbnail", capture_id=capture.id, of=int(capture.modified))


def _audit(capture: Capture) -> dict[str, Any] | None:
    """The audit of the capture's files; None without a record of it."""
    from device.captures.shot_audit import read_record

    audit = read_record(capture.files[0].path)
    return None if audit is None else {"verdict": audit.verdict, "findings": audit.findings()}


@lru_cache(maxsize=1024)
def _exposure(path: Path, _modified: float) -> dict[str, Any]:
    """The exposure in the file's metadata; all None for a foreign or broken file."""
    from device.raw.files import read_bytes
    from device.raw.jpeg import HEAD_BYTES, exposure_of

    try:
        return exposure_of(read_bytes(path, limit=HEAD_BYTES), name=path.name)
    except BadFile:
        return {"taken_at": None, "exposure_us": None, "iso": None, "simulated": None}


@lru_cache(maxsize=128)
def _thumbnail(path: Path, _modified: float) -> bytes:
    from device.raw.files import read_bytes
    from device.raw.jpeg import thumbnail

    return thumbnail(read_bytes(path), THUMBNAIL_WIDTH, name=path.name)
