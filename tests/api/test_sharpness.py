"""Sharpness of an edge over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from edge_pictures import true_mtf50, values
from flask.testing import FlaskClient
from helpers import eventually
from plain_dng import plain_dng

from device.captures.storage import Storage
from device.drivers.replay import ReplayCamera
from device.session.session import Session
from tests.api.test_openapi import validate
from web.app import create_app
from web.guard import Guard

EDGE = {"x": 0.06, "y": 0.44}  # of the built-in scene


def test_an_edge_of_a_raw_frame_is_measured(
    make_session: Callable[..., Session], storage: Storage, tmp_path: Path
) -> None:
    folder = tmp_path / "played"
    folder.mkdir()
    samples = np.rint(216 + 2800 * values("gauss", 0.7, 5.0)).astype(np.uint16)
    (folder / "edge.dng").write_bytes(plain_dng(samples, 12))
    session = make_session(lambda: ReplayCamera(folder))
    session.wait_open(60)
    eventually(lambda: session.status.state == "live", "live")
    asked = create_app(session, storage, Guard(None)).test_client()
    answer = asked.post("/api/sharpness", json={"x": 0.55, "y": 0.5})
    assert answer.status_code == 200, answer.get_json()
    found = answer.get_json()
    validate(found, "Sharpness")
    assert found["mtf50"] == pytest.approx(true_mtf50("gauss", 0.7, 5.0), rel=0.02)
    assert found["mtf50_lp_mm"] is None and found["f_number_from"] == "", "of a replay no pixel is known"
    refused = asked.post("/api/sharpness", json={"x": 0.05, "y": 0.05})
    assert refused.status_code == 400 and refused.get_json()["error"]["code"] == "edge_refused"


def test_the_simulated_camera_is_told_in_line_pairs_beside_its_lens(simulated: FlaskClient) -> None:
    found = simulated.post("/api/sharpness", json=EDGE).get_json()
    validate(found, "Sharpness")
    assert found["binning"] == 2 and found["f_number_from"] == "frame" and found["pixel_mtf50"] is None
    assert found["mtf50_lp_mm"] == pytest.approx(found["mtf50"] * 1000 / 1.55)
    assert found["mtf50_lp_mm"] < found["diffraction_lp_mm"]


def test_without_raw_samples_and_for_nonsense_it_is_refused(client: FlaskClient) -> None:
    answer = client.post("/api/sharpness", json={"x": 0.5, "y": 0.5})
    assert answer.status_code == 400 and "no raw samples" in answer.get_json()["error"]["message"]
    for body in ({}, {"x": 2, "y": 0.5}, {"x": 0.5}, {"x": "a", "y": 0.5}):
        assert client.post("/api/sharpness", json=body).status_code == 400
