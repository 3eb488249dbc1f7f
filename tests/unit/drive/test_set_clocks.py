"""An interval while the clock on the wall is set: the series neither ends nor stalls, and its appointments follow.

The clock of these tests is turned by hand: whoever waits turns it on, so that a night takes no longer than its shots.
"""

from __future__ import annotations

import pytest
from drive_helpers import HandClock, MakeDrive, ended, manifest_of

from device.captures.storage import Storage
from device.session.session import Session

DAY_S = 86_400.0
JUMPS_S = (3 * DAY_S, 180 * DAY_S, -3 * DAY_S, -180 * DAY_S, 7 * 3600.0, -90.0)


pytestmark = pytest.mark.usefixtures("utc")


@pytest.mark.parametrize("by_s", JUMPS_S)
def test_a_clock_that_is_set_while_a_series_runs_costs_no_shot(
    replay: Session, storage: Storage, make_drive: MakeDrive, by_s: float
) -> None:
    clock = HandClock("2026-06-10T20:00:10Z", {25.0: by_s})
    drive = make_drive(replay, clock=clock)
    drive.start("interval", {"interval_s": 10, "count": 6})
    progress = ended(drive)
    assert (progress.state, progress.taken, progress.missed, clock.seconds) == ("done", 6, 0, 50.0)
    plan = manifest_of(storage, progress)["plan"]
    assert plan["first_at"] == pytest.approx(clock.wall().timestamp() - 50), "a restart finds the right times"


@pytest.mark.parametrize(
    ("by_s", "end", "total"),
    [
        (0.0, "2026-06-10T20:50:00+00:00", 6),
        (3 * DAY_S, "2026-06-13T20:50:00+00:00", 6),
        (-180 * DAY_S, "2025-12-12T20:50:00+00:00", 6),
        (1200.0, "2026-06-10T20:50:00+00:00", 4),  # it was 20:20 in truth when the series began
        (-300.0, "2026-06-10T20:45:00+00:00", 6),  # the last shot before 20:50 in steps from 19:55
    ],
)
def test_the_end_is_what_the_clock_shows_then(
    replay: Session, storage: Storage, make_drive: MakeDrive, by_s: float, end: str, total: int
) -> None:
    clock = HandClock("2026-06-10T20:00:00Z", {700.0: by_s})
    drive = make_drive(replay, clock=clock)
    drive.start("interval", {"interval_s": 600, "end_at": "20:50"})
    progress = ended(drive)
    assert (progress.state, progress.taken, progress.total, progress.missed) == ("done", total, total, 0)
    assert clock.wall().isoformat() == end
    assert manifest_of(storage, progress)["total"] == total


@pytest.mark.parametrize("by_s", [0.0, 3 * DAY_S, -180 * DAY_S, 30.0])
def test_the_start_is_what_the_clock_shows_then(
    replay: Session, storage: Storage, make_drive: MakeDrive, by_s: float
) -> None:
    clock = HandClock("2026-06-10T20:00:00Z", {100.0: by_s})
    drive = make_drive(replay, clock=clock)
    drive.start("interval", {"interval_s": 5, "count": 2, "start_at": "20:10"})
    progress = ended(drive)
    assert (progress.state, progress.taken, progress.missed) == ("done", 2, 0)
    assert clock.wall().isoformat()[11:19] == "20:10:05" and clock.seconds < 86_400


def test_shots_that_took_too_long_are_counted_at_once_and_the_next_keeps_the_beat(
    replay: Session, storage: Storage, make_drive: MakeDrive, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, real = HandClock("2026-06-10T20:00:00Z"), replay.capture
    half_a_year = 180 * DAY_S

    def slow(*arguments: object) -> object:
        clock.seconds += half_a_year if clock.seconds == 10 else 0
        return real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(replay, "capture", slow)
    monkeypatch.setattr(storage, "free_bytes", lambda: 2**50)
    drive = make_drive(replay, clock=clock)
    drive.start("interval", {"interval_s": 10, "count": 100_000})
    progress = ended(drive)
    assert (progress.state, progress.missed + progress.taken, progress.taken) == ("done", 100_000, 2), (
        "half a year has more beats than were asked"
    )
