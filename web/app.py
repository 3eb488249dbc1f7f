"""The application: routes, limits and headers around one session and one storage."""

from __future__ import annotations

from flask import Flask, Response

from device.captures.storage import Storage
from device.preferences.store import Preferences
from device.session.session import Session
from web import context, errors, wire
from web.guard import FENCES, Guard
from web.routes import (
    access,
    assets,
    backfocus,
    calibration,
    capture_files,
    captures,
    clock,
    controls,
    dav,
    drive,
    jobs,
    loupe,
    metering,
    orientation,
    pages,
    people,
    position,
    presets,
    uploads,
    viewfinder,
)
from web.routes import help as help_pages
from web.routes import lenses as lens_routes
from web.routes import storage as storage_routes

MAX_BODY_BYTES = 64 * 1024  # the largest request of the page holds a few settings
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' blob: data:; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


def create_app(session: Session, storage: Storage, guard: Guard, parts: context.Parts | None = None) -> Flask:
    """Make the application. It starts and closes nothing: the caller does that with the parts it made.

    Without `parts` the chosen lens and place are kept in memory only.
    """
    app = Flask("web", static_folder="static", template_folder="templates")
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    app.json.sort_keys = False  # type: ignore[attr-defined]
    context.install(app, parts or context.make_parts(session, storage, Preferences()))
    errors.install(app)
    assets.install(app)
    access.install(app, guard)
    people.install(app)
    dav.install(app)
    for module in (
        pages,
        help_pages,
        viewfinder,
        loupe,
        controls,
        captures,
        capture_files,
        lens_routes,
        storage_routes,
        drive,
        jobs,
        position,
        orientation,
        presets,
        clock,
        metering,
        calibration,
        backfocus,
        uploads,
    ):
        app.register_blueprint(module.blueprint)
    app.after_request(_secure)
    return app


def _secure(response: Response) -> Response:
    response.headers.update(FENCES)
    if response.mimetype != wire.MIME_TYPE:  # a frame is no document, and each byte takes time on a slow link
        response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
        response.headers["Referrer-Policy"] = "no-referrer"
    if "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = (
            "no-cache"  # asked for again each time; what names its version is kept (web.routes.assets)
        )
    return response
