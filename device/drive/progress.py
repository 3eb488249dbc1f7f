"""How far a mode is: one value that page and command line both read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["idle", "running", "done", "cancelled", "failed"]
Phase = Literal["waiting", "exposing", "saving", "armed", "recording", "none"]


@dataclass(frozen=True, slots=True)
class Progress:
    """A moment of a run, or of the last one that ended."""

    state: State = "idle"
    id: str = ""
    """The name of the run's manifest, without its suffix."""
    mode: str = ""
    phase: Phase = "none"
    phase_s: float = 0.0
    """How long the phase takes in all; 0 when nobody knows."""
    phase_left_s: float = 0.0
    taken: int = 0
    """Shots that are on the disk."""
    total: int | None = None
    left_s: float | None = None
    """Until the run ends, by estimate; None when it ends by a press."""
    missed: int = 0
    """Shots that were planned and could not be taken."""
    doubtful: int = 0
    """Shots of which the audit found something."""
    last: str = ""
    """The id of the newest capture of the run."""
    message: str = ""
    error: dict[str, str] | None = None


IDLE = Progress()
