"""Drive modes as they run: on the simulated camera with compressed time; on a replay where exposure is no matter."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from drive_helpers import SPEED, HandClock, MakeDrive, ended, let_white_balance_wander, manifest_of, white_balances
from helpers import DEADLINE_S, eventually

from device.captures.shot import take_shot
from device.captures.storage import Storage
from device.drive.clock import Clock
from device.drive.drive import MODES
from device.drive.manifest import POINTER, Manifest, any_left, read_content
from device.errors import BadInput, DriveBusy, ShotFailed, StorageFull
from device.preferences.owner_lenses import OwnerLenses
from device.preferences.store import Preferences
from device.raw.files import read_picture
from device.session.session import Session


def test_ten_minutes_and_fifty_seconds_read_so_everywhere_and_take_no_longer(
    fast: Session, storage: Storage, make_drive: MakeDrive
) -> None:
    lenses = OwnerLenses(Preferences())
    lenses.choose("zeiss-planar-50-2-zm", 8.0)
    drive, clock = make_drive(fast, lenses=lenses), Clock(SPEED)
    live_us = fast.controls().exposure_us
    began = clock.now_s()
    drive.start("bulb", {"exposure_s": 650, "delay_s": 0})
    countdown: list[float] = []
    while drive.running:
        progress = drive.wait(0.05)
        if progress.phase == "exposing":
            countdown.append(progress.phase_left_s)
            assert progress.phase_s == 650 and progress.total == 1
    took = clock.now_s() - began
    assert ended(drive).state == "done"
    assert len(countdown) > 5 and countdown == sorted(countdown, reverse=True) and countdown[0] > 500
    slack_s = 3.0 * SPEED  # rendering and writing 12 megapixels here takes real seconds
    assert 650 <= took < 650 + slack_s < 2 * 650 + slack_s
    manifest = manifest_of(storage, drive.progress())
    assert manifest["state"] == "done"
    (frame,) = manifest["frames"]
    meta = fast.newest_meta()
    assert meta is not None and meta.lens is not None  # a simulated lens knows where its ring stands
    assert (frame["lens"], frame["f_number"]) == ("Carl Zeiss Planar T* 2/50 ZM", meta.lens.f_number)
    assert frame["iso"] == 100
    assert frame["audit"] == "warning" and any("overexposed" in finding for finding in frame["findings"])
    assert drive.progress().doubtful == 1
    line_us = 30
    assert frame["asked_us"] == 650e6 and frame["exposure_us"] == pytest.approx(650e6, abs=line_us)
    for name in frame["files"]:
        metadata = read_picture(next(storage.root.rglob(name))).metadata
        assert metadata.exposure_us == pytest.approx(650e6, abs=line_us) and metadata.iso == 100
    assert fast.controls().exposure_us == live_us and fast.status.state == "live", "the live view kept its own"


def test_a_long_exposure_ends_at_once_when_cancelled_and_the_view_goes_on(
    fast: Session, storage: Storage, make_drive: MakeDrive
) -> None:
    drive = make_drive(fast)
    drive.start("bulb", {"exposure_s": 600, "delay_s": 0})
    eventually(lambda: drive.progress().phase == "exposing" and drive.progress().phase_left_s < 599, "exposing", 60)
    progress = drive.cancel()
    assert (progress.state, progress.taken, progress.error) == ("cancelled", 0, None)
    assert storage.list() == [] and manifest_of(storage, progress)["state"] == "cancelled"
    newest = fast.newest_meta()
    assert (
        newest is not None and fast.wait_frame(newest.sequence, DEADLINE_S) is not None and fast.status.state == "live"
    )


def test_longer_than_the_sensor_can_is_refused_with_the_limit(fast: Session, make_drive: MakeDrive) -> None:
    drive = make_drive(fast)
    drive.start("bulb", {"exposure_s": 699})
    error = ended(drive).error
    assert error is not None and "longer than this camera" in error["message"] and "at most 667 s" in error["expected"]


def test_a_bracket_exposes_as_planned_and_tells_what_it_did(
    fast: Session, storage: Storage, make_drive: MakeDrive
) -> None:
    drive = make_drive(fast)
    drive.start("bracket", {"count": 3, "step_ev": 2, "order": "dark to bright"})
    progress = ended(drive)
    assert (progress.state, progress.taken, progress.total) == ("done", 3, 3)
    manifest = manifest_of(storage, progress)
    base_us = manifest["plan"]["base_exposure_us"]
    assert [f["ev"] for f in manifest["frames"]] == [-2.0, 0.0, 2.0]
    assert [f["delivered_ev"] for f in manifest["frames"]] == pytest.approx([-2.0, 0.0, 2.0], abs=0.03)
    assert manifest["plan"]["steps"] == [{"ev": ev, "reachable_ev": ev} for ev in (-2.0, 0.0, 2.0)]
    for frame in manifest["frames"]:
        assert frame["exposure_us"] == pytest.approx(base_us * 2 ** frame["ev"], abs=40)
        metadata = read_picture(next(storage.root.rglob(frame["id"] + ".dng"))).metadata
        assert metadata.exposure_us == pytest.approx(frame["exposure_us"], rel=1e-6)
    assert [c.id for c in reversed(storage.list())] == [f["id"] for f in manifest["frames"]]


@pytest.mark.parametrize(
    ("mode", "settings"),
    [
        ("bracket", {"count": 3, "step_ev": 1}),
        ("interval", {"interval_s": 2, "count": 3, "ramp": True}),
        ("interval", {"interval_s": 2, "count": 3}),
    ],
    ids=["bracket", "ramp", "fixed"],
)
def test_what_holds_the_exposure_holds_the_white_balance(
    fast: Session,
    storage: Storage,
    make_drive: MakeDrive,
    monkeypatch: pytest.MonkeyPatch,
    mode: str,
    settings: dict[str, Any],
) -> None:
    if settings == {"interval_s": 2, "count": 3}:
        fast.set_controls({"exposure_us": 4000, "gain": 1.0})
    let_white_balance_wander(monkeypatch)
    drive = make_drive(fast, clock=HandClock("2026-11-20T12:00:00Z"))
    drive.start(mode, settings)
    progress = ended(drive)
    fast.set_controls({"exposure_us": None, "gain": None})
    assert (progress.state, progress.taken) == ("done", 3)
    assert len(white_balances(storage)) == 1 and fast.controls().awb == "auto"


def test_single_shots_follow_the_white_balance(
    fast: Session, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the test above would see where nothing is held."""
    let_white_balance_wander(monkeypatch)
    for _ in range(4):
        newest = fast.newest_meta()
        assert newest is not None and fast.wait_frame(newest.sequence + 5, DEADLINE_S)
        take_shot(fast, storage)
    assert len(white_balances(storage)) > 1


def test_a_series_that_will_not_fit_is_refused_before_it_begins(
    replay: Session, storage: Storage, make_drive: MakeDrive, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_shot(replay, storage)
    monkeypatch.setattr(storage, "free_bytes", lambda: 10 * storage.shot_bytes())
    drive = make_drive(replay)
    for mode, settings in (("interval", {"count": 11}), ("timer", {"delay_s": 1, "count": 11})):
        drive.start(mode, settings)
        progress = ended(drive)
        assert progress.state == "failed" and progress.error is not None
        assert progress.error["code"] == "storage_full" and "at most 10 shots" in progress.error["expected"]
        assert progress.taken == 0 and not list(storage.root.rglob(f"*_{mode}.json"))
    drive.start("timer", {"delay_s": 1, "count": 2})
    assert ended(drive).state == "done"


def test_a_self_timer_counts_down_and_shoots(replay: Session, storage: Storage, make_drive: MakeDrive) -> None:
    drive = make_drive(replay, 50.0)
    drive.start("timer", {"delay_s": 10, "count": 2, "gap_s": 5})
    assert drive.running
    with pytest.raises(DriveBusy, match="Self-timer is running"):
        drive.start("single")
    eventually(lambda: 0 < drive.progress().phase_left_s < 10, "counting", 60)
    waiting = drive.progress()
    assert waiting.phase == "waiting" and waiting.phase_s == 10 and 5 < (waiting.left_s or 0) <= 15
    assert ended(drive).state == "done" and len(storage.list()) == 2
    assert drive.start("single").state == "running" and ended(drive).taken == 1


def test_a_cancelled_series_keeps_what_it_has(replay: Session, storage: Storage, make_drive: MakeDrive) -> None:
    drive = make_drive(replay, 1.0)
    drive.start("interval", {"interval_s": 0.5})
    eventually(lambda: drive.progress().taken >= 2, "some shots", 60)
    progress = drive.cancel()
    assert progress.state == "cancelled" and not drive.running
    manifest = manifest_of(storage, progress)
    assert len(storage.list()) == len(manifest["frames"]) == progress.taken >= 2 and manifest["state"] == "cancelled"
    assert not any_left(storage.root)


def test_a_full_card_ends_a_series_with_its_reason(replay: Session, storage: Storage, make_drive: MakeDrive) -> None:
    drive = make_drive(replay, 1.0)
    real = storage.check_room
    storage.check_room = lambda needed=None: real(needed) if len(storage.list()) < 2 else full()  # type: ignore[method-assign,func-returns-value]
    drive.start("interval", {"interval_s": 0.5, "count": 9})
    progress = ended(drive)
    assert progress.state == "failed" and progress.taken == 2 and len(storage.list()) == 2
    assert progress.error is not None and progress.error["code"] == "storage_full"
    assert manifest_of(storage, progress)["error"]["code"] == "storage_full"


def full() -> None:
    raise StorageFull("the card is full", remedy="delete something")


def test_an_interval_goes_on_after_the_service_was_started_again(
    replay: Session, storage: Storage, make_drive: MakeDrive
) -> None:
    first = make_drive(replay, 1.0)
    first.start("interval", {"interval_s": 0.5, "count": 5})
    eventually(lambda: first.progress().taken >= 2, "some shots", 60)
    first.close()
    before = first.progress()
    assert any_left(storage.root) and manifest_of(storage, before)["state"] == "running"
    again = make_drive(replay, 1.0)
    assert again.resume() is True and again.progress().mode == "interval"
    progress = ended(again)
    assert progress.state == "done" and progress.id == before.id
    manifest = manifest_of(storage, progress)
    assert len(manifest["frames"]) + manifest["plan"]["missed"] == 5 and len(manifest["frames"]) > before.taken
    assert [f["n"] for f in manifest["frames"]] == list(range(1, len(manifest["frames"]) + 1))
    assert again.resume() is False, "and then it is over"


def test_what_cannot_go_on_is_marked_as_interrupted(replay: Session, storage: Storage, make_drive: MakeDrive) -> None:
    now = Clock().wall()
    manifest = Manifest.begin(storage.root, "timer", {"delay_s": 10.0, "count": 2, "gap_s": 2.0}, now, {"total": 2})
    drive = make_drive(replay)
    assert drive.resume() is False and read_content(manifest.path)["state"] == "running", "it has its owner"
    manifest._journal.release()
    assert drive.resume() is False and drive.progress().state == "idle"
    assert json.loads(manifest.path.read_text())["state"] == "interrupted"


@pytest.mark.parametrize("broken", ["", "3", '"/etc/passwd"', '"../../x"', '"gone.json"'])
def test_a_broken_pointer_starts_nothing(replay: Session, storage: Storage, make_drive: MakeDrive, broken: str) -> None:
    (storage.root / POINTER).write_text(broken)
    assert make_drive(replay).resume() is False and not (storage.root / POINTER).exists()
    assert not any_left(storage.root)


def test_a_camera_that_goes_away_costs_shots_and_not_the_series(
    replay: Session, storage: Storage, make_drive: MakeDrive, monkeypatch: pytest.MonkeyPatch
) -> None:
    drive, real = make_drive(replay, 1.0), replay.capture
    calls: list[int] = []

    def second_fails(*arguments: Any) -> Any:
        calls.append(1)
        if len(calls) == 2:
            raise ShotFailed("no light")
        return real(*arguments)

    monkeypatch.setattr(replay, "capture", second_fails)
    drive.start("interval", {"interval_s": 0.5, "count": 3})
    said = set()
    while drive.running:
        said.add(drive.wait(0.02).message)
    progress = ended(drive)
    assert (progress.state, progress.taken + progress.missed) == ("done", 3) and progress.missed >= 1 <= progress.taken
    assert manifest_of(storage, progress)["plan"]["missed"] == progress.missed and "no light" in said


@pytest.mark.parametrize("mode", ["bracket", "bulb"])
def test_a_replay_cannot_be_exposed(replay: Session, storage: Storage, make_drive: MakeDrive, mode: str) -> None:
    drive = make_drive(replay)
    drive.start(mode, {})
    progress = ended(drive)
    assert (
        progress.state == "failed" and progress.error is not None and "cannot be exposed" in progress.error["message"]
    )
    assert storage.list() == []


def test_unknown_modes_and_presses_without_an_armed_mode_are_refused(replay: Session, make_drive: MakeDrive) -> None:
    drive = make_drive(replay)
    with pytest.raises(BadInput, match="unknown drive mode"):
        drive.start("panorama")
    with pytest.raises(BadInput, match="nothing waits for a press"):
        drive.trigger()
    assert drive.cancel().state == "idle" and set(MODES) >= {"single", "timer", "precapture"}


def test_a_shot_of_its_own_controls_leaves_those_in_force(fast: Session, storage: Storage) -> None:
    shot = take_shot(fast, storage, controls=replace(fast.controls(), exposure_us=2_000_000.0, gain=1.0))
    assert shot.metadata.meta.exposure_us == pytest.approx(2e6, abs=30) and fast.controls().exposure_us is None
