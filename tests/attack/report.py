"""What attacks found, as one table: what was tried, what came of it, and the three counts that must be zero."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

Length = Literal["short", "long"]
"""`short` is run by the tests, `long` by `make attack`."""


@dataclass(frozen=True, slots=True)
class Row:
    """One attack."""

    attack: str
    tried: int
    outcomes: Counter[str] = field(default_factory=Counter)
    """How often what came of it."""
    lost: int = 0
    """Pictures, frames, answers or settings that should be there and are not."""
    leaked: int = 0
    """What came to who was not let in, and what was taken and not given back: memory, threads, files."""
    stopped: int = 0
    """Whether hqcam, its viewfinder or its shutter stood still afterwards."""
    measured: str = ""
    """Figures for people, which no test judges."""

    @property
    def withstood(self) -> bool:
        """Whether nothing was lost, leaked or stopped."""
        return self.lost == self.leaked == self.stopped == 0

    def __str__(self) -> str:
        outcomes = ", ".join(f"{count} {what}" for what, count in self.outcomes.most_common())
        told = "; ".join(text for text in (outcomes, self.measured) if text)
        return f"{self.attack:34}{self.tried:7}{self.lost:6}{self.leaked:8}{self.stopped:9}  {told}"


HEAD = f"{'attack':34}{'tried':>7}{'lost':>6}{'leaked':>8}{'stopped':>9}  outcomes"


def table(rows: Iterable[Row]) -> Iterable[str]:
    """Give the table line by line, each as soon as it is known."""
    yield HEAD
    for row in rows:
        yield str(row)
