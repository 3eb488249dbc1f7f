"""Copies of pictures over HTTP: sizes, metadata, what is made once, and how many at a time."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any
from unittest import mock

import pytest
from flask.testing import FlaskClient
from helpers import eventually
from PIL import Image

from device.captures.storage import Storage
from device.raw import copies as made_copies
from web.errors import Busy
from web.transfer import slots as slots_module
from web.transfer.slots import Slots

ORIENTATION = 0x0112


@pytest.fixture
def shot(simulated: FlaskClient) -> dict[str, Any]:
    simulated.patch("/api/orientation", json={"rotation_deg": 180})
    response = simulated.post("/api/captures", json={})
    simulated.patch("/api/orientation", json={"rotation_deg": 0})
    assert response.status_code == 201, response.get_data(as_text=True)
    return dict(response.get_json())


def test_a_copy_is_made_in_the_size_and_with_the_metadata_that_are_asked_for(
    simulated: FlaskClient, shot: dict[str, Any], storage: Storage
) -> None:
    jpeg, raw = (next(f["url"] for f in shot["files"] if f["kind"] == kind) for kind in ("jpeg", "dng"))
    expected = {
        f"{jpeg}?size=2048": ((2048, 1535), True),
        f"{jpeg}?size=1080&metadata=0": ((1080, 809), False),
        f"{jpeg}?metadata=0": ((4056, 3040), False),
        f"{raw}?size=2048": ((1014, 760), False),
        f"{raw}?size=1080&metadata=0": ((1014, 760), False),
    }
    for url, (size, tells) in expected.items():
        answer = simulated.get(url)
        assert answer.status_code == 200 and answer.mimetype == "image/jpeg", url
        with Image.open(io.BytesIO(answer.data)) as picture:
            picture.load()
            assert picture.size == size and picture.getexif()[ORIENTATION] == 3, url
            assert (len(picture.getexif()) > 1) == tells, url
        with mock.patch.object(made_copies, "smaller") as smaller, mock.patch.object(made_copies, "without_metadata"):
            known = simulated.get(url, headers={"If-None-Match": answer.headers["ETag"]})
        assert (known.status_code, known.data, smaller.called) == (304, b"", False)
        assert int(simulated.head(url).headers["Content-Length"]) == len(answer.data)
    etags = {simulated.get(url).headers["ETag"] for url in expected}
    assert len(etags) == len(expected)
    saved = simulated.get(f"{jpeg}?size=1080&download=1").headers["Content-Disposition"]
    assert saved == f'attachment; filename="{shot["id"]}_1080.jpg"'
    assert {p.suffix for p in storage.root.rglob("*.*") if p.is_file()} <= {".dng", ".jpg", ".json", ""}


@pytest.mark.parametrize("query", ["size=640", "size=", "size=2048px", "metadata=no", "metadata="])
def test_a_copy_that_is_not_made_is_refused(client: FlaskClient, storage: Storage, query: str) -> None:
    kept = storage.save(datetime(2026, 11, 20, tzinfo=UTC), {".jpg": [b"x"]})
    answer = client.get(f"/api/captures/{kept.id}/{kept.id}.jpg?{query}")
    assert answer.status_code == 400 and answer.get_json()["error"]["expected"]


def test_broken_files_and_raw_files_without_metadata_are_refused_in_the_one_shape(
    client: FlaskClient, storage: Storage
) -> None:
    kept = storage.save(datetime(2026, 11, 20, tzinfo=UTC), {".jpg": [b"no picture"], ".dng": [b"II*\0no raw"]})
    for name, query in (("jpg", "size=1080"), ("jpg", "metadata=0"), ("dng", "size=1080"), ("dng", "metadata=0")):
        answer = client.get(f"/api/captures/{kept.id}/{kept.id}.{name}?{query}")
        assert answer.status_code == 400 and answer.get_json()["error"]["message"], (name, query)
    with client.get(f"/api/captures/{kept.id}/{kept.id}.jpg") as original:
        assert original.data == b"no picture", "the file itself can be had"


def test_only_a_few_work_at_once_and_the_next_is_told_to_come_again() -> None:
    slots = Slots(1, waiting=1, what="copies are being made", retry_after_s=3)
    done = threading.Event()

    def work() -> None:
        with slots:
            assert done.wait(60)

    with ThreadPoolExecutor(2) as others:
        working = [others.submit(work) for _ in range(2)]
        eventually(lambda: (slots.taken, slots.waiting) == (1, 1), "one works and one waits")
        with pytest.raises(Busy) as busy:
            slots.take()
        done.set()
        for one in working:
            one.result(60)
    assert busy.value.retry_after_s == 3 and (slots.taken, slots.waiting) == (0, 0)
    with mock.patch.object(slots_module, "WAIT_S", 0.01), slots, pytest.raises(Busy):
        slots.take()
    assert (slots.taken, slots.waiting) == (0, 0)


def test_a_busy_camera_says_when_to_ask_again(
    client: FlaskClient, storage: Storage, monkeypatch: pytest.MonkeyPatch, picture_folder: Any
) -> None:
    data = next(picture_folder.glob("*.jpg")).read_bytes()
    kept = storage.save(datetime(2026, 11, 20, tzinfo=UTC), {".jpg": [data]})

    def refuse(_: Slots) -> None:
        raise Busy("busy", retry_after_s=2)

    enter: Callable[[Slots], None] = refuse
    monkeypatch.setattr(Slots, "__enter__", enter)
    answer = client.get(f"/api/captures/{kept.id}/{kept.id}.jpg?size=1080")
    assert answer.status_code == 503 and answer.headers["Retry-After"] == "2"
    assert answer.get_json()["error"]["code"] == "busy"
