"""The path under which a reverse proxy offers the camera: `/cam` where its page is at `/cam/`.

It becomes WSGI's SCRIPT_NAME, from which Flask makes every address of an answer; the page finds its own. A proxy may
take the path away before it passes a request on, or leave it. `web.serve` puts this in front of the app.
"""

from __future__ import annotations

import ipaddress
import re
from typing import Any, Final

from device.errors import BadInput
from web.server.answer import App, Environ

HEADER: Final = "HTTP_X_FORWARDED_PREFIX"
_PATH: Final = re.compile(r"(/(?!\.{1,2}(/|\Z))[A-Za-z0-9._~-]+){1,8}")
_OURS: Final = frozenset({"api", "static", "access", "help", "dav"})


def checked_prefix(path: str) -> str:
    """Give the path without a slash at its end; "" for none. Raises BadInput for what is no plain path, or is ours."""
    path = path.rstrip("/")
    if path and (not _PATH.fullmatch(path) or path.split("/")[1] in _OURS or len(path) > 200):
        raise BadInput(
            f"the base path {path[:80]!r} cannot be used",
            expected="letters, digits and - . _ ~ between slashes, such as /cam, and not /" + ", /".join(sorted(_OURS)),
        )
    return path


class Prefixed:
    """The app under a path: a fixed one, or what a trusted proxy says in X-Forwarded-Prefix. Any thread calls it."""

    def __init__(self, app: App, *, base_path: str = "", proxies: tuple[str, ...] = ()) -> None:
        """`proxies` are addresses whose word is taken besides those of this machine. Raises BadInput."""
        self._app = app
        self._base_path = checked_prefix(base_path)
        self._proxies = frozenset(_address(text) for text in proxies)

    def __call__(self, environ: Environ, start_response: Any) -> Any:
        """Answer one request (WSGI)."""
        prefix = self._base_path or self._told(environ)
        path = environ.get("PATH_INFO", "")
        if prefix:
            environ["SCRIPT_NAME"] = prefix
            if path == prefix or path.startswith(prefix + "/"):
                environ["PATH_INFO"] = path[len(prefix) :] or "/"
        return self._app(environ, start_response)

    def _told(self, environ: Environ) -> str:
        """Give the path that the proxy told; "" from anyone else, and for what is no path."""
        told = environ.get(HEADER)
        if not told or not self._trusts(environ.get("REMOTE_ADDR", "")):
            return ""
        try:
            return checked_prefix(told)
        except BadInput:
            return ""

    def _trusts(self, client: str) -> bool:
        try:
            address = ipaddress.ip_address(client)
        except ValueError:
            return False
        return address.is_loopback or address in self._proxies


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    try:
        return ipaddress.ip_address(text)
    except ValueError as error:
        raise BadInput(
            f"{text[:80]!r} is no address of a proxy", expected="an IP address such as 192.168.1.5"
        ) from error
