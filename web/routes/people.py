"""Notes who changed what, and tells each client of the others; the state of the camera (`routes.controls`) holds it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Final

from flask import Flask, Response, current_app, request

from web.access.people import People

_KEY = "hqcam_people"
CLIENT_HEADER: Final = "X-Client"
WITH_NAMES: Final = frozenset({"controls", "assists"})  # whose bodies are settings by their names
NOT_SAID: Final = frozenset({"access", "captures", "jobs"})  # the captures show these by themselves
CHANGES_NOTHING: Final = frozenset({"/api/drive/plan", "/api/sharpness"})  # they ask with a body
MOST_NAMES: Final = 8


def install(app: Flask) -> None:
    """Note every change that a route of `app` made."""
    app.extensions[_KEY] = People()
    app.after_request(_note)


def others() -> dict[str, Any]:
    """What the client of this request is told of the others."""
    people: People = current_app.extensions[_KEY]
    return asdict(people.look(request.headers.get(CLIENT_HEADER), request.user_agent.string))


def _note(response: Response) -> Response:
    changed = request.method in ("PATCH", "PUT", "POST", "DELETE") and response.status_code < 400
    subject = request.path.partition("/api/")[2].partition("/")[0]
    if changed and request.endpoint and subject and not (subject in NOT_SAID or request.path in CHANGES_NOTHING):
        body = request.get_json(silent=True) if subject in WITH_NAMES else None
        names = tuple(body)[:MOST_NAMES] if isinstance(body, dict) else ()
        people: People = current_app.extensions[_KEY]
        people.changed(request.headers.get(CLIENT_HEADER), request.user_agent.string, subject, names=names)
    return response
