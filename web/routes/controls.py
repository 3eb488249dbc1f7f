"""State and description of the camera; reading and changing its controls and the settings of the assists."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import Any

from flask import Blueprint

from device import __version__, host
from device.analysis import false_colour
from device.analysis import settings as assist_rules
from device.errors import CameraError, StorageError
from device.report import camera_report
from web.context import camera_notices, camera_session, capture_storage, drive_state, owner_lenses, owner_presets
from web.errors import json_body
from web.routes.clock import show as show_clock
from web.routes.people import others

blueprint = Blueprint("controls", __name__, url_prefix="/api")


@blueprint.get("/status")
def status() -> dict[str, Any]:
    """Give the state of the camera, with a message and a remedy for people."""
    session = camera_session()
    now = session.status
    newest = session.newest_meta()
    return {
        "version": __version__,
        "state": now.state,
        "message": now.message,
        "remedy": now.remedy,
        "retry_in_s": round(max(0.0, now.retry_at - time.monotonic()), 1) if now.retry_at is not None else None,
        "sequence": newest.sequence if newest else 0,
        "fps": round(session.fps, 1),
        "settings_revision": session.revision + owner_lenses().revision + owner_presets().revision,
        "drive": drive_state(),
        "notices": camera_notices(),
        "battery": asdict(found) if (found := host.battery()) else None,
        "captures": _captures_version(),
        "clock": show_clock(),
        "camera": _camera_summary(),
        "people": others(),
    }


def _captures_version() -> str:
    """A text that changes when captures come or go; "" while the drive cannot be read."""
    try:
        return capture_storage().version()
    except StorageError:
        return ""


@blueprint.get("/camera")
def camera() -> dict[str, Any]:
    """Describe the camera: modes, limits, capabilities."""
    session = camera_session()
    return camera_report(session.info(), session.mode())


@blueprint.get("/controls")
def get_controls() -> dict[str, Any]:
    """Give the controls."""
    return asdict(camera_session().controls())


@blueprint.patch("/controls")
def patch_controls() -> dict[str, Any]:
    """Change controls: all that are given, or none."""
    return asdict(camera_session().set_controls(json_body()))


@blueprint.get("/assists")
def get_assists() -> dict[str, Any]:
    """Give the settings of the assists."""
    return assist_rules.as_json(camera_session().assists)


@blueprint.patch("/assists")
def patch_assists() -> dict[str, Any]:
    """Change settings of the assists: all that are given, or none."""
    return assist_rules.as_json(camera_session().set_assists(json_body()))


@blueprint.get("/false-colour")
def get_false_colour() -> dict[str, Any]:
    """Give the bands of both scales, dark to bright, for the tone curve with the contrast that is set."""
    session = camera_session()
    tone = session.sensor.tone.with_contrast(session.controls().contrast)
    return {scale: [asdict(band) for band in false_colour.bands(scale, tone)] for scale in ("ire", "stops")}


def _camera_summary() -> dict[str, Any] | None:
    try:
        info = camera_session().info()
    except CameraError:
        return None
    return {"driver": info.driver, "description": info.description, "simulated": info.simulated}
