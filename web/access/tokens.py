"""Tokens for programs that cannot set header fields: `tokens.json`, beside the settings, mode 600.

A token lets in whoever has it, to the picture of the camera and nothing else, or to the files of captures too if it
was made for that; `web.guard` says where. The file keeps
the SHA-256 of each: a token has 256 random bits, so that nobody finds it by its hash. It is read again whenever it
changed, so that what `hqcam token` does counts at once in a viewfinder that runs.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from device.errors import BadInput, NotFound
from device.notices import Notices
from device.preferences.shared_file import SharedFile

NAME_MAX: Final = 40
TOKENS_MOST: Final = 100
_BYTES_MAX: Final = 100_000


@dataclass(frozen=True, slots=True)
class Token:
    """What is kept of a token."""

    name: str
    created_at: str
    """ISO 8601, UTC."""
    sha256: str
    files: bool = False
    """Whether it opens the files of captures too, to read them."""


class Tokens:
    """The tokens of one camera. Any thread; other processes may change them too."""

    def __init__(
        self, path: Path | None = None, *, notices: Notices | None = None, unix_s: Callable[[], float] = time.time
    ) -> None:
        """`path` None keeps them in memory only. `unix_s` gives what time it is."""
        self._unix_s = unix_s
        self._file: SharedFile[tuple[Token, ...]] = SharedFile(
            path,
            (),
            parse=lambda stored: tuple(_token_of(one) for one in stored["tokens"]),
            dump=lambda tokens: {"tokens": [asdict(token) for token in tokens]},
            limit_bytes=_BYTES_MAX,
            notices=notices or Notices(),
            what="the tokens",
            then="they let nobody in",
        )

    def list(self) -> tuple[Token, ...]:
        """Give all tokens, the oldest first. A file that cannot be read lets nobody in."""
        return self._file.get()

    def find(self, secret: str, *, files: bool = False) -> str | None:
        """Give the name of the token with this secret; None where there is none, or none that opens `files`."""
        hashed = _hash(secret)
        known = [token for token in self.list() if token.files or not files]
        found = [token.name for token in known if hmac.compare_digest(token.sha256, hashed)]
        return found[0] if found else None

    def add(self, name: str, *, files: bool = False) -> str:
        """Make a token; give its secret, which is kept nowhere. Raises BadInput, StorageError.

        `files`: it opens the files of captures too.
        """
        name, secret = checked_name(name), secrets.token_urlsafe(32)

        def added(tokens: tuple[Token, ...]) -> tuple[Token, ...]:
            if any(token.name == name for token in tokens):
                raise BadInput(f"there is a token {name!r} already", expected="another name, or revoke it first")
            if len(tokens) >= TOKENS_MOST:
                raise BadInput(f"there are {TOKENS_MOST} tokens already", expected="that you revoke one first")
            created_at = datetime.fromtimestamp(self._unix_s(), UTC).isoformat(timespec="seconds")
            return (*tokens, Token(name, created_at, _hash(secret), files))

        self._file.change(added)
        return secret

    def revoke(self, name: str) -> None:
        """Let nobody in with this token any more. Raises NotFound, StorageError."""

        def without(tokens: tuple[Token, ...]) -> tuple[Token, ...]:
            kept = tuple(token for token in tokens if token.name != name)
            if len(kept) == len(tokens):
                raise NotFound(f"there is no token {name[:NAME_MAX]!r}", remedy="hqcam token list shows them")
            return kept

        self._file.change(without)


def tokens_path(settings: Path) -> Path:
    """Give the file of the tokens, which lies beside the settings."""
    return settings.with_name("tokens.json")


def checked_name(name: str) -> str:
    """Give a name without blanks around it. Raises BadInput."""
    name = name.strip()
    if not 1 <= len(name) <= NAME_MAX or not name.isprintable() or "/" in name:
        raise BadInput(f"the name is {name[:NAME_MAX]!r}", expected=f"1 to {NAME_MAX} characters, without /")
    return name


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _token_of(stored: Any) -> Token:
    name, created_at, hashed = (stored[key] for key in ("name", "created_at", "sha256"))
    if not (isinstance(created_at, str) and isinstance(hashed, str) and len(hashed) == 64 and hashed.isascii()):
        raise ValueError("a token has no hash")
    return Token(checked_name(name), created_at, hashed, stored.get("files") is True)
