"""Where the camera stands, as its owner told it once: for sunrise and sunset."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Blueprint

from device.preferences.position import checked_position
from web.context import owner_position
from web.errors import BadRequest, json_body

blueprint = Blueprint("position", __name__, url_prefix="/api/position")


@blueprint.get("")
def show() -> dict[str, Any]:
    """Give the position; null when none was told."""
    position = owner_position().get()
    return {"position": asdict(position) if position else None}


@blueprint.put("")
def tell() -> dict[str, Any]:
    """Keep another position."""
    owner_position().set(checked_position(json_body(), error=BadRequest))
    return show()


@blueprint.delete("")
def forget() -> dict[str, Any]:
    """Keep none."""
    owner_position().set(None)
    return show()
