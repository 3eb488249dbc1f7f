"""Connections that are held: silent, dripping, slow and never reading ones, while the owner watches and shoots."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from attack.report import Length, Row
from attack.target import Owner, target
from helpers import started

from web.bench.served import Served

FRAMES = 30
RATE_S = 8.0
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
                yield _hold(served, owner, name, crowd, length)
                if length == "short":
                    break
            owner.close()


def _hold(served: Served, owner: Owner, name: str, crowds: list[Crowd], length: Length) -> Row:
    before = owner.rate(RATE_S) if length == "long" else 0.0
    if length == "short":
        crowds = [(kind, count // SHORT_SHARE, addresses) for kind, count, addresses in crowds]
    outcomes: Counter[str] = Counter()
    with ExitStack() as stack:
        holders = [stack.enter_context(_crowd(served.port, *crowd)) for crowd in crowds]
        lost = FRAMES - owner.frames(FRAMES)
        lost += owner.ask("POST", "/api/captures", "{}").status != 201
        used_s = served.cpu_s()
        during = owner.rate(RATE_S) if length == "long" else 0.0
        used_s = served.cpu_s() - used_s
        for holder in holders:
            told, _ = holder.communicate("", timeout=60)
            outcomes.update(json.loads(told.splitlines()[-1]))
    return Row(
        f"held: {name}",
        sum(count for _, count, _ in crowds),
        outcomes,
        lost=lost,
        stopped=owner.stopped(),
        measured=_measured(before, during, used_s) if before else "",
    )


def _measured(before: float, during: float, used_s: float) -> str:
    cores = used_s / RATE_S
    return f"{before:.1f} -> {during:.1f} frames a second ({during / before:.2f}) with {cores:.2f} cores"


@contextmanager
def _crowd(port: int, *crowd: object) -> Iterator[subprocess.Popen[str]]:
    """Start the program that holds connections, and wait until it has opened all."""
    command = [sys.executable, "-m", "attack.crowd", port, *crowd]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "cwd": Path(__file__).parents[1]}
    with started(command, **pipes) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        yield holder
