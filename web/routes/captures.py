"""Shooting, listing, starring and deleting captures."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Blueprint, request, url_for

from device.captures.capture import Capture
from device.errors import BadFile, HqcamError, NotFound
from web.context import (
    camera_session,
    capture_storage,
    capture_uploader,
    drive_modes,
    drive_state,
    recipe,
    refuse_while_calibrating,
    series_index,
    settle_series,
)
from web.errors import BadRequest, check_no_fields, json_body

if TYPE_CHECKING:
    from device.captures.storage import Page
    from device.library.listing import Filter

blueprint = Blueprint("captures", __name__, url_prefix="/api/captures")

LIST_LIMIT_DEFAULT, LIST_LIMIT_MAX, OFFSET_MAX = 50, 1000, 9_999_999
DELETED_MOST = 500  # of the longest names, what a body may have
_CURSOR = re.compile(r"[0-9]{1,12}|(\d{4}-\d\d-\d\d)?/[A-Za-z0-9_-]{1,80}", re.ASCII)


@blueprint.post("")
def shoot() -> tuple[dict[str, Any], int]:
    """Take one shot; answers when it is on disk under its final name."""
    from device.captures.shot import take_shot  # not at module level: the file writers would delay the first frame

    check_no_fields()
    refuse_while_calibrating()
    if drive_state() == "running":
        drive_modes().check_free()
    return _describe(take_shot(camera_session(), capture_storage(), recipe()).capture), 201


@blueprint.get("")
def index() -> dict[str, Any]:
    """List captures, the one that was taken last first: `limit` of them, after `offset` or after the cursor `after`.

    With `fold` a series is one entry; `only` and `lens` keep some; `series` gives those of one.
    """
    storage = capture_storage()
    settle_series()
    page = _page()
    return {
        "captures": [_describe(capture) for capture in page.captures],
        "total": page.total,
        "next": page.next,
        "free_bytes": storage.free_bytes(),
        "shots_left": storage.shots_left(),
    }


@blueprint.get("/others")
def others() -> dict[str, Any]:
    """List what else is in the folder: files that are no captures, and that nobody here touches."""
    from device.library.other_files import other_files

    told, total = other_files(capture_storage().root)
    files = [{"folder": file.folder, "name": file.name, "bytes": file.size_bytes} for file in told]
    return {"files": files, "total": total}


@blueprint.put("/<capture_id>/star")
def star(capture_id: str) -> dict[str, Any]:
    """Star the capture, or take its star."""
    from device.captures.stars import set_star

    body = json_body()
    starred = body.pop("starred", None)
    if body or not isinstance(starred, bool):
        raise BadRequest("the body says no star", expected='{"starred": true} or {"starred": false}')
    storage = capture_storage()
    with storage.save_lock:
        set_star(storage.get(capture_id).files[0].path, starred)
    capture_uploader().look_at_all_again(stars=True)
    return {"starred": starred}


@blueprint.delete("/<capture_id>")
def delete(capture_id: str) -> tuple[str, int]:
    """Delete the capture: all of its files, for good."""
    _delete(capture_id)
    return "", 204


@blueprint.post("/delete")
def delete_many() -> dict[str, Any]:
    """Delete captures, each all or not at all; says of which it could not be done, and why.

    One that is not there any more counts as deleted: somebody else was faster.
    """
    body = json_body()
    ids = body.pop("ids", None)
    if body or not isinstance(ids, list) or not all(isinstance(one, str) for one in ids) or len(ids) > DELETED_MOST:
        raise BadRequest("the body names no captures", expected=f'{{"ids": ["..."]}}, at most {DELETED_MOST}')
    failed = []
    for one in dict.fromkeys(ids):
        try:
            _delete(one)
        except NotFound:
            continue
        except HqcamError as error:
            failed.append({"id": one, "error": error.as_json()})
    return {"failed": failed}


def _delete(capture_id: str) -> None:
    if drive_state() == "running":
        drive_modes().check_not_in_use(capture_id)
    capture_storage().delete(capture_id)


def _page() -> Page:
    from device.library.listing import Part, list_filtered, list_folded, list_series

    storage, limit = capture_storage(), _whole("limit", LIST_LIMIT_DEFAULT, 1, LIST_LIMIT_MAX)
    part, wanted, series = Part(_cursor("after"), _cursor("until")), _filter(), request.args.get("series")
    if request.args.get("fold", "0") not in ("0", "1"):
        raise BadRequest(f"fold is {request.args['fold'][:40]!r}", expected="1 for a series as one entry, or 0")
    ways = {"fold": "fold", "series": "series", "only": "a filter", "lens": "a filter", "offset": "offset"}
    asked = {way for name, way in ways.items() if request.args.get(name, "0") not in ("0", "")}
    if len(asked) > 1:
        raise BadRequest(f"{' and '.join(sorted(asked))} are asked for at once", expected="one of them")
    if series:
        return list_series(storage, series_index(), series, limit, part)
    if wanted:
        return list_filtered(storage, wanted, limit, part)
    if "fold" in asked:
        return list_folded(storage, series_index(), limit, part)
    return storage.page(limit, offset=_whole("offset", 0, 0, OFFSET_MAX), cursor=part.after, until=part.until)


def _filter() -> Filter:
    from device.library.listing import ONLY, Filter

    text = request.args.get("only", "")
    only = next((known for known in ONLY if known == text), None)
    if text and only is None:
        raise BadRequest(f"only is {text[:40]!r}", expected="one of " + ", ".join(ONLY))
    return Filter(only, request.args.get("lens", ""))


def _whole(name: str, default: int, least: int, most: int) -> int:
    text = request.args.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(most)) and least <= int(text) <= most):
        raise BadRequest(f"{name} is {text[:40]!r}", expected=f"a whole number from {least} to {most}")
    return int(text)


def _cursor(name: str) -> str | None:
    text = request.args.get(name)
    if text is not None and not _CURSOR.fullmatch(text):
        raise BadRequest(f"{name} is {text[:40]!r}", expected="the `next` of a list before")
    return text


def _describe(capture: Capture) -> dict[str, Any]:
    from device.captures.shot_audit import read_audit_and_series
    from device.captures.stars import is_starred
    from device.library.listing import metadata_of
    from device.raw.file_metadata import NO_METADATA, exposure_in

    shown, metadata = capture.shown(), metadata_of(capture)
    audit, place = read_audit_and_series(shown.path)
    thumbnail = picture = None
    if shown.kind == "jpeg":
        thumbnail = _dated_url("show_thumbnail", capture)
        picture = url_for("capture_files.download", capture_id=capture.id, name=shown.name)
    elif _has_preview(shown.path, capture.modified):
        thumbnail, picture = _dated_url("show_thumbnail", capture), _dated_url("show_preview", capture)
    return {
        "id": capture.id,
        "sequence": capture.sequence,
        **exposure_in(metadata),
        **({} if metadata is not NO_METADATA else {"simulated": None}),
        "lens": metadata.lens,
        "starred": is_starred(shown.path),
        "series": _series(capture, place),
        "audit": None if audit is None else {"verdict": audit.verdict, "findings": audit.findings()},
        "files": [
            {
                "name": f.name,
                "kind": f.kind,
                "bytes": f.size_bytes,
                "url": url_for("capture_files.download", capture_id=capture.id, name=f.name),
            }
            for f in capture.all_files
        ],
        "thumbnail_url": thumbnail,
        "picture_url": picture,
    }


def _dated_url(route: str, capture: Capture) -> str:
    # Browsers keep these pictures; a capture may have the name of one that was deleted.
    return url_for(f"capture_files.{route}", capture_id=capture.id, of=int(capture.modified))


def _series(capture: Capture, place: str) -> dict[str, Any] | None:
    """The series that the capture belongs to, and how many of it are there; None for a single shot."""
    index = series_index()
    series = index.in_record(capture, place)
    if series is None:
        return None
    return {"place": series.place, "id": series.id, "mode": series.mode, "captures": len(index.present(series))}


@lru_cache(maxsize=1024)
def _has_preview(path: Path, _modified: float) -> bool:
    """Whether a DNG holds a picture to show: a foreign or broken one may not."""
    from device.raw.files import preview_in

    try:
        preview_in(path)
    except BadFile:
        return False
    return True
