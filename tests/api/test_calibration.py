"""The calibration of the camera over HTTP."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from calibration_bench import profile_of, sensor_of
from flask.testing import FlaskClient
from helpers import DEADLINE_S, eventually

from device.calibration.profile import Camera
from device.captures.storage import Storage
from device.drivers.simulated import SimulatedCamera
from device.frame import StillFrame
from device.preferences.owner_calibrations import OwnerCalibrations
from device.sensors.base import NoiseModel
from device.sensors.imx477 import IMX477
from device.session.session import Session
from device.simulator.unit import Unit
from tests.api.test_openapi import validate
from web.app import create_app
from web.context import make_parts
from web.guard import Guard

CAMERA = Camera("imx477", "simulated unit 1", True)


@pytest.fixture
def kept(tmp_path: Path) -> OwnerCalibrations:
    return OwnerCalibrations(tmp_path / "cameras")


@pytest.fixture
def odd(make_session: Callable[..., Session], kept: OwnerCalibrations) -> Session:
    """A small simulated camera of other noise than published."""
    sensor = sensor_of(NoiseModel(0.52, 3.0, 6.0))
    unit = Unit(hot_count=100, temperature_c=30.0)
    session = make_session(lambda: SimulatedCamera(sensor=sensor, unit=unit, pace=False), calibrations=kept)
    session.wait_open(60)
    return session


@pytest.fixture
def asked(odd: Session, storage: Storage) -> Any:
    from device.preferences.store import Preferences

    parts = make_parts(odd, storage, Preferences())
    yield create_app(odd, storage, Guard(None), parts).test_client()
    parts.close()


def state(client: FlaskClient) -> dict[str, Any]:
    answer = client.get("/api/calibration")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.get_json()
    validate(found, "CameraCalibration")
    return found


def after(client: FlaskClient, step: str) -> dict[str, Any]:
    begun = client.post("/api/calibration", json={"step": step})
    assert begun.status_code == 202, begun.get_json()
    eventually(lambda: not state(client)["progress"]["running"], f"the step {step} is done")
    return state(client)


def test_a_camera_is_calibrated_in_two_steps_and_what_is_in_use_is_chosen(asked: FlaskClient, odd: Session) -> None:
    before = state(asked)
    assert before["possible"] and before["by_itself"] and before["in_use"] == 0 and before["figures"] == []
    early = asked.post("/api/calibration", json={"step": "paper"})
    assert early.status_code == 400 and "paper was asked for first" in early.get_json()["error"]["message"]
    done = after(asked, "cap")
    assert done["progress"]["cap_done"] and done["progress"]["error"] is None and done["kept"] == []
    done = after(asked, "paper")
    assert done["progress"]["complete"] and done["progress"]["error"] is None
    assert done["in_use"] == 1 and len(done["kept"]) == 1 and done["temperature_c"] == 30.0
    gain = next(figure for figure in done["figures"] if figure["name"] == "system gain")
    assert gain["published"] == 0.47 and gain["measured"] == pytest.approx(0.52, rel=0.01)
    assert odd.sensor.noise.dn_per_e == pytest.approx(0.52, rel=0.01)
    assert asked.put("/api/calibration", json={"in_use": 0}).get_json()["figures"] == [] and odd.sensor == IMX477
    assert asked.put("/api/calibration", json={"in_use": 1}).get_json()["in_use"] == 1
    assert odd.sensor.noise.dn_per_e == pytest.approx(0.52, rel=0.01)


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Stills wait for this: a step is in progress until then, however fast the machine is."""
    go_on, capture = threading.Event(), SimulatedCamera.capture_still

    def waiting(*arguments: Any) -> StillFrame:
        assert go_on.wait(DEADLINE_S)
        return capture(*arguments)

    monkeypatch.setattr(SimulatedCamera, "capture_still", waiting)
    yield go_on
    go_on.set()


def test_a_step_is_ended_and_nothing_is_kept(asked: FlaskClient, odd: Session, held: threading.Event) -> None:
    assert asked.post("/api/calibration", json={"step": "cap"}).status_code == 202
    for path, body in (("calibration", {"step": "cap"}), ("captures", {}), ("drive", {"mode": "timer"})):
        refused = asked.post(f"/api/{path}", json=body)
        assert refused.status_code == 409 and "calibration" in refused.get_json()["error"]["message"]
    assert asked.delete("/api/calibration").status_code == 200
    held.set()
    eventually(lambda: not state(asked)["progress"]["running"], "it ended")
    found = state(asked)["progress"]
    assert found["error"]["code"] == "shot_cancelled" and not found["cap_done"]
    assert asked.delete("/api/calibration").status_code == 200  # nothing to end
    still = odd.capture()
    assert still.raw is not None and still.raw.samples.std() > 10  # no cap is left on the lens
    assert asked.post("/api/captures", json={}).status_code == 201


def test_a_step_that_is_refused_says_why_and_may_be_tried_again(
    asked: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("device.calibrate.camera_run.cover", lambda session, front: None)
    refused = after(asked, "cap")["progress"]
    assert refused["error"]["code"] == "step_refused" and refused["error"]["remedy"] and not refused["cap_done"]
    monkeypatch.undo()
    assert after(asked, "cap")["progress"]["cap_done"]


def test_nonsense_is_refused(asked: FlaskClient, kept: OwnerCalibrations) -> None:
    kept.add(profile_of(CAMERA))
    for body in ({}, {"step": "cup"}, {"step": 1}, {"step": "cap", "more": 1}):
        assert asked.post("/api/calibration", json=body).status_code == 400
    for body in ({}, {"in_use": "1"}, {"in_use": 0.5}, {"in_use": True}, {"in_use": -1}, {"in_use": 2}):
        assert asked.put("/api/calibration", json=body).status_code == 400
    assert state(asked)["in_use"] == 1


def test_a_replay_cannot_be_calibrated(client: FlaskClient) -> None:
    assert not state(client)["possible"]
    assert client.post("/api/calibration", json={"step": "cap"}).status_code == 400
    assert client.put("/api/calibration", json={"in_use": 0}).status_code == 400
