"""What a shot falls short in besides its exposure: late, overexposed, taken with too little power, or at a set clock.

`captures.shot` and the drive modes find it. The same words are then a note in the files and a check of the audit, which
page, command line and manifest show.
"""

from __future__ import annotations

from typing import Final, NamedTuple

ALL_WHITE: Final = "all of it is overexposed"


class Shortfall(NamedTuple):
    """One of them."""

    kind: str
    """The name of the check: "time", "clock", "power", "levels"."""
    text: str

    def as_note(self) -> str:
        """Give the note that the files have of it."""
        return f"{self.kind}: {self.text}"


NOTED: Final = ("exposure", "time", "clock", "power")
"""Checks that compare with the moment of the shot: the file alone cannot tell them, its record keeps them."""
