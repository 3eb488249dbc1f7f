"""What came of one attack."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Outcome:
    """One line of the table of attacks."""

    name: str
    tried: int
    lost: int
    """Pictures, frames or settings that should be there and are not."""
    leaked: int
    """What is left behind: hidden files, memory."""
    stopped: int
    """How often something ended that should have gone on."""
    note: str
