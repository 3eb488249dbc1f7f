"""The form for the access code, and the guard in front of every route (`web.guard`)."""

from __future__ import annotations

from flask import Blueprint, Flask, Response, current_app, render_template

from web.errors import BadRequest, json_body
from web.guard import Guard

_KEY = "hqcam_guard"

blueprint = Blueprint("access", __name__)


@blueprint.get("/access")
def page() -> str:
    """The form for the code."""
    return render_template("access.html")


@blueprint.post("/api/access")
def enter() -> Response:
    """Check the code and set the cookie. Raises BadCode, TooManyGuesses."""
    code = json_body().get("code")
    if not isinstance(code, str) or len(code) > 64:
        raise BadRequest("the code is missing", expected='{"code": "..."}')
    guard: Guard = current_app.extensions[_KEY]
    return guard.enter(code)


def install(app: Flask, guard: Guard) -> None:
    """Put `guard` in front of every route of `app`."""
    app.extensions[_KEY] = guard
    app.register_blueprint(blueprint)
    app.before_request(guard.check)
    app.after_request(guard.renew)
