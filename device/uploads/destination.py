"""A place to which pictures are sent: what it is, which files go there, and on which networks. Values only."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, fields
from typing import Any, Final, Literal, get_args
from urllib.parse import urlsplit

from device.errors import BadInput

Kind = Literal["webdav", "immich", "photoprism", "folder"]
Files = Literal["all", "jpeg", "raw"]
State = Literal[
    "looking", "done", "sending", "trying again", "needs you", "paused", "other network", "network unknown", "busy"
]
"""How a destination is doing; looking: what waits is not known yet."""
STATES: Final[tuple[State, ...]] = get_args(State)
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
FILES: Final[tuple[Files, ...]] = get_args(Files)

UPLOADS_FILE: Final = "uploads.json"
"""Where destinations are kept, beside the settings."""
NAME_MAX: Final = 40
TEXT_MAX: Final = 400
NETWORKS_MOST: Final = 20
_FINGERPRINT: Final = re.compile(r"[0-9a-f]{64}")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """Checked when it is made: raises BadInput."""

    name: str
    kind: Kind
    address: str
    """An http or https address, or the absolute path of a folder."""
    user: str = ""
    secret: str = ""
    """The password, or the API key of Immich. Never shown again."""
    files: Files = "all"
    only_starred: bool = False
    networks: tuple[str, ...] = ()
    """Only on a network of one of these names; empty: on any."""
    paused: bool = False
    fingerprint: str = ""
    """SHA-256 of the server's certificate, which is trusted although nobody known has signed it; "" for none."""
    other_disk: bool = False
    """A folder that was on another disk than the system when it was added: it is not written to where it is not."""

    def shown(self) -> dict[str, Any]:
        """Give its fields as JSON for people: of the secret only whether there is one."""
        values = {**asdict(self), "networks": list(self.networks)}
        values["has_secret"] = bool(values.pop("secret"))
        return values

    def __post_init__(self) -> None:
        for one in fields(self):
            _check_type(one.name, getattr(self, one.name))
        _check_name(self.name)
        _check_choice("kind", self.kind, KINDS)
        _check_choice("files", self.files, FILES)
        if len(self.networks) > NETWORKS_MOST:
            raise BadInput(f"{len(self.networks)} networks are named", expected=f"at most {NETWORKS_MOST}")
        if self.fingerprint and not _FINGERPRINT.fullmatch(self.fingerprint):
            raise BadInput("the fingerprint is none", expected="the SHA-256 of a certificate: 64 digits 0-9, a-f")
        if self.kind == "folder":
            if not self.address.startswith("/"):
                raise BadInput(f"the folder is {self.address[:80]!r}", expected="a path that begins with /")
            if self.user or self.secret:
                raise BadInput("a folder has no user and no password", expected="its path alone")
            return
        check_address(self.address)
        if self.kind == "immich" and (self.user or not self.secret):
            raise BadInput("Immich knows no user and password here", expected="an API key of Immich")
        if ":" in self.user:
            raise BadInput("the user name has a colon", expected="one without: HTTP cannot send it")


def check_address(address: str) -> None:
    """Raise BadInput unless `address` is one that http or https reaches, without user, query or fragment."""
    expected = "an address such as https://cloud.example.org/dav/photos/"
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        raise BadInput(f"the address is {address[:80]!r}", expected=expected) from None
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0 or not address.isascii():
        raise BadInput(f"the address is {address[:80]!r}", expected=expected)
    if " " in address:
        raise BadInput("the address has a space", expected="%20 in its place")
    if parts.username is not None or parts.query or parts.fragment:
        raise BadInput("the address holds a user name, a ? or a #", expected="the user and password in their fields")


def _check_name(name: str) -> None:
    if not 1 <= len(name) <= NAME_MAX or not name.isprintable() or name.strip() != name or "/" in name:
        raise BadInput(f"the name is {name[:NAME_MAX]!r}", expected=f"1 to {NAME_MAX} characters, without /")


def _check_choice(name: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise BadInput(f"{name} is {value[:40]!r}, not understood", expected="one of " + ", ".join(choices))


def _check_type(name: str, value: Any) -> None:
    if name == "networks":
        texts: tuple[Any, ...] = value if isinstance(value, tuple) else (None,)
    elif name in ("only_starred", "paused", "other_disk"):
        if not isinstance(value, bool):
            raise BadInput(f"{name} is {str(value)[:40]!r}, not understood", expected="true or false")
        return
    else:
        texts = (value,)
    for text in texts:
        if not isinstance(text, str) or len(text) > TEXT_MAX or _CONTROL.search(text):
            raise BadInput(
                f"{name} is not a text of one line", expected=f"at most {TEXT_MAX} characters without line ends"
            )
        try:
            text.encode()
        except UnicodeEncodeError:
            raise BadInput(f"{name} has a half character", expected="whole characters") from None


CHANGEABLE: Final = frozenset(one.name for one in fields(Destination)) - {"name", "kind", "other_disk"}
"""What may be changed of one that is there. Its name is that of its journal."""
