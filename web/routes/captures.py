"""Shooting, listing, downloading and deleting captures."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, request, url_for

from device.captures.capture import Capture
from device.errors import BadFile
from web.context import camera_session, capture_storage, drive_modes, drive_state, recipe, settle_series, transfers
from web.errors import BadRequest, check_no_fields, json_body
from web.transfer.copies import send_copy, wanted
from web.transfer.download import send_file
from web.transfer.opened import OpenedFile
from web.transfer.zip import select, send_zip

blueprint = Blueprint("captures", __name__, url_prefix="/api/captures")

LIST_LIMIT_DEFAULT, LIST_LIMIT_MAX, OFFSET_MAX = 50, 1000, 9_999_999
_CURSOR = re.compile(r"[0-9]{1,12}|(\d{4}-\d\d-\d\d)?/[A-Za-z0-9_-]{1,80}", re.ASCII)
THUMBNAIL_WIDTH = 320


@blueprint.post("")
def shoot() -> tuple[dict[str, Any], int]:
    """Take one shot; answers when it is on disk under its final name."""
    from device.captures.shot import take_shot  # not at module level: the file writers would delay the first frame

    check_no_fields()
    if drive_state() == "running":
        drive_modes().check_free()
    return _describe(take_shot(camera_session(), capture_storage(), recipe()).capture), 201


@blueprint.get("")
def index() -> dict[str, Any]:
    """List captures, the one that was taken last first: `limit` of them, after `offset` or after the cursor `after`."""
    storage = capture_storage()
    settle_series()
    page = storage.page(_whole("limit", LIST_LIMIT_DEFAULT, 1, LIST_LIMIT_MAX), offset=_offset(), cursor=_cursor())
    return {
        "captures": [_describe(capture) for capture in page.captures],
        "total": page.total,
        "next": page.next,
        "free_bytes": storage.free_bytes(),
        "shots_left": storage.shots_left(),
    }


@blueprint.delete("/<capture_id>")
def delete(capture_id: str) -> tuple[str, int]:
    """Delete the capture: all of its files, for good."""
    if drive_state() == "running":
        drive_modes().check_not_in_use(capture_id)
    capture_storage().delete(capture_id)
    return "", 204


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
        "url": url_for("captures.download_zip", selection=transfers().selections.keep(selection)),
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
    """Give the JPEG preview that is in the DNG of the capture, for a shot that has no JPEG."""
    from device.raw.files import read_jpeg

    return _jpeg(read_jpeg(capture_storage().get(capture_id).shown().path))


def _jpeg(body: bytes) -> Response:
    return Response(body, mimetype="image/jpeg", headers={"Cache-Control": "private, max-age=86400"})


@blueprint.get("/<capture_id>/<name>")
def download(capture_id: str, name: str) -> Response:
    """Give one file of the capture, the part of it that `Range` names, or a copy: smaller, without metadata."""
    stored = capture_storage().file(capture_id, name)
    want, attached = wanted(), request.args.get("download") == "1"
    if not want.is_original:
        return send_copy(stored, want, transfers().copies, attached=attached)
    mimetype = "image/jpeg" if stored.kind == "jpeg" else "image/x-adobe-dng"
    opened = OpenedFile(stored)
    return send_file(opened, transfers().digests, mimetype=mimetype, name=stored.name, attached=attached)


def _offset() -> int:
    return _whole("offset", 0, 0, OFFSET_MAX)


def _whole(name: str, default: int, least: int, most: int) -> int:
    text = request.args.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(most)) and least <= int(text) <= most):
        raise BadRequest(f"{name} is {text[:40]!r}", expected=f"a whole number from {least} to {most}")
    return int(text)


def _cursor() -> str | None:
    text = request.args.get("after")
    if text is not None and not _CURSOR.fullmatch(text):
        raise BadRequest(f"after is {text[:40]!r}", expected="the `next` of a list before")
    return text


def _describe(capture: Capture) -> dict[str, Any]:
    shown = capture.shown()
    thumbnail = picture = None
    if shown.kind == "jpeg":
        thumbnail = _dated_url("show_thumbnail", capture)
        picture = url_for("captures.download", capture_id=capture.id, name=shown.name)
    elif _has_preview(shown.path, capture.modified):
        thumbnail, picture = _dated_url("show_thumbnail", capture), _dated_url("show_preview", capture)
    return {
        "id": capture.id,
        "sequence": capture.sequence,
        **_exposure(shown.path, capture.modified),
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
        "thumbnail_url": thumbnail,
        "picture_url": picture,
    }


def _dated_url(route: str, capture: Capture) -> str:
    # Browsers keep these pictures; a capture may have the name of one that was deleted.
    return url_for(f"captures.{route}", capture_id=capture.id, of=int(capture.modified))


def _audit(capture: Capture) -> dict[str, Any] | None:
    """The audit of the capture's files; None without a record of it."""
    from device.captures.shot_audit import read_record

    audit = read_record(capture.files[0].path)
    return None if audit is None else {"verdict": audit.verdict, "findings": audit.findings()}


@lru_cache(maxsize=1024)
def _exposure(path: Path, _modified: float) -> dict[str, Any]:
    """The exposure in the file's metadata; all None for a foreign or broken file."""
    from device.raw.file_metadata import NO_METADATA, exposure_in
    from device.raw.files import read_metadata

    try:
        return exposure_in(read_metadata(path))
    except BadFile:
        return exposure_in(NO_METADATA) | {"simulated": None}


@lru_cache(maxsize=1024)
def _has_preview(path: Path, _modified: float) -> bool:
    """Whether a DNG holds a picture to show: a foreign or broken one may not."""
    from device.raw.files import preview_in

    try:
        preview_in(path)
    except BadFile:
        return False
    return True


@lru_cache(maxsize=128)
def _thumbnail(path: Path, _modified: float) -> bytes:
    from device.raw.files import read_jpeg
    from device.raw.jpeg import thumbnail

    return thumbnail(read_jpeg(path), THUMBNAIL_WIDTH, name=path.name)
