"""The captures for WebDAV clients, below /dav/: read-only, by the rules of `web.guard`. All other methods get 405."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Blueprint, Flask, Response, request
from werkzeug.routing import BaseConverter

from web.context import capture_storage, transfers
from web.dav.propfind import FINITE_DEPTH, mime_type, read_question, told
from web.dav.shown import Members, Shown, find, open_file
from web.errors import BadRequest
from web.guard import SHARE
from web.transfer.download import send_file

METHODS = ("OPTIONS", "GET", "HEAD", "PROPFIND")
XML = "application/xml; charset=utf-8"
_FOLDER_TEXT = "This folder is for WebDAV clients: a computer mounts it. The help page on WebDAV says how.\n"

blueprint = Blueprint("dav", __name__)


class AnyPath(BaseConverter):
    """Matches whatever follows, line breaks too: a name on a disk may have any byte but two."""

    regex = r"[\s\S]+"
    part_isolating = False


def install(app: Flask) -> None:
    """Serve the captures of `app` to WebDAV clients."""
    app.url_map.converters["any_path"] = AnyPath
    app.register_blueprint(blueprint)


@blueprint.route(
    f"{SHARE}/", methods=METHODS, provide_automatic_options=False, strict_slashes=False, merge_slashes=False
)
@blueprint.route(f"{SHARE}/<any_path:path>", methods=METHODS, provide_automatic_options=False, merge_slashes=False)
def share(path: str = "") -> Response:
    """Give a file or a part of it, tell what is there, or what may be asked."""
    del path  # what is asked for is bytes, which a text cannot keep
    asked = request.environ["PATH_INFO"].encode("latin-1")[len(SHARE) :]
    if request.method == "OPTIONS":
        return Response(headers={"DAV": "1", "Allow": ", ".join(METHODS), "MS-Author-Via": "DAV"})
    root = capture_storage().root
    if request.method == "PROPFIND":
        depth = request.headers.get("Depth", "infinity").lower()
        if depth == "infinity":
            return Response(FINITE_DEPTH, 403, content_type=XML)
        if depth not in ("0", "1"):
            raise BadRequest(f"Depth is {depth[:20]!r}", expected="0 or 1")
        question = read_question(request.get_data())
        found = find(root, asked)
        base = f"{request.script_root}{SHARE}/"
        if depth == "0" or not found.is_folder:
            return Response(told([found], question, base), 207, content_type=XML)
        members = Members(root, asked)
        response = Response(told(_with(found, members), question, base), 207, content_type=XML)
        response.call_on_close(members.close)
        return response
    found = find(root, asked)
    if found.is_folder:
        return Response(_FOLDER_TEXT, mimetype="text/plain")
    name = found.name.decode(errors="surrogateescape")
    opened = open_file(root, asked)
    return send_file(opened, transfers().digests, mimetype=mime_type(found.name), name=name, attached=True)


def _with(folder: Shown, members: Members) -> Iterator[Shown]:
    yield folder
    yield from members
