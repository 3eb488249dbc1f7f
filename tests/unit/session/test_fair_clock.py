"""The clock that a busy machine slows down."""

from __future__ import annotations

import os

import pytest

from device import host
from device.session.fair_clock import FairClock, processor_share


class Machine:
    """A machine whose time and load a test sets."""

    def __init__(self) -> None:
        self.now_s, self.share = 100.0, 1.0

    def clock(self) -> FairClock:
        return FairClock(share=lambda: self.share, clock=lambda: self.now_s)


def test_on_a_machine_that_is_not_busy_it_runs_as_the_system_clock() -> None:
    machine = Machine()
    clock = machine.clock()
    for _ in range(8):
        machine.now_s += 0.5
        clock.tick(0.5)
    assert clock.now_s == pytest.approx(4.0)


def test_a_second_counts_for_the_share_that_a_thread_had() -> None:
    machine = Machine()
    clock = machine.clock()
    machine.share = 0.125
    for _ in range(8):
        machine.now_s += 0.5
        clock.tick(0.5)
    assert clock.now_s == pytest.approx(0.5)


def test_time_in_which_the_watchdog_was_not_woken_does_not_count() -> None:
    """The program was stopped, or the system slept."""
    machine = Machine()
    clock = machine.clock()
    machine.now_s += 3600
    clock.tick(0.5)
    assert clock.now_s == pytest.approx(0.5)


def test_it_is_slow_when_the_share_was_low_for_some_seconds_and_not_for_one_jump() -> None:
    machine = Machine()
    clock = machine.clock()

    def ticks(seconds: float, *, share: float) -> bool:
        machine.share = share
        for _ in range(round(seconds / 0.5)):
            machine.now_s += 0.5
            clock.tick(0.5)
        return clock.is_slow

    assert not ticks(10, share=1.0)
    assert not ticks(1, share=0.1), "a jump of the load"
    assert ticks(5, share=0.1)
    assert not ticks(5, share=1.0), "and it is over soon"


@pytest.mark.parametrize(
    ("threads", "share"), [(None, 1.0), (1, 1.0), (2, 1.0), (4, 0.5), (16, 0.125)], ids=lambda value: str(value)
)
def test_the_share_is_that_of_two_processors_among_the_threads_that_want_one(
    monkeypatch: pytest.MonkeyPatch, threads: int | None, share: float
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    monkeypatch.setattr(host, "runnable_threads", lambda: threads)
    assert processor_share() == share
