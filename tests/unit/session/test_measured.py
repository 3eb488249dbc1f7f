"""The session uses what was measured of the camera that is open, and of no other."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import pytest
from calibration_bench import profile_of
from helpers import eventually

from device.calibration.profile import Camera
from device.captures.shot import take_shot
from device.captures.storage import Storage
from device.drivers.replay import ReplayCamera
from device.drivers.simulated import SimulatedCamera
from device.preferences.owner_calibrations import OwnerCalibrations
from device.preferences.store import Preferences
from device.raw.dng_reader import read_raw
from device.raw.tags import Tag
from device.raw.tiff_reader import read_tiff
from device.sensors.imx477 import IMX477
from device.session.session import Session
from device.simulator.unit import Unit

SIMULATED = Camera("imx477", "simulated", True)


def test_noise_and_black_of_a_calibrated_camera_are_the_measured_ones(
    make_session: Callable[..., Session], tmp_path: Path
) -> None:
    kept = OwnerCalibrations(tmp_path)
    profile = profile_of(SIMULATED)
    kept.add(profile)
    session = make_session(lambda: SimulatedCamera(), calibrations=kept, overrides={"gain": 4.0, "exposure_us": 5000})
    session.wait_open(20)
    assert session.sensor == profile.measured(IMX477)
    assert session.wait_settled(10) is not None
    black = session.submit(lambda driver: driver.next_frame(5).raw.black_dn, budget_s=10)  # type: ignore[union-attr]
    assert black == pytest.approx((262, 258.5, 258.5, 259))
    still = session.capture()
    assert still.raw is not None and still.raw.black_dn == pytest.approx((262, 258.5, 258.5, 259))
    # undone by a command beside it
    OwnerCalibrations(tmp_path).undo(SIMULATED)
    eventually(lambda: session.sensor == IMX477, "the undone calibration is out of use")
    still = session.capture()
    assert still.raw is not None and still.raw.black_dn == (256, 256, 256, 256)


def test_another_camera_than_the_one_calibrated_is_told(make_session: Callable[..., Session], tmp_path: Path) -> None:
    kept, preferences = OwnerCalibrations(tmp_path), Preferences()
    kept.add(profile_of(SIMULATED))
    session = make_session(lambda: SimulatedCamera(unit=Unit(seed=7)), calibrations=kept, preferences=preferences)
    session.wait_open(20)
    assert session.sensor == IMX477 and session.measured.profile is None
    (told,) = preferences.notices.list()
    assert "another camera than the one calibrated on 2026-05-01 (simulated)" in told


def test_a_replay_has_no_profile(make_session: Callable[..., Session], tmp_path: Path, picture_folder: Path) -> None:
    session = make_session(lambda: ReplayCamera(picture_folder), calibrations=OwnerCalibrations(tmp_path))
    session.wait_open(20)
    assert session.measured.camera is None and session.sensor == IMX477


def test_read_outs_and_the_file_of_a_shot_have_the_measured_numbers(
    make_session: Callable[..., Session], tmp_path: Path, storage: Storage
) -> None:
    kept = OwnerCalibrations(tmp_path / "cameras")
    profile = profile_of(SIMULATED)
    kept.add(profile)
    session = make_session(lambda: SimulatedCamera(), calibrations=kept, overrides={"gain": 4.0, "exposure_us": 5000})
    session.wait_open(20)
    session.set_assists({"raw_histogram": True})
    assert session.wait_settled(10) is not None
    view = session.wait_view(0, 10)
    assert view is not None and view.findings.readings.raw_exposure is not None
    floor_dn = (profile.noise.variance_dn(4.0, 2)[1] + 1 / 12) ** 0.5
    white = 4095 - round(0.01 * (4095 - sum((262, 258.5, 258.5, 259)) / 4))
    assert view.findings.readings.raw_exposure.noise_floor_ev == pytest.approx(
        math.log2(floor_dn / (white - 258.5)), abs=0.01
    )
    shot = take_shot(session, storage)
    (path,) = (stored.path for stored in shot.capture.files if stored.path.suffix == ".dng")
    tiff = read_tiff(path.read_bytes())
    assert read_raw(tiff).black_dn == pytest.approx((262, 258.5, 258.5, 259), abs=0.01)
    (noise,) = (found for d in tiff.walk() if (found := d.numbers(Tag.NOISE_PROFILE)))
    assert noise == pytest.approx(profile.noise.dng_profile(4.0, 4095 - 258.75))
