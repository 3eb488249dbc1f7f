"""Every path with its methods, parameters, bodies and answers."""

from __future__ import annotations

from typing import Any, get_args

from device.library.listing import ONLY
from device.meter.light_meter import AreaName
from web import wire
from web.openapi.back_focus_paths import back_focus_paths
from web.openapi.calibration_paths import calibration_paths
from web.openapi.job_paths import job_paths
from web.openapi.lens_paths import lens_paths
from web.openapi.parts import INTEGER, NUMBER, STRING, answer, array, in_header, in_path, in_query, media, route
from web.transfer.copies import LONG_EDGES_PX
from web.transfer.zip import KINDS_OF

_SHARED = {
    "200": {"description": "the file; of a folder a sentence"},
    "206": {"description": "the part of the file"},
}
_LANGUAGE = in_query("lang", {**STRING, "description": "en, de or zh; without it the browser's (Accept-Language)"})
_TOKEN = {**STRING, "description": "of POST /api/tokens, instead of the cookie"}


def paths() -> dict[str, Any]:
    """Give every path."""
    return {
        "/": {"get": route("The viewfinder page", {"200": {"description": "HTML"}})},
        "/help": {"get": route("The help's contents", {"200": {"description": "HTML"}}, parameters=[_LANGUAGE])},
        "/help/{name}": {
            "get": route(
                "The help of one tool", {"200": {"description": "HTML"}}, parameters=[in_path("name"), _LANGUAGE]
            )
        },
        "/static/manifest.webmanifest": {
            "get": route(
                "What a phone is told that installs the page",
                {"200": media("application/manifest+json")},
                parameters=[_LANGUAGE],
            )
        },
        "/access": {"get": route("The form for the access code", {"200": {"description": "HTML"}})},
        "/api/openapi.json": {"get": route("This description", {"200": {"description": "OpenAPI 3.1"}})},
        "/api/access": {"post": _enter()},
        "/api/tokens": {
            "get": route("The tokens of other programs, by name", answer("Tokens")),
            "post": route("Make a token; its secret is told this once", answer("NewToken", "201"), body="TokenName"),
        },
        "/api/tokens/{name}": {
            "delete": route("Revoke a token", {"204": {"description": "revoked"}}, parameters=[in_path("name")])
        },
        "/api/uploads": {
            "get": route("Where captures are sent, and how far that is", answer("Uploads")),
            "post": route(
                "Send captures to another place; it is tried out first", answer("Uploads", "201"), body="NewUpload"
            ),
        },
        "/api/uploads/{name}": {
            "patch": route("Change such a place", answer("Uploads"), body="UploadChange", parameters=[in_path("name")]),
            "delete": route("Send nothing there any more", answer("Uploads"), parameters=[in_path("name")]),
        },
        "/api/uploads/{name}/retry": {
            "post": route("Try again at once", answer("Uploads"), body="Nothing", parameters=[in_path("name")])
        },
        "/api/uploads/{name}/everything": {
            "post": route(
                "Send what was there before, too", answer("Uploads"), body="Nothing", parameters=[in_path("name")]
            )
        },
        "/api/viewfinder/frame": {"get": _frame()},
        "/api/loupe": {
            "get": route("Where the loupe is", answer("Loupe")),
            "put": route("Magnify to the sensor's own pixels, or move there", answer("Loupe"), body="Point"),
            "delete": route("Show the whole frame again", answer("Loupe")),
        },
        "/api/loupe/map": {
            "get": route("The last picture of the whole frame", {"200": media("image/jpeg")}),
        },
        "/snapshot.jpg": {"get": _snapshot()},
        "/stream.mjpg": {
            "get": route(
                "Pictures as multipart JPEG, without overlays",
                {"200": media("multipart/x-mixed-replace")},
                parameters=[in_query("token", _TOKEN)],
            )
        },
        "/dav/": {"get": route("The captures for WebDAV clients, read-only; they ask with PROPFIND", _SHARED)},
        "/dav/{path}": {"get": route("One of their files, whole or in part", _SHARED, parameters=[in_path("path")])},
        "/api/status": {"get": route("How the camera is doing", answer("Status"))},
        "/api/camera": {"get": route("Modes, limits, capabilities", answer("Camera"))},
        "/api/controls": {
            "get": route("What is asked of the camera", answer("Controls")),
            "patch": route("Ask for other values, all or none", answer("Controls"), body="Controls"),
        },
        "/api/assists": {
            "get": route("What the assists detect", answer("Assists")),
            "patch": route("Detect other things, all changes or none", answer("Assists"), body="Assists"),
        },
        "/api/false-colour": {"get": route("The bands of false colour, in both scales", answer("FalseColour"))},
        "/api/captures": {
            "get": route(
                "List captures, the one taken last first; `next` of the answer is the cursor `after` of the next page. "
                "A page can have fewer than `limit`, or none, while there are more",
                answer("CaptureList"),
                parameters=[
                    in_query("limit", {"type": "integer", "minimum": 1, "maximum": 1000, "default": 50}),
                    in_query("offset", {"type": "integer", "minimum": 0, "maximum": 9_999_999, "default": 0}),
                    in_query("after", {"type": "string"}),
                    in_query("until", {**STRING, "description": "a cursor: none that is older"}),
                    in_query("fold", {"enum": ["0", "1"], "description": "1: of a series its newest shot alone"}),
                    in_query("series", {**STRING, "description": "the `place` of a series: its shots alone"}),
                    in_query("only", {"enum": list(ONLY)}),
                    in_query("lens", {**STRING, "description": "the name of the lens in the files"}),
                ],
            ),
            "post": route("Take a shot; answers when it is on disk", answer("Capture", "201"), body="Nothing"),
        },
        "/api/captures/zip": {"get": _zip(), "post": _select()},
        "/api/captures/delete": {
            "post": route(
                "Delete many captures, for good; says which could not be deleted, and why",
                answer("Deleted"),
                body="Deletion",
            )
        },
        "/api/captures/others": {
            "get": route("What else is in the folder of captures: never touched by the camera", answer("OtherFiles"))
        },
        "/api/captures/{capture_id}": {
            "delete": route(
                "Delete all files of a capture, for good",
                {"204": {"description": "deleted"}},
                parameters=[in_path("capture_id")],
            )
        },
        "/api/captures/{capture_id}/star": {
            "put": route(
                "Star a capture, or take its star: a rating in an XMP file beside it",
                answer("Star"),
                body="Star",
                parameters=[in_path("capture_id")],
            )
        },
        "/api/captures/{capture_id}/thumbnail": {
            "get": route(
                "A small picture",
                {"200": media("image/jpeg")},
                parameters=[in_path("capture_id"), in_query("of", INTEGER)],
            )
        },
        "/api/captures/{capture_id}/preview": {
            "get": route(
                "The preview in the DNG of a shot: a quarter as wide",
                {"200": media("image/jpeg")},
                parameters=[in_path("capture_id"), in_query("of", INTEGER)],
            )
        },
        "/api/captures/{capture_id}/peaking": {
            "get": route(
                "Where the picture is sharp: opaque there, of half its width and height",
                {"200": media("image/png")},
                parameters=[in_path("capture_id")],
            )
        },
        "/api/captures/{capture_id}/{name}": {"get": _download()},
        **_shooting_paths(),
        **_metering_paths(),
        **calibration_paths(),
        **back_focus_paths(),
    }


def _enter() -> dict[str, Any]:
    answers = {"204": {"description": "let in; the cookie is set"}}
    return route("Give the access code, get the cookie", answers, body="AccessCode")


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
        "200": {**media(wire.MIME_TYPE), "headers": headers},
        "204": {"description": "no newer frame within two seconds; ask again", "headers": headers},
    }
    parameters = [
        in_query("after", {"type": "integer", "minimum": 0, "default": 0}),
        in_query("bytes", {**INTEGER, "minimum": 0, "description": "the most that a body should weigh"}),
        in_query("width", {**INTEGER, "minimum": 0, "description": "pixels of the screen that the picture covers"}),
        in_query("known", {**STRING, "description": "`setting` of a header; what it names is not told again"}),
        in_query("graphs", {"enum": ["0", "1"], "default": "1"}),
    ]
    return route(
        "Wait for a frame newer than `after`: picture, overlay, readings, metadata", answers, parameters=parameters
    )


def _snapshot() -> dict[str, Any]:
    headers = {
        "ETag": {"schema": STRING, "description": "another one for each frame"},
        "X-Frame-Sequence": {"schema": INTEGER, "description": "the frame's number"},
        "X-Frame-Captured-Ms": {"schema": NUMBER, "description": "start of the exposure, unix milliseconds"},
        "X-Frame-Age-Ms": {"schema": NUMBER, "description": "from the start of the exposure to sending"},
        "X-Frame-Simulated": {"schema": {"enum": ["true", "false"]}, "description": "whether there is no real camera"},
    }
    width = {**INTEGER, "minimum": 0, "description": "the smallest picture that is at least so wide"}
    return route(
        "The newest frame, without overlays; 503 while none comes",
        {
            "200": {**media("image/jpeg"), "headers": headers},
            "304": {"description": "the frame of If-None-Match"},
        },
        parameters=[in_query("width", width), in_query("token", _TOKEN)],
    )


def _download() -> dict[str, Any]:
    sizes = ["original", *map(str, LONG_EDGES_PX)]
    kinds: dict[str, Any] = {"image/jpeg": {}, "image/x-adobe-dng": {}, "image/tiff": {}}
    headers = {
        "ETag": {"schema": STRING, "description": "strong; for If-Range, so that no part of another version is sent"},
        "Repr-Digest": {"schema": STRING, "description": "SHA-256 of the whole file (RFC 9530), where it was wanted"},
    }
    parameters = [
        in_path("capture_id"),
        in_path("name"),
        in_query("download", {"enum": ["1"]}),
        in_query("size", {"enum": sizes, "default": "original", "description": "longer side in pixels, as a JPEG"}),
        in_query("metadata", {"enum": ["0", "1"], "default": "1", "description": "0: of a JPEG, without metadata"}),
        in_header("Range", "of an original: one range of bytes: bytes=FIRST-LAST, FIRST- or -LENGTH"),
        in_header("If-Range", "the ETag of the version that the client has begun with"),
        in_header("Want-Repr-Digest", "sha-256=1 for the checksum"),
    ]
    answers = {
        "200": {"description": "the file", "content": kinds, "headers": headers},
        "206": {"description": "the part of the file", "content": kinds, "headers": headers},
    }
    return route("One file, whole or in part", answers, parameters=parameters)


def _zip() -> dict[str, Any]:
    parameters = [
        in_query("id", {**array(STRING), "description": "the captures, each as id=..."}),
        in_query("files", {"enum": list(KINDS_OF), "default": "raw+jpeg"}),
        in_query("selection", {**STRING, "description": "instead of these: what POST has kept"}),
    ]
    answers = {"200": media("application/zip")}
    return route("Captures as one zip, made while it is sent; 503 while three are", answers, parameters=parameters)


def _select() -> dict[str, Any]:
    return route(
        "Keep a selection of captures for a while, for a plain link to its zip",
        answer("KeptSelection", "201"),
        body="Selection",
    )


def _shooting_paths() -> dict[str, Any]:
    """Lenses, places for captures, drive modes."""
    return {
        **lens_paths(),
        "/api/storage": {
            "get": route("Where captures can go", answer("Storage")),
            "patch": route("Save elsewhere from the next shot on", answer("Storage"), body="StorageChoice"),
        },
        "/api/drive": {
            "get": route("How far a drive mode is", answer("Drive")),
            "post": route("Start a drive mode", answer("Drive", "202"), body="DriveStart"),
            "patch": route(
                "The second press: the moment of an armed mode, the end of a recording",
                answer("Drive"),
                body="DriveTrigger",
            ),
            "delete": route("End what runs, keep what is saved", answer("Drive")),
        },
        "/api/drive/plan": {
            "post": route(
                "What this comes to, and what the camera could not do, if it began now",
                answer("DrivePlan"),
                body="DriveStart",
            )
        },
        "/api/presets": {
            "get": route("The presets C1 to C3", answer("Presets")),
            "post": route("Set controls and assists as before a recall", answer("BeforeRecall"), body="BeforeRecall"),
        },
        "/api/presets/{slot}": {
            "put": route("Save under a slot", answer("Presets"), body="PresetValues", parameters=[in_path("slot")]),
            "post": route(
                "Set all of a preset, or nothing", answer("Recalled"), body="Nothing", parameters=[in_path("slot")]
            ),
            "delete": route("Save nothing under a slot", answer("Presets"), parameters=[in_path("slot")]),
        },
        "/api/position": {
            "get": route("Where the camera stands", answer("KeptPosition")),
            "put": route("Tell where it stands, for sunrise and sunset", answer("KeptPosition"), body="Position"),
            "delete": route("Forget where it stands", answer("KeptPosition")),
        },
        "/api/orientation": {
            "get": route("How the picture is to be turned", answer("KeptOrientation")),
            "patch": route("Turn it otherwise, from the next frame on", answer("KeptOrientation"), body="Orientation"),
        },
        "/api/clock": {
            "get": route("What time it is for the camera, and from where it knows", answer("Clock")),
            "post": route("Tell the time, where the clock is not synchronised", answer("Clock"), body="ToldTime"),
        },
        "/api/clock/corrections": {
            "get": route("How many captures of this start of the machine have a wrong time", answer("Corrections")),
            "post": route(
                "Correct their times, for a few seconds; ask again for the rest. With the true time of a shot of an "
                "earlier start, those of that start",
                answer("Corrections"),
                body="Correction",
            ),
            "delete": route(
                "Give them the times back that they had first",
                answer("Corrections"),
                parameters=[in_query("shot", {"type": "string"})],
            ),
        },
        "/api/clock/earlier": {
            "get": route("Earlier starts of the machine whose captures have a wrong time", answer("EarlierStarts"))
        },
        **job_paths(),
        "/api/drive/modes": {"get": route("The drive modes and their settings", answer("DriveModes"))},
        "/api/drive/{run_id}/manifest": {
            "get": route(
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


def _metering_paths() -> dict[str, Any]:
    area = in_query("area", {"enum": list(get_args(AreaName)), "default": "frame"})
    return {
        "/api/controls/grey": {"post": route("Balance white by a grey thing", answer("Controls"), body="Point")},
        "/api/sharpness": {"post": route("Measure MTF50 of the edge at a point", answer("Sharpness"), body="Point")},
        "/api/meter": {"get": route("Read the light", answer("Meter"), parameters=[area])},
        "/api/meter/calibration": {
            "post": route("Take what is seen for a known light", answer("Meter"), body="KnownLight"),
            "put": route("Be calibrated as in an earlier reading", answer("Meter"), body="Calibration"),
            "delete": route("Be uncalibrated again", answer("Meter")),
        },
    }
