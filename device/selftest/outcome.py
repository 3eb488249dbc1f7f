"""The outcome of a check: it returns what it `Measured`, or raises `Failed` or `NotApplicable`.

`runner` makes a `CheckResult` of each.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["pass", "warning", "fail", "not applicable"]


class Failed(Exception):
    """The camera breaks the rule that is checked; `remedy` says what to do."""

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.remedy = remedy


class NotApplicable(Exception):
    """This camera cannot do what is checked, or its present picture does not show it; the message says which."""


@dataclass(frozen=True, slots=True)
class Measured:
    """The figures of a check that did not fail."""

    text: str
    """As it is printed, with units."""
    warning: str = ""
    """What to improve, when the check passed narrowly; else empty."""


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One check and its verdict: one line of the report."""

    name: str
    verdict: Verdict
    measured: str
    remedy: str = ""
    seconds: float = 0.0


def require(condition: bool, message: str, remedy: str = "") -> None:
    """Raise Failed unless `condition`."""
    if not condition:
        raise Failed(message, remedy)
