"""A folder of captures in which anything may be, and others at work: what is told of it, and that nothing is lost."""

from __future__ import annotations

import errno
import io
import os
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest import mock

import pytest
from flask import Flask
from flask.testing import FlaskClient

from device import host
from device.captures.storage import RESERVE_BYTES, Storage
from device.session.session import Session
from web.app import create_app
from web.guard import Guard

TAKEN = datetime(2026, 11, 20, tzinfo=UTC)


@pytest.fixture
def ids(storage: Storage) -> list[str]:
    """Six captures of no picture at all: broken files."""
    return [
        storage.save(TAKEN + timedelta(seconds=n), {".dng": [b"%d" % n], ".jpg": [b"\xff\xd8%d" % n]}).id
        for n in range(6)
    ]


def listed(client: FlaskClient) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get("/api/captures").get_json()["captures"]
    return found


def test_broken_and_foreign_files_are_listed_and_told_to_be_so(
    client: FlaskClient, storage: Storage, ids: list[str]
) -> None:
    day = storage.get(ids[0]).files[0].path.parent
    (day / "from-a-phone.jpg").write_bytes(b"no picture")
    (day / "empty.dng").touch()
    assert [one["id"] for one in listed(client)] == [*reversed(ids), "from-a-phone", "empty"]
    for one in ("from-a-phone", "empty", ids[0]):
        answer = client.get(f"/api/captures/{one}/thumbnail")
        assert answer.status_code == 400 and answer.get_json()["error"]["expected"], one
    with client.get("/api/captures/from-a-phone/from-a-phone.jpg") as whole:
        assert whole.data == b"no picture"


AWKWARD = [b"two words.jpg", b'a"quote.jpg', b"new\nline.dng", b"..jpg", b"\xff\xfe.jpg", b"n" * 251 + b".jpg"]


@pytest.mark.parametrize("name", AWKWARD)
def test_no_name_stops_a_list_or_a_deletion_and_its_file_stays(
    client: FlaskClient, storage: Storage, ids: list[str], name: bytes
) -> None:
    path = os.path.join(os.fsencode(storage.get(ids[0]).files[0].path.parent), name)
    with open(path, "xb") as file:
        file.write(b"somebody's")
    assert [one["id"] for one in listed(client)] == ids[::-1]
    told = client.post("/api/captures/delete", json={"ids": ids})
    assert told.status_code == 200 and listed(client) == []
    with open(path, "rb") as file:
        assert file.read() == b"somebody's"


def test_what_vanishes_while_it_is_listed_hides_no_other(
    client: FlaskClient, storage: Storage, ids: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from device.captures import capture
    from device.captures import storage as module

    whole: Callable[..., Any] = capture.capture_of

    def vanishes(stem: str, paths: Any) -> Any:
        if stem == ids[3]:
            for path in paths:
                path.unlink(missing_ok=True)
        return whole(stem, paths)

    monkeypatch.setattr(module, "capture_of", vanishes)
    assert [one["id"] for one in listed(client)] == [one for one in reversed(ids) if one != ids[3]]


def test_two_phones_that_delete_the_same_shots_each_hear_what_became_of_them(
    session: Session, storage: Storage, ids: list[str]
) -> None:
    app: Flask = create_app(session, storage, Guard(None))

    def delete(one: str) -> list[int]:
        with ThreadPoolExecutor(2) as phones:
            asked = [phones.submit(lambda: app.test_client().delete(f"/api/captures/{one}")) for _ in range(2)]
            return sorted(answer.result().status_code for answer in asked)

    assert [delete(one) for one in ids[:5]] == [[204, 404]] * 5
    assert [capture.id for capture in storage.list()] == ids[5:]


def test_a_card_that_fills_while_a_zip_is_sent_changes_nothing_of_it(
    client: FlaskClient, storage: Storage, ids: list[str]
) -> None:
    query = "&".join(f"id={one}" for one in ids)
    full = OSError(errno.ENOSPC, "No space left on device")
    with (
        mock.patch.object(host, "free_bytes", return_value=RESERVE_BYTES),
        mock.patch("device.atomic.os.fsync", side_effect=full),
        client.get(f"/api/captures/zip?{query}") as answer,
    ):
        assert client.get("/api/status").status_code == 200
        with zipfile.ZipFile(io.BytesIO(answer.data)) as opened:
            assert opened.testzip() is None and len(opened.namelist()) == 12
