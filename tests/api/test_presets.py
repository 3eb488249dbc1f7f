"""Presets C1 to C3 over HTTP, and asked for by another process."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from helpers import eventually

from device.captures.storage import Storage
from device.drivers.simulated import SimulatedCamera
from device.preferences.presets import OwnerPresets, make_preset
from device.preferences.store import Preferences
from device.sensors.imx477 import IMX477
from device.session.session import Session
from tests.api.test_shooting import ok
from web.app import create_app
from web.context import make_parts
from web.guard import Guard

DEFAULTS = {"ev": 0, "awb": "auto", "contrast": 1, "gain": None, "exposure_us": None}


def now(client: FlaskClient) -> tuple[Any, ...]:
    controls, assists = client.get("/api/controls").get_json(), client.get("/api/assists").get_json()
    return controls["ev"], controls["awb"], controls["contrast"], controls["gain"], assists["zebra_high_ire"]


def set_all(client: FlaskClient, ev: float, contrast: float, ire: float) -> None:
    assert client.patch("/api/controls", json=DEFAULTS | {"ev": ev, "contrast": contrast}).status_code == 200
    assert client.patch("/api/assists", json={"zebra_high_ire": ire}).status_code == 200


def test_a_preset_brings_everything_back_and_is_taken_back(simulated: FlaskClient) -> None:
    set_all(simulated, 0.7, 1.4, 80)
    more = {
        "name": "Portrait",
        "display": {"guideLines": "phi"},
        "drive": {"mode": "timer", "settings": {"delay_s": 2}},
    }
    before = simulated.get("/api/status").get_json()["settings_revision"]
    saved = ok(simulated.put("/api/presets/C1", json=more), "Presets")["presets"]["C1"]
    assert {name: saved[name] for name in more} == more and "f_number" not in saved["controls"]
    assert simulated.get("/api/status").get_json()["settings_revision"] > before
    simulated.patch("/api/controls", json={"f_number": 8})
    set_all(simulated, -1, 1, 95)
    elsewhere = now(simulated)
    recalled = ok(simulated.post("/api/presets/C1", json={}), "Recalled")
    assert recalled["preset"] == saved
    assert now(simulated) == (0.7, "auto", 1.4, None, 80)
    assert simulated.get("/api/controls").get_json()["f_number"] == 8, "the lens is as it is"
    ok(simulated.post("/api/presets", json=recalled["before"]), "BeforeRecall")
    assert now(simulated) == elsewhere
    assert ok(simulated.delete("/api/presets/C1", json={}), "Presets")["presets"]["C1"] is None
    simulated.patch("/api/controls", json=DEFAULTS | {"f_number": None})


@pytest.mark.parametrize(
    ("part", "says"),
    [
        ({"controls": {"ev": 0.3, "contrast": 9, "gain": 99}}, ("Contrast 9", "Gain 99")),
        ({"controls": {"awb": "kelvin"}, "assists": {"zebra_high_ire": 200}}, ("White balance kelvin", "200")),
    ],
)
def test_a_recall_is_all_or_nothing_and_names_what_the_camera_does_not_take(
    simulated: FlaskClient, part: dict[str, Any], says: tuple[str, ...]
) -> None:
    set_all(simulated, 0, 1, 95)
    ok(simulated.put("/api/presets/C2", json=part), "Presets")
    before = now(simulated)
    refused = simulated.post("/api/presets/C2", json={})
    assert refused.status_code == 400 and now(simulated) == before
    for words in ("nothing was changed", *says):
        assert words in refused.get_json()["error"]["message"]


def test_nothing_is_recalled_while_a_series_is_taken(simulated: FlaskClient) -> None:
    set_all(simulated, 0, 1, 95)
    ok(simulated.put("/api/presets/C2", json={"controls": {"ev": 0.3}}), "Presets")
    before = now(simulated)
    body = {"mode": "interval", "settings": {"interval_s": 3600}}
    assert simulated.post("/api/drive", json=body).status_code == 202
    try:
        for path, values in (("/api/presets/C2", {}), ("/api/presets", {"controls": {"ev": 1}, "assists": {}})):
            refused = simulated.post(path, json=values)
            assert (refused.status_code, refused.get_json()["error"]["code"]) == (409, "drive_busy")
    finally:
        simulated.delete("/api/drive")
    assert now(simulated) == before
    eventually(lambda: simulated.get("/api/drive").get_json()["state"] == "cancelled", "cancelled", 60)
    ok(simulated.post("/api/presets/C2", json={}), "Recalled")


@pytest.mark.parametrize(
    ("method", "path", "body", "says"),
    [
        ("post", "C3", {}, "nothing is saved under C3"),
        ("post", "C9", {}, "there is no preset 'C9'"),
        ("put", "C9", {}, "there is no preset 'C9'"),
        ("delete", "C9", {}, "there is no preset 'C9'"),
        ("post", "C3", {"a": 1}, "unknown field 'a'"),
        ("put", "C3", {"a": 1}, "unknown field 'a'"),
        ("put", "C3", {"name": 3}, "name"),
        ("put", "C3", {"controls": {"speed": 1}}, "unknown control 'speed'"),
        ("put", "C3", {"drive": {"mode": "fast"}}, "no drive mode"),
        ("put", "C3", {"drive": {"mode": ["timer"]}}, "no drive mode"),
        ("put", "C3", {"drive": {"mode": "timer", "settings": []}}, "no object"),
        ("put", "C3", {"drive": {"mode": "timer", "settings": {"delay_s": -1}}}, "delay_s"),
        ("post", "", {"controls": {}}, "not what was set before"),
        ("post", "", {"controls": {}, "assists": 3}, "not what was set before"),
    ],
)
def test_what_is_no_preset_is_refused(
    simulated: FlaskClient, method: str, path: str, body: dict[str, Any], says: str
) -> None:
    answer = getattr(simulated, method)(f"/api/presets/{path}".rstrip("/"), json=body)
    assert answer.status_code == 400 and says in answer.get_json()["error"]["message"]


def test_a_viewfinder_takes_over_what_another_process_asked_for_or_says_why_not(
    storage: Storage, tmp_path: Path
) -> None:
    path = tmp_path / "settings.json"
    preferences, command = Preferences(path), OwnerPresets(Preferences(path))
    empty = {"name": "", "assists": {}, "display": {}, "drive": {}}
    command.set("C1", make_preset(empty | {"controls": {"ev": 1.0}}))
    command.set("C2", make_preset(empty | {"controls": {"ev": 99.0}}))
    command.ask("C1")  # before there is a viewfinder
    with Session(SimulatedCamera, sensor=IMX477, preferences=preferences) as session:
        session.wait_open(60)
        client = create_app(session, storage, Guard(None), make_parts(session, storage, preferences)).test_client()
        eventually(lambda: session.controls().ev == 1.0, "C1 is recalled")
        command.ask("C2")
        eventually(lambda: any("C2 could not be" in told for told in preferences.notices.list()), "it is told")
        assert "EV 99.0" in str(client.get("/api/status").get_json()["notices"]) and session.controls().ev == 1.0
        command.ask("C1")
        eventually(lambda: preferences.notices.list() == [], "what was wrong is withdrawn")
