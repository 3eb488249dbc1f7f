"""The time of a frame: by the clock of its owner, looked at once a second."""

from __future__ import annotations

import pytest

from device.view.frame_clock import LOOK_S, FrameClock


def test_a_frame_has_the_time_at_which_it_was_taken_and_a_clock_that_is_set_shows_within_a_second() -> None:
    looks: list[float] = []
    wall_s, steady_ns = 0.0, 5_000_000_000

    def unix_s() -> float:
        looks.append(wall_s)
        return wall_s

    clock = FrameClock(unix_s, steady_ns=lambda: steady_ns)
    assert clock.unix_ms(4_900_000_000) == pytest.approx(-100.0), "a tenth of a second ago"
    wall_s = 1_800_000_000.0
    steady_ns += int(LOOK_S * 0.9e9)
    assert clock.unix_ms(5_000_000_000) == pytest.approx(0.0) and len(looks) == 1
    steady_ns += int(LOOK_S * 0.1e9)
    assert clock.unix_ms(steady_ns) == pytest.approx(1_800_000_000_000.0) and len(looks) == 2


def test_a_thread_that_is_held_up_between_the_clocks_reads_them_again() -> None:
    now_ns, stalls_ns = 5_000_000_000, [40_000_000, 3_000_000, 0]

    def unix_s() -> float:
        nonlocal now_ns
        told = now_ns / 1e9 + 100
        now_ns += stalls_ns.pop(0)
        return told

    clock = FrameClock(unix_s, steady_ns=lambda: now_ns)
    assert clock.unix_ms(5_000_000_000) == pytest.approx(105_000.0, abs=1e-6) and stalls_ns == []
    stalls_ns[:] = [40_000_000, 3_000_000, 9_000_000, 20_000_000, 10_000_000]
    now_ns += 1_000_000_000
    assert clock.unix_ms(5_000_000_000) == pytest.approx(105_000.0, abs=1.5 + 1e-6), "half of the shortest, at most"
