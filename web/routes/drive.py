"""The drive modes as one resource: list, start, progress, manifest, second press, cancel."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, request, url_for

from web.context import (
    camera_session,
    capture_storage,
    drive_modes,
    refuse_while_calibrating,
    settle_series,
    transfers,
)
from web.errors import BadRequest, json_body
from web.transfer.download import send_stored

blueprint = Blueprint("drive", __name__, url_prefix="/api/drive")


@blueprint.get("")
def show() -> dict[str, Any]:
    """Give the progress of the series in progress, or of the last one."""
    settle_series()
    return asdict(drive_modes().progress())


@blueprint.get("/modes")
def modes() -> dict[str, Any]:
    """List the modes and their settings."""
    from device.drive.drive import MODES, describe  # not at module level: nothing before the first frame needs it

    session = camera_session()
    return {"modes": [describe(mode, session) for mode in MODES.values()]}


@blueprint.get("/<run_id>/manifest")
def manifest(run_id: str) -> Response:
    """Give the manifest of a series as a file. Raises NotFound."""
    from device.drive.manifest import find_manifest, manifest_text

    settle_series()
    root = capture_storage().root
    path = find_manifest(root, run_id)
    attached = {"Content-Disposition": f"attachment; filename={path.name}"}
    return Response(manifest_text(root, path), mimetype="application/json", headers=attached)


@blueprint.get("/<run_id>/files")
def files(run_id: str) -> dict[str, Any]:
    """List what was made of a series: films and contact sheets. Raises NotFound."""
    from device.library.series_files import files_of_series

    found = files_of_series(capture_storage().root, run_id)
    return {
        "files": [
            {
                "name": f.name,
                "kind": f.kind,
                "bytes": f.size_bytes,
                "url": url_for("drive.file", run_id=run_id, name=f.name),
            }
            for f in found
        ]
    }


@blueprint.get("/<run_id>/files/<name>")
def file(run_id: str, name: str) -> Response:
    """Give one of them, or the part of it that `Range` names. Raises NotFound."""
    from device.library.series_files import file_of_series

    stored = file_of_series(capture_storage().root, run_id, name)
    return send_stored(stored, transfers().digests, attached=request.args.get("download") == "1")


@blueprint.post("")
def start() -> tuple[dict[str, Any], int]:
    """Start a mode; answers at once."""
    refuse_while_calibrating()
    return asdict(drive_modes().start(*_mode_and_settings())), 202


@blueprint.post("/plan")
def plan() -> dict[str, Any]:
    """Say what the mode comes to and what the camera could not do if it began now; nothing is started."""
    mode, settings = _mode_and_settings()
    return {"plan": drive_modes().plan(mode, settings), "warnings": drive_modes().foresee(mode, settings)}


@blueprint.patch("")
def trigger() -> dict[str, Any]:
    """The second press: the moment of an armed mode, the end of a recording."""
    if json_body() != {"trigger": True}:
        raise BadRequest("the body is no press", expected='{"trigger": true}')
    return asdict(drive_modes().trigger())


@blueprint.delete("")
def cancel() -> dict[str, Any]:
    """Cancel the series; its saved shots stay. Answers when it has ended."""
    return asdict(drive_modes().cancel())


def _mode_and_settings() -> tuple[str, dict[str, Any]]:
    body = json_body()
    mode, settings = body.get("mode"), body.get("settings", {})
    if not {"mode"} <= set(body) <= {"mode", "settings"} or not isinstance(mode, str) or not isinstance(settings, dict):
        raise BadRequest("the body names no mode", expected='{"mode": "timer", "settings": {"delay_s": 10}}')
    return mode, settings
