"""The routes of uploads: what is shown and what never is, trying out before adding, and bad input."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from helpers import eventually, run
from upload_servers import IMMICH, Faults, serving

from device.captures.storage import Storage
from device.preferences.store import Preferences
from device.session.session import Session
from web.app import create_app
from web.context import make_parts
from web.guard import Guard


@pytest.fixture
def uploads(session: Session, storage: Storage, tmp_path: Path) -> Iterator[FlaskClient]:
    parts = make_parts(session, storage, Preferences(), uploads_file=tmp_path / "uploads.json")
    parts.uploader.start()
    yield create_app(session, storage, Guard(None), parts).test_client()
    parts.close()


def shown(client: FlaskClient) -> dict[str, Any]:
    (one,) = client.get("/api/uploads").get_json()["destinations"]
    assert isinstance(one, dict)
    return one


def webdav(port: int, **values: Any) -> dict[str, Any]:
    return {"name": "cloud", "kind": "webdav", "address": f"http://127.0.0.1:{port}/", **values}


def test_a_place_is_added_sent_to_changed_and_removed(uploads: FlaskClient, storage: Storage) -> None:
    storage.save(datetime(2026, 11, 20, 12).astimezone(), {".jpg": [b"one"], ".dng": [b"raw"]})
    with serving(user="Basic YWRhOlp1ZjRsbA==") as server:
        body = webdav(server.port, user="ada", secret="Zuf4ll", everything=True)
        added = uploads.post("/api/uploads", json=body)
        assert added.status_code == 201
        assert "Zuf4ll" not in added.text
        eventually(lambda: shown(uploads)["progress"]["sent"] == 2, "both files")
        assert sorted(server.whole.values()) == [b"one", b"raw"]
        one = shown(uploads)
        assert one["has_secret"] and one["user"] == "ada" and "Zuf4ll" not in json.dumps(one)
        wrong = uploads.patch("/api/uploads/cloud", json={"secret": "other"})
        assert (wrong.status_code, wrong.get_json()["error"]["code"]) == (502, "destination_needs_owner")
        changed = uploads.patch("/api/uploads/cloud", json={"paused": True, "files": "jpeg", "networks": ["Home"]})
        assert changed.status_code == 200
        eventually(lambda: shown(uploads)["progress"]["state"] == "paused", "it is paused")
        one = shown(uploads)
        assert (one["files"], one["networks"]) == ("jpeg", ["Home"])
        assert uploads.delete("/api/uploads/cloud").get_json()["destinations"] == []
        assert uploads.post("/api/uploads/cloud/retry", json={}).status_code == 404


def test_what_cannot_be_reached_is_added_only_without_a_check(uploads: FlaskClient) -> None:
    refused = uploads.post("/api/uploads", json=webdav(1))
    assert refused.status_code == 502
    error = refused.get_json()["error"]
    assert error["code"] == "destination_unreachable" and "cannot be reached" in error["message"] and error["remedy"]
    assert uploads.get("/api/uploads").get_json()["destinations"] == []
    assert uploads.post("/api/uploads", json=webdav(1, check=False)).status_code == 201


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"kind": "ftp"}, "webdav, immich"),
        ({"address": "ftp://x"}, "https://"),
        ({"address": "http://a b/"}, "%20"),
        ({"address": "http://u:p@h/"}, "in their fields"),
        ({"address": "http://[::1"}, "https://"),
        ({"address": "http://h:99999/"}, "https://"),
        ({"name": ""}, "1 to 40"),
        ({"name": "a/b"}, "1 to 40"),
        ({"name": 7}, "characters"),
        ({"user": "a:b"}, "without"),
        ({"secret": "a\nb"}, "line ends"),
        ({"files": "tiff"}, "all, jpeg, raw"),
        ({"networks": "Home"}, '["Home"]'),
        ({"networks": [1]}, "characters"),
        ({"networks": ["x"] * 21}, "at most 20"),
        ({"paused": "yes"}, "true or false"),
        ({"check": 1}, "true or false"),
        ({"fingerprint": "00"}, "64 digits"),
        ({"other_disk": True}, "address"),
        ({"kind": "folder", "address": "relative"}, "begins with /"),
        ({"kind": "folder", "address": "/tmp", "secret": "x"}, "path alone"),
        ({"kind": "immich"}, "API key"),
    ],
    ids=str,
)
def test_bad_input_is_refused_by_what_is_expected(uploads: FlaskClient, change: dict[str, Any], words: str) -> None:
    answer = uploads.post("/api/uploads", data=json.dumps({**webdav(1), **change}), content_type="application/json")
    assert answer.status_code == 400
    assert words in answer.get_json()["error"]["expected"]
    assert uploads.get("/api/uploads").get_json()["destinations"] == []


def test_trying_out_leaves_nothing_and_tells_what_is_wrong(uploads: FlaskClient) -> None:
    with serving() as server:
        assert uploads.post("/api/uploads", json=webdav(server.port)).status_code == 201
        assert not server.files
    with serving(faults=Faults(all_answers=403)) as server:
        answer = uploads.post("/api/uploads", json=webdav(server.port, name="other"))
        assert "may not write" in answer.get_json()["error"]["message"]
    with serving(IMMICH, user="key") as server:
        address = f"http://127.0.0.1:{server.port}"
        body = {"name": "photos", "kind": "immich", "address": address, "secret": "wrong"}
        assert uploads.post("/api/uploads", json=body).status_code == 502
        assert uploads.post("/api/uploads", json={**body, "secret": "key"}).status_code == 201


def test_a_certificate_that_nobody_signed_is_told_and_can_be_trusted(
    uploads: FlaskClient, storage: Storage, tmp_path: Path
) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subject = ["-subj", "/CN=nas", "-addext", "subjectAltName=IP:127.0.0.1"]
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    run([*made, "-days", "2", "-keyout", key, "-out", certificate, *subject], check=True)
    printed = run(["openssl", "x509", "-in", certificate, "-noout", "-fingerprint", "-sha256"], text=True, check=True)
    fingerprint = printed.stdout.strip().partition("=")[2].replace(":", "").lower()
    storage.save(datetime.now(UTC), {".jpg": [b"one"]})
    with serving(certificate=(certificate, key)) as server:
        body = {"name": "nas", "kind": "webdav", "address": f"https://127.0.0.1:{server.port}/"}
        error = uploads.post("/api/uploads", json=body).get_json()["error"]
        assert "cannot be verified" in error["message"] and fingerprint in error["message"]
        other = uploads.post("/api/uploads", json={**body, "fingerprint": "0" * 64}).get_json()["error"]
        assert "another certificate" in other["message"]
        trusting = {**body, "fingerprint": fingerprint, "everything": True}
        assert uploads.post("/api/uploads", json=trusting).status_code == 201
        eventually(lambda: shown(uploads)["progress"]["sent"] == 1, "it is sent")
        uploads.delete("/api/uploads/nas")
