"""Lenses, places for captures and drive modes over HTTP."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from helpers import eventually
from werkzeug.test import TestResponse

from device.captures.places import Places
from device.captures.storage import Storage
from device.captures.usb import UsbDrive
from device.preferences.store import Preferences
from device.session.session import Session
from tests.api.test_openapi import validate
from web.app import create_app
from web.context import make_parts
from web.guard import Guard


def ok(response: Any, schema: str) -> dict[str, Any]:
    assert response.status_code in (200, 202), response.get_data(as_text=True)
    validate(response.get_json(), schema)
    return dict(response.get_json())


def test_a_lens_is_chosen_with_its_stop_and_everyone_is_told(client: FlaskClient) -> None:
    before = client.get("/api/status").get_json()["settings_revision"]
    assert ok(client.get("/api/lens"), "Lenses")["chosen"] is None
    answer = ok(client.patch("/api/lens", json={"id": "rpi-16-1.4-c", "f_number": 4}), "Lenses")
    assert answer["chosen"] == {"id": "rpi-16-1.4-c", "f_number": 4, "focal_mm": 16} and answer["recent"] == [
        "rpi-16-1.4-c"
    ]
    assert client.get("/api/status").get_json()["settings_revision"] == before + 1
    assert ok(client.patch("/api/lens", json={"id": None}), "Lenses")["chosen"] is None


def test_the_simulated_camera_looks_through_the_chosen_lens(simulated: FlaskClient) -> None:
    ok(simulated.patch("/api/lens", json={"id": "kern-switar-25-1.4-c", "f_number": 5.6}), "Lenses")
    controls = simulated.get("/api/controls").get_json()
    assert (controls["focal_mm"], controls["f_number"]) == (25.0, 5.6)
    simulated.patch("/api/controls", json={"focal_mm": None, "f_number": None})


def test_a_lens_no_shorter_than_four_millimetres_is_followed_to_its_widest_stop(simulated: FlaskClient) -> None:
    for lens_id, focal_mm, stop in (("rpi-6-1.2-cs", 6.0, 1.2), ("leica-elmarit-m-90-2.8", 90.0, 22.0)):
        ok(simulated.patch("/api/lens", json={"id": lens_id, "f_number": stop}), "Lenses")
        controls = simulated.get("/api/controls").get_json()
        assert (controls["focal_mm"], controls["f_number"]) == (focal_mm, stop)
    simulated.patch("/api/controls", json={"focal_mm": None, "f_number": None})


def test_lenses_are_listed_with_their_equivalent_and_found_by_words(client: FlaskClient) -> None:
    listed = ok(client.get("/api/lens"), "Lenses")
    kit = next(lens for lens in listed["lenses"] if lens["id"] == "rpi-16-1.4-c")
    assert kit["equivalent_mm"] == pytest.approx(88.1, abs=0.1)  # 43.27 mm of full frame / 7.86 mm of the sensor
    found = ok(client.get("/api/lens/search", query_string={"words": "sumicron m 50"}), "FoundLenses")
    assert found == {"ids": found["ids"], "near": True} and found["ids"][0] == "leica-summicron-m-50-2"
    every = ok(client.get("/api/lens/search"), "FoundLenses")
    assert every == {"ids": [lens["id"] for lens in listed["lenses"]], "near": False}


def test_a_zoom_is_told_where_it_stands_and_the_simulated_lens_follows(simulated: FlaskClient) -> None:
    zoom = {"id": "carl-zeiss-vario-sonnar-t-3.4-35-70-c-y", "f_number": 4}
    assert ok(simulated.patch("/api/lens", json=zoom), "Lenses")["chosen"] == {**zoom, "focal_mm": None}
    told = ok(simulated.patch("/api/lens", json={**zoom, "focal_mm": 50}), "Lenses")
    assert told["chosen"] == {**zoom, "focal_mm": 50} and simulated.get("/api/controls").get_json()["focal_mm"] == 50
    simulated.patch("/api/controls", json={"focal_mm": None, "f_number": None})


MINE = {"maker": "Me", "model": "Pinhole", "mount": "C", "focal_mm": 20, "f_stops": [16, 22]}


def test_a_lens_is_added_changed_removed_and_comes_back(session: Session, storage: Storage, tmp_path: Path) -> None:
    parts = make_parts(session, storage, Preferences(), lens_file=tmp_path / "lenses.toml")
    client = create_app(session, storage, Guard(None), parts=parts).test_client()
    assert ok(client.post("/api/lens/profiles", json=MINE), "Lenses")["own"] == ["me-pinhole"]
    ok(client.patch("/api/lens", json={"id": "me-pinhole", "f_number": 16}), "Lenses")
    changed = ok(client.put("/api/lens/profiles/me-pinhole", json=MINE | {"focal_mm": 25}), "Lenses")["lenses"][0]
    assert (changed["id"], changed["focal_mm"], changed["f_stops"]) == ("me-pinhole", 25, [16, 22])
    gone = ok(client.delete("/api/lens/profiles/me-pinhole", json={}), "Lenses")
    assert gone["own"] == [] and gone["chosen"] is None
    back = ok(client.post("/api/lens/profiles", json=MINE | {"id": "me-pinhole"}), "Lenses")
    assert back["own"] == ["me-pinhole"] and back["chosen"] == {"id": "me-pinhole", "f_number": 16, "focal_mm": 20}
    for method, path, body, says in (
        (client.post, "", MINE | {"id": "me-pinhole"}, "already"),
        (client.post, "", MINE | {"focal_mm": 0}, "focal_mm is 0"),
        (client.post, "", MINE | {"weight": 3}, "weight is not known"),
        (client.post, "", {}, "f_stops is missing"),
        (client.put, "/nobody", MINE, "there is no lens 'nobody'"),
        (client.put, "/me-pinhole", MINE | {"f_stops": [22, 16]}, "do not rise"),
        (client.delete, "/nobody", {}, "there is no lens 'nobody'"),
    ):
        refused = method(f"/api/lens/profiles{path}", json=body)
        assert refused.status_code == 400 and says in refused.get_json()["error"]["message"]


def test_lenses_are_copied_exported_and_imported(session: Session, storage: Storage, tmp_path: Path) -> None:
    parts = make_parts(session, storage, Preferences(), lens_file=tmp_path / "lenses.toml")
    client = create_app(session, storage, Guard(None), parts=parts).test_client()
    assert ok(client.post("/api/lens/profiles/rpi-16-1.4-c/copy", json={}), "Lenses")["own"] == ["rpi-16-1.4-c-2"]
    exported = client.get("/api/lens/file")
    assert exported.mimetype == "application/toml" and "attachment" in exported.headers["Content-Disposition"]
    ok(client.delete("/api/lens/profiles/rpi-16-1.4-c-2", json={}), "Lenses")
    text = exported.get_data(as_text=True)
    assert ok(client.post("/api/lens/file", json={"text": text}), "Lenses")["own"] == ["rpi-16-1.4-c-2"]
    for body, says in (
        ({"text": text + "[[lens]]"}, "f_stops is missing"),
        ({"text": "format = 9"}, "of a newer hqcam"),
        ({"text": 3}, "no text of a lens file"),
        ({}, "no text of a lens file"),
    ):
        refused = client.post("/api/lens/file", json=body)
        assert refused.status_code == 400 and says in refused.get_json()["error"]["message"]
    assert client.post("/api/lens/profiles/none/copy", json={}).status_code == 400


def test_the_optics_of_a_lens_are_told_for_the_whole_sensor(client: FlaskClient) -> None:
    nothing = client.get("/api/lens/optics")
    assert nothing.status_code == 400 and "no lens is chosen" in nothing.get_json()["error"]["message"]
    asked = {"id": "zeiss-planar-50-2-zm", "f_number": 4, "distance_m": 2}
    told = ok(client.get("/api/lens/optics", query_string=asked), "LensOptics")
    assert (round(told["equivalent_mm"]), told["circle"], round(told["near_m"], 2)) == (275, "print", 1.97)
    ok(client.patch("/api/lens", json={"id": "rpi-16-1.4-c", "f_number": 8}), "Lenses")
    as_it_stands = ok(client.get("/api/lens/optics", query_string={"circle": "pixel"}), "LensOptics")
    assert (as_it_stands["f_number"], as_it_stands["focal_mm"], as_it_stands["circle_um"]) == (8, 16, 3.1)
    assert as_it_stands["far_m"] is None and as_it_stands["sensor"] == "imx477"
    for bad, says in (
        ({"distance_m": "far"}, "distance_m is 'far'"),
        ({"distance_m": 0.01}, "makes no image"),
        ({"distance_m": "nan"}, "distance_m cannot be nan"),
        ({"circle": "large"}, "no circle of confusion"),
        ({"f_number": 1}, "cannot be set to f/1"),
        ({"id": "none"}, "there is no lens 'none'"),
    ):
        refused = client.get("/api/lens/optics", query_string=bad)
        assert refused.status_code == 400 and says in refused.get_json()["error"]["message"]
    client.patch("/api/lens", json={"id": None})


def test_the_adapter_of_a_lens_is_told_and_one_is_judged(client: FlaskClient) -> None:
    assert client.get("/api/lens/mount").status_code == 400
    asked = {"id": "zeiss-planar-50-2-zm", "adapter_mm": 10.374}
    told = ok(client.get("/api/lens/mount", query_string=asked), "LensMount")
    assert (told["flange_mm"], round(told["ring_mm"], 3)) == (27.8, 10.274)
    assert (round(told["given"]["error_mm"], 3), round(told["given"]["farthest_m"])) == (0.1, 25)
    without = ok(client.get("/api/lens/mount", query_string={**asked, "ring": "false"}), "LensMount")
    assert without["given"]["error_mm"] < -4 and not without["given"]["sharp"]
    ok(client.patch("/api/lens", json={"id": "rpi-16-1.4-c"}), "Lenses")
    assert ok(client.get("/api/lens/mount"), "LensMount")["given"] is None
    for bad, says in (
        ({"adapter_mm": "long"}, "adapter_mm is 'long'"),
        ({"adapter_mm": -1}, "an adapter of -1 mm is none"),
        ({"ring": "maybe"}, "ring is 'maybe'"),
        ({"id": "none"}, "there is no lens 'none'"),
    ):
        refused = client.get("/api/lens/mount", query_string=bad)
        assert refused.status_code == 400 and says in refused.get_json()["error"]["message"]
    client.patch("/api/lens", json={"id": None})


def test_a_coded_lens_is_found_by_its_dots(client: FlaskClient) -> None:
    found = ok(client.get("/api/lens/code/100000"), "CodedLenses")
    assert found["ids"] == ["leica-summilux-m-50-1.4-asph"] and found["from_other_end"] == ["leica-elmarit-m-1-2.8-21"]
    assert client.get("/api/lens/code/10000").status_code == 400


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({}, "names no lens"),
        ({"id": 3}, "names no lens"),
        ({"id": "nikkor"}, "there is no lens 'nikkor'"),
        ({"id": "rpi-16-1.4-c", "f_number": 1.0}, "cannot be set to f/1"),
        ({"id": "rpi-16-1.4-c", "f_number": True}, "f_number is True"),
        ({"id": "rpi-16-1.4-c", "focal_mm": 25}, "cannot be set to 25 mm"),
        ({"id": "rpi-16-1.4-c", "focal_mm": "16"}, "focal_mm is '16'"),
        ({"id": "carl-zeiss-vario-sonnar-t-3.4-35-70-c-y", "focal_mm": 80}, "cannot be set to 80 mm"),
        ({"id": "rpi-16-1.4-c", "f_number": "4"}, "f_number is '4'"),
        ({"id": "rpi-16-1.4-c", "aperture": 4}, "names no lens"),
    ],
)
def test_a_lens_that_is_none_is_refused(client: FlaskClient, body: dict[str, Any], says: str) -> None:
    response = client.patch("/api/lens", json=body)
    assert response.status_code == 400 and says in response.get_json()["error"]["message"]


def test_the_manifest_of_a_series_can_be_had(client: FlaskClient) -> None:
    ok(client.post("/api/drive", json={"mode": "timer", "settings": {"delay_s": 1}}), "Drive")
    eventually(lambda: client.get("/api/drive").get_json()["state"] == "done", "done", 20)
    run = client.get("/api/drive").get_json()
    with client.get(f"/api/drive/{run['id']}/manifest") as answer:
        assert answer.status_code == 200 and answer.mimetype == "application/json"
        named = answer.headers["Content-Disposition"]
        assert named.startswith("attachment") and run["id"] in named
        assert [frame["id"] for frame in answer.get_json()["frames"]] == [run["last"]]


@pytest.mark.parametrize("run_id", ["nothing", "..", "hqcam_running", "%2e%2e%2fsecret"])
def test_a_series_that_is_none_is_not_found(client: FlaskClient, run_id: str) -> None:
    answer = client.get(f"/api/drive/{run_id}/manifest")
    assert answer.status_code == 404 and answer.get_json()["error"]["code"]


@pytest.fixture
def stick(session: Session, storage: Storage, tmp_path: Path) -> FlaskClient:
    """With a USB stick in."""
    mount = tmp_path / "media" / "STICK"
    mount.mkdir(parents=True)
    parts = make_parts(session, storage, Preferences())
    parts.places = Places(storage, Preferences(), drives=lambda: [UsbDrive("STICK", mount)] if mount.exists() else [])
    return create_app(session, storage, Guard(None), parts).test_client()


def test_captures_go_to_the_stick_that_was_chosen(stick: FlaskClient, storage: Storage, tmp_path: Path) -> None:
    places = ok(stick.get("/api/storage"), "Storage")["places"]
    assert [(p["id"], p["current"]) for p in places] == [("home", True), ("STICK", False)] and places[1]["free_bytes"]
    answer = ok(stick.patch("/api/storage", json={"place": "STICK"}), "Storage")
    assert [p["current"] for p in answer["places"]] == [False, True]
    assert stick.post("/api/captures", json={}).status_code == 201
    assert len(list((tmp_path / "media/STICK/hqcam").rglob("*.jpg"))) == 1
    ok(stick.patch("/api/storage", json={"place": "home"}), "Storage")
    assert stick.get("/api/captures").get_json()["captures"] == []


@pytest.mark.parametrize("body", [{}, {"place": 1}, {"place": "OTHER"}, {"place": "home", "more": 1}])
def test_a_place_that_is_none_is_refused(stick: FlaskClient, body: dict[str, Any]) -> None:
    response = stick.patch("/api/storage", json=body)
    assert response.status_code == 400 and response.get_json()["error"]["expected"]


def test_a_mode_is_started_watched_and_cancelled(client: FlaskClient, storage: Storage) -> None:
    modes = ok(client.get("/api/drive/modes"), "DriveModes")["modes"]
    assert [m["name"] for m in modes] == ["single", "timer", "bracket", "interval", "bulb", "burst", "precapture"]
    assert ok(client.get("/api/drive"), "Drive")["state"] == "idle"
    started = ok(client.post("/api/drive", json={"mode": "interval", "settings": {"interval_s": 0.5}}), "Drive")
    assert started["state"] == "running" and client.get("/api/status").get_json()["drive"] == "running"
    eventually(lambda: client.get("/api/drive").get_json()["taken"] >= 1, "a shot")
    for busy in (client.post("/api/drive", json={"mode": "single"}), client.post("/api/captures", json={})):
        assert busy.status_code == 409 and busy.get_json()["error"]["code"] == "drive_busy"
    ended = ok(client.delete("/api/drive"), "Drive")
    assert ended["state"] == "cancelled" and len(storage.list()) == ended["taken"] >= 1
    assert client.post("/api/captures", json={}).status_code == 201


def test_what_a_bracket_cannot_reach_is_said_before_it_begins(
    simulated: FlaskClient, client: FlaskClient, storage: Storage
) -> None:
    def plan(of: FlaskClient, mode: str, **settings: Any) -> list[str]:
        answer = ok(of.post("/api/drive/plan", json={"mode": mode, "settings": settings}), "DrivePlan")
        return list(answer["warnings"])

    assert plan(simulated, "bracket", count=3, step_ev=1) == []
    (said,) = plan(simulated, "bracket", count=9, step_ev=4)
    assert "of 9 steps are out of reach" in said and "-16 EV becomes -" in said
    answer = simulated.post("/api/drive/plan", json={"mode": "bracket", "settings": {"count": 3, "step_ev": 2}})
    times_s = [1 / float(time.removeprefix("1/").removesuffix(" s")) for time in answer.get_json()["plan"].split(", ")]
    assert [time_s / times_s[0] for time_s in times_s] == pytest.approx([1, 1 / 4, 4], rel=0.1), answer.get_json()
    assert plan(simulated, "single") == [] and plan(client, "bracket", count=9) == [], "a replay is never exposed"
    refused = simulated.post("/api/drive/plan", json={"mode": "bracket", "settings": {"count": 99}})
    assert refused.status_code == 400 and "count is 99" in refused.get_json()["error"]["message"]
    assert storage.list() == [] and ok(simulated.get("/api/drive"), "Drive")["state"] == "idle"


def test_the_plan_of_an_interval_is_said_and_follows_the_position_that_was_told(
    client: FlaskClient, storage: Storage
) -> None:
    def plan(**settings: Any) -> TestResponse:
        return client.post("/api/drive/plan", json={"mode": "interval", "settings": settings})

    assert ok(plan(interval_s=10, count=360), "DrivePlan")["plan"].startswith("360 shots in 59.8 min, about ")
    assert "14.4 s of film" in ok(plan(interval_s=10, count=360), "DrivePlan")["plan"]
    assert ok(client.post("/api/drive/plan", json={"mode": "single"}), "DrivePlan")["plan"] == ""
    assert ok(client.get("/api/position"), "KeptPosition") == {"position": None}
    for refused in (plan(daily="sunrise..sunset"), plan(daily="6-20"), plan(days=2)):
        assert refused.status_code == 400 and refused.get_json()["error"]["expected"]
    told = {"latitude_deg": 52.52, "longitude_deg": -13.41}
    assert ok(client.put("/api/position", json=told), "KeptPosition") == {"position": told}
    assert "open " in ok(plan(daily="sunrise..sunset", days=2), "DrivePlan")["plan"]
    assert ok(client.delete("/api/position"), "KeptPosition") == {"position": None}
    assert plan(daily="sunrise..sunset").status_code == 400 and storage.list() == []


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"latitude_deg": 52.5},
        {"latitude_deg": 91, "longitude_deg": 0},
        {"latitude_deg": 0, "longitude_deg": -181},
        {"latitude_deg": "52", "longitude_deg": 0},
        {"latitude_deg": None, "longitude_deg": 0},
        {"latitude_deg": 52, "longitude_deg": 13, "altitude_m": 30},
    ],
)
def test_a_position_that_is_none_is_refused(client: FlaskClient, body: dict[str, Any]) -> None:
    response = client.put("/api/position", json=body)
    assert response.status_code == 400 and response.get_json()["error"]["expected"]
    assert client.get("/api/position").get_json() == {"position": None}


@pytest.mark.parametrize(
    ("method", "body", "says"),
    [
        ("post", {}, "names no mode"),
        ("post", {"mode": "panorama"}, "unknown drive mode 'panorama'"),
        ("post", {"mode": "timer", "settings": {"delay_s": -1}}, "delay_s is -1"),
        ("post", {"mode": "timer", "settings": []}, "names no mode"),
        ("post", {"mode": "timer", "more": 1}, "names no mode"),
        ("patch", {"trigger": True}, "nothing waits for a press"),
        ("patch", {"trigger": 1.5}, "is no press"),
    ],
)
def test_bad_requests_to_the_drive_are_named(client: FlaskClient, method: str, body: dict[str, Any], says: str) -> None:
    response = client.open("/api/drive", method=method.upper(), json=body)
    assert response.status_code == 400 and says in response.get_json()["error"]["message"]
