"""How the camera is mounted: how its picture is to be turned for looking at it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Blueprint

from web.context import camera_session
from web.errors import BadRequest, json_body

blueprint = Blueprint("orientation", __name__, url_prefix="/api/orientation")


@blueprint.get("")
def show() -> dict[str, Any]:
    """Give the orientation, and Exif's number for it. Each frame says in its header how it is turned itself."""
    orientation = camera_session().owner_orientation.get()
    return {**asdict(orientation), "exif": orientation.exif}


@blueprint.patch("")
def turn() -> dict[str, Any]:
    """Turn the picture otherwise, from the next frame and the next shot on; their pixels stay as they are."""
    camera_session().owner_orientation.change(json_body(), error=BadRequest)
    return show()
