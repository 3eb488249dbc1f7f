"""The path of the calibration of the camera, and what it answers."""

from __future__ import annotations

from typing import Any, get_args

from device.calibrate.background import Step
from web.openapi.parts import BOOLEAN, INTEGER, NUMBER, STRING, Schema, answer, array, nullable, or_null, route, whole


def calibration_paths() -> dict[str, Any]:
    """Give it."""
    return {
        "/api/calibration": {
            "get": route("What is in use of this camera, and a calibration in progress", answer("CameraCalibration")),
            "post": route("Begin a step", answer("CameraCalibration", "202"), body="CalibrationStep"),
            "put": route("Use one that is kept, or none (0)", answer("CameraCalibration"), body="CalibrationInUse"),
            "delete": route("End the step in progress", answer("CameraCalibration")),
        }
    }


def calibration_schemas() -> dict[str, Schema]:
    """Give what it takes and answers."""
    figure = whole(
        {
            "name": STRING,
            "unit": STRING,
            "published": nullable(NUMBER),
            "measured": nullable(NUMBER),
            "percent": nullable(NUMBER),
        }
    )
    error = whole(dict.fromkeys(("code", "message", "expected", "remedy"), STRING))
    progress = whole(
        {
            "step": {"enum": [*get_args(Step), None]},
            "running": BOOLEAN,
            "done": INTEGER,
            "of": INTEGER,
            "what": STRING,
            "cap_done": BOOLEAN,
            "complete": BOOLEAN,
            "same_sensor": nullable(BOOLEAN),
            "error": or_null(error),
        }
    )
    return {
        "CalibrationStep": whole({"step": {"enum": list(get_args(Step))}}),
        "CalibrationInUse": whole({"in_use": INTEGER}),
        "CameraCalibration": whole(
            {
                "possible": BOOLEAN,
                "by_itself": BOOLEAN,
                "in_use": INTEGER,
                "kept": array(STRING),
                "temperature_c": nullable(NUMBER),
                "figures": array(figure),
                "progress": progress,
            }
        ),
    }
