"""The attacks on files, disks, clocks and running series, in a short form; `make attack` runs them long."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from attack import bombs, clocks, disks, kills, mutants
from attack.outcome import Outcome


@pytest.mark.parametrize(
    ("attack", "rounds"),
    [(kills.attack, 30), (disks.attack, 200), (clocks.attack, 100), (bombs.attack, 4), (mutants.attack, 600)],
    ids=["kills", "disks", "clocks", "bombs", "mutants"],
)
def test_nothing_is_lost_leaked_or_stopped(attack: Callable[[int], Outcome], rounds: int) -> None:
    outcome = attack(rounds)
    assert outcome.tried == rounds
    assert (outcome.lost, outcome.leaked, outcome.stopped) == (0, 0, 0), outcome
