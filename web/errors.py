"""Every failure in one JSON shape: {"error": {"code", "message", "expected", "remedy"}}, with its HTTP status.

To the errors of `device.errors` it adds those that only a request can meet:

    HqcamError
    |-- AccessNeeded                the request carries no valid access cookie
    |   `-- PasswordNeeded          the request of a WebDAV client carries no right password
    |-- BadCode                     the access code is wrong
    |-- TooManyGuesses              too many wrong access codes lately
    |-- Refused                     the request comes from a host or page that this server does not serve
    |-- HeadTooLarge                the head of the request is longer than any that a browser sends
    |-- TooLarge                    the body of the request is longer than any that a route takes
    |-- TooSlow                     the request did not come whole in time
    |-- Busy                        as much as can be done at once is being done for others
    |-- RangeBeyond                 the part that is asked for lies behind the end of the file
    |-- FileChanged                 a file is not the one any more that was selected or begun
    |-- OtherVersion                a file is not the version that If-Match names
    `-- BadInput
        `-- BadRequest              the request is not HTTP, or its body or query is not what the route takes

Only `STATUSES` maps errors to statuses. Routes raise these errors; `web.app` installs the handlers that answer them.
"""

from __future__ import annotations

import json
import logging
from typing import Final

from flask import Flask, Response, current_app, jsonify, request
from werkzeug.exceptions import HTTPException

from device.errors import (
    BadInput,
    CameraError,
    ClockSynchronised,
    DriveBusy,
    ExtraMissing,
    HqcamError,
    JobsFull,
    NotFound,
    ServerError,
    ShotCancelled,
    ShotFailed,
    StorageError,
    TimeUnknown,
)
from device.uploads.errors import UploadError

log = logging.getLogger(__name__)


class AccessNeeded(HqcamError):
    """The request carries no valid access cookie."""

    code = "access_needed"


class PasswordNeeded(AccessNeeded):
    """The request of a WebDAV client carries no right password."""

    code = "password_needed"


class BadCode(HqcamError):
    """The access code is wrong."""

    code = "bad_code"


class TooManyGuesses(HqcamError):
    """Too many wrong access codes lately."""

    code = "too_many_guesses"

    def __init__(self, retry_after_s: int) -> None:
        super().__init__(
            "too many wrong codes were sent from here",
            remedy=f"send it again every {retry_after_s} s: the right one is let in soon; "
            "`hqcam address` on the camera shows it",
        )
        self.retry_after_s = retry_after_s


class Refused(HqcamError):
    """The request comes from a host or page that this server does not serve."""

    code = "refused"


class HeadTooLarge(HqcamError):
    """The head of the request is longer than any that a browser sends."""

    code = "head_too_large"


class TooLarge(HqcamError):
    """The body of the request is longer than any that a route takes."""

    code = "request_entity_too_large"


class TooSlow(HqcamError):
    """The request did not come whole in time."""

    code = "too_slow"


class Busy(HqcamError):
    """As much as can be done at once is being done for others."""

    code = "busy"

    def __init__(self, message: str, *, retry_after_s: int) -> None:
        super().__init__(message, remedy=f"ask again in {retry_after_s} s")
        self.retry_after_s = retry_after_s


class RangeBeyond(HqcamError):
    """The part that is asked for lies behind the end of the file."""

    code = "range_beyond"

    def __init__(self, size_bytes: int) -> None:
        super().__init__("that part of the file does not exist", expected=f"bytes from 0 to {size_bytes - 1}")
        self.size_bytes = size_bytes


class FileChanged(HqcamError):
    """A file is not the one any more that was selected or begun."""

    code = "file_changed"


class OtherVersion(HqcamError):
    """A file is not the version that If-Match names."""

    code = "other_version"


class BadRequest(BadInput):
    """The request is not HTTP, or its body or query is not what the route takes."""

    code = "bad_request"


STATUSES: Final[dict[type[HqcamError], int]] = {
    HqcamError: 500,
    BadInput: 400,
    AccessNeeded: 401,
    BadCode: 401,
    Refused: 403,
    NotFound: 404,
    TooSlow: 408,
    ClockSynchronised: 409,
    DriveBusy: 409,
    FileChanged: 409,
    JobsFull: 409,
    ShotCancelled: 409,
    TimeUnknown: 409,
    OtherVersion: 412,
    TooLarge: 413,
    RangeBeyond: 416,
    TooManyGuesses: 429,
    HeadTooLarge: 431,
    ServerError: 500,
    ExtraMissing: 501,
    UploadError: 502,
    Busy: 503,
    CameraError: 503,
    ShotFailed: 503,
    StorageError: 507,
}
"""The HTTP status of each error class; a class that is not in the table has that of its nearest base class."""


def status_of(error: HqcamError) -> int:
    """Give the HTTP status of an error: that of its class or of the nearest base class in the table."""
    return next(STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES)


def json_body() -> dict[str, object]:
    """Give the request's JSON object. Raises BadRequest for anything else."""
    if not request.is_json:
        raise BadRequest(
            f"the body has the type {request.mimetype or 'none'!r}", expected="Content-Type: application/json"
        )
    limit_bytes = current_app.config["MAX_CONTENT_LENGTH"]
    if (request.content_length or 0) > limit_bytes:
        raise TooLarge("the body of the request is too long", expected=f"at most {limit_bytes} bytes")
    try:
        body = json.loads(request.get_data(), parse_constant=_no_number)
        json.dumps(body, ensure_ascii=False).encode()  # half a surrogate pair is no text that anything can keep
    except (ValueError, RecursionError):  # RecursionError: nested too deep
        body = None
    if not isinstance(body, dict):
        raise BadRequest("the body is not a JSON object", expected='for instance {"ev": 0.5}')
    return body


def check_no_fields() -> None:
    """Raise BadRequest unless the request's JSON is an empty object."""
    unknown = json_body()
    if unknown:
        raise BadRequest(f"unknown field {min(unknown)!r}", expected="an empty object: {}")


def _no_number(name: str) -> object:
    """Refuse NaN and Infinity, which Python's parser takes and JSON does not have."""
    raise ValueError(name)


def install(app: Flask) -> None:
    """Answer every error of `app` in the one JSON shape."""
    app.register_error_handler(HqcamError, _known)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unknown)


def _known(error: HqcamError) -> tuple[Response, int]:
    response = jsonify(error=error.as_json())
    if isinstance(error, TooManyGuesses | Busy):
        response.headers["Retry-After"] = str(error.retry_after_s)
    if isinstance(error, PasswordNeeded):
        response.headers["WWW-Authenticate"] = 'Basic realm="hqcam", charset="UTF-8"'
    if isinstance(error, RangeBeyond):
        response.headers["Content-Range"] = f"bytes */{error.size_bytes}"
    return response, status_of(error)


def _http(error: HTTPException) -> tuple[Response, int]:
    code = (error.name or "error").lower().replace(" ", "_")
    known = HqcamError(error.description or error.name, remedy="GET /api/openapi.json lists what this camera answers")
    body = {**known.as_json(), "code": code}
    response = jsonify(error=body)
    if error.code == 405 and getattr(error, "valid_methods", None):
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods))  # type: ignore[attr-defined]
    return response, error.code or 500


def _unknown(error: Exception) -> tuple[Response, int]:
    log.error("a request failed: %s %s", request.method, request.path, exc_info=error)
    known = HqcamError("something went wrong inside hqcam", remedy="the log has the details; please report it")
    return jsonify(error=known.as_json()), 500
