"""The place where captures are saved: the folder given at the start or a USB drive; and how many shots fit."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from device.errors import StorageError
from web.context import capture_places, capture_storage, drive_modes, drive_state
from web.errors import BadRequest, json_body

blueprint = Blueprint("storage", __name__, url_prefix="/api/storage")


@blueprint.get("")
def show() -> dict[str, Any]:
    """List the places for captures; `problem` says why the present one cannot be used, so that another is chosen."""
    storage = capture_storage()
    places = [
        {"id": p.id, "name": p.name, "folder": str(p.folder), "free_bytes": p.free_bytes, "current": p.current}
        for p in capture_places().list()
    ]
    problem, shots_left, shot_bytes = "", 0, 0
    try:
        shot_bytes, shots_left = storage.shot_bytes(), storage.shots_left()
    except StorageError as error:  # the drive was pulled out
        problem = error.message
    return {"places": places, "shots_left": shots_left, "shot_bytes": shot_bytes, "problem": problem}


@blueprint.patch("")
def choose() -> dict[str, Any]:
    """Save to another place from the next shot on."""
    body = json_body()
    place = body.get("place")
    if set(body) != {"place"} or not isinstance(place, str):
        raise BadRequest("the body names no place", expected='{"place": "home"}, or the id of another place')
    if drive_state() == "running":
        drive_modes().check_free()  # the manifest and the pictures of a series stay together
    capture_places().choose(place)
    return show()
