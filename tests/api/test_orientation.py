"""The orientation over HTTP: told, refused, and in every frame; pictures that go out alone say how to turn them."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from helpers import frame_of
from PIL import Image

from device.preferences.orientation import Orientation
from device.raw.tags import Tag
from device.session.session import Session
from tests.api.test_shooting import ok
from tests.api.test_viewfinder import parse


@pytest.fixture
def turned_back(simulated_session: Session) -> Iterator[None]:
    yield
    simulated_session.owner_orientation.change({"rotation_deg": 0, "mirrored": False})
    simulated_session.set_controls({"files": "raw+jpeg"})


def frame_turned(client: FlaskClient, exif: int) -> dict[str, Any]:
    """The header of the first frame that is turned like this."""
    sequence = 0
    while True:  # pytest's time limit ends a test that waits in vain
        header, picture, _ = parse(frame_of(client, f"/api/viewfinder/frame?after={sequence}").data)
        sequence = header["sequence"]
        if header["orientation"] == exif:
            with Image.open(io.BytesIO(picture)) as image:
                assert Tag.ORIENTATION not in image.getexif() and image.size[0] > image.size[1], "as the sensor gave it"
            return header


@pytest.mark.usefixtures("turned_back")
def test_each_frame_says_how_to_turn_it_and_so_does_a_picture_alone(simulated: FlaskClient) -> None:
    assert ok(simulated.get("/api/orientation"), "KeptOrientation") == {
        "rotation_deg": 0, "mirrored": False, "exif": 1
    }  # fmt: skip
    frame_turned(simulated, 1)
    for changes, exif in (({"rotation_deg": 90}, 6), ({"mirrored": True}, 7), ({"rotation_deg": 180}, 4)):
        told = ok(simulated.patch("/api/orientation", json=changes), "KeptOrientation")
        assert told["exif"] == exif and changes.items() <= told.items()
        header = frame_turned(simulated, exif)
        assert header["full"]["width"] > header["full"]["height"]
        with Image.open(io.BytesIO(simulated.get("/api/loupe/map").data)) as image:
            assert image.getexif()[Tag.ORIENTATION] == exif
    stream = simulated.get("/stream.mjpg")
    first = next(iter(stream.response))
    stream.close()
    with Image.open(io.BytesIO(first.split(b"\r\n\r\n", 1)[1])) as image:
        assert image.getexif()[Tag.ORIENTATION] == 4


@pytest.mark.usefixtures("turned_back")
def test_what_the_gallery_shows_of_a_raw_file_alone_is_turned_as_its_tag_says(simulated: FlaskClient) -> None:
    ok(simulated.patch("/api/orientation", json={"rotation_deg": 90}), "KeptOrientation")
    ok(simulated.patch("/api/controls", json={"files": "raw"}), "Controls")
    frame_turned(simulated, 6)
    shot = simulated.post("/api/captures", json={}).get_json()
    assert [file["kind"] for file in shot["files"]] == ["dng"]
    for url in (shot["thumbnail_url"], shot["picture_url"]):
        with Image.open(io.BytesIO(simulated.get(url).data)) as image:
            assert image.getexif()[Tag.ORIENTATION] == 6 and image.width > image.height


@pytest.mark.parametrize("body", [{"rotation_deg": 45}, {"rotation_deg": "90"}, {"mirrored": "no"}, {"roll": 1}, []])
def test_what_is_no_orientation_is_refused(simulated: FlaskClient, simulated_session: Session, body: Any) -> None:
    assert simulated.patch("/api/orientation", json=body).status_code == 400
    assert simulated_session.owner_orientation.get() == Orientation()
