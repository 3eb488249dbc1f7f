"""What time it is for the camera, and the time that a phone tells it where nothing else does."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from flask import Blueprint, request

from device.preferences.owner_clock import Moment
from web.context import capture_storage, owner_clock
from web.errors import BadRequest, json_body

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
    """Give them their true times, for at most MOST_S; ask again while some are left.

    With `shot` and `taken_at`, when that one was really taken, those of its start of the machine.
    """
    from device.captures import taken_times  # not at module level: the file writers would delay the first frame

    told = json_body()
    of = _moment_of(told) if told else owner_clock().now()
    return asdict(taken_times.correct(capture_storage(), of, enough=_enough()))


@blueprint.delete("/corrections")
def undo() -> dict[str, Any]:
    """Give them their first times back, for at most MOST_S; with `shot` those of its start of the machine."""
    from device.captures import taken_times

    shot = request.args.get("shot")
    of = owner_clock().now() if shot is None else taken_times.moment_of(capture_storage(), shot)
    return asdict(taken_times.undo(capture_storage(), of, enough=_enough()))


@blueprint.get("/earlier")
def earlier() -> dict[str, Any]:
    """Give the earlier starts of the machine whose shots have a time of a clock that nobody had set."""
    from device.captures.taken_times import earlier_starts

    return {"starts": [asdict(start) for start in earlier_starts(capture_storage(), owner_clock().now().boot)]}


def _moment_of(told: dict[str, object]) -> Moment:
    from device.captures.taken_times import moment_of

    shot, taken_at = told.get("shot"), told.get("taken_at")
    if set(told) != {"shot", "taken_at"} or not isinstance(shot, str) or not isinstance(taken_at, str):
        raise BadRequest("a correction names a shot and its time", expected='{"shot": ID, "taken_at": TIME}, or {}')
    try:
        moment = datetime.fromisoformat(taken_at).astimezone()
    except (ValueError, OverflowError, OSError) as error:
        raise BadRequest(f"the time {taken_at[:40]!r} cannot be read", expected="2026-11-20T21:45:00+01:00") from error
    return moment_of(capture_storage(), shot, moment)


def _enough() -> Callable[[], bool]:
    until_s = time.monotonic() + MOST_S
    return lambda: time.monotonic() > until_s
