"""One HTTP connection to a destination: streamed bodies, bounded answers, a deadline for each step, ended from outside.

By `http.client` of the standard library: nothing that asks is more than a request, and nothing is to be installed.
One thread asks; any other may call `end`.
"""

from __future__ import annotations

import base64
import hashlib
import http.client
import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, urlsplit

from device import __version__
from device.uploads.errors import Ended, FileRefused, NeedsOwner, Unreachable, UploadError

STEP_S: Final = 30.0  # chosen: a phone's hotspot may be still for some seconds; a server that writes to a slow disk too
WHOLE_STEPS: Final = 4
SLOWEST_BYTES_S: Final = 10_000.0  # chosen: a raw file over a bad mobile network takes half an hour
"""A request takes WHOLE_STEPS steps and its bytes at this rate, at most."""
BLOCK_BYTES: Final = 64 * 1024
ANSWER_BYTES_MAX: Final = 256 * 1024
LATER: Final = frozenset({408, 421, 423, 425, 429, 500, 502, 503, 504})
"""Statuses after which the same request may do."""
_BACKGROUND_TOS: Final = 0x20  # DSCP CS1, traffic that gives way (RFC 3662); Wi-Fi sends it after all else


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered."""

    status: int
    headers: Mapping[str, str]
    """By names in lower case."""
    body: bytes
    """At most ANSWER_BYTES_MAX; empty where the body went to `sink`."""


class HttpClient:
    """Asks one server. Connections are kept, and made anew where the server closed one."""

    def __init__(
        self, address: str, headers: Mapping[str, str] | None = None, *, fingerprint: str = "", step_s: float = STEP_S
    ) -> None:
        """`address` is that of the destination, checked; paths are below it. `fingerprint`: see Destination."""
        parts = urlsplit(address)
        self._host, self._port, self._tls = parts.hostname or "", parts.port, parts.scheme == "https"
        self.base_path = quote(parts.path.rstrip("/"), safe="/%~!$&'()*+,;=:@")
        self.origin = f"{parts.scheme}://{parts.netloc}"
        self._headers = {"User-Agent": f"hqcam/{__version__}", **(headers or {})}
        self._fingerprint, self._step_s = fingerprint, step_s
        self._lock = threading.Lock()
        self._connection: http.client.HTTPConnection | None = None
        self._ended = False

    def ask(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: Iterable[bytes] | bytes = b"",
        length: int | None = None,
        sink: Callable[[bytes], object] | None = None,
        expects_bytes: int = 0,
    ) -> Answer:
        """Ask for a path below the address. `body` of more than one piece has a `length`.

        A good answer's body goes to `sink`, where one is given, and has about `expects_bytes`. Raises Unreachable,
        NeedsOwner, Ended; what a status means is for the caller, see `check`.
        """
        limit_s = self._step_s * WHOLE_STEPS + (expects_bytes + (length or 0)) / SLOWEST_BYTES_S
        while True:
            connection, is_new = self._connected()
            try:
                with self._deadline(connection, limit_s) as late:
                    return self._ask(connection, method, path, headers or {}, body, length, sink)
            except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError) as error:
                self._drop()
                again = not is_new and isinstance(body, bytes) and not late.is_set()
                if not again:  # a kept connection that the server has closed meanwhile says nothing
                    raise self._unreachable(error) from error
            except (OSError, http.client.HTTPException, ValueError) as error:
                self._drop()
                raise self._unreachable(error) from error
            except BaseException:
                self._drop()
                raise

    def end(self) -> None:
        """End what is asked at once, and all that is asked later: it raises Ended. Any thread."""
        with self._lock:
            self._ended = True
            connection = self._connection
        if connection is not None:
            _shut(connection)

    def close(self) -> None:
        """Close the connection."""
        self._drop()

    def _ask(
        self,
        connection: http.client.HTTPConnection,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: Iterable[bytes] | bytes,
        length: int | None,
        sink: Callable[[bytes], object] | None,
    ) -> Answer:
        size = len(body) if isinstance(body, bytes) else length
        connection.putrequest(method, self.base_path + quote(path, safe="/") or "/", skip_accept_encoding=True)
        for name, value in {**self._headers, **headers}.items():
            connection.putheader(name, value)
        if size or method in ("PUT", "POST"):
            connection.putheader("Content-Length", str(size or 0))
        connection.endheaders()
        is_cut = not self._sent(connection, (body,) if isinstance(body, bytes) else body)
        response = connection.getresponse()
        named = {name.lower(): value for name, value in response.getheaders()}
        kept = bytearray()
        is_wanted = sink is not None and 200 <= response.status < 300
        while block := response.read1(BLOCK_BYTES):
            self._check_ended()
            if is_wanted and sink is not None:
                sink(block)
            elif len(kept) + len(block) > ANSWER_BYTES_MAX:
                is_cut = True  # nobody reads the rest of it
                break
            else:
                kept += block
        response.close()  # `read1` leaves that of HEAD open
        if is_cut:
            self._drop()
        return Answer(response.status, named, bytes(kept))

    def _sent(self, connection: http.client.HTTPConnection, blocks: Iterable[bytes]) -> bool:
        """Send a body; give whether all of it was taken: a server that refuses it may answer and close meanwhile."""
        for block in blocks:
            self._check_ended()
            try:
                if block:
                    connection.send(block)
            except (BrokenPipeError, ConnectionResetError):
                return False
        return True

    @contextmanager
    def _deadline(self, connection: http.client.HTTPConnection, seconds: float) -> Iterator[threading.Event]:
        """Cut the connection after `seconds`: each step may be in time, and all of them take for ever."""
        late = threading.Event()

        def cut() -> None:
            late.set()
            _shut(connection)

        timer = threading.Timer(seconds, cut)
        timer.daemon = True
        timer.start()
        try:
            yield late
        finally:
            timer.cancel()
            timer.join()

    def _connected(self) -> tuple[http.client.HTTPConnection, bool]:
        with self._lock:
            connection = self._connection
        self._check_ended()
        if connection is not None and connection.sock is not None:
            return connection, False
        if self._tls:
            context = ssl.create_default_context()
            if self._fingerprint:  # it is compared below, before anything is sent
                context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            connection = http.client.HTTPSConnection(self._host, self._port, timeout=self._step_s, context=context)
        else:
            connection = http.client.HTTPConnection(self._host, self._port, timeout=self._step_s)
        with self._lock:
            self._connection = connection
        try:
            connection.connect()
            self._check_ended()
            with suppress(OSError):
                connection.sock.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, _BACKGROUND_TOS)
            if self._fingerprint and self._tls and _fingerprint(connection.sock) != self._fingerprint:
                raise NeedsOwner(
                    "the server has another certificate than the one that was trusted; "
                    f"its SHA-256 is {_fingerprint(connection.sock)}",
                    expected="the same one",
                    remedy="find out why; if it was renewed, trust the new one",
                )
        except ssl.SSLCertVerificationError as error:
            self._drop()
            raise NeedsOwner(
                f"the certificate of the server cannot be verified ({error.verify_message}); "
                f"its SHA-256 is {self._seen_fingerprint()}",
                expected="a certificate that this computer knows, or one that you trust yourself",
                remedy="trust this certificate if the server is yours",
            ) from error
        except OSError as error:
            self._drop()
            raise self._unreachable(error) from error
        except BaseException:
            self._drop()
            raise
        return connection, True

    def _seen_fingerprint(self) -> str:
        """Give the fingerprint of the certificate that the server shows; "" where it shows none."""
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        connection = http.client.HTTPSConnection(self._host, self._port, timeout=self._step_s, context=context)
        try:
            connection.connect()
            return _fingerprint(connection.sock)
        except OSError:
            return ""
        finally:
            connection.close()

    def _drop(self) -> None:
        with self._lock:
            connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _check_ended(self) -> None:
        if self._ended:
            raise Ended

    def _unreachable(self, error: BaseException) -> Exception:
        if self._ended:
            return Ended()
        if isinstance(error, TimeoutError):
            reason = f"nothing moved for {self._step_s:g} s"
        elif isinstance(error, OSError):
            reason = error.strerror or str(error) or "it ended the connection"
        else:
            reason = "it does not speak HTTP" if str(error) else "it ended the connection"
        return Unreachable(
            f"{self.origin} cannot be reached: {reason}", remedy="check the address, the server and the network"
        )


def basic(user: str, password: str) -> dict[str, str]:
    """Give the header field of a user and a password (RFC 7617); none where both are empty."""
    if not user and not password:
        return {}
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def check(answer: Answer, *good: int) -> Answer:
    """Give an answer whose status is one of `good`. Raises NeedsOwner, FileRefused, UploadError by what it means."""
    status = answer.status
    if status in good:
        return answer
    said = f"the server answered {status}"
    if status == 401:
        raise NeedsOwner(f"{said}: it does not know this user or password", remedy="give the right ones")
    if status == 403:
        raise NeedsOwner(f"{said}: this user may not write there", remedy="allow it there, or choose another folder")
    if 300 <= status < 400:
        to = answer.headers.get("location", "")[:200]
        raise NeedsOwner(f"{said}: it sends on to {to!r}", expected="the address itself", remedy="give that address")
    if status in (404, 405, 409, 410, 501):
        raise NeedsOwner(f"{said}: there is no folder to write to", remedy="check the address; make the folder there")
    if status == 507:
        raise Unreachable(f"{said}: it has no room left", remedy="free some space there")
    if status in LATER:
        raise UploadError(f"{said}: it has trouble now", remedy="look at the server if that stays so")
    if status == 413:
        raise FileRefused(f"{said}: the file is too large for it", remedy="let the server take larger files")
    raise FileRefused(f"{said}: it does not take this file", remedy="see the server's log")


def _shut(connection: http.client.HTTPConnection) -> None:
    sock = connection.sock
    if sock is not None:
        with suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)


def _fingerprint(sock: socket.socket) -> str:
    certificate = sock.getpeercert(binary_form=True) if isinstance(sock, ssl.SSLSocket) else None
    return hashlib.sha256(certificate).hexdigest() if certificate else ""
