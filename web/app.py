"""The application: routes, limits and headers around one session and one storage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Flask, Response

from device.session import Session
from device.storage import Storage
from web import access, captures, context, controls, errors, help_pages, loupe, pages, viewfinder

if TYPE_CHECKING:
    from device.raw.dng import SampleForm

MAX_BODY_BYTES = 64 * 1024  # the largest honest request is a few settings
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' blob: data:; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


def create_app(session: Session, storage: Storage, guard: access.Guard, *, sample_form: SampleForm = "packed") -> Flask:
    """Make the application. It starts nothing: the session belongs to whoever made it."""
    app = Flask("web", static_folder="static", template_folder="templates")
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    app.json.sort_keys = False  # type: ignore[attr-defined]
    context.install(app, context.Parts(session, storage, sample_form))
    errors.install(app)
    access.install(app, guard)
    for module in (pages, help_pages, viewfinder, loupe, controls, captures):
        app.register_blueprint(module.blueprint)
    app.after_request(_secure)
    return app


def _secure(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    if "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-cache"  # revalidate: a page and its modules are always of one version
    return response
