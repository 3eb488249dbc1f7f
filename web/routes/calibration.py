"""The calibration of the camera: what is in use, and a new one step by step."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, cast, get_args

from flask import Blueprint

from device.calibrate.background import Step
from device.calibration.difference import figures
from device.errors import BadInput
from device.settings.declaration import finite
from web.context import alone, camera_calibration, camera_session
from web.errors import BadRequest, json_body

blueprint = Blueprint("calibration", __name__, url_prefix="/api")


@blueprint.get("/calibration")
def read() -> dict[str, Any]:
    """What is in use of this camera, and where a calibration in progress is."""
    return _answer()


@blueprint.post("/calibration")
def begin() -> tuple[dict[str, Any], int]:
    """Begin a step: the cap is on, or white paper fills the picture."""
    body = json_body()
    step = body.get("step")
    if set(body) != {"step"} or step not in get_args(Step):
        raise BadRequest("the body names no step", expected='{"step": "cap"} or {"step": "paper"}')
    with alone("calibration"):
        camera_calibration().begin(cast(Step, step))
    return _answer(), 202


@blueprint.delete("/calibration")
def end() -> dict[str, Any]:
    """End the step in progress; nothing of it is kept."""
    camera_calibration().cancel()
    return _answer()


@blueprint.put("/calibration")
def use() -> dict[str, Any]:
    """Use one of the calibrations that are kept, counted from 1, or none of them: 0."""
    body = json_body()
    number = finite(body.get("in_use"))
    if set(body) != {"in_use"} or number is None or number != int(number):
        raise BadRequest("the body names no calibration", expected='{"in_use": 0}')
    measured = camera_session().measured
    if measured.camera is None:
        raise BadInput("this camera has no calibrations", expected="a camera that was calibrated")
    measured.calibrations.use(measured.camera, int(number))
    measured.look()
    return _answer()


def _answer() -> dict[str, Any]:
    session, progress = camera_session(), camera_calibration().progress
    measured, info = session.measured, session.info()
    history = measured.calibrations.history(measured.camera) if measured.camera else None
    profile = measured.profile
    return {
        "possible": measured.camera is not None and info.capabilities.exposure_control,
        "by_itself": info.capabilities.coverable,
        "in_use": history.in_use if history else 0,
        "kept": [known.at for known in history.profiles] if history else [],
        "temperature_c": profile.temperature_c if profile else None,
        "figures": [{**asdict(f), "percent": f.percent} for f in figures(profile, measured.published)]
        if profile
        else [],
        "progress": {
            "step": progress.step,
            "running": progress.running,
            "done": progress.done,
            "of": progress.of,
            "what": progress.what,
            "cap_done": progress.cap_done,
            "complete": progress.complete,
            "same_sensor": progress.same_sensor,
            "error": progress.error.as_json() if progress.error else None,
        },
    }
