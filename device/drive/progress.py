"""How far a series is: one value that the page, the API and the command line read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

State = Literal["idle", "running", "done", "cancelled", "failed"]
Phase = Literal["waiting", "exposing", "saving", "armed", "recording", "none"]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a series is at one moment; `IDLE` before the first."""

    state: State = "idle"
    id: str = ""
    """The name of its manifest, without its suffix."""
    mode: str = ""
    phase: Phase = "none"
    phase_s: float = 0.0
    """How long the phase takes in all; 0 when unknown."""
    phase_left_s: float = 0.0
    taken: int = 0
    """Shots that are on the disk."""
    total: int | None = None
    left_s: float | None = None
    """Seconds until the series ends, by estimate; None when it ends by a press."""
    missed: int = 0
    """Shots that were planned and could not be taken."""
    missed_why: dict[str, int] = field(default_factory=dict)
    """How many of them by reason, as in the manifest."""
    doubtful: int = 0
    """Shots whose audit was not "ok"."""
    last: str = ""
    """The id of its newest capture."""
    message: str = ""
    error: dict[str, str] | None = None


IDLE = Progress()
