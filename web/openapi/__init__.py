"""The OpenAPI description of the API: `paths` and the `schemas` that they name, made with `parts`.

A test compares it with the routes and the real answers. `page_settings` writes the page's files about the settings,
from the same declarations. Routes import this room; it imports no route. Start with `paths`.
"""

from __future__ import annotations

from typing import Any

from device import __version__
from web.openapi.parts import json_answer, ref
from web.openapi.paths import paths
from web.openapi.schemas import schemas


def describe(base: str = "") -> dict[str, Any]:
    """Give the whole description (OpenAPI 3.1) of a camera whose paths are below `base`."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "hqcam",
            "version": __version__,
            "description": "The camera's HTTP API. Beyond loopback every path needs the cookie of POST /api/access.",
        },
        "servers": [{"url": base or "/"}],
        "paths": paths(),
        "components": {"schemas": schemas(), "responses": {"Error": json_answer("any failure", ref("Error"))}},
    }
