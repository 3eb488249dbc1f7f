"""Tokens for programs that cannot set header fields: `tokens.json`, beside the settings, mode 600.

A token lets in whoever has it, to the picture of the camera and nothing else, or to the files of captures too if it
was made for that; `web.guard` says where. The file keeps
the SHA-256 of each: a token has 256 random bits, so that nobody finds it by its hash. It is read again whenever it
changed, so that what `hqcam token` does counts at once in a viewfinder that runs.
"""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import json
import os
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from device.atomic import as_storage_error, write_atomically
from device.errors import BadInput, NotFound, StorageError
from device.notices import Notices
from device.stored import read_json, set_aside

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
        self._path = path
        self._notices = notices or Notices()
        self._lock = threading.Lock()
        self._tokens: tuple[Token, ...] = ()
        self._stamp: tuple[int, int, int] | None = None

    def list(self) -> tuple[Token, ...]:
        """Give all tokens, the oldest first. A file that cannot be read lets nobody in."""
        with self._lock:
            self._read_again()
            return self._tokens

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
        with self._changing() as tokens:
            if any(token.name == name for token in tokens):
                raise BadInput(f"there is a token {name!r} already", expected="another name, or revoke it first")
            if len(tokens) >= TOKENS_MOST:
                raise BadInput(f"there are {TOKENS_MOST} tokens already", expected="that you revoke one first")
            created_at = datetime.fromtimestamp(self._unix_s(), UTC).isoformat(timespec="seconds")
            self._write((*tokens, Token(name, created_at, _hash(secret), files)))
        return secret

    def revoke(self, name: str) -> None:
        """Let nobody in with this token any more. Raises NotFound, StorageError."""
        with self._changing() as tokens:
            kept = tuple(token for token in tokens if token.name != name)
            if len(kept) == len(tokens):
                raise NotFound(f"there is no token {name[:NAME_MAX]!r}", remedy="hqcam token list shows them")
            self._write(kept)

    @contextmanager
    def _changing(self) -> Iterator[tuple[Token, ...]]:
        """Give the tokens as they are, and let no other process change them meanwhile. Raises StorageError."""
        with self._lock:
            try:
                if self._path is not None:
                    self._path.parent.mkdir(parents=True, exist_ok=True)
                with nullcontext() if self._path is None else _alone(self._path.parent):
                    self._read_again()
                    yield self._tokens
            except OSError as error:
                if isinstance(error, StorageError) or self._path is None:
                    raise
                raise as_storage_error(error, self._path) from error

    def _write(self, tokens: tuple[Token, ...]) -> None:
        if self._path is not None:
            text = json.dumps({"tokens": [asdict(token) for token in tokens]}, indent=2)
            write_atomically(self._path, [text.encode() + b"\n"], replace=True, private=True)
        self._tokens, self._stamp = tokens, self._stamp_now()

    def _read_again(self) -> None:
        stamp = self._stamp_now()
        if self._path is None or stamp == self._stamp:
            return
        self._tokens, self._stamp = () if stamp is None else self._read(self._path), stamp

    def _read(self, path: Path) -> tuple[Token, ...]:
        try:
            return tuple(_token_of(one) for one in read_json(path, _BYTES_MAX)["tokens"])
        except FileNotFoundError:
            return ()
        except OSError as error:
            self._notices.say("tokens", f"the tokens in {path} cannot be read ({error}): they let nobody in")
        except (ValueError, TypeError, LookupError) as error:
            aside = set_aside(path)
            kept = f"; it is {aside.name} now" if aside else ""
            self._notices.say("tokens", f"the tokens in {path} cannot be used ({error}){kept}: they let nobody in")
        return ()

    def _stamp_now(self) -> tuple[int, int, int] | None:
        try:
            status = os.stat(self._path) if self._path is not None else None
        except OSError:
            return None
        return None if status is None else (status.st_ino, status.st_mtime_ns, status.st_size)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let no other process change files in this folder that asks for the same. Raises OSError."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with suppress(OSError):  # a file system without locks
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


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
