"""What a check says."""

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
    """This camera, or what it looks at, does not allow the check."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was measured by a check that did not fail."""

    measured: str
    warning: str = ""
    """What to look at, where it passed only just."""


@dataclass(frozen=True, slots=True)
class Result:
    """One line of the report."""

    name: str
    verdict: Verdict
    measured: str
    remedy: str = ""
    seconds: float = 0.0


def require(condition: bool, message: str, remedy: str = "") -> None:
    """Raise Failed unless `condition`."""
    if not condition:
        raise Failed(message, remedy)
