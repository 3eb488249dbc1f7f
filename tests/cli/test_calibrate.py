"""`hqcam calibrate camera`, `show` and `undo`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from calibration_bench import profile_of, sensor_of
from click.testing import CliRunner, Result

from device.calibration.profile import Camera
from device.captures.shot import Recipe, Shot, take_shot
from device.captures.storage import Storage
from device.cli.meter import calibrate
from device.drivers.simulated import SimulatedCamera
from device.errors import BadInput
from device.preferences.owner_calibrations import FOLDER, OwnerCalibrations
from device.preferences.owner_flats import OwnerFlats
from device.preferences.owner_lenses import OwnerLenses
from device.preferences.store import Preferences
from device.raw.tags import Tag
from device.raw.tiff_reader import read_tiff
from device.sensors.base import NoiseModel
from device.sensors.imx477 import IMX477
from device.session.session import Session
from device.simulator.unit import Unit

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command here, with a small simulated camera of other noise than published."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))

    def factory(_: Any) -> Any:
        sensor = sensor_of(NoiseModel(0.52, 3.0, 6.0))
        return lambda: SimulatedCamera(sensor=sensor, unit=Unit(hot_count=50), pace=False)

    monkeypatch.setattr("device.cli.open_camera.driver_factory", factory)

    def invoke(*arguments: str, **options: Any) -> Result:
        settings = ("--settings", str(tmp_path / "settings.json"))
        return CliRunner().invoke(calibrate, [*arguments, *settings], **options)

    return invoke


def test_a_camera_is_calibrated_shown_undone_and_redone(run: Run, tmp_path: Path) -> None:
    done = run("camera", "--camera", "simulated", "--json")
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    by_name = {figure["name"]: figure for figure in found["figures"]}
    assert by_name["system gain"]["measured"] == pytest.approx(0.52, rel=0.01)
    assert by_name["system gain"]["percent"] == pytest.approx(10.6, abs=1)
    assert found["camera"] == {"model": "imx477", "identity": "simulated unit 1", "simulated": True}
    assert found["in_use"] == found["kept"] == 1 and found["same_sensor"] is None
    assert "Put the cap on" in done.stderr and "hot photosites, 6 s" in done.stderr
    shown = run("show")
    assert "system gain" in shown.output and "+10." in shown.output and "1 of 1 kept" in shown.output
    assert "published numbers are in use" in run("undo").output
    assert "no calibration of this camera is in use" in str(run("undo").exception)
    assert json.loads(run("undo", "--redo", "--json").stdout)["in_use"] == 1
    assert len(json.loads(run("show", "--json").stdout)["cameras"]) == 1


def test_undo_needs_to_know_which_camera(run: Run, tmp_path: Path) -> None:
    assert "no camera was calibrated" in run("show").output
    assert isinstance(run("undo").exception, BadInput)
    kept = OwnerCalibrations(tmp_path / FOLDER)
    kept.add(profile_of(Camera("imx477", "/base/i2c@1/imx477@1a", False)))
    kept.add(profile_of(Camera("imx477", "/base/i2c@0/imx477@1a", False)))
    refused = run("undo").exception
    assert isinstance(refused, BadInput) and "2 cameras" in refused.message and "imx477-" in refused.expected
    name = sorted(kept.all())[0]
    assert run("undo", name).exit_code == 0
    assert [history.in_use for _, history in sorted(kept.all().items())] == [0, 1]
    assert isinstance(run("undo", "nothing").exception, BadInput)


def test_broken_files_are_told_and_set_aside(run: Run, tmp_path: Path) -> None:
    kept = OwnerCalibrations(tmp_path / FOLDER)
    kept.add(profile_of(Camera("imx477", "/base/i2c@1/imx477@1a", False)))
    (path,) = (tmp_path / FOLDER).glob("*.json")
    path.write_text("{")
    shown = run("show")
    assert "no camera was calibrated" in shown.stdout and "cannot be used" in shown.stderr
    assert [p.name for p in (tmp_path / FOLDER).iterdir()] == [path.with_suffix(".broken.json").name]


def test_a_camera_without_raw_is_refused(tmp_path: Path, picture_folder: Path) -> None:
    arguments = ["camera", "--camera", f"replay:{picture_folder}", "--settings", str(tmp_path / "settings.json")]
    refused = CliRunner().invoke(calibrate, arguments).exception
    assert isinstance(refused, BadInput) and "cannot be calibrated" in refused.message


def test_where_a_hand_is_needed_and_nobody_answers_it_says_so(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    read, write = os.pipe()
    os.close(write)
    with os.fdopen(read) as nobody:
        monkeypatch.setattr("device.cli.calibrate_camera.by_itself", lambda session: False)
        monkeypatch.setattr("device.cli.calibrate_camera.answers", lambda: nobody)
        refused = run("camera", "--camera", "simulated").exception
    assert isinstance(refused, BadInput) and "nobody answers" in refused.message


def test_the_shading_of_a_lens_is_measured_used_and_written_into_the_raw_file(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unit = Unit(corner_ev=-1.5, corner_red=0.1)
    made = lambda: SimulatedCamera(sensor=sensor_of(NoiseModel(0.52, 3.0, 6.0)), unit=unit, pace=False)  # noqa: E731
    monkeypatch.setattr("device.cli.open_camera.driver_factory", lambda _: made)
    lens = ("--lens", "planar 2/50", "--f", "2.8")
    done = run("flat", *lens, "--camera", "simulated", "--json")
    assert done.exit_code == 0, done.output
    (found,) = json.loads(done.stdout)["flats"]
    assert found["corner_ev"] == pytest.approx(-1.5, abs=0.05) and found["use"] == "colour"
    assert found["red_percent"] == pytest.approx(10, abs=1) and abs(found["blue_percent"]) < 1
    assert "used: full" in run("flat", *lens, "--use", "full").output

    session = Session(made, sensor=IMX477, preferences=Preferences())
    lenses = OwnerLenses(Preferences(), tmp_path / "lenses.toml")
    lenses.choose(lenses.find("planar 2/50").id, 2.8)
    flats, storage = OwnerFlats(tmp_path / "flats.json"), Storage(tmp_path / "captures")
    storage.prepare()
    with session:
        session.wait_open(60)
        shot = take_shot(session, storage, Recipe(lenses, flats=flats))
        session.set_controls({"f_number": 8.0})
        plain = take_shot(session, storage, Recipe(lenses, flats=flats))
    assert gain_maps_of(shot) == 4 and gain_maps_of(plain) == 0
    assert shot.audit.verdict == "ok", shot.audit

    assert "f/2.8" in run("flat", "--list").output
    assert run("flat", *lens, "--forget").exit_code == 0 and run("flat", "--list").output == ""


def gain_maps_of(shot: Shot) -> int:
    (path,) = (stored.path for stored in shot.capture.files if stored.path.suffix == ".dng")
    fields = (directory.fields.get(Tag.OPCODE_LIST_2) for directory in read_tiff(path.read_bytes()).walk())
    return sum(int.from_bytes(bytes(field.data[:4]), "big") for field in fields if field is not None)


def test_a_flat_without_lens_or_stop_is_refused_before_the_camera_is_asked(run: Run) -> None:
    assert isinstance(run("flat").exception, BadInput)
    for arguments in (("--lens", "planar 2/50"), ("--lens", "planar 2/50", "--f", "0.1"), ("--f", "2.8")):
        refused = run("flat", *arguments).exception
        assert isinstance(refused, BadInput) and refused.expected
    assert isinstance(run("flat", "--lens", "planar 2/50", "--f", "4", "--forget").exception, BadInput)
