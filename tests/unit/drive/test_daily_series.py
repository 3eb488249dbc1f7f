"""An interval with daily windows: it pauses while they are closed, over restarts, and while the wall clock is set.

The clock of these tests is turned by hand, as in `test_set_clocks`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from drive_helpers import HandClock, MakeDrive, ended, manifest_of

from device.captures.storage import Storage
from device.drive import series
from device.drive.drive import Drive
from device.drive.ramp import Ramp, RampLimits
from device.errors import BadInput
from device.preferences.position import Position
from device.session.session import Session

pytestmark = pytest.mark.usefixtures("utc", "few_looks")
DAY_S = 86_400.0
SETTINGS = {"interval_s": 1800, "daily": "10:00..12:00"}
"""Five shots a day."""


@pytest.fixture
def few_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look at the wall clock once a minute, so that nights by the hand clock are short for the processor too."""
    monkeypatch.setattr(series, "LOOK_S", 60.0)


def test_a_series_pauses_each_night_and_its_manifest_says_so(
    replay: Session, storage: Storage, make_drive: MakeDrive
) -> None:
    clock = HandClock("2026-06-10T11:00:00Z")
    drive = make_drive(replay, clock=clock)
    drive.start("interval", {**SETTINGS, "days": 3})
    progress = ended(drive)
    assert (progress.state, progress.taken, progress.total, progress.missed) == ("done", 3 + 5 + 5, 13, 0)
    assert clock.wall().isoformat() == "2026-06-12T12:00:00+00:00"
    assert progress.message == "", "nothing is closed any more"
    assert manifest_of(storage, progress)["pauses"] == [
        {"from": "2026-06-10T12:00:00+00:00", "until": "2026-06-11T10:00:00+00:00"},
        {"from": "2026-06-11T12:00:00+00:00", "until": "2026-06-12T10:00:00+00:00"},
    ]


def test_a_series_that_begins_at_night_waits_and_says_until_when(
    replay: Session, storage: Storage, make_drive: MakeDrive, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, said = HandClock("2026-06-10T20:00:00Z"), set[str]()
    drive = make_drive(replay, clock=clock)
    real = clock.wait

    def wait(*arguments: Any) -> bool:
        said.add(drive.progress().message)
        return real(*arguments)

    monkeypatch.setattr(clock, "wait", wait)
    drive.start("interval", {**SETTINGS, "count": 2})
    progress = ended(drive)
    assert (progress.state, progress.taken) == ("done", 2)
    assert clock.wall().isoformat() == "2026-06-11T10:30:00+00:00"
    assert "closed until 2026-06-11 10:00" in said
    assert "pauses" not in manifest_of(storage, progress), "nothing was taken before it"


@pytest.mark.parametrize(
    ("at_s", "by_s", "end"),
    [
        (1000.0, 3 * DAY_S, "2026-06-14T12:00:00+00:00"),
        (1000.0, 180 * DAY_S, "2026-12-08T12:00:00+00:00"),
        (1000.0, -180 * DAY_S, "2025-12-13T12:00:00+00:00"),
        (10_000.0, 3 * DAY_S, "2026-06-14T12:00:00+00:00"),  # in the first pause
        (10_000.0, -180 * DAY_S, "2025-12-13T12:00:00+00:00"),
    ],
)
def test_a_clock_that_is_set_ends_nothing_and_counts_no_shot_as_missed(
    replay: Session, storage: Storage, make_drive: MakeDrive, at_s: float, by_s: float, end: str
) -> None:
    clock = HandClock("2026-06-10T10:00:00Z", {at_s: by_s})
    drive = make_drive(replay, clock=clock)
    drive.start("interval", {**SETTINGS, "days": 2})
    progress = ended(drive)
    assert (progress.state, progress.taken, progress.total, progress.missed) == ("done", 10, 10, 0)
    assert clock.wall().isoformat() == end


def test_a_clock_that_is_set_into_the_night_pauses_the_series(
    replay: Session, storage: Storage, make_drive: MakeDrive
) -> None:
    clock = HandClock("2026-06-10T10:00:00Z", {1000.0: 7 * 3600})
    drive = make_drive(replay, clock=clock)
    drive.start("interval", {**SETTINGS, "count": 4})
    progress = ended(drive)
    assert (progress.state, progress.taken, progress.missed) == ("done", 4, 0)
    manifest = manifest_of(storage, progress)
    assert [pause["until"] for pause in manifest["pauses"]] == ["2026-06-11T10:00:00+00:00"]
    assert clock.wall().isoformat() == "2026-06-11T10:30:00+00:00", "the shot for which it waited was taken"


def cut_off(drive: Drive, clock: HandClock, at_s: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """End the service when the clock has gone on so far: the manifest stays "running"."""
    real = clock.wait

    def wait(event: Any, seconds: float) -> bool:
        if clock.seconds + seconds >= at_s and clock.seconds < at_s:
            clock.seconds = at_s
            event.set()
            running = drive._series
            assert running is not None
            running.stays_running = True
            return True
        return real(event, seconds)

    monkeypatch.setattr(clock, "wait", wait)


@pytest.mark.parametrize(
    ("at_s", "off_s", "taken", "missed"),
    [
        (6000.0, 0.0, 10, 0),
        (20_000.0, 3600.0, 10, 0),  # in the pause
        (6000.0, 10_000.0, 9, 1),  # it was off when the last shot of the first day was due, and while closed
        (6000.0, DAY_S, 6, 4),  # 11:40: one of the first day and three of the second; that of 11:30 is not too late
        (6000.0, 60 * DAY_S, 4, 6),
        (6000.0, -100 * DAY_S, 10, 0),  # the clock was reset
        (20_000.0, -100 * DAY_S, 10, 0),
    ],
)
def test_after_a_restart_only_shots_of_open_hours_are_missed(
    replay: Session,
    storage: Storage,
    make_drive: MakeDrive,
    monkeypatch: pytest.MonkeyPatch,
    at_s: float,
    off_s: float,
    taken: int,
    missed: int,
) -> None:
    clock = HandClock("2026-06-10T10:00:00Z")
    first = make_drive(replay, clock=clock)
    cut_off(first, clock, at_s, monkeypatch)
    first.start("interval", {**SETTINGS, "days": 2})
    assert ended(first).state == "cancelled"
    after = clock.wall().timestamp() + off_s
    later = HandClock(datetime.fromtimestamp(after, clock.start.tzinfo).isoformat())
    again = make_drive(replay, clock=later)
    assert again.resume() is True
    progress = ended(again)
    assert (progress.state, progress.taken, progress.missed) == ("done", taken, missed)
    assert progress.missed_why == ({"hqcam was not running": missed} if missed else {})
    if off_s >= 0 and missed < 6:
        pauses = manifest_of(storage, progress)["pauses"]
        assert pauses == [{"from": "2026-06-10T12:00:00+00:00", "until": "2026-06-11T10:00:00+00:00"}]


def test_after_years_by_the_clock_a_series_without_an_end_goes_on_and_counts_no_misses(
    replay: Session, storage: Storage, make_drive: MakeDrive, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = HandClock("2026-06-10T10:00:00Z")
    first = make_drive(replay, clock=clock)
    cut_off(first, clock, 3600, monkeypatch)
    first.start("interval", SETTINGS)
    assert ended(first).taken == 2
    later = HandClock("2176-06-10T09:00:00Z")
    again = make_drive(replay, clock=later)
    cut_off(again, later, 2 * 3600, monkeypatch)
    assert again.resume() is True
    progress = ended(again)
    assert (progress.taken, progress.missed, progress.missed_why) == (4, 0, {})
    manifest = manifest_of(storage, progress)
    assert manifest["pauses"] == [{"from": "2026-06-10T10:30:00+00:00", "until": "2176-06-10T10:00:00+00:00"}]


def test_a_series_keeps_the_position_with_which_it_began(
    replay: Session, storage: Storage, make_drive: MakeDrive, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = HandClock("2026-06-10T12:00:00Z")
    first = make_drive(replay, clock=clock, position=lambda: Position(52.52, 13.405))
    cut_off(first, clock, 9.5 * 3600, monkeypatch)  # the sun sets at 19:28 UTC there
    first.start("interval", {"interval_s": 3600, "daily": "sunrise..sunset", "days": 2})
    before = ended(first)
    again = make_drive(replay, clock=HandClock(clock.wall().isoformat()))
    assert again.resume() is True, "it needs no position any more"
    progress = ended(again)
    assert (progress.state, before.taken, progress.taken, progress.missed) == ("done", 8, 8 + 17, 0)
    manifest = manifest_of(storage, progress)
    assert manifest["plan"]["position"] == {"latitude_deg": 52.52, "longitude_deg": 13.405}
    assert manifest["pauses"][0]["until"][:15] == "2026-06-11T02:4", "sunrise"


def test_a_window_of_the_sun_without_a_position_is_refused_at_once(
    replay: Session, storage: Storage, make_drive: MakeDrive
) -> None:
    drive = make_drive(replay)
    with pytest.raises(BadInput, match="needs the camera's position") as caught:
        drive.start("interval", {"daily": "sunrise..sunset"})
    assert "hqcam position" in caught.value.remedy and not list(storage.root.rglob("*.json"))


def test_a_ramp_takes_the_light_of_the_morning_as_it_is() -> None:
    ramp = Ramp(1000.0, 100.0, RampLimits(100.0, 1e6, 1.0, 8.0))
    for _ in range(30):
        dark = ramp.next(100 / 2**5)
    assert dark.exposure_us == pytest.approx(32_000, rel=0.01)
    ramp.begin_again(200.0)
    assert ramp.next(200.0).exposure_us == pytest.approx(500)
    ramp.begin_again(None)
    assert ramp.next(None).exposure_us == pytest.approx(500), "without a measurement it stays"
