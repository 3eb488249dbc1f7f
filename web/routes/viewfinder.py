"""The live view over HTTP: one frame per request (pull), and a plain multipart stream for other programs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from flask import Blueprint, Response, g, request

from device.errors import CameraError
from device.view.sizes import rung_for
from device.view.view import View
from web import wire
from web.context import camera_session, shared_second_parts
from web.errors import BadRequest

blueprint = Blueprint("viewfinder", __name__)

LONG_POLL_S = 2.0  # chosen: a client learns of a lost camera within it, and asks seldom while there is no frame
BOUNDARY = "hqcamframe"


@blueprint.get("/api/viewfinder/frame")
def frame() -> Response:
    """Wait for a frame newer than `after` and send it; 204 when none comes. The picture is sent before the analysis.

    `bytes` limits the length of the whole body; `width` is the picture's width on the client's screen in pixels.
    `known` is the `setting` of a header that the client has; `graphs=0` leaves the graphs out.
    """
    session = camera_session()
    after, body_bytes, width = _after(), _number("bytes"), _number("width")
    asked = time.monotonic()
    view = session.wait_view(after, LONG_POLL_S)
    if view is None:
        return Response(status=204, headers={"X-Camera-State": session.status.state, "Cache-Control": "no-store"})
    try:
        info = session.info()
    except CameraError:
        return Response(status=204, headers={"X-Camera-State": session.status.state, "Cache-Control": "no-store"})
    rung = rung_for(body_bytes, width, view.full_size[0])
    known = request.args.get("known") == wire.stable_name(view, info)
    options = wire.BodyOptions(rung, graphs=request.args.get("graphs") != "0", stable=not known)
    second_parts, first = shared_second_parts(), wire.first_part(view, options)

    def parts() -> Iterator[bytes]:
        yield first
        yield second_parts.get(view, info, options)

    response = Response(parts(), mimetype=wire.MIME_TYPE)
    waited_ms = 1000 * (time.monotonic() - asked)
    response.headers.update(
        {
            "Cache-Control": "no-store",
            "X-Camera-State": session.status.state,
            "X-Frame-Sequence": str(view.sequence),
            "X-Frame-Captured-Ms": f"{view.captured_unix_ms:.1f}",
            "X-Frame-Age-Ms": f"{_age_ms(view):.1f}",
            "X-Frame-Bytes": str(len(first) + second_parts.last_bytes(options)),
            "X-Waited-Ms": f"{waited_ms:.1f}",
        }
    )
    return response


@blueprint.get("/stream.mjpg")
def stream() -> Response:
    """Push pictures without overlays, for programs that cannot pull. Their Exif says how to turn them."""
    session = camera_session()
    still_let_in: Callable[[], bool] = g.still_let_in

    def parts() -> Iterator[bytes]:
        sequence = 0
        while session.status.state != "closed" and still_let_in():
            view = session.wait_view(sequence, LONG_POLL_S)
            if view is None:
                yield b""  # so that the server can see that the client has left, and let others have the thread
                continue
            sequence, jpeg = view.sequence, wire.tagged_jpeg(view, view.meta.orientation)
            head = (
                f"--{BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n"
                f"X-Frame-Sequence: {sequence}\r\nX-Frame-Age-Ms: {_age_ms(view):.1f}\r\n"
                f"X-Frame-Captured-Ms: {view.captured_unix_ms:.1f}\r\n\r\n"
            )
            yield b"".join((head.encode(), jpeg, b"\r\n"))

    return Response(
        parts(),
        mimetype=f"multipart/x-mixed-replace; boundary={BOUNDARY}",
        headers={"Cache-Control": "no-store"},
    )


@blueprint.get("/snapshot.jpg")
def snapshot() -> Response:
    """Give the newest frame as a JPEG, without overlays, at least `width` pixels wide where it is; for other programs.

    Raises CameraError while no new frame comes: an old one is never given for it.
    """
    session, width = camera_session(), _number("width")
    view = session.wait_view(0, LONG_POLL_S) if session.status.state == "live" else None
    status = session.status
    if view is None or status.state != "live":
        raise CameraError(
            status.message or f"the camera is {status.state} and has no new frame",
            remedy=status.remedy or "ask again in a few seconds",
        )
    rung = rung_for(None, width, view.full_size[0])
    response = Response(mimetype="image/jpeg", headers={"Cache-Control": "private, no-cache"})
    etag = f"{view.captured_unix_ms:.0f}-{view.sequence}-{rung}-{view.meta.orientation}"
    response.set_etag(etag)
    response.last_modified = datetime.fromtimestamp(view.captured_unix_ms / 1000, UTC)
    response.headers.update(
        {
            "X-Frame-Sequence": str(view.sequence),
            "X-Frame-Captured-Ms": f"{view.captured_unix_ms:.1f}",
            "X-Frame-Age-Ms": f"{_age_ms(view):.1f}",
            "X-Frame-Simulated": "true" if session.info().simulated else "false",
        }
    )
    if request.if_none_match.contains(etag):  # not by date: frames come faster than seconds
        response.status_code = 304
        return response
    response.data = wire.tagged_jpeg(view, view.meta.orientation, rung=rung)
    return response


def _after() -> int:
    text = request.args.get("after", "0")
    if not text.isascii() or not text.isdigit() or len(text) > 15:
        raise BadRequest(f"after is {text[:40]!r}", expected="the sequence number of the last frame, 0 at first")
    return int(text)


def _number(name: str) -> float | None:
    text = request.args.get(name)
    if text is None:
        return None
    if not text.isascii() or not text.isdigit() or not 1 <= len(text) <= 9:
        raise BadRequest(f"{name} is {text[:40]!r}", expected="a whole number, or nothing for no limit")
    return float(text)


def _age_ms(view: View) -> float:
    return (time.monotonic_ns() - view.meta.timestamp_ns) / 1e6
