"""Fault scripts: how they are read and when they strike."""

from __future__ import annotations

import pytest

from device.errors import BadInput
from device.simulator.faults import Fault, FaultScript

S = 1_000_000_000


def test_a_script_of_all_kinds() -> None:
    script = FaultScript.parse("unplug@5s+3s, stall@2s+4s,hang@2.5s, corrupt@3s")
    assert script.faults == (
        Fault("unplug", 5.0, 3.0),
        Fault("stall", 2.0, 4.0),
        Fault("hang", 2.5),
        Fault("corrupt", 3.0),
    )


@pytest.mark.parametrize(
    "text",
    ["", "unplug", "unplug@", "unplug@5", "melt@5s", "stall@-1s", "stall@1s+", "hang@2s+1s", "stall@1s,,", "@5s"],
)
def test_a_bad_script_says_what_was_expected(text: str) -> None:
    with pytest.raises(BadInput) as caught:
        FaultScript.parse(text)
    assert caught.value.message and caught.value.expected


def test_the_clock_starts_at_the_first_opening_and_goes_on() -> None:
    script = FaultScript.parse("unplug@5s+3s")
    assert script.until_ns("unplug", 0) is None
    assert script.begin(100 * S) == 100 * S
    assert script.until_ns("unplug", 104 * S) is None
    assert script.until_ns("unplug", 105 * S) == 108 * S
    assert script.begin(106 * S) == 106 * S  # opened again: the clock is the first one's
    assert script.until_ns("unplug", 107 * S) == 108 * S
    assert script.until_ns("unplug", 108 * S) is None


def test_a_new_drivers_clock_never_runs_behind() -> None:
    script = FaultScript.parse("corrupt@50s")
    script.begin(0)
    script.until_ns("stall", 60 * S)
    assert script.begin(10 * S) == 60 * S
    assert script.begin(70 * S) == 70 * S
    assert script.begin(70 * S, virtual=True) == 60 * S


def test_one_time_faults_strike_once() -> None:
    script = FaultScript.parse("hang@1s")
    script.begin(0)
    assert not script.spend("hang", S - 1)
    assert script.spend("hang", 2 * S)
    assert not script.spend("hang", 3 * S)
