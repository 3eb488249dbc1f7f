"""The code that people type and the secret that signs their cookies: `access.json`, beside the settings.

It is printed in the terminal and kept over restarts, so that it is typed once on each phone. `web.guard` checks codes
and cookies with it, `web.address` shows the code.
"""

from __future__ import annotations

import json
import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from itsdangerous import Signer

from device.atomic import as_storage_error, write_atomically
from device.errors import StorageError
from device.notices import Notices
from device.stored import read_json, set_aside

CODE_ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # no 0/O, 1/I/L: read off a terminal, typed on a phone
CODE_LENGTH: Final = 8  # 31^8 = 8.5e11 codes
COOKIE: Final = "hqcam_access"
COOKIE_DAYS: Final = 90
_BYTES_MAX: Final = 10_000
_CODE: Final = re.compile(rf"[0-9A-Z]{{{CODE_LENGTH},64}}")
_SECRET: Final = re.compile(r"[0-9A-Za-z]{32,256}")


@dataclass(frozen=True, slots=True)
class AccessKey:
    """The code that people type and the secret that signs their cookies."""

    code: str
    secret: str


def cookie_for(key: AccessKey) -> str:
    """Give a cookie that opens a camera with this key, until the key is renewed: no clock can be trusted on a Pi.

    A browser keeps it for COOKIE_DAYS after it opened the page. `web.address` also asks with it.
    """
    return signer(key).sign(secrets.token_hex(8)).decode()


def signer(key: AccessKey) -> Signer:
    """Give what signs and checks the cookies of a key. It also takes those that older versions signed with a time."""
    return Signer(key.secret, salt="hqcam-access")


def key_path(settings: Path) -> Path:
    """Give the file of the key, which lies beside the settings."""
    return settings.with_name("access.json")


def read_key(path: Path) -> AccessKey:
    """Read the key at `path`. Raises OSError; ValueError for one that would let in whoever asks."""
    stored = read_json(path, _BYTES_MAX)
    code, secret = (stored.get(name) if isinstance(stored, dict) else None for name in ("code", "secret"))
    if not isinstance(code, str) or not _CODE.fullmatch(code):
        raise ValueError(f"its code is not made of {CODE_LENGTH} capital letters and digits or more")
    if not isinstance(secret, str) or not _SECRET.fullmatch(secret):
        raise ValueError("its secret is not made of 32 letters and digits or more")
    return AccessKey(code, secret)


def load_key(path: Path, *, renew: bool = False, notices: Notices | None = None) -> AccessKey:
    """Read the key kept at `path`, or make a new one there (mode 600). `renew` locks out everyone let in before.

    `notices` get what goes wrong: a key that cannot be used is set aside and replaced, one that cannot be written is in
    force all the same, until the end. Raises StorageError where the old one would come back after a renewal.
    """
    notices = notices or Notices()
    if not renew:
        try:
            return read_key(path)
        except FileNotFoundError:
            pass
        except (OSError, ValueError) as error:
            aside = set_aside(path)
            kept = f"; it is {aside.name} now" if aside else ""
            notices.say("access key", f"the access code in {path} cannot be used ({error}){kept}: there is a new one")
    code = "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH))
    key = AccessKey(code, secrets.token_hex(32))
    text = json.dumps({"code": key.code, "secret": key.secret})
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_atomically(path, [text.encode()], replace=True, private=True)
    except OSError as error:
        if renew:
            raise error if isinstance(error, StorageError) else as_storage_error(error, path) from error
        notices.say("access key", f"the access code could not be kept in {path.parent}: a restart makes another")
    return key
