"""An interval while the clock on the wall is set: the series neither ends nor stalls, and its appointments follow.

The clock of these tests is turned by hand: whoever waits turns it on, so that a night takes no longer than its shots.
"""

from __future__ import annotations

import json
import math
import threading

import pytest
from drive_helpers import HandClock, MakeDrive, ended, manifest_of
from helpers import DEADLINE_S

from device import host
from device.captures.storage import Storage
from device.drive.journal import journal_path
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


class HeldClock(HandClock):
    """Whoever would wait beyond `hold_s` waits for the end of the series, until the clock is let go."""

    def __init__(self, start: str, hold_s: float) -> None:
        super().__init__(start)
        self.hold_s, self.held = hold_s, threading.Event()

    def wait(self, event: threading.Event, seconds: float) -> bool:
        if self.seconds + seconds <= self.hold_s:
            return super().wait(event, seconds)
        self.held.set()
        return event.wait(DEADLINE_S)


@pytest.mark.parametrize("by_s", JUMPS_S)
@pytest.mark.parametrize("same_boot", [True, False])
def test_a_clock_that_is_set_while_only_the_program_starts_again_costs_no_shot(
    replay: Session,
    storage: Storage,
    make_drive: MakeDrive,
    monkeypatch: pytest.MonkeyPatch,
    by_s: float,
    same_boot: bool,
) -> None:
    clock = HeldClock("2026-06-10T20:00:10Z", hold_s=25.0)
    first = make_drive(replay, clock=clock)
    first.start("interval", {"interval_s": 10, "count": 6})
    assert clock.held.wait(DEADLINE_S)
    first.close()
    assert first.progress().taken == 3
    if not same_boot:
        monkeypatch.setattr(host, "boot_id", lambda: "another")
    clock.hold_s, clock.seconds, clock.sets = math.inf, 27.0, {26.0: by_s}
    again = make_drive(replay, clock=clock)
    assert again.resume()
    progress = ended(again)
    assert progress.state == "done" and progress.taken + progress.missed == 6
    plan = manifest_of(storage, progress)["plan"]
    if same_boot:
        assert (progress.taken, clock.seconds) == (6, 50.0)
        assert plan["first_at"] == pytest.approx(clock.wall().timestamp() - 50, abs=0.01)
    else:
        assert (progress.missed > 0) == (by_s > 0), "after a boot the wall clock is all there is"
    assert plan["boot"]["id"] == host.boot_id()


@pytest.mark.parametrize("damaged", [None, 3, {}, {"id": "here"}, {"id": "here", "first_s": "x"}, {"id": 3}])
def test_a_damaged_note_of_the_boot_is_none(
    replay: Session, storage: Storage, make_drive: MakeDrive, monkeypatch: pytest.MonkeyPatch, damaged: object
) -> None:
    monkeypatch.setattr(host, "boot_id", lambda: "here")
    clock = HeldClock("2026-06-10T20:00:10Z", hold_s=25.0)
    first = make_drive(replay, clock=clock)
    first.start("interval", {"interval_s": 10, "count": 6})
    assert clock.held.wait(DEADLINE_S)
    first.close()
    path = next(storage.root.rglob(f"{first.progress().id}.json"))
    content = json.loads(path.read_text())
    content["plan"]["boot"] = damaged
    path.write_text(json.dumps(content))
    journal_path(storage.root, path.stem).write_text(json.dumps({"manifest": f"{path.parent.name}/{path.name}"}) + "\n")
    clock.hold_s = math.inf
    again = make_drive(replay, clock=clock)
    assert again.resume()
    progress = ended(again)
    assert (progress.state, progress.missed, clock.seconds) == ("done", 0, 50.0)


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
