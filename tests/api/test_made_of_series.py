"""Contact sheets and films over HTTP: of captures, and of a series beside its manifest."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from helpers import eventually
from PIL import Image

from device.captures.shot_audit import Audit, write_record
from device.captures.storage import Storage
from device.drive.manifest import Manifest
from device.preferences.store import Preferences
from device.session.session import Session
from tests.api.test_jobs import ended
from tests.api.test_openapi import validate
from web.app import create_app
from web.context import Parts, make_parts
from web.guard import Guard

START = datetime(2026, 11, 28, 21, 0, 0, tzinfo=UTC)
Take = Callable[..., list[str]]


@pytest.fixture
def parts(session: Session, storage: Storage) -> Iterator[Parts]:
    parts = make_parts(session, storage, Preferences())
    yield parts
    parts.close()


@pytest.fixture
def worker(session: Session, storage: Storage, parts: Parts) -> FlaskClient:
    return create_app(session, storage, Guard(None), parts).test_client()


def jpeg(grey: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (160, 120), (grey, grey, grey)).save(buffer, "JPEG")
    return buffer.getvalue()


@pytest.fixture
def take(storage: Storage) -> Take:
    def take(count: int, manifest: Manifest | None = None) -> list[str]:
        ids = []
        for number in range(count):
            at = START + timedelta(seconds=number)
            capture = storage.save(at, {".jpg": [jpeg(100 + number)]})
            write_record(Audit(()), capture, series=manifest.place if manifest else "")
            if manifest:
                manifest.add({"n": number + 1, "id": capture.id, "taken_at": at.isoformat()})
            ids.append(capture.id)
        return ids

    return take


@pytest.fixture
def series(storage: Storage, take: Take) -> Manifest:
    manifest = Manifest.begin(storage.root, "interval", {}, START, {})
    take(4, manifest)
    manifest.end("done", START)
    return manifest


def job_of(client: FlaskClient, **body: Any) -> dict[str, Any]:
    answer = client.post("/api/jobs", json=body)
    assert answer.status_code == 201, answer.get_json()
    validate(answer.get_json(), "Job")
    job = ended(client, answer.get_json())
    validate(client.get("/api/jobs").get_json(), "Jobs")
    return job


def test_a_series_becomes_a_sheet_and_a_film_beside_its_manifest(
    worker: FlaskClient, series: Manifest, storage: Storage
) -> None:
    ids = [frame["id"] for frame in series.frames]
    jobs = [
        job_of(worker, kind="sheet", series=series.place),
        job_of(worker, kind="sheet", ids=ids[:2]),
        job_of(worker, kind="timelapse", series=series.place, settings={"fps": 12}),
        job_of(worker, kind="timelapse", series=series.place, settings={"deflicker": False}),
    ]
    assert [(job["state"], job["done"], job["error"]) for job in jobs] == [
        ("done", steps, None) for steps in (4, 2, 8, 4)
    ], jobs
    names = [f"{series.id}_sheet.jpg", f"{series.id}_sheet_2.jpg", f"{series.id}.mp4", f"{series.id}_2.mp4"]
    assert [job["results"][0]["name"] for job in jobs] == names
    assert {path.name for path in series.path.parent.iterdir()} >= set(names)

    listed = worker.get(f"/api/drive/{series.id}/files").get_json()
    validate(listed, "SeriesFiles")
    assert {file["name"]: file["kind"] for file in listed["files"]} == {
        name: "film" if name.endswith(".mp4") else "sheet" for name in names
    }
    film = next(file for file in listed["files"] if file["name"] == names[2])
    whole = worker.get(film["url"])
    assert whole.mimetype == "video/mp4" and len(whole.data) == film["bytes"] and whole.data[4:8] == b"ftyp"
    part = worker.get(film["url"], headers={"Range": "bytes=4-7"})
    assert part.status_code == 206 and part.data == b"ftyp"
    assert worker.get(jobs[2]["results"][0]["url"]).data == whole.data
    saved = worker.get(jobs[2]["results"][0]["url"] + "?download=1")
    assert saved.headers["Content-Disposition"].startswith("attachment")
    with Image.open(io.BytesIO(worker.get(jobs[0]["results"][0]["url"]).data)) as sheet:
        assert sheet.size == (4 * 496 + 16, 422 + 16)
    assert [capture["id"] for capture in worker.get("/api/captures").get_json()["captures"]] == ids[::-1], "no others"
    for response in (whole, part, saved):
        response.close()


def test_a_sheet_of_captures_of_no_series_has_a_folder_of_its_own(
    worker: FlaskClient, take: Take, storage: Storage
) -> None:
    ids = take(32)
    broken = storage.get(ids[0]).files[0].path
    broken.write_bytes(b"no picture")
    job = job_of(worker, kind="sheet", ids=ids)
    assert (job["state"], job["failed"], job["failures"][0]["what"]) == ("done", 1, ids[0])
    names = [f"{ids[0]}_and_31_more{page}.jpg" for page in ("", "-2")]
    assert [result["name"] for result in job["results"]] == names
    assert sorted(path.name for path in (storage.root / "sheets").iterdir()) == sorted(names)
    assert worker.get("/api/captures").get_json()["total"] == 32


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        ({"kind": "sheet"}, 400, "no captures are named"),
        ({"kind": "sheet", "ids": ["a"], "series": "b"}, 400, "no captures are named"),
        ({"kind": "sheet", "ids": ["nothing"]}, 404, "there is no capture"),
        ({"kind": "sheet", "series": "../x"}, 404, "there is no series"),
        ({"kind": "timelapse"}, 400, "no series is named"),
        ({"kind": "timelapse", "series": "2026-11-28/x"}, 404, "there is no series"),
        ({"kind": "timelapse", "series": "2026-11-28/x", "settings": {"fps": 0}}, 400, "fps is 0, out of range"),
        ({"kind": "timelapse", "series": "2026-11-28/x", "settings": {"size": "720"}}, 400, "size is '720'"),
    ],
)
def test_what_makes_neither_is_refused_at_once(
    body: dict[str, Any], status: int, says: str, worker: FlaskClient
) -> None:
    answer = worker.post("/api/jobs", json=body)
    assert answer.status_code == status and says in answer.get_json()["error"]["message"]


def test_room_ffmpeg_and_shots_are_checked_before(
    worker: FlaskClient, series: Manifest, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = {"kind": "timelapse", "series": series.place}
    with monkeypatch.context() as patched:
        patched.setattr(storage, "free_bytes", lambda: 1000)
        for full in (body, {"kind": "sheet", "series": series.place}):
            assert worker.post("/api/jobs", json=full).status_code == 507
    with monkeypatch.context() as patched:
        patched.setattr("device.film.encoder.shutil.which", lambda _: None)
        missing = worker.post("/api/jobs", json=body)
        assert missing.status_code == 501 and "sudo apt install ffmpeg" in missing.get_json()["error"]["remedy"]
    for frame in series.frames[1:]:
        storage.delete(frame["id"])
    few = worker.post("/api/jobs", json=body)
    assert few.status_code == 400 and "1 shots of this series are there" in few.get_json()["error"]["message"]
    assert worker.get(f"/api/drive/{series.id}/files").get_json() == {"files": []}
    assert worker.get(f"/api/drive/{series.id}/files/{series.id}.json").status_code == 404
    assert worker.get("/api/drive/nothing/files").status_code == 404
    assert worker.get("/api/jobs/x/results/0").status_code == 404


def test_a_job_that_is_cancelled_leaves_no_film(worker: FlaskClient, series: Manifest) -> None:
    job = worker.post("/api/jobs", json={"kind": "timelapse", "series": series.place}).get_json()
    worker.delete(f"/api/jobs/{job['id']}")
    assert ended(worker, job)["state"] == "cancelled"

    def names() -> list[str]:
        return [path.name for path in Path(series.path.parent).iterdir() if ".mp4" in path.name]

    eventually(lambda: names() == [], "nothing of it is left")
