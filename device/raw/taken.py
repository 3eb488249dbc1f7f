"""When a shot was taken, by the wall clock. Not for durations: those are on the monotonic clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from device.errors import BadInput


@dataclass(frozen=True, slots=True)
class Taken:
    """The wall-clock time of a shot, and whether the clock could be trusted."""

    at: datetime
    """With its offset from UTC: files carry the local time and the offset."""
    clock_synchronised: bool
    """False on a Pi (which has no battery-backed clock) until its time was set; files then say so."""

    def __post_init__(self) -> None:
        if self.at.utcoffset() is None:
            raise BadInput(f"the time {self.at} has no offset from UTC", expected="an aware datetime")
