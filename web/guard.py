"""Which requests are allowed: the access code is checked on all but loopback servers; Host and what a browser tells of
the page that asks (Origin, Sec-Fetch-Site) always.

A server on loopback has no code. On any other address every route needs a cookie, which a client gets for the code.
WebDAV clients (below SHARE) keep no cookie: they send the code, or a token that opens files, as a password each time.
`web.serve` makes the `Guard`; `routes.access` puts it in front of every route and has the form for the code.
"""

from __future__ import annotations

import hmac
import ipaddress
import socket
from collections import OrderedDict
from typing import Any, Final
from urllib.parse import parse_qs

from flask import Response, g, redirect, request, url_for
from itsdangerous import BadSignature
from werkzeug.http import parse_cookie
from werkzeug.wrappers import Response as WerkzeugResponse

from web.access.guesses import GuessLimit
from web.access.key import COOKIE, COOKIE_DAYS, AccessKey, cookie_for, signer
from web.access.password import secret_of
from web.access.tokens import Tokens
from web.errors import AccessNeeded, BadCode, PasswordNeeded, Refused

OPEN_ENDPOINTS = frozenset({"access.page", "access.enter", "static", "versioned", "pages.web_manifest"})
PAGES = frozenset({"pages.index", "access.page", "help.contents", "help.page"})  # to which other sites may link
TOKEN_ENDPOINTS: Final = frozenset({"viewfinder.snapshot", "viewfinder.stream"})  # where a token lets in, to read
TOKEN_PATHS: Final = ("/snapshot.jpg", "/stream.mjpg")
SHARE: Final = "/dav"
"""Below which the captures are for WebDAV clients."""
ACCEPTED_MOST: Final = 4096
HOME_DOMAINS: Final = (".lan", ".fritz.box", ".home.arpa")  # of home routers; RFC 8375: home.arpa
FENCES: Final = {"X-Content-Type-Options": "nosniff", "Cross-Origin-Resource-Policy": "same-origin"}
"""Header fields of every answer: no page of another site may use what this camera sends, not even as a picture."""


class Guard:
    """Checks every request before its route runs, in the thread of that request."""

    def __init__(
        self, key: AccessKey | None, hosts: frozenset[str] = frozenset(), *, tokens: Tokens | None = None
    ) -> None:
        """`key` None means no code (loopback). `hosts` are names accepted in the Host header, besides localhost."""
        self.tokens = tokens or Tokens()
        self._key = key
        self._hosts = hosts
        self._signer = signer(key) if key else None
        self._limit = GuessLimit()
        self._token_limit = GuessLimit()
        self._accepted: OrderedDict[tuple[str, str], None] = OrderedDict()

    def check(self) -> WerkzeugResponse | None:
        """Give None for an allowed request, and for the page without access a redirect to the form for the code.

        Raises Refused for a foreign Host or page, AccessNeeded without a valid cookie.
        """
        self._check_host()
        self._check_origin()
        self._check_site()
        g.still_let_in = lambda: True
        if request.endpoint in OPEN_ENDPOINTS or self.knows(request.environ):
            return None
        secret = request.args.get("token")
        if secret is not None and request.endpoint in TOKEN_ENDPOINTS and request.method in ("GET", "HEAD"):
            self._check_token(secret, request.remote_addr or "")
            g.still_let_in = lambda: self.tokens.find(secret) is not None
            return None
        if _is_shared(request.path):
            self._check_password(request.headers.get("Authorization", ""), request.remote_addr or "")
            return None
        if request.endpoint == "pages.index":
            return redirect(url_for("access.page", lens=request.args.get("lens")))  # of the QR code on a cap
        remedy = "open /access and type the code that `hqcam address` shows"
        raise AccessNeeded("this camera needs its access code", remedy=remedy)

    def _check_token(self, secret: str, address: str) -> None:
        """Raise AccessNeeded for a token that is not known, TooManyGuesses after too many of them.

        A program that was let in stays so, whatever others at its address guess meanwhile.
        """
        name = self.tokens.find(secret)
        if name is not None and (address, name) in self._accepted:
            return
        self._token_limit.check(address, right=name is not None)
        if name is None:
            self._token_limit.note_wrong(address)
            raise AccessNeeded("this token is not known", remedy="make one on the camera: hqcam token add NAME")
        self._accept(address, name)

    def _check_password(self, field: str, address: str) -> None:
        """Raise PasswordNeeded without the code or a token that opens files, TooManyGuesses after too many wrong ones.

        Wrong ones count as wrong codes do. A program with a token that was let in stays so; one with the code has to
        insist like everyone else: it is short, and must not be found by who shares the address of such a program.
        """
        secret = secret_of(field)
        remedy = "send as password the access code, or a token of `hqcam token add NAME --files`, with any user name"
        if secret is None:
            raise PasswordNeeded("the files of this camera need a password", remedy=remedy)
        name = self.tokens.find(secret, files=True)
        if name is not None and (address, name) in self._accepted:
            return
        right = name is not None or self._is_code(secret)
        self._limit.check(address, right=right)
        if not right and self.tokens.find(secret) is not None:
            raise PasswordNeeded("this token opens the picture and no files", remedy=remedy)
        if not right:
            self._limit.note_wrong(address)
            raise PasswordNeeded("that is not the password", remedy=remedy)
        self._accept(address, name or "")

    def _accept(self, address: str, name: str) -> None:
        """Note that a program of this address was let in with the token `name`, or with the code: ""."""
        self._accepted[address, name] = None
        while len(self._accepted) > ACCEPTED_MOST:
            self._accepted.popitem(last=False)

    def _is_code(self, text: str) -> bool:
        if self._key is None:
            return False
        return hmac.compare_digest(text.strip().upper().encode("utf-8", "surrogatepass"), self._key.code.encode())

    def lets_in(self, environ: dict[str, Any]) -> bool:
        """Whether the request (WSGI) has the cookie, or a token where one counts. Any thread; nothing is counted.

        The server asks before the request gets a thread of the app.
        """
        if self.knows(environ):
            return True
        if SHARE in environ.get("PATH_INFO", ""):
            secret, address = secret_of(environ.get("HTTP_AUTHORIZATION", "")) or "", environ.get("REMOTE_ADDR", "")
            name = self.tokens.find(secret, files=True) if secret else None
            return name is not None or ((address, "") in self._accepted and self._is_code(secret))
        query = environ.get("QUERY_STRING", "")
        if "token=" not in query or not environ.get("PATH_INFO", "").endswith(TOKEN_PATHS):
            return False
        secrets = parse_qs(query, errors="replace").get("token", [])
        return bool(secrets) and self.tokens.find(secrets[0]) is not None

    def enter(self, code: str) -> Response:
        """Give the cookie for the right code. Raises BadCode, TooManyGuesses."""
        response = Response(status=204)
        if self._key is None or self._signer is None:
            return response
        address = request.remote_addr or ""
        right = self._is_code(code)
        self._limit.check(address, right=right)
        if not right:
            self._limit.note_wrong(address)
            raise BadCode("that is not the access code", remedy="run `hqcam address` on the camera to see it")
        token = cookie_for(self._key)
        self._set_cookie(response, token)
        return response

    def renew(self, response: Response) -> Response:
        """Let the device that opens the page keep its cookie for another COOKIE_DAYS."""
        if self._signer is not None and request.endpoint == "pages.index" and response.status_code == 200:
            self._set_cookie(response, request.cookies.get(COOKIE, ""))
        return response

    def _set_cookie(self, response: Response, token: str) -> None:
        response.set_cookie(
            COOKIE,
            token,
            max_age=COOKIE_DAYS * 86400,
            path=f"{request.script_root}/",  # behind a proxy another camera may have another path
            httponly=True,
            samesite="Strict",
            secure=request.is_secure,
        )

    def knows(self, environ: dict[str, Any]) -> bool:
        """Whether the request (WSGI) has the cookie that the code gives; all have access where there is no code."""
        if self._signer is None:
            return True
        try:
            self._signer.unsign(parse_cookie(environ).get(COOKIE, ""))
        except (BadSignature, ValueError):  # ValueError: text that has no bytes
            return False
        return True

    def _check_host(self) -> None:
        """Raise Refused for an unknown name: the page of another site can point its own name here (DNS rebinding).

        An IP address in Host cannot come about that way, nor a name of the home network's own router: they are allowed
        where the code protects the camera.
        """
        name = _host_name(request.host)
        if name in ("localhost", *self._hosts) or (_is_address(name) and (self._key or _is_loopback(name))):
            return
        if self._key and name.endswith(HOME_DOMAINS):
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


def _is_shared(path: str) -> bool:
    return path == SHARE or path.startswith(f"{SHARE}/")


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
