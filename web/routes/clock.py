"""What time it is for the camera, and the time that a phone tells it where nothing else does."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from web.context import owner_clock
from web.errors import BadRequest, json_body

blueprint = Blueprint("clock", __name__, url_prefix="/api/clock")


@blueprint.get("")
def show() -> dict[str, Any]:
    """Give the time as well as it is known, and from where it is."""
    now = owner_clock().now()
    return {"unix_ms": round(now.unix_s * 1000), "synchronised": now.source == "synchronised", "source": now.source}


@blueprint.post("")
def tell() -> dict[str, Any]:
    """Take the time of whoever asks; refused where the clock is synchronised."""
    owner_clock().tell(json_body(), error=BadRequest)
    return show()
