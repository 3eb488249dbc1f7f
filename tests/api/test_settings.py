"""Controls, assists, camera and status over HTTP, and every refusal in one shape."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient


def error_of(response: Any) -> dict[str, str]:
    body = response.get_json()
    assert set(body) == {"error"} and set(body["error"]) == {"code", "message", "expected", "remedy"}
    assert body["error"]["code"] and body["error"]["message"]
    error: dict[str, str] = body["error"]
    return error


def test_controls_are_read_changed_and_delivered(simulated: FlaskClient) -> None:
    changed = simulated.patch("/api/controls", json={"exposure_us": 8000, "gain": 2})
    assert changed.status_code == 200
    assert changed.get_json()["exposure_us"] == 8000 and simulated.get("/api/controls").get_json()["gain"] == 2
    assert simulated.patch("/api/controls", json={"exposure_us": None, "gain": None}).get_json()["gain"] is None


def test_the_camera_reports_its_limits_and_modes(simulated: FlaskClient) -> None:
    camera = simulated.get("/api/camera").get_json()
    assert camera["simulated"] is True and camera["mode"] == "2028x1520-12"
    assert camera["limits"]["gain"]["minimum"] == 1 and camera["limits"]["gain"]["maximum"] == pytest.approx(
        22.26, abs=0.01
    )
    assert {m["name"] for m in camera["modes"]} >= {"2028x1520-12", "4056x3040-12", "1332x990-10"}
    assert camera["capabilities"]["lens_control"] is True


def test_false_colours_come_with_their_legend(client: FlaskClient) -> None:
    scales = client.get("/api/false-colour").get_json()
    assert set(scales) == {"ire", "stops"}
    grey = next(band for band in scales["ire"] if band["name"] == "18 % grey")
    assert grey["from_ire"] < 50.6 and grey["from_ev"] < 0 and grey["rgb"] == [40, 190, 60]
    assert scales["stops"][-1]["first_code"] == scales["stops"][-1]["last_code"] == 255


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("/api/controls", {"exposure_us": 1}, "bad_control"),
        ("/api/controls", {"exposure_us": 1e12}, "bad_control"),
        ("/api/controls", {"exposure_us": "1/125"}, "bad_control"),
        ("/api/controls", {"speed": 1}, "bad_control"),
        ("/api/controls", {"gain": 0.5}, "bad_control"),
        ("/api/controls", {"focus_m": -1}, "bad_control"),
        ("/api/assists", {"zebra_high_ire": 101}, "bad_assist"),
        ("/api/assists", {"zebra_high_ire": 69.9}, "bad_assist"),
        ("/api/assists", {"zebra_band_low_ire": 80, "zebra_band_high_ire": 70}, "bad_assist"),
        ("/api/assists", {"peaking": "yes"}, "bad_assist"),
        ("/api/assists", {"spot_x": 1.01}, "bad_assist"),
        ("/api/assists", {"spot_y": -0.1}, "bad_assist"),
        ("/api/assists", {"spot_size": 0}, "bad_assist"),
        ("/api/assists", {"waveform": True}, "bad_assist"),
        ("/api/assists", {"waveform": "rgb"}, "bad_assist"),
        ("/api/assists", {"zebra_high_channel": ["red"]}, "bad_assist"),
        ("/api/assists", {"raw_shadow_ev": 6.1}, "bad_assist"),
        ("/api/assists", {"ettr_tolerance_percent": 5.5}, "bad_assist"),
        ("/api/assists", {"unknown": True}, "bad_assist"),
        ("/api/assists", [1], "bad_request"),
    ],
)
def test_bad_values_are_refused_in_one_shape_and_change_nothing(
    simulated: FlaskClient, path: str, body: object, code: str
) -> None:
    before = simulated.get(path).get_json()
    response = simulated.patch(path, json=body)
    assert response.status_code == 400
    error = error_of(response)
    assert error["code"] == code and error["expected"]
    assert simulated.get(path).get_json() == before


def test_one_bad_value_of_two_applies_neither(simulated: FlaskClient) -> None:
    simulated.patch("/api/controls", json={"ev": 1.0, "gain": 100})
    assert simulated.get("/api/controls").get_json()["ev"] == 0


@pytest.mark.parametrize(
    ("data", "kind"),
    [("{", "application/json"), ("", "application/json"), ("ev=1", "application/x-www-form-urlencoded")],
)
def test_what_is_no_json_object_is_refused(client: FlaskClient, data: str, kind: str) -> None:
    response = client.patch("/api/controls", data=data, content_type=kind)
    assert response.status_code == 400 and error_of(response)["code"] == "bad_request"


def test_an_oversize_body_is_refused(client: FlaskClient) -> None:
    response = client.patch("/api/controls", json={"ev": "x" * 70_000})
    assert response.status_code == 413
    error_of(response)


def test_a_replay_cannot_be_exposed(client: FlaskClient) -> None:
    response = client.patch("/api/controls", json={"exposure_us": 8000})
    assert response.status_code == 400 and "cannot be set on this camera" in error_of(response)["message"]


def test_unknown_paths_and_methods_have_the_same_shape(client: FlaskClient) -> None:
    missing = client.get("/api/nothing")
    assert missing.status_code == 404 and error_of(missing)["code"] == "not_found"
    wrong = client.delete("/api/controls")
    assert wrong.status_code == 405 and error_of(wrong)["code"] == "method_not_allowed"
    assert "PATCH" in wrong.headers["Allow"]


def test_the_revision_rises_with_every_change(client: FlaskClient) -> None:
    before = client.get("/api/status").get_json()["settings_revision"]
    client.patch("/api/assists", json={"peaking": False})
    assert client.get("/api/status").get_json()["settings_revision"] == before + 1


def test_every_answer_carries_the_security_headers(client: FlaskClient) -> None:
    for path in ("/api/status", "/", "/api/nothing", "/static/main.js"):
        response = client.get(path)
        assert "default-src 'self'" in response.headers["Content-Security-Policy"]
        assert "unsafe" not in response.headers["Content-Security-Policy"]
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        response.close()
