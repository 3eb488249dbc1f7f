"""What a check says: it gives what it `Measured`, or raises `Failed` or `NotApplicable`.

The run makes a `CheckResult` of each.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["pass", "warning", "fail", "not applicable"]


class Failed(Exception):
    """The camera does not do what it must; `remedy` says what to do."""

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.remedy = remedy


class NotApplicable(Exception):
    """This camera cannot do what is checked, or what it looks at does not show it; the message says which."""


@dataclass(frozen=True, slots=True)
class Measured:
    """The figures of a check that did not fail."""

    text: str
    """As it is printed, with units."""
    warning: str = ""
    """What to look at, where it passed only just."""


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One check of a run and its verdict: one line of the report."""

    name: str
    verdict: Verdict
    measured: str
    remedy: str = ""
    seconds: float = 0.0


def require(condition: bool, message: str, remedy: str = "") -> None:
    """Raise Failed unless `condition`."""
    if not condition:
        raise Failed(message, remedy)
