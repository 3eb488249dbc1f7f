"""Connections that are held: silent, dripping, slow and never reading ones, while the owner watches and shoots."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from attack.report import Length, Row
from attack.target import Owner, target
from helpers import started

from web.bench.served import Served

FRAMES = 30
TURNS = 3
RATE_S = 4.0
Crowd = tuple[str, int, int]
"""Kind, number of connections, number of client addresses (0: that of the owner)."""
UNPAIRED: dict[str, list[Crowd]] = {
    "silent and dripping": [("silent", 1000, 0), ("dripping", 200, 0)],
    "the same from 50 addresses": [("silent", 1000, 50), ("dripping", 200, 50)],
    "slow bodies": [("slow-body", 200, 0)],
}
LET_IN: dict[str, list[Crowd]] = {
    "readers that never read": [("reader", 300, 1)],
    "the same from 20 addresses": [("reader", 300, 20)],
}
SHORT_SHARE = 5  # of each crowd the short form holds so much less, and only the first


def attack(length: Length) -> Iterator[Row]:
    """Hold each crowd. The rate of the owner's frames is told for people, not judged: how many come is."""
    for code, crowds in ((True, UNPAIRED), (False, LET_IN)):
        with target(code=code) as served:
            owner = Owner(served)
            owner.frames(FRAMES)  # auto exposure settles
            for name, crowd in crowds.items():
                yield _hold_in_turns(served, owner, name, crowd, length)
                if length == "short":
                    break
            owner.close()


def _hold_in_turns(served: Served, owner: Owner, name: str, crowds: list[Crowd], length: Length) -> Row:
    """Hold a crowd and let it go, TURNS times: what else this machine does falls on both rates alike."""
    if length == "short":
        crowds = [(kind, count // SHORT_SHARE, addresses) for kind, count, addresses in crowds]
    outcomes: Counter[str] = Counter()
    without, beside = Rate(), Rate()
    lost = 0
    for _ in range(1 if length == "short" else TURNS):
        if length == "long":
            without.measure(served, owner)
        with ExitStack() as stack:
            holders = [stack.enter_context(_crowd(served.port, *crowd)) for crowd in crowds]
            lost += FRAMES - owner.frames(FRAMES)
            lost += owner.ask("POST", "/api/captures", "{}").status != 201
            if length == "long":
                beside.measure(served, owner)
            for holder in holders:
                told, _ = holder.communicate("", timeout=60)
                outcomes.update(json.loads(told.splitlines()[-1]))
    tried = sum(count for _, count, _ in crowds)
    measured = f"{without} -> {beside} ({beside.a_second / without.a_second:.2f})" if length == "long" else ""
    return Row(f"held: {name}", tried, outcomes, lost=lost, stopped=owner.stopped(), measured=measured)


@dataclass(slots=True)
class Rate:
    """The owner's frames and the server's processor time, over all turns."""

    frames: float = 0.0
    cpu_s: float = 0.0
    seconds: float = 0.0

    def measure(self, served: Served, owner: Owner) -> None:
        """Add a turn of RATE_S."""
        cpu_s = served.cpu_s()
        self.frames += RATE_S * owner.rate(RATE_S)
        self.cpu_s += served.cpu_s() - cpu_s
        self.seconds += RATE_S

    @property
    def a_second(self) -> float:
        return self.frames / self.seconds

    def __str__(self) -> str:
        return f"{self.a_second:.1f} frames a second with {self.cpu_s / self.seconds:.2f} cores"


@contextmanager
def _crowd(port: int, *crowd: object) -> Iterator[subprocess.Popen[str]]:
    """Start the program that holds connections, and wait until it has opened all."""
    command = [sys.executable, "-m", "attack.crowd", port, *crowd]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "cwd": Path(__file__).parents[1]}
    with started(command, **pipes) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        yield holder
