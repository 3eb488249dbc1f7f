"""The newest frame for other programs: its identity, its size, and that it is never an old one."""

from __future__ import annotations

import io
import time
from unittest import mock

import pytest
from flask.testing import FlaskClient
from helpers import eventually
from PIL import Image
from werkzeug.test import TestResponse

from device.session.session import Session

ORIENTATION = 0x0112


def snapshot(client: FlaskClient, query: str = "", headers: dict[str, str] | None = None) -> TestResponse:
    """Ask until there is a frame: on a machine that stands still there may be none for a while."""
    answers: list[TestResponse] = []

    def asked() -> bool:
        answers.append(client.get(f"/snapshot.jpg{query}", headers=headers or {}))
        return answers[-1].status_code != 503

    eventually(asked, "a frame")
    return answers[-1]


def test_a_snapshot_is_the_newest_frame_and_says_which(simulated: FlaskClient) -> None:
    before_ms = 1000 * time.time() - 600_000
    first, second = snapshot(simulated), snapshot(simulated, "?width=400")
    sizes = []
    for answer in (first, second):
        assert answer.status_code == 200 and answer.mimetype == "image/jpeg"
        assert before_ms < float(answer.headers["X-Frame-Captured-Ms"]) < 1000 * time.time() + 1000
        assert answer.headers["X-Frame-Simulated"] == "true" and answer.headers["Last-Modified"].endswith("GMT")
        with Image.open(io.BytesIO(answer.data)) as picture:
            sizes.append(picture.size)
    assert sizes == [(1014, 760), (506, 380)]
    assert int(second.headers["X-Frame-Sequence"]) >= int(first.headers["X-Frame-Sequence"])
    for width in ("x", "-1", ""):
        assert simulated.get(f"/snapshot.jpg?width={width}").status_code == 400


def test_a_frame_that_the_client_has_is_not_sent_again(simulated_session: Session, simulated: FlaskClient) -> None:
    view = simulated_session.wait_view(0, 60)
    assert view is not None
    with mock.patch.object(Session, "wait_view", return_value=view):
        answer = snapshot(simulated)
        same = snapshot(simulated, headers={"If-None-Match": answer.headers["ETag"]})
        assert (same.status_code, same.data) == (304, b"") and same.headers["ETag"] == answer.headers["ETag"]
        assert snapshot(simulated, "?width=400", {"If-None-Match": answer.headers["ETag"]}).status_code == 200
        later = snapshot(simulated, headers={"If-Modified-Since": answer.headers["Last-Modified"]})
        assert later.status_code == 200, "two frames of one second have one date"
    eventually(lambda: snapshot(simulated).headers["ETag"] != answer.headers["ETag"], "another frame")


def test_a_turned_camera_is_told_in_the_exif(simulated: FlaskClient) -> None:
    try:
        simulated.patch("/api/orientation", json={"rotation_deg": 180})

        def orientation() -> int | None:
            with Image.open(io.BytesIO(snapshot(simulated).data)) as picture:
                return picture.getexif().get(ORIENTATION)

        eventually(lambda: orientation() == 3, "a frame of the turned camera")
    finally:
        simulated.patch("/api/orientation", json={"rotation_deg": 0})


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_lost_camera_gives_no_old_frame(unplugged: FlaskClient, method: str) -> None:
    answer = unplugged.open("/snapshot.jpg", method=method)
    assert answer.status_code == 503
    if method == "GET":
        assert answer.get_json()["error"]["message"] and answer.get_json()["error"]["remedy"]


def test_a_camera_that_is_lost_while_a_frame_is_waited_for_gives_none(
    simulated_session: Session, simulated: FlaskClient
) -> None:
    view = simulated_session.wait_view(0, 60)
    states = iter(["live", "lost"])
    status = mock.PropertyMock(side_effect=lambda: mock.Mock(state=next(states), message="", remedy=""))
    with mock.patch.object(Session, "status", status), mock.patch.object(Session, "wait_view", return_value=view):
        answer = simulated.get("/snapshot.jpg")
    assert answer.status_code == 503 and "lost" in answer.get_json()["error"]["message"]
