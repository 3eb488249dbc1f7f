"""The OpenAPI description of the API. A test holds it against the routes and the real answers."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, get_args

from device import __version__
from device.analysis.settings import CHOICES, RANGES, AssistSettings
from device.controls import AWB_MODES, PICTURE, WORDS
from device.meter.light_meter import EV100, AreaName
from web import wire

Schema = dict[str, Any]

NUMBER: Schema = {"type": "number"}
INTEGER: Schema = {"type": "integer"}
STRING: Schema = {"type": "string"}
BOOLEAN: Schema = {"type": "boolean"}


def describe() -> dict[str, Any]:
    """Give the whole description (OpenAPI 3.1)."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "hqcam",
            "version": __version__,
            "description": "The camera's HTTP API. Beyond loopback every path needs the cookie of POST /api/access.",
        },
        "paths": _paths(),
        "components": {"schemas": _schemas(), "responses": {"Error": _json_answer("any failure", _ref("Error"))}},
    }


def _paths() -> dict[str, Any]:
    return {
        "/": {"get": _route("The viewfinder page", {"200": {"description": "HTML"}})},
        "/help": {"get": _route("The help's contents", {"200": {"description": "HTML"}})},
        "/help/{name}": {
            "get": _route("The help of one tool", {"200": {"description": "HTML"}}, parameters=[_path("name")])
        },
        "/access": {"get": _route("The form for the access code", {"200": {"description": "HTML"}})},
        "/api/openapi.json": {"get": _route("This description", {"200": {"description": "OpenAPI 3.1"}})},
        "/api/access": {"post": _enter()},
        "/api/viewfinder/frame": {"get": _frame()},
        "/api/loupe": {
            "get": _route("Where the loupe is", _answer("Loupe")),
            "put": _route("Magnify to the sensor's own pixels, or move there", _answer("Loupe"), body="Point"),
            "delete": _route("Show the whole frame again", _answer("Loupe")),
        },
        "/api/loupe/map": {
            "get": _route("The last picture of the whole frame", {"200": _media("image/jpeg")}),
        },
        "/stream.mjpg": {
            "get": _route("Pictures as multipart JPEG, without overlays", {"200": _media("multipart/x-mixed-replace")})
        },
        "/api/status": {"get": _route("How the camera is doing", _answer("Status"))},
        "/api/camera": {"get": _route("Modes, limits, capabilities", _answer("Camera"))},
        "/api/controls": {
            "get": _route("What is asked of the camera", _answer("Controls")),
            "patch": _route("Ask for other values, all or none", _answer("Controls"), body="Controls"),
        },
        "/api/assists": {
            "get": _route("What the assists detect", _answer("Assists")),
            "patch": _route("Detect other things, all changes or none", _answer("Assists"), body="Assists"),
        },
        "/api/false-colour": {"get": _route("The bands of false colour, in both scales", _answer("FalseColour"))},
        "/api/captures": {
            "get": _route(
                "List captures, newest first",
                _answer("CaptureList"),
                parameters=[_query("limit", {"type": "integer", "minimum": 1, "maximum": 1000, "default": 50})],
            ),
            "post": _route("Take a shot; answers when it is on disk", _answer("Capture", "201"), body="Nothing"),
        },
        "/api/captures/{capture_id}": {
            "delete": _route(
                "Delete all files of a capture, for good",
                {"204": {"description": "deleted"}},
                parameters=[_path("capture_id")],
            )
        },
        "/api/captures/{capture_id}/thumbnail": {
            "get": _route(
                "A small picture",
                {"200": _media("image/jpeg")},
                parameters=[_path("capture_id"), _query("of", INTEGER)],
            )
        },
        "/api/captures/{capture_id}/{name}": {
            "get": _route(
                "One file",
                {"200": {"description": "the file", "content": {"image/jpeg": {}, "image/x-adobe-dng": {}}}},
                parameters=[_path("capture_id"), _path("name"), _query("download", {"enum": ["1"]})],
            )
        },
        **_shooting_paths(),
        **_metering_paths(),
    }


def _enter() -> dict[str, Any]:
    answers = {"204": {"description": "let in; the cookie is set"}}
    return _route("Give the access code, get the cookie", answers, body="AccessCode")


def _frame() -> dict[str, Any]:
    headers = {
        "X-Frame-Sequence": {"schema": INTEGER, "description": "the frame's number"},
        "X-Frame-Age-Ms": {"schema": NUMBER, "description": "from the start of the exposure to sending"},
        "X-Frame-Captured-Ms": {"schema": NUMBER, "description": "start of the exposure, unix milliseconds"},
        "X-Frame-Bytes": {"schema": INTEGER, "description": "about the length of the body"},
        "X-Waited-Ms": {"schema": NUMBER, "description": "time that was not the link's: waiting, encoding"},
        "X-Camera-State": {"schema": STRING, "description": "as in /api/status"},
    }
    answers = {
        "200": {**_media(wire.MIME_TYPE), "headers": headers},
        "204": {"description": "no newer frame within two seconds; ask again", "headers": headers},
    }
    parameters = [
        _query("after", {"type": "integer", "minimum": 0, "default": 0}),
        _query("bytes", {**INTEGER, "minimum": 0, "description": "the most that a body should weigh"}),
        _query("width", {**INTEGER, "minimum": 0, "description": "pixels of the screen that the picture covers"}),
        _query("known", {**STRING, "description": "`setting` of a header; what it names is not told again"}),
        _query("graphs", {"enum": ["0", "1"], "default": "1"}),
    ]
    return _route(
        "Wait for a frame newer than `after`: picture, overlay, readings, metadata", answers, parameters=parameters
    )


def _schemas() -> dict[str, Schema]:
    return {
        "Error": _object(
            {"error": _object({name: STRING for name in ("code", "message", "expected", "remedy")})},
        ),
        "Nothing": {"type": "object", "additionalProperties": False},
        "AccessCode": _object({"code": STRING}),
        "Status": _object(
            {
                "version": STRING,
                "state": {"enum": ["starting", "live", "lost", "failed", "closed"]},
                "message": STRING,
                "remedy": STRING,
                "retry_in_s": _nullable(NUMBER),
                "sequence": INTEGER,
                "fps": NUMBER,
                "settings_revision": INTEGER,
                "drive": {"enum": ["idle", "running", "done", "cancelled", "failed"]},
                "camera": {"type": ["object", "null"]},
            }
        ),
        "Camera": _object(
            {
                "driver": STRING,
                "model": STRING,
                "simulated": BOOLEAN,
                "description": STRING,
                "mode": STRING,
                "modes": {"type": "array", "items": {"type": "object"}},
                "limits": {"type": "object", "additionalProperties": _ref("Limit")},
                "choices": {"type": "object", "additionalProperties": _array(STRING)},
                "capabilities": {"type": "object", "additionalProperties": BOOLEAN},
            }
        ),
        "Limit": _object({"minimum": NUMBER, "maximum": NUMBER, "default": _nullable(NUMBER), "unit": STRING}),
        "Controls": _partial(_controls()),
        "Assists": _partial(_assists()),
        "Loupe": _object({"available": BOOLEAN, "on": BOOLEAN, "x": _nullable(NUMBER), "y": _nullable(NUMBER)}),
        "Point": _object({name: {"type": "number", "minimum": 0, "maximum": 1} for name in ("x", "y")}),
        "FalseColour": _object({scale: {"type": "array", "items": _band()} for scale in ("ire", "stops")}),
        "Capture": _capture(),
        "Audit": _nullable(
            _object(
                {
                    "verdict": {"enum": ["ok", "warning", "fault"]},
                    "findings": {"type": "array", "items": STRING},
                }
            )
        ),
        **_shooting_schemas(),
        **_metering_schemas(),
        "CaptureList": _object(
            {"captures": {"type": "array", "items": _ref("Capture")}, "free_bytes": INTEGER, "shots_left": INTEGER}
        ),
    }


def _controls() -> dict[str, Schema]:
    optional = ("exposure_us", "gain", "colour_temperature_k", "focus_m", "f_number", "focal_mm")
    pair = {"type": ["array", "null"], "items": NUMBER, "minItems": 2, "maxItems": 2}
    return {
        **{name: _nullable(NUMBER) for name in optional},
        "ev": NUMBER,
        "ae_lock": BOOLEAN,
        "awb": {"enum": list(AWB_MODES)},
        **{name: {"enum": list(words)} for name, words in WORDS.items()},
        **dict.fromkeys(PICTURE, NUMBER),
        "colour_gains": pair,
    }


def _assists() -> dict[str, Schema]:
    schemas: dict[str, Schema] = {}
    for field in fields(AssistSettings):
        if field.name in RANGES:
            low, high = RANGES[field.name]
            schemas[field.name] = {"type": "number", "minimum": low, "maximum": high}
        elif field.name in CHOICES:
            schemas[field.name] = {"enum": list(CHOICES[field.name])}
        else:
            schemas[field.name] = BOOLEAN
    return schemas


def _band() -> Schema:
    code = {"type": "integer", "minimum": 0, "maximum": 255}
    rgb = {"type": "array", "items": code, "minItems": 3, "maxItems": 3}
    figures = {"from_ire": NUMBER, "from_ev": _nullable(NUMBER)}
    return _object({"name": STRING, "rgb": rgb, "first_code": code, "last_code": code, **figures})


def _capture() -> Schema:
    file = _object({"name": STRING, "kind": {"enum": ["dng", "jpeg"]}, "bytes": INTEGER, "url": STRING})
    return _object(
        {
            "id": STRING,
            "taken_at": _nullable(STRING),
            "exposure_us": _nullable(NUMBER),
            "iso": _nullable(INTEGER),
            "simulated": _nullable(BOOLEAN),
            "audit": _ref("Audit"),
            "files": {"type": "array", "items": file},
            "thumbnail_url": _nullable(STRING),
        }
    )


def _shooting_paths() -> dict[str, Any]:
    """Lenses, places for captures, drive modes."""
    return {
        "/api/lens": {
            "get": _route("The lenses, and the one on the camera", _answer("Lenses")),
            "patch": _route("Choose a lens and its f-stop", _answer("Lenses"), body="LensChoice"),
        },
        "/api/storage": {
            "get": _route("Where captures can go", _answer("Storage")),
            "patch": _route("Save elsewhere from the next shot on", _answer("Storage"), body="StorageChoice"),
        },
        "/api/drive": {
            "get": _route("How far a drive mode is", _answer("Drive")),
            "post": _route("Start a drive mode", _answer("Drive", "202"), body="DriveStart"),
            "patch": _route(
                "The second press: the moment of an armed mode, the end of a recording",
                _answer("Drive"),
                body="DriveTrigger",
            ),
            "delete": _route("End what runs, keep what is saved", _answer("Drive")),
        },
        "/api/drive/modes": {"get": _route("The drive modes and their settings", _answer("DriveModes"))},
        "/api/drive/{run_id}/manifest": {
            "get": _route(
                "The plan of a run, and of each of its shots what was asked, delivered and found, as a file",
                {
                    "200": {
                        "description": "the manifest",
                        "content": {"application/json": {"schema": {"type": "object"}}},
                    }
                },
                parameters=[{"name": "run_id", "in": "path", "required": True, "schema": STRING}],
            )
        },
    }


def _shooting_schemas() -> dict[str, Schema]:
    profile = {"id": STRING, "maker": STRING, "model": STRING, "mount": STRING, "focal_mm": NUMBER}
    place = {"id": STRING, "name": STRING, "folder": STRING, "free_bytes": INTEGER, "current": BOOLEAN}
    choice = _object({"id": STRING, "f_number": _nullable(NUMBER)})
    return {
        "Lenses": _object(
            {
                "chosen": {"anyOf": [choice, {"type": "null"}]},
                "recent": _array(STRING),
                "problem": STRING,
                "lenses": _array(_object({**profile, "f_stops": _array(NUMBER)})),
            }
        ),
        "LensChoice": {**_partial({"id": _nullable(STRING), "f_number": _nullable(NUMBER)}), "required": ["id"]},
        "Storage": _object({"places": _array(_object(place)), "shots_left": INTEGER, "shot_bytes": INTEGER}),
        "StorageChoice": _object({"place": STRING}),
        "Drive": _progress(),
        "DriveStart": {**_partial({"mode": STRING, "settings": {"type": "object"}}), "required": ["mode"]},
        "DriveTrigger": _object({"trigger": {"const": True}}),
        "DriveModes": _object({"modes": _array(_mode())}),
    }


def _metering_paths() -> dict[str, Any]:
    area = _query("area", {"enum": list(get_args(AreaName)), "default": "frame"})
    return {
        "/api/controls/grey": {"post": _route("Balance white by a grey thing", _answer("Controls"), body="Point")},
        "/api/meter": {"get": _route("Read the light", _answer("Meter"), parameters=[area])},
        "/api/meter/calibration": {
            "post": _route("Take what is seen for a known light", _answer("Meter"), body="KnownLight"),
            "delete": _route("Be uncalibrated again", _answer("Meter")),
        },
    }


def _metering_schemas() -> dict[str, Schema]:
    area = {"enum": list(get_args(AreaName))}
    level = _object({"level_ev": _nullable(NUMBER), "clipped_percent": NUMBER})
    light = _object(dict.fromkeys(("ev100", "luminance_cd_m2", "illuminance_lux"), NUMBER))
    calibration = _object({"offset_ev": NUMBER, "ev100": NUMBER, "at": STRING})
    row = _object({"f_number": NUMBER, "seconds": _array(NUMBER), "times": _array(STRING)})
    ends = {"minimum": EV100[0], "maximum": EV100[1]}
    return {
        "KnownLight": {**_partial({"ev100": {"type": "number", **ends}, "area": area}), "required": ["ev100"]},
        "Meter": _object(
            {
                "area": area,
                "level": _or_null(level),
                "exposure_us": NUMBER,
                "gain": NUMBER,
                "f_number": _nullable(NUMBER),
                "f_number_from": {"enum": ["given", "frame", "lens", ""]},
                "calibration": _or_null(calibration),
                "light": _or_null(light),
                "missing": STRING,
                "simulated": BOOLEAN,
                "isos": _array(INTEGER),
                "equivalents": _array(row),
            }
        ),
    }


def _or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _progress() -> Schema:
    return _object(
        {
            "state": {"enum": ["idle", "running", "done", "cancelled", "failed"]},
            "id": STRING,
            "mode": STRING,
            "phase": {"enum": ["waiting", "exposing", "saving", "armed", "recording", "none"]},
            "phase_s": NUMBER,
            "phase_left_s": NUMBER,
            "taken": INTEGER,
            "total": _nullable(INTEGER),
            "left_s": _nullable(NUMBER),
            "missed": INTEGER,
            "doubtful": INTEGER,
            "last": STRING,
            "message": STRING,
            "error": {"anyOf": [{"type": "object"}, {"type": "null"}]},
        }
    )


def _mode() -> Schema:
    setting = {
        "name": STRING,
        "label": STRING,
        "kind": {"enum": ["number", "whole", "choice", "switch", "time"]},
        "default": {},
        "unit": STRING,
        "minimum": NUMBER,
        "maximum": NUMBER,
        "choices": _array(STRING),
        "steps": _array(NUMBER),
        "zero": STRING,
    }
    return _object(
        {
            "name": STRING,
            "title": STRING,
            "sentence": STRING,
            "note": STRING,
            "triggered": BOOLEAN,
            "settings": _array(_object(setting)),
        }
    )


def _route(
    summary: str,
    responses: dict[str, Any],
    *,
    body: str | None = None,
    parameters: list[dict[str, Any]] | None = None,
) -> dict[str, Any]:
    route: dict[str, Any] = {
        "summary": summary,
        "responses": {**responses, "default": {"$ref": "#/components/responses/Error"}},
    }
    if parameters:
        route["parameters"] = parameters
    if body is not None:
        route["requestBody"] = {"required": True, "content": {"application/json": {"schema": _ref(body)}}}
    return route


def _answer(schema: str, status: str = "200") -> dict[str, Any]:
    return {status: _json_answer(schema, _ref(schema))}


def _json_answer(description: str, schema: Schema) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _media(kind: str) -> dict[str, Any]:
    return {"description": kind, "content": {kind: {}}}


def _query(name: str, schema: Schema) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": schema}


def _path(name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": STRING}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _nullable(schema: Schema) -> Schema:
    return {**schema, "type": [schema["type"], "null"]}


def _object(properties: dict[str, Schema]) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _array(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _partial(properties: dict[str, Schema]) -> Schema:
    """An object of which a request may send any part; answers hold all of it."""
    return {"type": "object", "properties": properties, "additionalProperties": False}
