"""One job: what was asked for, how far it is, what came of it; and as plain values, for the file that keeps it."""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Final, Literal, get_args

State = Literal["waiting", "running", "done", "failed", "cancelled"]
ENDED: Final[tuple[State, ...]] = ("done", "failed", "cancelled")
FILE: Final = "jobs.json"
"""What keeps the jobs, beside the settings file."""
FAILURES_MOST: Final = 20
"""Chosen: failures of single pictures that are kept; all are counted."""


@dataclass(slots=True)
class Job:
    """One job. The room that has it changes it, under its lock."""

    kind: str
    root: str
    """The folder of captures that it works on."""
    arguments: dict[str, Any]
    """As its kind has checked them."""
    total: int
    """How many steps it has: pictures, frames."""
    without: int = 0
    """How many of what was named has nothing that it could work on, and is left out."""
    id: str = field(default_factory=lambda: secrets.token_hex(6))
    state: State = "waiting"
    done: int = 0
    results: list[str] = field(default_factory=list)
    """The files that it has made, as paths below `root`."""
    failed: int = 0
    """How many single pictures could not be worked on."""
    failures: list[dict[str, Any]] = field(default_factory=list)
    """The first of these: `what`, and the error."""
    error: dict[str, str] | None = None
    """Why it failed as a whole."""

    def as_json(self) -> dict[str, Any]:
        """Give plain values; `of` gives the job back."""
        return asdict(self)

    @classmethod
    def of(cls, value: object) -> Job:
        """Give the job of plain values. Raises ValueError for anything else: the file may have been edited."""
        if not isinstance(value, dict) or set(value) != {f.name for f in fields(cls)}:
            raise ValueError("it is no job")
        kinds: dict[str, type | tuple[type, ...]] = {
            **dict.fromkeys(("kind", "root", "id", "state"), str),
            **dict.fromkeys(("total", "without", "done", "failed"), int),
            **{"arguments": dict, "results": list, "failures": list, "error": (dict, type(None))},
        }
        if any(not isinstance(value[name], kind) or value[name] is True for name, kind in kinds.items()):
            raise ValueError("a value of a job is of another kind")
        if value["state"] not in get_args(State) or not all(isinstance(path, str) for path in value["results"]):
            raise ValueError("a job is in no state")
        if not all(set(one) == {"what", "error"} for one in value["failures"] if isinstance(one, dict)):
            raise ValueError("a failure of a job is none")
        return cls(**value)
