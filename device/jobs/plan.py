"""What a job comes to, once it is checked; and the checks that several kinds share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

from device.captures.capture import is_id
from device.errors import BadInput

IDS_MOST: Final = 500
"""Of the longest names, what the body of a request may have."""


class Report(Protocol):
    """What the work tells of itself, as it goes."""

    def step(self, done: int, total: int) -> None:
        """So many steps are done."""

    def result(self, path: Path) -> None:
        """A file is on the disk under its final name."""

    def failure(self, what: str, error: dict[str, str]) -> None:
        """One picture could not be worked on; the others are."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A job that can be begun."""

    arguments: dict[str, Any]
    """What its process is told, as plain values."""
    total: int
    without: int = 0
    """How many of what was named is left out, because it has nothing to work on."""


def check_names(arguments: Mapping[str, Any], known: Iterable[str]) -> None:
    """Raise BadInput for an argument that is not known."""
    names = tuple(known)
    for name in arguments:
        if name not in names:
            raise BadInput(f"unknown argument {name[:40]!r}", expected="one of " + ", ".join(names))


def checked_ids(value: object) -> list[str]:
    """Give ids of captures, each once. Raises BadInput."""
    if isinstance(value, list) and 1 <= len(value) <= IDS_MOST and all(isinstance(one, str) for one in value):
        ids = list(dict.fromkeys(value))
        if all(map(is_id, ids)):
            return ids
    raise BadInput("no captures are named", expected=f'"ids": a list of 1 to {IDS_MOST} ids of captures')
