"""A whole calibration of a simulated camera that is not as published, through the session."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from calibration_bench import HEIGHT, WIDTH, sensor_of

from device.calibrate.camera_run import CAP_STILLS, CameraRun
from device.calibration.checks import StepRefused
from device.calibration.difference import figures
from device.drivers.replay import ReplayCamera
from device.drivers.simulated import SimulatedCamera
from device.errors import BadInput, ShotCancelled
from device.preferences.owner_calibrations import OwnerCalibrations
from device.sensors.base import NoiseModel
from device.sensors.imx477 import IMX477
from device.session.session import Session
from device.simulator.unit import Dust, Unit

NOISE = NoiseModel(0.53, 3.1, 6.0)
UNIT = Unit(hot_count=300, hot_rate_e_s=(10, 800), prnu=0.008, dust=(Dust(600, 500, 20, 0.1),), temperature_c=33.0)
MakeSession = Callable[..., Session]


def camera(unit: Unit = UNIT, noise: NoiseModel = NOISE, *, pace: bool = False) -> SimulatedCamera:
    return SimulatedCamera(sensor=sensor_of(noise), unit=unit, pace=pace, seed=3)


def opened(make_session: MakeSession, unit: Unit = UNIT) -> Session:
    session = make_session(lambda: camera(unit), calibrations=OwnerCalibrations(None))
    session.wait_open(20)
    return session


def test_a_camera_is_measured_to_be_what_it_is_and_used_so(make_session: MakeSession) -> None:
    session = opened(make_session)
    told: list[tuple[int, int, str]] = []
    run = CameraRun(session, tell=lambda done, of, what: told.append((done, of, what)))
    run.cap()
    assert [done for done, of, _ in told if of == CAP_STILLS] == [*range(CAP_STILLS), CAP_STILLS]
    told.clear()
    run.white()
    run.uncover()
    assert told[-1][0] == told[-1][1]
    profile = run.profile()
    assert profile.noise.dn_per_e == pytest.approx(NOISE.dn_per_e, rel=0.01)
    for gain in (1.0, 2.0, 4.0, 8.0, 16.0):
        assert profile.noise.read_noise_dn(gain) == pytest.approx(NOISE.read_noise_dn(gain), rel=0.03)
    assert profile.black_dn(2.0) == pytest.approx((259.3,) * 4, abs=0.1)
    rows, columns, _ = UNIT.hot_sites(WIDTH, HEIGHT)
    there = {(int(x), int(y)) for x, y in zip(columns, rows, strict=True)}
    found = {(site.x, site.y) for site in profile.hot}
    assert len(found & there) >= 0.95 * len(there) and len(found - there) <= 0.01 * len(found)
    assert profile.prnu == pytest.approx(0.008, rel=0.05) and len(profile.dust) == 1 and profile.temperature_c == 33.0
    by_name = {figure.name: figure for figure in figures(profile, IMX477)}
    assert by_name["system gain"].percent == pytest.approx(100 * (0.53 / 0.47 - 1), abs=1)
    assert by_name["hot photosites"].percent is None
    session.measured.calibrations.add(profile)
    assert session.measured.look() and session.sensor.noise == profile.noise


def test_steps_out_of_order_are_refused(make_session: MakeSession) -> None:
    run = CameraRun(opened(make_session))
    with pytest.raises(BadInput, match="paper was asked for first"):
        run.white()
    with pytest.raises(BadInput, match="not complete"):
        run.profile()


def test_it_ends_when_asked_and_what_covers_the_lens_is_taken_away(make_session: MakeSession) -> None:
    session = opened(make_session)
    asked: list[int] = []
    run = CameraRun(session, ended=lambda: len(asked) >= 3, tell=lambda *_: asked.append(1))
    with pytest.raises(ShotCancelled):
        run.cap()
    run.uncover()
    still = session.capture()
    assert still.raw is not None and still.raw.samples.std() > 10


def test_without_cap_or_paper_each_step_says_what_is_wrong(
    make_session: MakeSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = opened(make_session)
    run = CameraRun(session)
    monkeypatch.setattr("device.calibrate.camera_run.cover", lambda session, front: None)
    with pytest.raises(StepRefused, match="not at black|light reaches"):
        run.cap()
    monkeypatch.undo()
    run.cap()
    monkeypatch.setattr("device.calibrate.camera_run.cover", lambda session, front: None)
    with pytest.raises(StepRefused, match="the paper is too dark"):
        run.white()
    session.submit(lambda driver: driver.cover("open"), budget_s=5)  # type: ignore[attr-defined]
    with pytest.raises(StepRefused, match="not even|clips"):
        run.white()


def test_paper_in_too_bright_a_light_is_told(make_session: MakeSession, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("device.simulator.sensor.LENS_TRANSMISSION", 300.0)
    run = CameraRun(opened(make_session))
    run.cap()
    with pytest.raises(StepRefused, match="too bright"):
        run.white()


def test_a_replay_and_too_little_memory_are_refused(
    make_session: MakeSession, picture_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replay = make_session(lambda: ReplayCamera(picture_folder), calibrations=OwnerCalibrations(None))
    replay.wait_open(20)
    with pytest.raises(BadInput, match="cannot be calibrated"):
        CameraRun(replay)
    session = opened(make_session)
    monkeypatch.setattr("device.host.available_memory_bytes", lambda: 10_000_000)
    with pytest.raises(StepRefused, match="10 MB of memory are free"):
        CameraRun(session)
