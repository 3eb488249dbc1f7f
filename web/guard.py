"""Which requests are allowed: the access code is checked on all but loopback servers; Host and what a browser tells of
the page that asks (Origin, Sec-Fetch-Site) always.

A server on loopback has no code. On any other address every route needs a cookie, which a client gets for the code.
The code is printed in the terminal and kept over restarts, so that it is typed once on each phone.
`web.serve` makes the `Guard`; `routes.access` puts it in front of every route and has the form for the code.
"""

from __future__ import annotations

import hmac
import ipaddress
import json
import logging
import os
import secrets
import socket
import threading
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from flask import Response, redirect, request
from itsdangerous import BadSignature, TimestampSigner
from werkzeug.http import parse_cookie
from werkzeug.wrappers import Response as WerkzeugResponse

from device.atomic import write_atomically
from web.errors import AccessNeeded, BadCode, Refused, TooManyGuesses

log = logging.getLogger(__name__)

COOKIE = "hqcam_access"
COOKIE_DAYS = 90
CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # no 0/O, 1/I/L: read off a terminal, typed on a phone
CODE_LENGTH = 8  # 31^8 = 8.5e11 codes
GUESSES, GUESS_WINDOW_S = 8, 60.0  # counted over all clients: an attacker may have many addresses
OPEN_ENDPOINTS = frozenset({"access.page", "access.enter", "static"})
PAGES = frozenset({"pages.index", "access.page", "help.contents", "help.page"})  # to which other sites may link
FENCES: Final = {"X-Content-Type-Options": "nosniff", "Cross-Origin-Resource-Policy": "same-origin"}
"""Header fields of every answer: no page of another site may use what this camera sends, not even as a picture."""


@dataclass(frozen=True, slots=True)
class AccessKey:
    """The code that people type and the secret that signs their cookies."""

    code: str
    secret: str


def key_path(settings: Path) -> Path:
    """Give the file of the key, which lies beside the settings."""
    return settings.with_name("access.json")


def load_key(path: Path, *, renew: bool = False) -> AccessKey:
    """Read the key kept at `path`, or make a new one there (mode 600). `renew` locks out everyone let in before."""
    if not renew:
        try:
            stored = json.loads(path.read_text())
            return AccessKey(str(stored["code"]), str(stored["secret"]))
        except FileNotFoundError:
            pass
        except (OSError, ValueError, KeyError, TypeError) as error:
            log.warning("the access key in %s cannot be read (%s); making a new one", path, error)
    code = "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH))
    key = AccessKey(code, secrets.token_hex(32))
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"code": key.code, "secret": key.secret})
    previous = os.umask(0o077)
    try:
        write_atomically(path, [text.encode()], replace=True)
    finally:
        os.umask(previous)
    return key


class GuessLimit:
    """Allows a number of wrong guesses in a sliding window of time."""

    def __init__(self, guesses: int = GUESSES, window_s: float = GUESS_WINDOW_S) -> None:
        self._window_s = window_s
        self._wrong: deque[float] = deque(maxlen=guesses)
        self._lock = threading.Lock()

    def check(self) -> None:
        """Raise TooManyGuesses while the window is full."""
        with self._lock:
            now = time.monotonic()
            if len(self._wrong) == self._wrong.maxlen and now - self._wrong[0] < self._window_s:
                raise TooManyGuesses(max(1, round(self._window_s - (now - self._wrong[0]))))

    def note_wrong(self) -> None:
        """Count one wrong guess."""
        with self._lock:
            self._wrong.append(time.monotonic())


class Guard:
    """Checks every request before its route runs, in the thread of that request."""

    def __init__(self, key: AccessKey | None, hosts: frozenset[str] = frozenset()) -> None:
        """`key` None means no code (loopback). `hosts` are names accepted in the Host header, besides localhost."""
        self._key = key
        self._hosts = hosts
        self._signer = TimestampSigner(key.secret, salt="hqcam-access") if key else None
        self._limit = GuessLimit()

    def check(self) -> WerkzeugResponse | None:
        """Give None for an allowed request, and for the page without access a redirect to the form for the code.

        Raises Refused for a foreign Host or page, AccessNeeded without a valid cookie.
        """
        self._check_host()
        self._check_origin()
        self._check_site()
        if request.endpoint in OPEN_ENDPOINTS or self.knows(request.environ):
            return None
        if request.endpoint == "pages.index":
            return redirect("/access")
        raise AccessNeeded("this camera needs its access code", remedy="open /access and type the code in the terminal")

    def enter(self, code: str) -> Response:
        """Give the cookie for the right code. Raises BadCode, TooManyGuesses."""
        response = Response(status=204)
        if self._key is None or self._signer is None:
            return response
        self._limit.check()
        if not hmac.compare_digest(code.strip().upper().encode(), self._key.code.encode()):
            self._limit.note_wrong()
            raise BadCode("that is not the access code", remedy="read it in the terminal where hqcam was started")
        token = self._signer.sign(secrets.token_hex(8)).decode()
        response.set_cookie(
            COOKIE, token, max_age=COOKIE_DAYS * 86400, httponly=True, samesite="Strict", secure=request.is_secure
        )
        return response

    def knows(self, environ: dict[str, Any]) -> bool:
        """Whether the request (WSGI) has the cookie that the code gives; all have access where there is no code.

        Any thread; the server asks before the request gets a thread of the app.
        """
        if self._signer is None:
            return True
        try:
            self._signer.unsign(parse_cookie(environ).get(COOKIE, ""), max_age=COOKIE_DAYS * 86400)
        except (BadSignature, ValueError):  # ValueError: text that has no bytes
            return False
        return True

    def _check_host(self) -> None:
        """Raise Refused for an unknown name: the page of another site can point its own name here (DNS rebinding).

        An IP address in Host cannot come about that way, and is allowed where the code protects the camera.
        """
        name = _host_name(request.host)
        if name in ("localhost", *self._hosts) or (_is_address(name) and (self._key or _is_loopback(name))):
            return
        raise Refused(
            f"the request is addressed to {name[:80]!r}",
            expected="localhost, an address of this machine, or its own name",
            remedy="open the address that hqcam printed; another name is allowed with --allow-host NAME",
        )

    def _check_origin(self) -> None:
        origin, host = request.headers.get("Origin"), request.host.lower()
        if origin is not None and origin.lower() not in (f"http://{host}", f"https://{host}"):
            raise Refused(f"the request comes from a page of {origin[:80]!r}", expected="a page of this camera")

    def _check_site(self) -> None:
        """Raise Refused for what a page of another site loads or sends; a link that opens a page of ours is allowed.

        Browsers tell it where the connection is encrypted or stays on the machine (Fetch Metadata).
        """
        site, field = request.headers.get("Sec-Fetch-Site"), request.headers.get
        if site in (None, "same-origin", "none"):
            return
        opens = field("Sec-Fetch-Mode") == "navigate" and field("Sec-Fetch-Dest") == "document"
        if not (opens and request.method == "GET" and request.endpoint in PAGES):
            raise Refused("the request comes from a page of another site", expected="a page of this camera")


def machine_names() -> frozenset[str]:
    """The names by which this machine is reached on its network."""
    name = socket.gethostname().lower()
    return frozenset({name, f"{name.split('.')[0]}.local"})


def _host_name(host: str) -> str:
    """Strip the port: `[::1]:8000` -> `::1`, `pi.local:8000` -> `pi.local`."""
    if host.startswith("["):
        return host[1:].split("]")[0].lower()
    return host.rsplit(":", 1)[0].lower() if host.count(":") == 1 else host.lower()


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _is_loopback(name: str) -> bool:
    return ipaddress.ip_address(name).is_loopback
