"""The form for the access code, the tokens of other programs, and the guard in front of every route (`web.guard`)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, Response, current_app, render_template

from web.access.tokens import checked_name
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
    return _guard().enter(code)


@blueprint.get("/api/tokens")
def list_tokens() -> dict[str, Any]:
    """List the tokens by name, without their secrets."""
    return {
        "tokens": [
            {"name": one.name, "created_at": one.created_at, "files": one.files} for one in _guard().tokens.list()
        ]
    }


@blueprint.post("/api/tokens")
def add_token() -> tuple[dict[str, str], int]:
    """Make a token that lets a program in to the picture, or to the files too; its secret is told this once."""
    body = json_body()
    name, files = body.pop("name", None), body.pop("files", False)
    if body or not isinstance(name, str) or not isinstance(files, bool):
        raise BadRequest("the name is missing", expected='{"name": "..."}, and perhaps "files": true')
    return {"name": checked_name(name), "token": _guard().tokens.add(name, files=files)}, 201


@blueprint.delete("/api/tokens/<name>")
def revoke_token(name: str) -> tuple[str, int]:
    """Let nobody in with this token any more."""
    _guard().tokens.revoke(name)
    return "", 204


def _guard() -> Guard:
    guard: Guard = current_app.extensions[_KEY]
    return guard


def install(app: Flask, guard: Guard) -> None:
    """Put `guard` in front of every route of `app`."""
    app.extensions[_KEY] = guard
    app.register_blueprint(blueprint)
    app.before_request(guard.check)
    app.after_request(guard.renew)
