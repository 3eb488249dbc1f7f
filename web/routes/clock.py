"""What time it is for the camera, and the time that a phone tells it where nothing else does."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from flask import Blueprint

from web.context import capture_storage, owner_clock
from web.errors import BadRequest, check_no_fields, json_body

blueprint = Blueprint("clock", __name__, url_prefix="/api/clock")
MOST_S = 3.0  # chosen: the page waits 8 s for an answer, and the last capture takes its time


@blueprint.get("")
def show() -> dict[str, Any]:
    """Give the time as well as it is known, and from where it is."""
    now = owner_clock().now()
    return {"unix_ms": round(now.unix_s * 1000), "synchronised": now.source == "synchronised", "source": now.source}


@blueprint.post("")
def tell() -> dict[str, Any]:
    """Take the time of whoever asks; refused where the clock is synchronised."""
    owner_clock().tell(json_body(), error=BadRequest)
    return show()


@blueprint.get("/corrections")
def count() -> dict[str, Any]:
    """Give how many captures of this start of the machine have a time that is known to be wrong."""
    from device.captures.taken_times import to_correct

    return {"changed": 0, "left": to_correct(capture_storage(), owner_clock().now()), "skipped": []}


@blueprint.post("/corrections")
def correct() -> dict[str, Any]:
    """Give them their true times, for at most MOST_S; ask again while some are left."""
    from device.captures import taken_times  # not at module level: the file writers would delay the first frame

    check_no_fields()
    return asdict(taken_times.correct(capture_storage(), owner_clock().now(), enough=_enough()))


@blueprint.delete("/corrections")
def undo() -> dict[str, Any]:
    """Give them their first times back, for at most MOST_S."""
    from device.captures import taken_times

    return asdict(taken_times.undo(capture_storage(), owner_clock().now(), enough=_enough()))


def _enough() -> Callable[[], bool]:
    until_s = time.monotonic() + MOST_S
    return lambda: time.monotonic() > until_s
