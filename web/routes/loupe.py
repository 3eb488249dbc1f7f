"""The loupe over HTTP: show it at a point, move it, end it; and a picture of the whole frame as its map."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response

from device.errors import BadControl, NotFound
from device.session.session import Session
from web import wire
from web.context import camera_session
from web.errors import json_body
from web.point import point_of

blueprint = Blueprint("loupe", __name__, url_prefix="/api/loupe")


@blueprint.get("")
def get_loupe() -> dict[str, Any]:
    """Give whether it is on, and where."""
    return _state(camera_session())


@blueprint.put("")
def put_loupe() -> dict[str, Any]:
    """Put it on a point of the whole frame, or move it there; answers when the camera shows it."""
    session = camera_session()
    session.loupe.put(*point_of(json_body(), error=BadControl))
    return _state(session)


@blueprint.delete("")
def take_away() -> dict[str, Any]:
    """Show the whole frame again."""
    session = camera_session()
    session.loupe.take_away()
    return _state(session)


@blueprint.get("/map")
def whole_frame() -> Response:
    """Give the last picture of the whole frame, on which the page marks the loupe. It is old while the loupe is on.

    Its Exif says how to turn it now.
    """
    session = camera_session()
    view = session.loupe.map
    if view is None:
        raise NotFound("no picture of the whole frame was made yet", remedy="watch the viewfinder first")
    headers = {"Cache-Control": "no-store", "X-Frame-Captured-Ms": f"{view.captured_unix_ms:.1f}"}
    return Response(wire.tagged_jpeg(view, session.orientation()), mimetype="image/jpeg", headers=headers)


def _state(session: Session) -> dict[str, Any]:
    point = session.loupe.point
    return {
        "available": session.info().capabilities.loupe,
        "on": point is not None,
        "x": point[0] if point else None,
        "y": point[1] if point else None,
    }
