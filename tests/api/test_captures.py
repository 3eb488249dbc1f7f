"""Shooting, listing and downloading, with full cards, lost cameras and path tricks."""

from __future__ import annotations

import errno
import io
import json
import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from flask.testing import FlaskClient
from helpers import DEADLINE_S, eventually, frame_of
from PIL import Image

from device.captures.order import ORDER_FILE
from device.captures.shot_audit import record_path
from device.captures.storage import Storage
from device.develop.repair import incomplete
from device.errors import BadInput
from device.session.session import Session
from web.app import create_app
from web.guard import Guard


@pytest.fixture
def shot(simulated: FlaskClient) -> dict[str, Any]:
    response = simulated.post("/api/captures", json={})
    assert response.status_code == 201, response.get_data(as_text=True)
    return dict(response.get_json())


def test_a_shot_is_on_disk_listed_and_downloadable(
    simulated: FlaskClient, shot: dict[str, Any], storage: Storage
) -> None:
    assert {f["kind"] for f in shot["files"]} == {"dng", "jpeg"} and shot["simulated"] is True
    with Image.open(io.BytesIO(simulated.get(f"/api/captures/{shot['id']}/preview").data)) as preview:
        assert preview.size == (1014, 760), "that of the raw file"
    assert shot["exposure_us"] > 0 and shot["iso"] >= 100 and shot["taken_at"]
    assert shot["audit"] == {"verdict": "ok", "findings": []}
    listed = simulated.get("/api/captures").get_json()
    assert listed["captures"] == [shot] and listed["shots_left"] > 0
    for file in shot["files"]:
        response = simulated.get(file["url"])
        assert len(response.data) == file["bytes"] == next(storage.root.rglob(file["name"])).stat().st_size
        magic = b"\xff\xd8" if file["kind"] == "jpeg" else b"II*\0"
        assert response.data.startswith(magic)
        response.close()
    attached = simulated.get(shot["files"][0]["url"] + "?download=1")
    assert attached.headers["Content-Disposition"].startswith("attachment")
    attached.close()
    thumbnail = simulated.get(shot["thumbnail_url"])
    assert thumbnail.data[:2] == b"\xff\xd8" and len(thumbnail.data) < 60_000


@pytest.fixture
def wanting(simulated: FlaskClient) -> Iterator[Callable[[str], None]]:
    """Set which files of a shot are kept; afterwards it is both again."""
    yield lambda files: want(simulated, files)
    want(simulated, "raw+jpeg")


def want(client: FlaskClient, files: str) -> None:
    assert client.patch("/api/controls", json={"files": files}).get_json()["files"] == files


@pytest.mark.parametrize("kind", ["raw", "jpeg"])
def test_one_file_is_kept_where_one_is_wanted_and_is_listed_and_shown_as_both_are(
    simulated: FlaskClient, storage: Storage, wanting: Callable[[str], None], kind: str
) -> None:
    wanting(kind)
    shot = simulated.post("/api/captures", json={}).get_json()
    (file,) = shot["files"]
    assert file["kind"] == {"raw": "dng", "jpeg": "jpeg"}[kind] and shot["audit"] == {"verdict": "ok", "findings": []}
    assert [p.suffix for p in storage.root.rglob(f"{shot['id']}.*") if p.suffix != ".json"] == [
        Path(file["name"]).suffix
    ]
    preview = simulated.get(f"/api/captures/{shot['id']}/preview")
    assert preview.status_code == {"raw": 200, "jpeg": 404}[kind]
    assert shot["exposure_us"] > 0 and shot["iso"] >= 100 and shot["taken_at"] and shot["simulated"] is True
    with Image.open(io.BytesIO(simulated.get(shot["thumbnail_url"]).data)) as thumbnail:
        assert thumbnail.width >= (240 if kind == "jpeg" else 320)
    with simulated.get(shot["picture_url"]) as answer, Image.open(io.BytesIO(answer.data)) as picture:
        assert picture.size == {"raw": (1014, 760), "jpeg": (4056, 3040)}[kind]
    assert incomplete(storage) == [], "a raw file alone was asked for"
    assert simulated.get("/api/captures").get_json()["captures"] == [shot]


def test_a_camera_without_raw_keeps_jpegs_alone(client: FlaskClient) -> None:
    refused = client.patch("/api/controls", json={"files": "raw"})
    assert refused.status_code == 400 and refused.get_json()["error"]["expected"] == "one of jpeg"
    assert client.patch("/api/controls", json={"files": "jpeg"}).status_code == 200


def test_a_fault_and_a_missing_record_are_told(simulated: FlaskClient, shot: dict[str, Any], storage: Storage) -> None:
    record = next(storage.root.rglob(f"{shot['id']}.audit.json"))
    found = json.loads(record.read_text())
    found["files"][0]["checks"][0] |= {"verdict": "fault", "told": "torn"}
    record.write_text(json.dumps(found))
    (listed,) = simulated.get("/api/captures").get_json()["captures"]
    assert listed["audit"] == {"verdict": "fault", "findings": ["DNG structure: torn"]}
    record.unlink()
    (listed,) = simulated.get("/api/captures").get_json()["captures"]
    assert listed["audit"] is None


@pytest.mark.parametrize(
    "path",
    [
        "/api/captures/{id}/{id}.audit.json",
        "/api/captures/..%2F..%2Fetc/passwd",
        "/api/captures/../../etc/passwd",
        "/api/captures/hqcam_1/hqcam_1.dng",
        "/api/captures/{id}/..%2Fsettings.json",
        "/api/captures/{id}/%2Fetc%2Fpasswd",
        "/api/captures/{id}/other.jpg",
        "/api/captures/.hqcam_dng.1.part/.hqcam_dng.1.part",
        "/api/captures/nothing/thumbnail",
    ],
)
def test_paths_outside_the_captures_are_not_found(simulated: FlaskClient, shot: dict[str, Any], path: str) -> None:
    response = simulated.get(path.format(id=shot["id"]))
    assert response.status_code == 404 and response.get_json()["error"]["message"]


def test_a_full_card_refuses_and_the_view_goes_on(simulated: FlaskClient, storage: Storage) -> None:
    with mock.patch("shutil.disk_usage", return_value=mock.Mock(free=70 * 2**20)):
        response = simulated.post("/api/captures", json={})
    assert response.status_code == 507 and response.get_json()["error"]["code"] == "storage_full"
    assert frame_of(simulated, "/api/viewfinder/frame?after=0").status_code == 200


def test_a_card_that_fills_while_writing_leaves_nothing(simulated: FlaskClient, storage: Storage) -> None:
    with mock.patch("os.fsync", side_effect=OSError(errno.ENOSPC, "No space left on device")):
        response = simulated.post("/api/captures", json={})
    assert response.status_code == 507 and response.get_json()["error"]["remedy"]
    assert [path for path in storage.root.rglob("*") if not path.is_dir()] == []
    assert frame_of(simulated, "/api/viewfinder/frame?after=0").status_code == 200


def test_a_lost_camera_refuses_with_its_remedy(unplugged: FlaskClient, storage: Storage) -> None:
    response = unplugged.post("/api/captures", json={})
    assert response.status_code == 503 and response.get_json()["error"]["remedy"]
    assert [path for path in storage.root.rglob("*") if not path.is_dir()] == []


@pytest.mark.parametrize("limit", ["0", "-1", "x", "1001", "99999999", ""])
def test_a_bad_limit_is_named(client: FlaskClient, limit: str) -> None:
    response = client.get("/api/captures", query_string={"limit": limit})
    assert response.status_code == 400 and "limit is" in response.get_json()["error"]["message"]


@pytest.mark.parametrize("name", ["offset", "after"])
@pytest.mark.parametrize("value", ["-1", "x", "9" * 13, "", "2026-11-20/../x", "٣"])
def test_a_bad_place_in_the_list_is_named(client: FlaskClient, name: str, value: str) -> None:
    response = client.get("/api/captures", query_string={name: value})
    assert response.status_code == 400 and f"{name} is" in response.get_json()["error"]["message"]


def test_the_list_goes_on_past_a_thousand_and_tells_when_it_changed(client: FlaskClient, storage: Storage) -> None:
    day = storage.root / "2026-11-20"
    day.mkdir()
    for n in range(1100):
        (day / f"old_{n}.dng").touch()
    version = client.get("/api/status").get_json()["captures"]
    new = storage.save(datetime(1970, 1, 1, tzinfo=UTC), {".jpg": [b"x"]})
    assert client.get("/api/status").get_json()["captures"] != version
    first = client.get("/api/captures?limit=1000").get_json()
    assert (first["total"], first["captures"][0]["id"]) == (1101, new.id)
    rest = client.get("/api/captures", query_string={"limit": 1000, "after": first["next"]}).get_json()
    ids = [capture["id"] for capture in first["captures"] + rest["captures"]]
    assert ids == [new.id, *(f"old_{n}" for n in range(1099, -1, -1))] and rest["next"] is None
    beyond = client.get("/api/captures?limit=3&offset=1000").get_json()["captures"]
    assert [capture["id"] for capture in beyond] == ids[1000:1003]
    assert [capture["sequence"] for capture in beyond] == [101, 100, 99]


def test_an_unknown_field_is_named(client: FlaskClient) -> None:
    response = client.post("/api/captures", json={"raw": True})
    assert response.status_code == 400 and "'raw'" in response.get_json()["error"]["message"]


def test_a_capture_is_deleted_for_good(simulated: FlaskClient, shot: dict[str, Any], storage: Storage) -> None:
    path = f"/api/captures/{shot['id']}"
    assert (simulated.delete(path, json={}).status_code, simulated.delete(path, json={}).status_code) == (204, 404)
    assert simulated.get("/api/captures").get_json()["captures"] == []
    assert [p.name for p in storage.root.rglob("*") if not p.is_dir()] == [ORDER_FILE]
    assert simulated.delete("/api/captures/..%2F..%2Fetc", json={}).status_code == 404


def test_a_capture_is_not_deleted_while_it_is_examined_nor_while_its_series_runs(
    simulated: FlaskClient, shot: dict[str, Any], storage: Storage
) -> None:
    assert simulated.post("/api/drive", json={"mode": "interval", "settings": {"interval_s": 60}}).status_code == 202
    eventually(lambda: simulated.get("/api/drive").get_json()["taken"] == 1, "a shot of the series")
    of_series = simulated.get("/api/drive").get_json()["last"]
    refused = simulated.delete(f"/api/captures/{of_series}", json={})
    assert refused.status_code == 409 and "belongs to a series" in refused.get_json()["error"]["message"]
    assert simulated.delete(f"/api/captures/{shot['id']}", json={}).status_code == 204, "another may go"
    simulated.delete("/api/drive")
    with ThreadPoolExecutor(1) as other:
        with storage.save_lock:
            deleting = other.submit(storage.delete, of_series)
            with pytest.raises(TimeoutError):
                deleting.result(0.05)
            assert len(storage.get(of_series).files) == 2
        deleting.result(DEADLINE_S)
    assert storage.list() == []


def test_what_lies_beside_the_pictures_never_breaks_the_list(client: FlaskClient, storage: Storage) -> None:
    found = client.post("/api/captures", json={}).get_json()
    record = record_path(storage.get(found["id"]).files[0].path)
    for hostile in ("[" * 100_000, '{"verdict": "ok", "files": [{"size_bytes": 1e999}]}', "[]", "\ud800"):
        record.write_text(hostile, errors="surrogatepass")
        (listed,) = client.get("/api/captures").get_json()["captures"]
        assert listed["id"] == found["id"] and listed["audit"] is None
    record.unlink()
    os.mkfifo(record)
    assert client.get("/api/captures").status_code == 200


def test_the_status_tells_what_was_set_aside(client: FlaskClient, storage: Storage) -> None:
    assert client.get("/api/status").get_json()["notices"] == []
    storage.notices.say("series", "a manifest was set aside")
    assert client.get("/api/status").get_json()["notices"] == ["a manifest was set aside"]


def test_a_drive_that_was_pulled_leaves_a_page_that_can_choose_another_place(
    client: FlaskClient, storage: Storage, tmp_path: Path
) -> None:
    client.post("/api/captures", json={})
    assert client.get("/api/storage").get_json()["problem"] == ""
    storage.use(tmp_path / "STICK")
    shutil.rmtree(tmp_path / "STICK")
    answer = client.get("/api/storage")
    assert answer.status_code == 200 and answer.get_json()["shots_left"] == 0
    assert "could not be read" in answer.get_json()["problem"]
    assert [(p["id"], p["current"]) for p in answer.get_json()["places"]] == [("home", False)]
    refused = client.get("/api/captures")
    assert refused.status_code == 507 and "written" not in refused.get_json()["error"]["message"]
    chosen = client.patch("/api/storage", json={"place": "home"})
    assert (
        chosen.status_code == 200 and chosen.get_json()["problem"] == "" and chosen.get_json()["places"][0]["current"]
    )
    assert len(client.get("/api/captures").get_json()["captures"]) == 1


@pytest.mark.parametrize("folder", ["pictures", "./a b/ü %41", "..", "", "new\nline", "~", "bad\udcff"])
def test_a_relative_folder_stays_where_it_was_and_its_files_can_be_downloaded(
    folder: str, simulated_session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started, later = tmp_path / "inside" / "started", tmp_path / "later"
    started.mkdir(parents=True)
    later.mkdir()
    monkeypatch.chdir(started)
    storage = Storage(Path(folder))
    storage.prepare()
    monkeypatch.chdir(later)
    client = create_app(simulated_session, storage, Guard(None)).test_client()
    made = client.post("/api/captures", json={})
    assert made.status_code == 201, made.get_data(as_text=True)
    for url in (*(file["url"] for file in made.get_json()["files"]), made.get_json()["thumbnail_url"], "/api/storage"):
        answer = client.get(url)
        assert answer.status_code == 200 and answer.data, url
        answer.close()
    assert not list(later.iterdir()) and storage.root == started / folder


def test_a_relative_folder_of_a_folder_that_is_gone_is_refused_at_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    with pytest.raises(BadInput, match="not there any more"):
        Storage(Path("pictures"))
