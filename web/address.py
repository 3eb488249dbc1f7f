"""The viewfinder's address for a person: URL, access code, QR code. `hqcam serve` and `hqcam address` print it."""

from __future__ import annotations

import http.client
import ipaddress
import socket
import sys
from pathlib import Path

from device.errors import ServerError
from web.access.key import COOKIE, AccessKey, cookie_for, key_path, read_key

ANSWER_TIMEOUT_S = 5.0


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a server on `host`."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def viewfinder_url(host: str, port: int, *, base_path: str = "") -> str:
    """Give the URL that a phone can open. For a server on all addresses (0.0.0.0) it has the network address.

    `base_path` is "", or like "/cam".
    """
    if host in ("0.0.0.0", "::", ""):
        host = _network_address()
    bracketed = f"[{host}]" if ":" in host else host
    return f"http://{bracketed}:{port}{base_path}/"


def served_key(host: str, port: int, settings: Path) -> AccessKey | None:
    """Give the key of the viewfinder that answers at `host` and `port` now; None when it needs none (loopback).

    Raises ServerError when nothing answers there, or when the server refuses the code kept beside `settings`.
    """
    path = key_path(settings)
    key = _kept_key(path) if not is_loopback(host) else None
    local = "127.0.0.1" if host in ("0.0.0.0", "::", "") else host
    connection = http.client.HTTPConnection(local, port, timeout=ANSWER_TIMEOUT_S)
    try:
        # With a cookie of its own: wrong codes of others never keep the owner from asking.
        headers = {} if key is None else {"Cookie": f"{COOKIE}={cookie_for(key)}"}
        connection.request("GET", "/api/status", headers=headers)
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        raise ServerError(
            f"no viewfinder answers on port {port} of {local}",
            remedy="start it: hqcam serve --host 0.0.0.0, or the service: sudo systemctl start hqcam",
        ) from error
    finally:
        connection.close()
    if status != 200:
        raise ServerError(
            f"what answers on port {port} of {local} does not take this user's access code (HTTP {status})",
            remedy="run this as the user whom the service runs as (systemctl show hqcam -p User), or give --settings",
        )
    return key


def _kept_key(path: Path) -> AccessKey | None:
    try:
        return read_key(path)
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise ServerError(
            f"the access code in {path} cannot be used: {error}",
            remedy="start the viewfinder again, which makes a new one (sudo systemctl restart hqcam)",
        ) from error


def announce(url: str, key: AccessKey | None) -> None:
    """Print the address to open; with a key also its code, and both as a QR code for the phone's camera."""
    print(f"hqcam is at {url}", flush=True)
    if key is None:
        return
    print(f"access code: {key.code}", flush=True)
    import segno

    # The code travels in the fragment: browsers never send that part, so it stays out of logs.
    segno.make(f"{url}access#{key.code}", micro=False).terminal(compact=True)
    sys.stdout.flush()


def _network_address() -> str:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            # Connecting a datagram socket sends nothing; it only asks the routing table (RFC 5737 test address).
            probe.connect(("192.0.2.1", 9))
            return str(probe.getsockname()[0])
        except OSError:
            return f"{socket.gethostname().split('.')[0]}.local"
