"""What time it is: the system's where it is synchronised, else what was told during this boot, else not known."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from device.errors import BadInput, ClockSynchronised
from device.preferences.owner_clock import OwnerClock
from device.preferences.store import Preferences

TRUE_S = datetime(2026, 11, 28, 12, tzinfo=UTC).timestamp()
WRONG_S = datetime(2025, 5, 13, tzinfo=UTC).timestamp()


@dataclass
class Machine:
    """A machine whose clocks the test turns."""

    synchronised: bool = False
    system_s: float = WRONG_S
    since_boot_s: float = 100.0
    boot: str | None = "first"

    def clock(self, preferences: Preferences) -> OwnerClock:
        return OwnerClock(
            preferences,
            synchronised=lambda: self.synchronised,
            system_s=lambda: self.system_s,
            since_boot_s=lambda: self.since_boot_s,
            boot_id=lambda: self.boot,
        )

    def go_on(self, seconds: float) -> None:
        self.system_s += seconds
        self.since_boot_s += seconds


def test_a_clock_of_which_nothing_is_known_shows_the_time_of_the_system() -> None:
    now = Machine().clock(Preferences()).now()
    assert (now.unix_s, now.source, now.is_known) == (WRONG_S, "unknown", False)


def test_a_synchronised_clock_is_that_of_the_system_and_takes_no_other() -> None:
    machine = Machine(synchronised=True, system_s=TRUE_S)
    clock = machine.clock(Preferences())
    assert (clock.now().unix_s, clock.now().source) == (TRUE_S, "synchronised")
    with pytest.raises(ClockSynchronised):
        clock.tell({"unix_ms": 1000 * WRONG_S})
    assert clock.now().unix_s == TRUE_S


def test_a_time_that_was_told_goes_on_whatever_the_system_shows() -> None:
    machine = Machine()
    clock = machine.clock(Preferences())
    clock.tell({"unix_ms": 1000 * TRUE_S})
    machine.go_on(60)
    machine.system_s -= 86_400  # set back
    now = clock.now()
    assert (now.unix_s, now.source, now.is_known) == (TRUE_S + 60, "told", True)
    assert now.local.utcoffset() is not None and now.local.timestamp() == TRUE_S + 60
    assert clock.ago(90).unix_s == TRUE_S - 30 and clock.ago(90).since_boot_s == 70
    assert now.unix_at_boot_s == clock.ago(90).unix_at_boot_s == TRUE_S - 100


def test_it_can_be_told_anew() -> None:
    clock = Machine().clock(Preferences())
    for told_s in (TRUE_S, TRUE_S + 7):
        clock.tell({"unix_ms": 1000 * told_s})
        assert clock.now().unix_s == told_s


def test_the_system_wins_once_it_is_synchronised() -> None:
    machine = Machine()
    clock = machine.clock(Preferences())
    clock.tell({"unix_ms": 1000 * (TRUE_S + 5)})
    machine.synchronised, machine.system_s = True, TRUE_S
    assert (clock.now().unix_s, clock.now().source) == (TRUE_S, "synchronised")


def test_what_was_told_outlives_the_program_and_not_the_boot(tmp_path: Path) -> None:
    machine, path = Machine(), tmp_path / "settings.json"
    machine.clock(Preferences(path)).tell({"unix_ms": 1000 * TRUE_S})
    machine.go_on(5)
    assert machine.clock(Preferences(path)).now().unix_s == TRUE_S + 5
    machine.boot, machine.since_boot_s = "second", 3.0
    assert machine.clock(Preferences(path)).now().source == "unknown"


def test_on_a_system_without_names_of_boots_it_holds_while_the_program_runs() -> None:
    machine = Machine(boot=None)
    clock = machine.clock(Preferences())
    clock.tell({"unix_ms": 1000 * TRUE_S})
    assert clock.now().source == "told"


@pytest.mark.parametrize(
    "told",
    [{}, {"unix_ms": "now"}, {"unix_ms": True}, {"unix_ms": 0}, {"unix_ms": 5e12}, {"unix_ms": 1.8e12, "more": 1}],
)
def test_what_is_no_time_of_these_years_is_refused(told: dict[str, Any]) -> None:
    clock = Machine().clock(Preferences())
    with pytest.raises(BadInput):
        clock.tell(told)
    assert clock.now().source == "unknown"


@pytest.mark.parametrize("kept", [{}, {"boot": "first"}, {"boot": "first", "unix_at_boot_s": "x"}])
@pytest.mark.parametrize("more", [{}, {"unix_at_boot_s": -1.0}, {"unix_at_boot_s": 1e300}, {"boot": 1}])
def test_what_is_kept_and_is_no_time_counts_as_none(tmp_path: Path, kept: dict[str, Any], more: dict[str, Any]) -> None:
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({"clock": kept | more}))
    assert Machine().clock(Preferences(path)).now().source == "unknown"
