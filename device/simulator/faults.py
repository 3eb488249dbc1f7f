"""Scripted faults of the simulated camera: what breaks, when, for how long.

A script is a list such as "unplug@5s+3s, corrupt@12s". Times count from the first opening of the camera, and continue
when a lost camera is reopened, because one `FaultScript` is shared by all drivers of a factory.

    unplug@5s    the camera is lost; "+3s": it can be opened again 3 s later, else never
    stall@2s+4s  no frame comes for 4 s (without "+4s": never again)
    hang@2s      once, waiting for a frame ignores its deadline and ends only when the camera is closed
    corrupt@3s   once, a frame arrives broken and is dropped: a gap in the sequence
"""

from __future__ import annotations

import math
import re
import threading
from dataclasses import dataclass
from typing import Literal, get_args

from device.errors import BadInput

Kind = Literal["unplug", "stall", "hang", "corrupt"]
_KINDS: tuple[str, ...] = get_args(Kind)
_ONCE = ("hang", "corrupt")
_FAULT = re.compile(r"(?P<kind>[a-z]+)@(?P<at>\d+(\.\d+)?)s(\+(?P<lasting>\d+(\.\d+)?)s)?")


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault."""

    kind: Kind
    at_s: float
    lasting_s: float = math.inf


class FaultScript:
    """The faults of one run and their clock; may be shared by drivers in several threads."""

    def __init__(self, faults: tuple[Fault, ...] = ()) -> None:
        self.faults = faults
        self._lock = threading.Lock()
        self._spent: set[Fault] = set()
        self._began_ns: int | None = None
        self._latest_ns = 0

    @classmethod
    def parse(cls, text: str) -> FaultScript:
        """Read a script. Raises BadInput.

        >>> FaultScript.parse("unplug@5s+3s").faults
        (Fault(kind='unplug', at_s=5.0, lasting_s=3.0),)
        """
        return cls(tuple(_parse_one(part.strip()) for part in text.split(",")))

    def begin(self, now_ns: int, *, virtual: bool = False) -> int:
        """Start the clock at the first opening; give the time to continue from, at least the latest one seen.

        A `virtual` clock of a later opening continues from the latest time.
        """
        with self._lock:
            if self._began_ns is None:
                self._began_ns = self._latest_ns = now_ns
            return self._latest_ns if virtual else max(now_ns, self._latest_ns)

    def until_ns(self, kind: Kind, now_ns: int) -> float | None:
        """Give the time when the fault of `kind` in progress ends (may be infinite), or None when there is none."""
        with self._lock:
            elapsed_s = self._elapsed_s(now_ns)
            ends = [f.at_s + f.lasting_s for f in self.faults if f.kind == kind and self._is_on(f, elapsed_s)]
            return now_ns + (max(ends) - elapsed_s) * 1e9 if ends else None

    def spend(self, kind: Kind, now_ns: int) -> bool:
        """Whether a one-time fault of `kind` is due; such a fault is reported once."""
        with self._lock:
            elapsed_s = self._elapsed_s(now_ns)
            due = [f for f in self.faults if f.kind == kind and f not in self._spent and self._is_on(f, elapsed_s)]
            self._spent.update(due[:1])
            return bool(due)

    def _elapsed_s(self, now_ns: int) -> float:
        self._latest_ns = max(self._latest_ns, now_ns)
        return -1.0 if self._began_ns is None else (now_ns - self._began_ns) / 1e9

    @staticmethod
    def _is_on(fault: Fault, elapsed_s: float) -> bool:
        return fault.at_s <= elapsed_s < fault.at_s + fault.lasting_s


def _parse_one(text: str) -> Fault:
    found = _FAULT.fullmatch(text)
    if found is None or found["kind"] not in _KINDS or (found["lasting"] and found["kind"] in _ONCE):
        raise BadInput(
            f"the fault {text!r} is not understood",
            expected='for instance "unplug@5s+3s", "stall@2s+4s", "hang@2s" or "corrupt@3s"',
            remedy="separate several faults with commas",
        )
    kind: Kind = found["kind"]  # type: ignore[assignment]
    return Fault(kind, float(found["at"]), float(found["lasting"]) if found["lasting"] else math.inf)
