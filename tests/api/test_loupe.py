"""The loupe over HTTP."""

from __future__ import annotations

import io

import numpy as np
import pytest
from flask.testing import FlaskClient
from PIL import Image

from device.session.session import Session
from tests.api.test_viewfinder import get_frame

NAMES = ("available", "on", "x", "y")


@pytest.fixture(autouse=True)
def away(simulated: FlaskClient) -> None:
    assert simulated.delete("/api/loupe").get_json() == dict(zip(NAMES, (True, False, None, None), strict=True))


def frame_with(client: FlaskClient, window: dict[str, int] | None) -> tuple[dict[str, object], np.ndarray]:
    after = 0
    for _ in range(40):
        header, jpeg, _ = get_frame(client, after)
        after = header["sequence"]
        if header["window"] == window:
            with Image.open(io.BytesIO(jpeg)) as picture:
                return header, np.asarray(picture.convert("L")).astype(float)
    raise AssertionError(f"no frame of {window}, the last was of {header['window']}")


def test_it_shows_the_pixels_of_a_shot_and_the_map_shows_the_whole(
    simulated: FlaskClient, simulated_session: Session
) -> None:
    whole, _ = frame_with(simulated, None)
    assert simulated.put("/api/loupe", json={"x": 0.42, "y": 0.5}).get_json() == {
        "available": True, "on": True, "x": 0.42, "y": 0.5
    }  # fmt: skip
    window = {"x": 1196, "y": 1140, "width": 1016, "height": 760}
    header, seen = frame_with(simulated, window)
    assert header["mode"]["width"] == 4056 and header["exposure"]["ae_state"] == "locked"
    assert (header["overlay"]["width"], header["overlay"]["height"]) == (508, 380)
    with Image.open(io.BytesIO(simulated.get("/api/loupe/map").data)) as chart:
        assert chart.size == (whole["picture"]["width"], whole["picture"]["height"])
    shot = simulated_session.capture().picture.y
    cut = shot[1140 : 1140 + 760, 1196 : 1196 + 1016].astype(float)
    assert np.corrcoef(cut.ravel(), seen.ravel())[0, 1] > 0.99
    shifted = shot[1140 : 1140 + 760, 1198 : 1198 + 1016].astype(float)
    assert np.abs(cut - seen).mean() < 0.8 * np.abs(shifted - seen).mean(), "to the pixel"
    frame_with(simulated, window)  # a shot does not end it


def test_it_is_pushed_into_the_frame_and_moves(simulated: FlaskClient) -> None:
    for x, y, left, top in ((0, 0, 0, 0), (1, 1, 3040, 2280), (0.5, 0.25, 1520, 380)):
        assert simulated.put("/api/loupe", json={"x": x, "y": y}).status_code == 200
        frame_with(simulated, {"x": left, "y": top, "width": 1016, "height": 760})


def test_what_is_set_meanwhile_counts_and_what_is_automatic_returns(simulated: FlaskClient) -> None:
    simulated.put("/api/loupe", json={"x": 0.5, "y": 0.5})
    simulated.patch("/api/controls", json={"exposure_us": 3000})
    after = 0
    for _ in range(20):
        header, _, _ = get_frame(simulated, after)
        after = header["sequence"]
        if abs(header["exposure"]["exposure_us"] - 3000) < 60:
            break
    assert abs(header["exposure"]["exposure_us"] - 3000) < 60
    simulated.patch("/api/controls", json={"exposure_us": None})
    simulated.delete("/api/loupe")
    header, _ = frame_with(simulated, None)
    assert header["exposure"]["ae_state"] in ("searching", "converged")


@pytest.mark.parametrize(
    "body", [{}, {"x": 0.5}, {"x": "1", "y": 0}, {"x": -0.1, "y": 0}, {"x": 0, "y": 1.01}, {"x": True, "y": 0},
             {"x": 0, "y": 0, "z": 1}]
)  # fmt: skip
def test_a_bad_point_is_named(simulated: FlaskClient, body: dict[str, object]) -> None:
    response = simulated.put("/api/loupe", json=body)
    assert response.status_code == 400 and response.get_json()["error"]["code"] == "bad_control"
    assert simulated.get("/api/loupe").get_json()["on"] is False


def test_a_replay_shows_its_own_pixels(client: FlaskClient) -> None:
    assert client.put("/api/loupe", json={"x": 1, "y": 0}).status_code == 200
    after = 0
    for _ in range(20):
        header, _, _ = get_frame(client, after)
        after = header["sequence"]
        if header["window"]:
            break
    assert header["window"]["y"] == 0
    assert header["picture"]["width"] == header["window"]["width"]


def test_the_spot_measures_the_middle_of_what_it_shows(simulated: FlaskClient) -> None:
    simulated.patch("/api/assists", json={"spot": True, "spot_x": 0.1, "spot_y": 0.1, "spot_size": 0.2})
    try:
        simulated.put("/api/loupe", json={"x": 0.42, "y": 0.5})
        header, seen = frame_with(simulated, {"x": 1196, "y": 1140, "width": 1016, "height": 760})
        spot = header["readings"]["spot"]  # type: ignore[index]
        height, width = seen.shape
        middle = seen[int(0.4 * height) : int(0.6 * height), int(0.4 * width) : int(0.6 * width)].mean()
        corner = seen[: int(0.2 * height), : int(0.2 * width)].mean()
        assert abs(spot["ire"] - middle / 2.55) < 2 < abs(spot["ire"] - corner / 2.55)
    finally:
        simulated.patch("/api/assists", json={"spot": False, "spot_x": 0.5, "spot_y": 0.5, "spot_size": 0.02})
