"""The page itself and the description of the API."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request

from device import __version__

blueprint = Blueprint("pages", __name__)


@blueprint.get("/")
def index() -> str:
    """The viewfinder."""
    return render_template("index.html", version=__version__)


@blueprint.get("/api/openapi.json")
def openapi() -> dict[str, Any]:
    """The API, described."""
    from web.openapi import describe  # not at module level: nothing on the way to the first frame needs it

    return describe(request.script_root)
