"""What the camera's frame does not tell of a shot: when it was by the wall clock, and through which lens.

The wall clock is not for durations: those are on the monotonic clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from device.errors import BadInput
from device.lenses.fitted import FittedLens


@dataclass(frozen=True, slots=True)
class Taken:
    """The wall-clock time of a shot, and whether the clock could be trusted."""

    at: datetime
    """With its offset from UTC: files carry the local time and the offset."""
    clock_synchronised: bool
    """False on a Pi (which has no battery-backed clock) until its time was set; files then say so."""
    lens: FittedLens | None = None
    """What its owner said is on the camera; None when nothing was said."""

    def __post_init__(self) -> None:
        if self.at.utcoffset() is None:
            raise BadInput(f"the time {self.at} has no offset from UTC", expected="an aware datetime")
