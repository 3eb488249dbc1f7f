"""The secret that a program sends in the header field Authorization (RFC 7617, RFC 6750)."""

from __future__ import annotations

import base64
import binascii


def secret_of(field: str) -> str | None:
    """Give the password of Basic, whatever the user is called, or the token of Bearer; None for anything else."""
    scheme, _, value = field.strip().partition(" ")
    value = value.strip()
    if scheme.lower() == "bearer":
        return value or None
    if scheme.lower() != "basic":
        return None
    try:
        pair = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return None
    try:
        text = pair.decode()
    except UnicodeDecodeError:
        text = pair.decode("latin-1")
    _, colon, password = text.partition(":")
    return password if colon else None
