"""Jobs in the background over HTTP: raw files are developed into further files of their captures."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flask.testing import FlaskClient
from helpers import eventually
from PIL import Image
from plain_dng import plain_dng

from device.captures.storage import Storage
from device.preferences.store import Preferences
from device.session.session import Session
from web.app import create_app
from web.context import Parts, make_parts
from web.guard import Guard

TAKEN = datetime(2026, 11, 20, 21, 45, 1, tzinfo=UTC)
Validate = Callable[[Any, str], None]


@pytest.fixture
def parts(session: Session, storage: Storage, tmp_path: Path) -> Iterator[Parts]:
    parts = make_parts(session, storage, Preferences(), jobs_file=tmp_path / "jobs.json")
    yield parts
    parts.close()


@pytest.fixture
def worker(session: Session, storage: Storage, parts: Parts) -> FlaskClient:
    return create_app(session, storage, Guard(None), parts).test_client()


@pytest.fixture
def shot(storage: Storage) -> str:
    return storage.save(TAKEN, {".dng": [plain_dng(np.full((120, 160), 800, np.uint16), 12)]}).id


def ended(client: FlaskClient, job: dict[str, Any]) -> dict[str, Any]:
    def now() -> dict[str, Any]:
        jobs: list[dict[str, Any]] = client.get("/api/jobs").get_json()["jobs"]
        return next(one for one in jobs if one["id"] == job["id"])

    eventually(lambda: now()["state"] not in ("waiting", "running"), "the job has ended")
    return now()


def test_a_raw_file_is_developed_into_files_of_its_capture(worker: FlaskClient, shot: str, storage: Storage) -> None:
    other = storage.save(TAKEN, {".jpg": [b"no raw"]}).id
    settings = {"ev": 1, "crop": "1:1", "white_balance": "auto"}
    first = worker.post("/api/jobs", json={"kind": "develop", "ids": [shot, other], "settings": settings})
    assert first.status_code == 201 and (first.get_json()["total"], first.get_json()["without"]) == (1, 1)
    tiff = {"kind": "develop", "ids": [shot], "settings": {"format": "tiff"}}
    done = [ended(worker, job) for job in (first.get_json(), worker.post("/api/jobs", json=tiff).get_json())]
    assert [(job["state"], job["done"], job["error"]) for job in done] == [("done", 1, None)] * 2, done
    names = [f"{shot}_developed.jpg", f"{shot}_developed-2.tif"]
    assert [job["results"][0]["name"] for job in done] == names and done[0]["results"][0]["capture"] == shot
    with Image.open(io.BytesIO(worker.get(done[0]["results"][0]["url"]).data)) as image:
        assert image.size == (120, 120)

    listed = worker.get("/api/captures").get_json()["captures"]
    assert [one["id"] for one in listed] == [other, shot]
    kinds = {file["name"]: file["kind"] for file in listed[1]["files"]}
    assert kinds == {f"{shot}.dng": "dng", names[0]: "developed_jpeg", names[1]: "developed_tiff"}
    served = worker.get(f"/api/captures/{shot}/{names[1]}")
    assert served.mimetype == "image/tiff" and served.data[:4] == b"II*\0"
    assert worker.get(f"/api/captures/{shot}/{names[1]}?size=1080").status_code == 400
    with zipfile.ZipFile(io.BytesIO(worker.get(f"/api/captures/zip?id={shot}").data)) as archive:
        assert set(archive.namelist()) == set(kinds)
    assert worker.delete(f"/api/captures/{shot}").status_code == 204
    assert not list(storage.root.glob(f"*/{shot}[._]*"))


def test_a_picture_that_cannot_be_developed_costs_itself_alone(
    worker: FlaskClient, shot: str, storage: Storage
) -> None:
    broken = storage.save(TAKEN, {".dng": [b"II*\0 no raw file"]}).id
    job = ended(worker, worker.post("/api/jobs", json={"kind": "develop", "ids": [broken, shot]}).get_json())
    assert (job["state"], job["failed"], len(job["results"])) == ("done", 1, 1)
    assert job["failures"][0]["what"] == broken and job["failures"][0]["error"]["code"] == "bad_file"
    job = ended(worker, worker.post("/api/jobs", json={"kind": "develop", "ids": [broken]}).get_json())
    assert job["state"] == "failed" and job["error"] == job["failures"][0]["error"]


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        ({}, 400, "the body names no kind of job"),
        ({"kind": "paint"}, 400, "'paint' is no kind of job"),
        ({"kind": "develop"}, 400, "no captures are named"),
        ({"kind": "develop", "ids": ["nothing"]}, 404, "there is no capture 'nothing'"),
        ({"kind": "develop", "ids": ["nothing"], "settings": 1}, 400, "the settings are no object"),
        ({"kind": "develop", "ids": ["nothing"], "settings": {"ev": 9}}, 400, "ev is 9, out of range"),
        ({"kind": "develop", "ids": ["nothing"], "settings": {"cut_top": 60, "cut_bottom": 60}}, 400, "are cut off"),
        ({"kind": "develop", "ids": ["nothing"], "loud": True}, 400, "unknown argument 'loud'"),
    ],
)
def test_what_cannot_be_done_is_refused_at_once(
    body: dict[str, Any], status: int, says: str, worker: FlaskClient
) -> None:
    answer = worker.post("/api/jobs", json=body)
    assert answer.status_code == status and says in answer.get_json()["error"]["message"]
    assert worker.get("/api/jobs").get_json() == {"jobs": []}


def test_what_is_missing_is_said_before_anything_is_queued(
    worker: FlaskClient, shot: str, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = {"kind": "develop", "ids": [shot]}
    without_raw = storage.save(TAKEN, {".jpg": [b"no raw"]}).id
    refused = worker.post("/api/jobs", json={**body, "ids": [without_raw]})
    assert refused.status_code == 400 and "none of these captures has a raw file" in refused.get_data(as_text=True)
    with monkeypatch.context() as patched:
        patched.setattr(storage, "free_bytes", lambda: 2**20)
        full = worker.post("/api/jobs", json=body)
        assert full.status_code == 507 and full.get_json()["error"]["code"] == "storage_full"
    monkeypatch.setattr("device.develop.picture.find_spec", lambda _: None)
    missing = worker.post("/api/jobs", json=body)
    assert missing.status_code == 501 and missing.get_json()["error"]["remedy"] == "install hqcam again with [develop]"
    assert worker.get("/api/jobs").get_json() == {"jobs": []}


def test_jobs_are_cancelled_forgotten_and_go_on_after_a_restart(
    worker: FlaskClient, shot: str, parts: Parts, session: Session, storage: Storage, tmp_path: Path
) -> None:
    ids = [worker.post("/api/jobs", json={"kind": "develop", "ids": [shot]}).get_json()["id"] for _ in range(3)]
    left = worker.delete(f"/api/jobs/{ids[2]}").get_json()["jobs"]
    assert [job["state"] for job in left][2] == "cancelled"
    assert [job["id"] for job in worker.delete(f"/api/jobs/{ids[2]}").get_json()["jobs"]] == ids[:2]
    assert worker.delete(f"/api/jobs/{ids[2]}").status_code == 404
    parts.close()
    assert len(json.loads((tmp_path / "jobs.json").read_text())) == 2
    again = make_parts(session, storage, Preferences(), jobs_file=tmp_path / "jobs.json")
    try:
        again.take_up_jobs()
        client = create_app(session, storage, Guard(None), again).test_client()
        assert ended(client, {"id": ids[1]})["state"] in ("done", "failed")  # failed: it was under way
        assert ended(client, {"id": ids[0]})["state"] in ("done", "failed")
    finally:
        again.close()
