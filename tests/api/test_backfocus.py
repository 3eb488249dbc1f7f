"""The guide to the right back focus over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from helpers import eventually

from device.captures.storage import Storage
from device.drivers.simulated import SimulatedCamera
from device.preferences.store import Preferences
from device.session.session import Session
from tests.api.test_openapi import validate
from web.app import create_app
from web.context import make_parts
from web.guard import Guard

BOARD = {"distance_m": 1, "f_number": 2, "x": 0.7275, "y": 0.6, "size": 0.33}


@pytest.fixture
def camera(make_session: Callable[..., Session]) -> Session:
    session = make_session(lambda: SimulatedCamera())
    session.wait_open(60)
    return session


@pytest.fixture
def asked(camera: Session, storage: Storage) -> Any:
    parts = make_parts(camera, storage, Preferences())
    yield create_app(camera, storage, Guard(None), parts).test_client()
    parts.close()


def state(client: FlaskClient) -> dict[str, Any]:
    answer = client.get("/api/backfocus")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.get_json()
    validate(found, "BackFocus")
    return found


def measured(client: FlaskClient) -> dict[str, Any]:
    eventually(lambda: state(client)["state"] != "measuring", "it was measured")
    return state(client)


def begun(client: FlaskClient, **setup: Any) -> dict[str, Any]:
    answer = client.post("/api/backfocus", json=BOARD | setup)
    assert answer.status_code == 202, answer.get_json()
    validate(answer.get_json(), "BackFocus")
    return measured(client)


def turned(client: FlaskClient, **moved: Any) -> dict[str, Any]:
    answer = client.put("/api/backfocus", json=moved)
    assert answer.status_code == 202, answer.get_json()
    return measured(client)


def test_turn_by_turn_it_comes_to_the_right_place_and_nothing_else_is_led_meanwhile(
    asked: FlaskClient, camera: Session
) -> None:
    camera.set_controls({"back_focus_um": -80})
    idle = state(asked)
    assert idle["possible"] and idle["by_itself"] and idle["state"] == "idle" and idle["advice"] is None
    now = begun(asked, pitch_mm=0.5)
    assert now["state"] == "waiting" and now["error"] is None and now["advice"]["place"] is None
    assert now["advice"]["degrees"] == pytest.approx(now["advice"]["move_um"] / 500 * 360)
    assert (camera.controls().f_number, camera.controls().focus_m) == (2, 1)
    for refused in (
        asked.post("/api/backfocus", json=BOARD),
        asked.post("/api/calibration", json={"step": "cap"}),
    ):
        assert refused.status_code == 409 and refused.get_json()["error"]["message"] == "the back focus is being set"
    for _ in range(now["turns_most"]):
        if now["state"] == "waiting":
            now = turned(asked)
    assert now["state"] == "right" and now["advice"]["right"] and now["advice"]["move_um"] is None
    assert abs(camera.controls().back_focus_um) <= 5
    assert now["tilt"] is None  # the corners of the scene have another distance, or nothing to see
    assert asked.put("/api/backfocus", json={}).status_code == 400  # it is done
    assert asked.delete("/api/backfocus").get_json()["state"] == "idle"


def test_what_was_refused_is_measured_again_and_the_move_counts_once(asked: FlaskClient, camera: Session) -> None:
    camera.set_controls({"back_focus_um": 40, "exposure_us": 200_000, "gain": 8})
    clipped = begun(asked)
    assert (clipped["state"], clipped["error"]["why"], clipped["advice"]) == ("waiting", "clipped", None)
    camera.set_controls({"exposure_us": 200, "gain": 1})
    assert turned(asked)["error"]["why"] == "dark"
    camera.set_controls({"exposure_us": None, "gain": None})
    first = turned(asked)
    assert first["error"] is None and first["advice"]["turns"] == 0
    assert camera.controls().back_focus_um == 40, "what fails before the first measurement moves nothing"
    camera.set_controls({"exposure_us": 200_000, "gain": 8})
    failed = turned(asked, moved_um=-30)
    assert failed["error"]["why"] == "clipped" and failed["error"]["remedy"] and failed["advice"] == first["advice"]
    camera.set_controls({"exposure_us": None, "gain": None})
    second = turned(asked)
    assert second["error"] is None and second["advice"]["turns"] == 1 and second["advice"]["move_um"] < 0
    assert camera.controls().back_focus_um == 10
    camera.set_controls({"back_focus_um": 500})
    assert "back_focus_um" in turned(asked, moved_um=300)["error"]["message"]  # farther than the simulated lens goes


def test_it_is_ended_while_it_measures_and_begun_again(asked: FlaskClient) -> None:
    assert asked.post("/api/backfocus", json=BOARD).status_code == 202
    ended = asked.delete("/api/backfocus").get_json()
    assert ended["state"] == "idle" and ended["setup"] is None and ended["advice"] is None
    assert asked.delete("/api/backfocus").status_code == 200  # nothing to end
    assert begun(asked)["advice"]["turns"] == 0


def test_a_calibration_goes_first(asked: FlaskClient) -> None:
    assert asked.post("/api/calibration", json={"step": "cap"}).status_code == 202
    refused = asked.post("/api/backfocus", json=BOARD)
    assert refused.status_code == 409 and refused.get_json()["error"]["message"] == "a calibration is running"
    assert asked.delete("/api/calibration").status_code == 200


def test_nonsense_is_refused(asked: FlaskClient) -> None:
    for body in ({"f_number": 0}, {"f_number": "2"}, {"distance_m": -1}, {"x": 2}, {"size": 0}, {"pitch_mm": 0}):
        assert asked.post("/api/backfocus", json=body).status_code == 400, body
    assert asked.post("/api/backfocus", json={"more": 1}).status_code == 400
    assert asked.put("/api/backfocus", json={}).status_code == 400  # nothing was begun
    for body in ({"moved_um": "far"}, {"moved_um": 1e9}, {"more": 1}):
        assert asked.put("/api/backfocus", json=body).status_code == 400, body
    assert state(asked)["state"] == "idle"


def test_a_replay_has_no_lens_to_move(client: FlaskClient) -> None:
    assert not state(client)["possible"]
    assert client.post("/api/backfocus", json={"f_number": 2}).status_code == 400
