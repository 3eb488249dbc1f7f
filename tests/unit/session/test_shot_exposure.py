"""Shots in the dark, where the live view's auto exposure ends: metered up to the sensor's limit, or the user's."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from camera_helpers import draw_night
from drive_helpers import SMALL, SPEED, HandClock
from helpers import DEADLINE_S, eventually

from device.captures.shot import Recipe, take_shot
from device.captures.storage import Storage
from device.controls import merge
from device.drive.drive import Drive
from device.drivers.simulated import SimulatedCamera
from device.preferences.store import Preferences
from device.session.session import Session
from device.session.shot_exposure import ShotExposure, meter_shot

TABLE_END_US = SMALL.auto_exposure.stages[-1][0]


@pytest.fixture(scope="module", params=[6, 1], ids=["night", "deep night"])
def night(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    scene = draw_night(tmp_path_factory.mktemp("scene"), request.param)
    session = Session(
        lambda: SimulatedCamera(scene, speed=SPEED, sensor=SMALL), sensor=SMALL, preferences=Preferences()
    )
    with session:
        session.wait_open(DEADLINE_S)
        session.set_controls({"f_number": 8.0})
        session.wait_settled(DEADLINE_S)
        yield session


def asked(session: Session, **changes: Any) -> ShotExposure:
    return meter_shot(session, merge(session.controls(), changes, session.info()))


def test_a_shot_at_night_is_as_bright_as_one_by_day(night: Session, tmp_path: Path) -> None:
    live = night.newest_meta()
    assert live is not None and live.exposure_us == pytest.approx(TABLE_END_US, rel=0.01)
    storage = Storage(tmp_path)
    storage.prepare()
    shot = take_shot(night, storage)
    meta = shot.metadata.meta
    assert meta.exposure_us > 4 * TABLE_END_US and meta.analogue_gain == pytest.approx(16, rel=0.03)
    assert (meta.ae_state, shot.audit.verdict, shot.audit.findings()) == ("locked", "ok", [])
    wanted = asked(night)
    assert wanted.total_us == pytest.approx(meta.exposure_us * meta.analogue_gain, rel=0.15)
    still = night.capture(wanted.controls)
    assert still.raw is not None
    level = (np.asarray(still.raw.samples, np.float64).mean() - sum(still.raw.black_dn) / 4) / still.raw.white_dn
    target = SMALL.auto_exposure.target_mean
    # The target is of white-balanced luma, or the highlights' floor decides; camera RGB has a little less than that.
    assert 0.3 * target < level < 2 * target


def test_compensation_works_at_night(night: Session) -> None:
    plain, brighter = asked(night), asked(night, ev=3.0)
    assert plain.total_us is not None and brighter.total_us is not None
    assert math.log2(brighter.total_us / plain.total_us) == pytest.approx(3, abs=0.15)


def test_the_slowest_shutter_is_the_users_and_what_it_costs_is_said(night: Session, tmp_path: Path) -> None:
    storage = Storage(tmp_path)
    storage.prepare()
    limited = asked(night, slowest_us=TABLE_END_US)
    assert limited.controls.exposure_us == pytest.approx(TABLE_END_US, abs=10)
    assert "EV less than the light asks for" in limited.out_of_reach() and "ISO 1600" in limited.out_of_reach()
    shot = take_shot(night, storage, controls=replace(night.controls(), slowest_us=TABLE_END_US))
    assert shot.audit.verdict == "warning"
    assert all("EV less than asked for" in finding for finding in shot.audit.findings())
    free = asked(night)
    assert free.out_of_reach() == "" and free.controls.exposure_us is not None
    assert free.controls.exposure_us <= night.controls().slowest_us


def test_what_is_set_or_locked_stays(night: Session) -> None:
    for changes in ({"exposure_us": 1000.0, "gain": 1.0}, {"ae_lock": True}):
        assert asked(night, **changes).total_us is None
    by_gain = asked(night, gain=4.0)
    assert by_gain.controls.gain == 4.0 and (by_gain.controls.exposure_us or 0) > 4 * TABLE_END_US


@pytest.mark.parametrize("mains", ["50 Hz", "60 Hz"])
def test_long_times_are_whole_pulses_of_lamps_if_asked(night: Session, mains: str) -> None:
    time_us = asked(night, anti_flicker=mains).controls.exposure_us
    assert time_us is not None
    pulses = time_us / {"50 Hz": 10_000, "60 Hz": 8_333}[mains]
    assert abs(pulses - round(pulses)) * 10_000 < 5 + 0.04 * pulses


def test_a_ramp_that_begins_in_the_dark_begins_with_what_the_light_asks_for(night: Session, tmp_path: Path) -> None:
    storage = Storage(tmp_path)
    storage.prepare()
    wanted = asked(night)
    drive = Drive(night, storage, Recipe(), clock=HandClock("2026-11-20T22:00:00+00:00"))
    drive.start("interval", {"interval_s": 600, "count": 2, "ramp": True, "iso_max": 100})
    progress = drive.wait(DEADLINE_S)
    drive.close(keep_running=False)
    assert (progress.state, progress.taken, progress.doubtful) == ("done", 2, 0), progress
    (path,) = storage.root.rglob(f"{progress.id}.json")
    for frame in json.loads(path.read_text())["frames"]:
        assert frame["iso"] == 100
        assert frame["exposure_us"] == pytest.approx(wanted.total_us, rel=0.35), "within a few steps of a third"


def expose_anew(session: Session) -> None:
    """Wait until auto exposure, which begins anew with each change of the mode, has come to its end."""
    newest = session.newest_meta()
    assert newest is not None and session.wait_frame(newest.sequence + 40, DEADLINE_S)
    assert session.wait_settled(DEADLINE_S)


@pytest.mark.parametrize(("mode", "settings"), [("burst", {"count": 1}), ("precapture", {"before": 1, "after": 0})])
def test_a_burst_in_the_dark_says_what_the_light_asks_for(
    night: Session, tmp_path: Path, mode: str, settings: dict[str, int]
) -> None:
    storage = Storage(tmp_path)
    storage.prepare()
    drive = Drive(night, storage, Recipe(), clock=HandClock("2026-11-20T22:00:00+00:00"))
    expose_anew(night)
    said = drive.foresee(mode, settings)
    drive.start(mode, settings)
    if mode == "precapture":
        eventually(lambda: drive.progress().phase == "armed", "armed")
        expose_anew(night)
        drive.trigger()
    progress = drive.wait(DEADLINE_S)
    drive.close(keep_running=False)
    assert (progress.state, progress.taken, progress.doubtful) == ("done", 1, 1), progress
    (path,) = storage.root.rglob(f"{progress.id}.json")
    manifest = json.loads(path.read_text())
    (planned,) = manifest["plan"]["warnings"]
    assert re.fullmatch(r"a shot will have 0\.0\d+ s at ISO \d+: \d+\.\d EV less than the light asks for", planned)
    assert len(said) == 1 and said[0].endswith("EV less than the light asks for")
    assert all(finding.endswith("EV less than asked for") for finding in manifest["frames"][0]["findings"])


def test_a_burst_whose_exposure_is_set_is_as_asked(night: Session, tmp_path: Path) -> None:
    storage = Storage(tmp_path)
    storage.prepare()
    night.set_controls({"exposure_us": 8000.0, "gain": 1.0})
    try:
        night.wait_settled(DEADLINE_S)
        drive = Drive(night, storage, Recipe(), clock=HandClock("2026-11-20T22:00:00+00:00"))
        assert drive.foresee("burst", {"count": 1}) == []
        drive.start("burst", {"count": 1})
        progress = drive.wait(DEADLINE_S)
        drive.close(keep_running=False)
    finally:
        night.set_controls({"exposure_us": None, "gain": None})
        night.wait_settled(DEADLINE_S)
    assert (progress.state, progress.taken, progress.doubtful) == ("done", 1, 0), progress


def test_by_day_nothing_is_metered() -> None:
    session = Session(lambda: SimulatedCamera(speed=SPEED, sensor=SMALL), sensor=SMALL, preferences=Preferences())
    with session:
        session.wait_open(DEADLINE_S)
        session.wait_settled(DEADLINE_S)
        controls = session.controls()
        assert meter_shot(session, controls) == ShotExposure(controls)
        fast = merge(controls, {"slowest_us": 1000.0}, session.info())
        metered = meter_shot(session, fast)
        assert metered.controls.exposure_us == pytest.approx(1000, abs=8) and metered.out_of_reach() == ""
        assert metered.total_us == pytest.approx(1000 * (metered.controls.gain or 0), rel=0.03)
