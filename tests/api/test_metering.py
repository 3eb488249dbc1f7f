"""Light meter and grey pick over HTTP."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from tests.api.test_openapi import validate


def test_the_meter_reads_is_calibrated_and_forgets(simulated: FlaskClient) -> None:
    first = simulated.get("/api/meter?area=spot").get_json()
    validate(first, "Meter")
    assert first["area"] == "spot" and first["calibration"] is None and first["simulated"] is True
    answer = simulated.post("/api/meter/calibration", json={"ev100": first["light"]["ev100"] + 1, "area": "spot"})
    assert answer.status_code == 200
    validate(answer.get_json(), "Meter")
    assert answer.get_json()["calibration"]["offset_ev"] == pytest.approx(1, abs=0.05)
    calibration = answer.get_json()["calibration"]
    assert simulated.delete("/api/meter/calibration").get_json()["calibration"] is None
    back = simulated.put("/api/meter/calibration", json=calibration)
    assert back.status_code == 200 and back.get_json()["calibration"] == calibration
    assert simulated.delete("/api/meter/calibration").get_json()["calibration"] is None


def test_a_grey_is_picked_and_white_balance_is_manual(simulated: FlaskClient) -> None:
    answer = simulated.post("/api/controls/grey", json={"x": 0.2, "y": 0.82})
    assert answer.status_code == 200
    validate(answer.get_json(), "Controls")
    assert answer.get_json()["awb"] == "manual"
    assert simulated.get("/api/controls").get_json()["colour_gains"] == answer.get_json()["colour_gains"]
    simulated.patch("/api/controls", json={"awb": "auto"})


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("get", "/api/meter?area=moon", None),
        ("post", "/api/meter/calibration", {}),
        ("post", "/api/meter/calibration", {"ev100": "bright"}),
        ("post", "/api/meter/calibration", {"ev100": True}),
        ("post", "/api/meter/calibration", {"ev100": 40}),
        ("post", "/api/meter/calibration", {"ev100": 10, "area": ["spot"]}),
        ("post", "/api/meter/calibration", {"ev100": 10, "lux": 1}),
        ("put", "/api/meter/calibration", {}),
        ("put", "/api/meter/calibration", {"offset_ev": 31, "ev100": 10, "at": "2026-05-01T12:00:00"}),
        ("put", "/api/meter/calibration", {"offset_ev": 1, "ev100": 40, "at": "2026-05-01T12:00:00"}),
        ("put", "/api/meter/calibration", {"offset_ev": 1, "ev100": 10, "at": "yesterday"}),
        ("put", "/api/meter/calibration", {"offset_ev": "nan", "ev100": 10, "at": "2026-05-01T12:00:00"}),
        ("post", "/api/controls/grey", {"x": 0.5}),
        ("post", "/api/controls/grey", {"x": 1.5, "y": 0.5}),
        ("post", "/api/controls/grey", {"x": None, "y": 0.5}),
    ],
)
def test_nonsense_is_refused(simulated: FlaskClient, method: str, path: str, body: object) -> None:
    response = getattr(simulated, method)(path, **({} if body is None else {"json": body}))
    assert response.status_code == 400 and response.get_json()["error"]["expected"]


def test_a_replay_has_no_light_to_meter_and_no_white_to_balance(client: FlaskClient) -> None:
    reading = client.get("/api/meter").get_json()
    validate(reading, "Meter")
    assert reading["light"] is None and reading["missing"]
    assert client.post("/api/controls/grey", json={"x": 0.5, "y": 0.5}).status_code == 400


def test_words_pictures_and_temperatures_are_asked_over_http(simulated: FlaskClient) -> None:
    camera = simulated.get("/api/camera").get_json()
    assert (
        camera["choices"]["metering"] == ["centre", "spot", "matrix"]
        and "auto" not in camera["choices"]["anti_flicker"]
    )
    grey = [band["first_code"] for band in simulated.get("/api/false-colour").get_json()["stops"]]
    wanted = {
        "metering": "spot",
        "anti_flicker": "50 Hz",
        "contrast": 1.5,
        "awb": "kelvin",
        "colour_temperature_k": 3200,
    }
    changed = simulated.patch("/api/controls", json=wanted).get_json()
    validate(changed, "Controls")
    assert {name: changed[name] for name in wanted} == wanted
    bent = [band["first_code"] for band in simulated.get("/api/false-colour").get_json()["stops"]]
    assert bent != grey, "false colour follows the contrast"
    plain = {"metering": "centre", "anti_flicker": "off", "contrast": 1, "awb": "auto", "colour_temperature_k": None}
    assert simulated.patch("/api/controls", json=plain).status_code == 200
    for refused in (
        {"anti_flicker": "auto"},
        {"metering": "all"},
        {"sharpness": 9},
        {"jpeg_quality": 59},
        {"noise_reduction": True},
    ):
        assert simulated.patch("/api/controls", json=refused).status_code == 400
