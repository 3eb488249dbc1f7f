"""The page itself, what a phone is told when it is installed, and the description of the API."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, render_template, request

from device import __version__
from web.routes.languages import in_language, mark, wanted_language

blueprint = Blueprint("pages", __name__)


@blueprint.get("/")
def index() -> str:
    """The viewfinder."""
    return render_template("index.html", version=__version__)


@blueprint.get("/static/manifest.webmanifest")
def web_manifest() -> Response:
    """The name and looks of the installed page."""
    told = json.loads((Path(current_app.static_folder or "") / "manifest.webmanifest").read_text("utf-8"))
    language = wanted_language()
    response = jsonify(told | {field: in_language(told[field], language) for field in ("name", "description")})
    response.mimetype = "application/manifest+json"
    return mark(response, language)


@blueprint.get("/api/openapi.json")
def openapi() -> dict[str, Any]:
    """The API, described."""
    from web.openapi import describe  # not at module level: nothing on the way to the first frame needs it

    return describe(request.script_root)
