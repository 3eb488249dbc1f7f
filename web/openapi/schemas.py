"""The bodies of requests and answers. Schemas of settings are made from their declarations."""

from __future__ import annotations

from dataclasses import fields
from typing import get_args

from device.analysis.settings import ASSISTS
from device.captures.capture import KINDS as FILE_KINDS
from device.captures.developed import DEVELOPED_KINDS
from device.develop.settings import DEVELOP_SETTINGS
from device.drive.drive import MODES
from device.drive.mode import DriveMode
from device.film.timelapse import FILM_SETTINGS
from device.jobs.job import State
from device.jobs.kinds import KINDS as KINDS_OF_JOBS
from device.lenses.readout import Readout
from device.meter.light_meter import KNOWN_LIGHT, AreaName
from device.preferences.orientation import ORIENTATION, ROTATIONS_DEG
from device.preferences.owner_clock import TOLD_TIME, Source
from device.preferences.position import POSITION
from device.preferences.presets import SLOTS
from device.settings.controls import CONTROLS
from device.settings.schema import object_of, schema_of, schema_of_declaration
from device.uploads.destination import FILES, KINDS, STATES
from web.openapi.back_focus_paths import back_focus_schemas
from web.openapi.calibration_paths import calibration_schemas
from web.openapi.parts import BOOLEAN, INTEGER, NUMBER, STRING, Schema, array, nullable, or_null, partial, ref, whole
from web.point import POINT
from web.transfer.zip import KINDS_OF


def schemas() -> dict[str, Schema]:
    """Give every schema by its name."""
    return {
        "Error": whole({"error": ref("ErrorFacts")}),
        "ErrorFacts": whole({name: STRING for name in ("code", "message", "expected", "remedy")}),
        "Nothing": {"type": "object", "additionalProperties": False},
        "AccessCode": whole({"code": STRING}),
        "TokenName": {**whole({"name": STRING, "files": BOOLEAN}), "required": ["name"]},
        "NewToken": whole({"name": STRING, "token": STRING}),
        "Tokens": whole({"tokens": array(whole({"name": STRING, "created_at": STRING, "files": BOOLEAN}))}),
        **_uploads(),
        "Status": whole(
            {
                "version": STRING,
                "state": {"enum": ["starting", "live", "lost", "failed", "closed"]},
                "message": STRING,
                "remedy": STRING,
                "retry_in_s": nullable(NUMBER),
                "sequence": INTEGER,
                "fps": NUMBER,
                "settings_revision": INTEGER,
                "drive": {"enum": ["idle", "running", "done", "cancelled", "failed"]},
                "notices": array(STRING),
                "battery": nullable(whole({"percent": INTEGER, "charging": BOOLEAN})),
                "captures": STRING,
                "clock": ref("Clock"),
                "camera": {"type": ["object", "null"]},
                "people": whole({"watching": array(STRING), "changes": array(ref("Change"))}),
            }
        ),
        "Change": whole({"number": INTEGER, "who": STRING, "subject": STRING, "names": array(STRING)}),
        "Camera": whole(
            {
                "driver": STRING,
                "model": STRING,
                "simulated": BOOLEAN,
                "description": STRING,
                "tuning": STRING,
                "mode": STRING,
                "modes": {"type": "array", "items": {"type": "object"}},
                "limits": {"type": "object", "additionalProperties": ref("Limit")},
                "choices": {"type": "object", "additionalProperties": array(STRING)},
                "capabilities": {"type": "object", "additionalProperties": BOOLEAN},
            }
        ),
        "Limit": whole({"minimum": NUMBER, "maximum": NUMBER, "default": nullable(NUMBER), "unit": STRING}),
        "Controls": object_of(CONTROLS.values()),
        "Assists": object_of(ASSISTS.values()),
        "Loupe": whole({"available": BOOLEAN, "on": BOOLEAN, "x": nullable(NUMBER), "y": nullable(NUMBER)}),
        "Point": {**object_of(POINT.values()), "required": list(POINT)},
        "FalseColour": whole({scale: {"type": "array", "items": _band()} for scale in ("ire", "stops")}),
        "Capture": _capture(),
        "Audit": nullable(
            whole(
                {
                    "verdict": {"enum": ["ok", "warning", "fault"]},
                    "findings": {"type": "array", "items": STRING},
                }
            )
        ),
        "Selection": {
            **partial({"ids": {**array(STRING), "minItems": 1}, "files": {"enum": list(KINDS_OF)}}),
            "required": ["ids"],
        },
        "KeptSelection": whole({"url": STRING, "name": STRING, "bytes": INTEGER, "files": INTEGER, "without": INTEGER}),
        **_shooting_schemas(),
        **_metering_schemas(),
        **calibration_schemas(),
        **back_focus_schemas(),
        "Deletion": whole({"ids": array(STRING)}),
        "Deleted": whole({"failed": array(whole({"id": STRING, "error": ref("ErrorFacts")}))}),
        "Star": whole({"starred": BOOLEAN}),
        "OtherFiles": whole(
            {"files": array(whole({"folder": STRING, "name": STRING, "bytes": INTEGER})), "total": INTEGER}
        ),
        "SeriesOfCapture": nullable(whole({"place": STRING, "id": STRING, "mode": STRING, "captures": INTEGER})),
        "CaptureList": whole(
            {
                "captures": {"type": "array", "items": ref("Capture")},
                "total": INTEGER,
                "next": nullable(STRING),
                "free_bytes": INTEGER,
                "shots_left": INTEGER,
            }
        ),
    }


def _band() -> Schema:
    code = {"type": "integer", "minimum": 0, "maximum": 255}
    rgb = {"type": "array", "items": code, "minItems": 3, "maxItems": 3}
    figures = {"from_ire": NUMBER, "from_ev": nullable(NUMBER)}
    return whole({"name": STRING, "rgb": rgb, "first_code": code, "last_code": code, **figures})


def _capture() -> Schema:
    kind = {"enum": [*FILE_KINDS.values(), *DEVELOPED_KINDS.values()]}
    file = whole({"name": STRING, "kind": kind, "bytes": INTEGER, "url": STRING})
    return whole(
        {
            "id": STRING,
            "sequence": nullable(INTEGER),
            "taken_at": nullable(STRING),
            "exposure_us": nullable(NUMBER),
            "iso": nullable(INTEGER),
            "simulated": nullable(BOOLEAN),
            "time_synchronised": nullable(BOOLEAN),
            "lens": nullable(STRING),
            "starred": BOOLEAN,
            "series": ref("SeriesOfCapture"),
            "audit": ref("Audit"),
            "files": {"type": "array", "items": file},
            "thumbnail_url": nullable(STRING),
            "picture_url": nullable(STRING),
        }
    )


def _lens_optics() -> Schema:
    sides = whole(dict.fromkeys(("width", "height", "diagonal"), NUMBER))
    own = {"id": STRING, "sensor": STRING, "field_deg": sides, "frame_m": or_null(sides), "circle": STRING}
    unknown = dict.fromkeys(("distance_m", "far_m", "total_m"), nullable(NUMBER))
    unknown["nearer_than_focus"] = nullable(BOOLEAN)
    rest = {field.name: NUMBER for field in fields(Readout) if field.name not in own | unknown}
    return whole({**own, **unknown, **rest})


def _lens_mount() -> Schema:
    lengths = dict.fromkeys(("farthest_m", "infinity_mark_m", "closest_m"), nullable(NUMBER))
    wrong = or_null(whole({"error_mm": NUMBER, **lengths, "sharp": BOOLEAN}))
    unknown = dict.fromkeys(("flange_mm", "cs_mm", "ring_mm"), nullable(NUMBER))
    judged = dict.fromkeys(("long", "short", "given"), wrong)
    return whole({"id": STRING, "mount": STRING, "source": STRING, **unknown, **judged})


NUMBERS_OF_LENSES = ("focal_long_mm", "f_widest_long", "closest_m", "breathing", "breathing_error")


def _shooting_schemas() -> dict[str, Schema]:
    required = {"maker": STRING, "model": STRING, "mount": STRING, "focal_mm": NUMBER, "f_stops": array(NUMBER)}
    texts = dict.fromkeys(("adapter", "serial", "notes", "source"), STRING)
    numbers = dict.fromkeys(NUMBERS_OF_LENSES, nullable(NUMBER))
    values = {**required, **texts, **numbers, "narrowest_known": BOOLEAN, "six_bit": nullable(INTEGER)}
    place = {"id": STRING, "name": STRING, "folder": STRING, "free_bytes": INTEGER, "current": BOOLEAN}
    choice = whole({"id": STRING, "f_number": nullable(NUMBER), "focal_mm": nullable(NUMBER)})
    asked = {"id": nullable(STRING), "f_number": nullable(NUMBER), "focal_mm": nullable(NUMBER)}
    orientation = {**object_of(ORIENTATION.values())["properties"], "rotation_deg": {"enum": list(ROTATIONS_DEG)}}
    return {
        "Lenses": whole(
            {
                "chosen": {"anyOf": [choice, {"type": "null"}]},
                "recent": array(STRING),
                "own": array(STRING),
                "problem": STRING,
                "pixel_pitch_um": NUMBER,
                "lenses": array(whole({"id": STRING, **values, "equivalent_mm": NUMBER})),
            }
        ),
        "FoundLenses": whole({"ids": array(STRING), "near": BOOLEAN}),
        "LensOptics": _lens_optics(),
        "LensMount": _lens_mount(),
        "CodedLenses": whole({"code": INTEGER, "ids": array(STRING), "from_other_end": array(STRING)}),
        "LensFile": whole({"text": STRING}),
        "LensValues": {**partial(values), "required": list(required)},
        "NewLens": {**partial({"id": STRING, **values}), "required": list(required)},
        "LensChoice": {**partial(asked), "required": ["id"]},
        **_preset_schemas(),
        **_job_schemas(),
        "Storage": whole(
            {"places": array(whole(place)), "shots_left": INTEGER, "shot_bytes": INTEGER, "problem": STRING}
        ),
        "StorageChoice": whole({"place": STRING}),
        "Drive": _progress(),
        "DriveStart": {"oneOf": [_start(mode) for mode in MODES.values()]},
        "DrivePlan": whole({"plan": STRING, "warnings": array(STRING)}),
        "Position": {**object_of(POSITION.values()), "required": list(POSITION)},
        "Clock": whole({"unix_ms": NUMBER, "synchronised": BOOLEAN, "source": {"enum": list(get_args(Source))}}),
        "Correction": partial({"shot": STRING, "taken_at": STRING}),
        "EarlierStarts": whole(
            {"starts": array(whole({"shot": STRING, "taken_at": STRING, "captures": INTEGER, "corrected": BOOLEAN}))}
        ),
        "Corrections": whole({"changed": INTEGER, "left": INTEGER, "skipped": array(STRING)}),
        "ToldTime": {**object_of(TOLD_TIME.values()), "required": list(TOLD_TIME)},
        "Orientation": partial(orientation),
        "KeptOrientation": whole({**orientation, "exif": {"type": "integer", "minimum": 1, "maximum": 8}}),
        "KeptPosition": whole({"position": or_null(object_of(POSITION.values()))}),
        "DriveTrigger": whole({"trigger": {"const": True}}),
        "DriveModes": whole({"modes": array(_mode())}),
    }


def _job_schemas() -> dict[str, Schema]:
    failure = whole({"what": STRING, "error": ref("ErrorFacts")})
    ids, place = array(STRING), {**STRING, "description": "the `place` of a series"}
    starts = (
        ("develop", {"ids": ids, "settings": object_of(DEVELOP_SETTINGS.values())}, "ids"),
        ("sheet", {"ids": ids}, "ids"),
        ("sheet", {"series": place}, "series"),
        ("timelapse", {"series": place, "settings": object_of(FILM_SETTINGS.values())}, "series"),
    )
    start = [
        {**partial({"kind": {"const": kind}, **properties}), "required": ["kind", needed]}
        for kind, properties, needed in starts
    ]
    made = whole({"name": STRING, "kind": {"enum": ["film", "sheet"]}, "bytes": INTEGER, "url": STRING})
    return {
        "Jobs": whole({"jobs": array(ref("Job"))}),
        "Job": whole(
            {
                "id": STRING,
                "kind": {"enum": list(KINDS_OF_JOBS)},
                "state": {"enum": list(get_args(State))},
                "done": INTEGER,
                "total": INTEGER,
                "without": INTEGER,
                "failed": INTEGER,
                "failures": array(failure),
                "results": array(whole({"name": STRING, "url": STRING, "capture": nullable(STRING)})),
                "error": or_null(ref("ErrorFacts")),
            }
        ),
        "JobStart": {"oneOf": start},
        "SeriesFiles": whole({"files": array(made)}),
    }


def _preset_schemas() -> dict[str, Schema]:
    settings: Schema = {"type": "object"}
    camera = {"controls": settings, "assists": settings}
    preset = {"name": STRING, **camera, "display": settings, "drive": settings}
    return {
        "Presets": whole({"presets": whole({slot: or_null(whole(preset)) for slot in SLOTS})}),
        "PresetValues": partial(preset),
        "BeforeRecall": whole(camera),
        "Recalled": whole({"preset": whole(preset), "before": ref("BeforeRecall")}),
    }


def _metering_schemas() -> dict[str, Schema]:
    area = {"enum": list(get_args(AreaName))}
    level = whole({"level_ev": nullable(NUMBER), "clipped_percent": NUMBER})
    light = whole(dict.fromkeys(("ev100", "luminance_cd_m2", "illuminance_lux"), NUMBER))
    row = whole({"f_number": NUMBER, "seconds": array(NUMBER), "times": array(STRING)})
    return {
        "Calibration": whole({"offset_ev": NUMBER, "ev100": NUMBER, "at": STRING}),
        "KnownLight": {**partial({"ev100": schema_of(KNOWN_LIGHT), "area": area}), "required": ["ev100"]},
        "Sharpness": whole(
            {
                "of": {"enum": ["raw", "picture"]},
                **dict.fromkeys(("mtf50", "mtf50_sigma"), NUMBER),
                **dict.fromkeys(("mtf50_lp_mm", "mtf50_lp_mm_sigma"), nullable(NUMBER)),
                "binning": INTEGER,
                **dict.fromkeys(("pixel_pitch_um", "pixel_mtf50", "f_number"), nullable(NUMBER)),
                "f_number_from": {"enum": ["frame", "lens", "file", ""]},
                **dict.fromkeys(("diffraction_lp_mm", "perfect_mtf50"), nullable(NUMBER)),
                "direction": {"enum": ["vertical", "horizontal"]},
                **dict.fromkeys(("angle_deg", "x", "y", "length_px", "reach_px", "rise_px", "contrast"), NUMBER),
                "levels_assumed": BOOLEAN,
                **dict.fromkeys(("frequencies", "response", "response_sigma"), array(NUMBER)),
            }
        ),
        "Meter": whole(
            {
                "area": area,
                "level": or_null(level),
                "exposure_us": NUMBER,
                "gain": NUMBER,
                "f_number": nullable(NUMBER),
                "f_number_from": {"enum": ["given", "frame", "lens", ""]},
                "calibration": or_null(ref("Calibration")),
                "light": or_null(light),
                "missing": STRING,
                "simulated": BOOLEAN,
                "isos": array(INTEGER),
                "equivalents": array(row),
            }
        ),
    }


def _progress() -> Schema:
    return whole(
        {
            "state": {"enum": ["idle", "running", "done", "cancelled", "failed"]},
            "id": STRING,
            "mode": STRING,
            "phase": {"enum": ["waiting", "exposing", "saving", "armed", "recording", "none"]},
            "phase_s": NUMBER,
            "phase_left_s": NUMBER,
            "taken": INTEGER,
            "total": nullable(INTEGER),
            "left_s": nullable(NUMBER),
            "missed": INTEGER,
            "missed_why": {"type": "object", "additionalProperties": INTEGER},
            "doubtful": INTEGER,
            "last": STRING,
            "message": STRING,
            "error": {"anyOf": [{"type": "object"}, {"type": "null"}]},
        }
    )


def _start(mode: DriveMode) -> Schema:
    body = partial({"mode": {"const": mode.name}, "settings": object_of(mode.settings)})
    return {**body, "required": ["mode"]}


def _mode() -> Schema:
    return whole(
        {
            "name": STRING,
            "title": STRING,
            "sentence": STRING,
            "note": STRING,
            "triggered": BOOLEAN,
            "settings": array(schema_of_declaration()),
        }
    )


def _uploads() -> dict[str, Schema]:
    rules: dict[str, Schema] = {
        "files": {"enum": list(FILES)},
        "only_starred": BOOLEAN,
        "networks": array(STRING),
        "paused": BOOLEAN,
        "fingerprint": STRING,
    }
    place: dict[str, Schema] = {"address": STRING, "user": STRING, **rules}
    named: dict[str, Schema] = {"name": STRING, "kind": {"enum": list(KINDS)}}
    secret: dict[str, Schema] = {"secret": STRING, "check": BOOLEAN}
    progress = whole(
        {
            "state": {"enum": list(STATES)},
            **{name: INTEGER for name in ("waiting", "waiting_bytes", "sent", "left_out")},
            "file": STRING,
            "file_bytes": INTEGER,
            "file_sent_bytes": INTEGER,
            "problem": or_null(ref("ErrorFacts")),
            "try_again_s": NUMBER,
            "failed": array(whole({"name": STRING, "problem": ref("ErrorFacts"), "attempts": INTEGER})),
        }
    )
    shown = whole({**named, **place, "has_secret": BOOLEAN, "progress": progress})
    return {
        "Uploads": whole({"destinations": array(shown), "networks": nullable(array(STRING))}),
        "NewUpload": {
            **partial({**named, **place, **secret, "everything": BOOLEAN}),
            "required": ["name", "kind", "address"],
        },
        "UploadChange": partial({**place, **secret}),
    }
