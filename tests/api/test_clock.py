"""The time of the camera over HTTP: what is known of it, and what a phone tells it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from helpers import eventually

from device.captures.storage import Storage
from device.drivers.simulated import SimulatedCamera
from device.preferences.owner_clock import OwnerClock
from device.preferences.store import Preferences
from device.raw.files import read_picture
from device.session.session import Session
from tests.api.test_shooting import ok
from web.app import create_app
from web.context import make_parts
from web.guard import Guard

TRUE_MS = datetime(2030, 6, 1, 12, tzinfo=UTC).timestamp() * 1000
MakeClient = Callable[..., FlaskClient]


@pytest.fixture
def make_client(session: Session, storage: Storage) -> MakeClient:
    def make(*, synchronised: bool) -> FlaskClient:
        parts = make_parts(session, storage, Preferences())
        parts.clock = OwnerClock(Preferences(), synchronised=lambda: synchronised)
        return create_app(session, storage, Guard(None), parts).test_client()

    return make


def shoot(client: FlaskClient) -> dict[str, Any]:
    answer = client.post("/api/captures", json={})
    assert answer.status_code == 201
    return dict(answer.get_json())


def notes_of(storage: Storage, capture: str) -> set[str]:
    return {note for file in storage.get(capture).files for note in read_picture(file.path).metadata.notes}


def test_frames_and_the_light_meter_go_by_the_time_that_was_told(
    make_session: Callable[..., Session], storage: Storage
) -> None:
    clock = OwnerClock(Preferences(), synchronised=lambda: False)
    session = make_session(SimulatedCamera, clock=clock)
    session.wait_open(60)
    client = create_app(session, storage, Guard(None)).test_client()
    ok(client.post("/api/clock", json={"unix_ms": TRUE_MS}), "Clock")

    def is_told() -> bool:
        headers = client.get("/api/viewfinder/frame").headers
        return float(headers.get("X-Frame-Captured-Ms", 0)) > TRUE_MS - 60_000

    eventually(is_told, "a frame of the time that was told")
    answer = client.post("/api/meter/calibration", json={"ev100": 10})
    assert answer.status_code == 200, answer.get_json()
    assert answer.get_json()["calibration"]["at"].startswith("2030-06-01")


def test_a_clock_that_is_not_synchronised_takes_the_time_of_a_phone(make_client: MakeClient, storage: Storage) -> None:
    client = make_client(synchronised=False)
    before = ok(client.get("/api/clock"), "Clock")
    assert (before["synchronised"], before["source"]) == (False, "unknown")
    first = shoot(client)
    assert first["time_synchronised"] is False and "clock not set" in notes_of(storage, first["id"])

    told = ok(client.post("/api/clock", json={"unix_ms": TRUE_MS}), "Clock")
    assert (told["synchronised"], told["source"]) == (False, "told") and told["unix_ms"] >= TRUE_MS - 1
    assert ok(client.get("/api/status"), "Status")["clock"]["source"] == "told"
    second = shoot(client)
    assert second["time_synchronised"] is True and "clock not set" not in notes_of(storage, second["id"])
    assert datetime.fromisoformat(second["taken_at"]).astimezone(UTC).year == 2030
    assert "2030" in second["id"]


def test_a_series_goes_by_the_time_that_was_told(make_client: MakeClient, storage: Storage) -> None:
    client = make_client(synchronised=False)
    ok(client.post("/api/clock", json={"unix_ms": TRUE_MS}), "Clock")
    ok(client.post("/api/drive", json={"mode": "single"}), "Drive")
    eventually(lambda: client.get("/api/drive").get_json()["state"] == "done", "done", 120)
    (path,) = storage.root.rglob("*_single.json")
    manifest = json.loads(Path(path).read_text())
    assert manifest["started_at"].startswith("2030-06") and manifest["frames"][0]["time_synchronised"] is True


def test_shots_taken_before_the_time_was_told_are_corrected_and_taken_back(
    make_client: MakeClient, storage: Storage
) -> None:
    client = make_client(synchronised=False)
    shot = shoot(client)
    refused = client.post("/api/clock/corrections", json={})
    assert refused.status_code == 409 and refused.get_json()["error"]["code"] == "time_unknown"
    assert ok(client.get("/api/clock/corrections"), "Corrections")["left"] == 0, "nobody knows yet that it is wrong"
    ok(client.post("/api/clock", json={"unix_ms": TRUE_MS}), "Clock")
    assert ok(client.get("/api/clock/corrections"), "Corrections") == {"changed": 0, "left": 1, "skipped": []}
    assert ok(client.post("/api/clock/corrections", json={}), "Corrections") == {"changed": 1, "left": 0, "skipped": []}
    (found,) = client.get("/api/captures").get_json()["captures"]
    assert found["id"] == shot["id"] and found["taken_at"].startswith("2030-06") and found["time_synchronised"] is True
    assert ok(client.get("/api/clock/corrections"), "Corrections")["left"] == 0
    assert ok(client.delete("/api/clock/corrections"), "Corrections")["changed"] == 1
    (found,) = client.get("/api/captures").get_json()["captures"]
    assert (found["taken_at"], found["time_synchronised"]) == (shot["taken_at"], False)
    assert client.post("/api/clock/corrections", json={"all": True}).status_code == 400


def test_shots_of_an_earlier_start_are_offered_and_corrected_by_the_true_time_of_one_of_them(
    session: Session, storage: Storage
) -> None:
    boot = "first"
    parts = make_parts(session, storage, Preferences())
    parts.clock = OwnerClock(Preferences(), synchronised=lambda: False, boot_id=lambda: boot)
    client = create_app(session, storage, Guard(None), parts).test_client()
    shoot(client)
    newest = shoot(client)
    assert ok(client.get("/api/clock/earlier"), "EarlierStarts") == {"starts": []}, "they are of this start"
    boot = "second"
    later = shoot(client)
    (start,) = ok(client.get("/api/clock/earlier"), "EarlierStarts")["starts"]
    assert (start["shot"], start["captures"], start["corrected"]) == (newest["id"], 2, False)
    assert start["taken_at"][:22] == newest["taken_at"][:22]

    told = {"shot": newest["id"], "taken_at": "2030-06-01T12:00:00+00:00"}
    assert ok(client.post("/api/clock/corrections", json=told), "Corrections")["changed"] == 2
    (found,) = ok(client.get("/api/clock/earlier"), "EarlierStarts")["starts"]
    assert found["corrected"] is True and found["taken_at"].startswith("2030-06-01")
    times = {one["id"]: one["taken_at"] for one in client.get("/api/captures").get_json()["captures"]}
    assert times[later["id"]] == later["taken_at"], "of another start"
    undone = client.delete(f"/api/clock/corrections?shot={newest['id']}")
    assert ok(undone, "Corrections")["changed"] == 2
    assert ok(client.get("/api/clock/earlier"), "EarlierStarts") == {"starts": [start]}


@pytest.mark.parametrize(
    ("told", "status"),
    [
        ({"shot": "hqcam_1"}, 400),
        ({"shot": "hqcam_1", "taken_at": 5}, 400),
        ({"shot": "hqcam_1", "taken_at": "yesterday"}, 400),
        ({"shot": "hqcam_1", "taken_at": "2030-06-01T12:00:00+00:00"}, 404),
    ],
)
def test_what_corrects_no_earlier_start_is_refused(make_client: MakeClient, told: dict[str, Any], status: int) -> None:
    refused = make_client(synchronised=False).post("/api/clock/corrections", json=told)
    assert refused.status_code == status and refused.get_json()["error"]["message"]


def test_a_synchronised_clock_is_left_alone(make_client: MakeClient) -> None:
    client = make_client(synchronised=True)
    refused = client.post("/api/clock", json={"unix_ms": TRUE_MS})
    assert refused.status_code == 409 and refused.get_json()["error"]["code"] == "clock_synchronised"
    now = ok(client.get("/api/clock"), "Clock")
    assert (now["synchronised"], now["source"]) == (True, "synchronised") and now["unix_ms"] < TRUE_MS


@pytest.mark.parametrize("body", [{}, {"unix_ms": "noon"}, {"unix_ms": 0}, {"unix_ms": 1e300}, {"at": TRUE_MS}])
def test_what_is_no_time_is_refused(make_client: MakeClient, body: dict[str, Any]) -> None:
    client = make_client(synchronised=False)
    refused = client.post("/api/clock", json=body)
    assert refused.status_code == 400 and refused.get_json()["error"]["expected"]
    assert client.get("/api/clock").get_json()["source"] == "unknown"
