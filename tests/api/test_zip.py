"""Many captures as one zip: what is in it, what breaks it off, and who else is served meanwhile."""

from __future__ import annotations

import http.client
import io
import random
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from unittest import mock

import pytest
from flask import Flask
from flask.testing import FlaskClient
from helpers import asked_slowly, eventually

from device.captures.capture import StoredFile
from device.captures.storage import Storage
from device.errors import NotFound
from device.preferences.store import Preferences
from device.session.session import Session
from web.app import create_app
from web.context import Parts, make_parts
from web.guard import Guard
from web.transfer import zip as zips
from web.transfer.zip import AT_ONCE, SELECTIONS_MOST, select

LARGE = 300 * 2**20  # sparse, and more than sockets take unread


@pytest.fixture
def ids(storage: Storage) -> list[str]:
    """Three captures: raw and JPEG, raw alone, JPEG alone."""
    data = random.Random(3)
    files = ((".dng", ".jpg"), (".dng",), (".jpg",))
    taken = datetime(2026, 11, 20, tzinfo=UTC)
    return [storage.save(taken, {suffix: [data.randbytes(200_000)] for suffix in some}).id for some in files]


def contents(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        assert opened.testzip() is None
        assert all(info.compress_type == zipfile.ZIP_STORED for info in opened.infolist())
        return {name: opened.read(name) for name in opened.namelist()}


def on_disk(storage: Storage, ids: list[str], kinds: tuple[str, ...] = ("dng", "jpeg")) -> dict[str, bytes]:
    files = [stored for one in ids for stored in storage.get(one).files if stored.kind in kinds]
    return {stored.name: stored.path.read_bytes() for stored in files}


@pytest.mark.parametrize(
    ("files", "kinds"), [("", ("dng", "jpeg")), ("raw+jpeg", ("dng", "jpeg")), ("raw", ("dng",)), ("jpeg", ("jpeg",))]
)
def test_a_zip_has_the_files_that_are_asked_for_and_the_length_that_was_said(
    client: FlaskClient, storage: Storage, ids: list[str], files: str, kinds: tuple[str, ...]
) -> None:
    query = "&".join(f"id={one}" for one in [*ids, ids[0]]) + (f"&files={files}" if files else "")
    with client.get(f"/api/captures/zip?{query}") as answer:
        assert answer.status_code == 200 and answer.mimetype == "application/zip"
        assert len(answer.data) == int(answer.headers["Content-Length"])
        assert contents(answer.data) == on_disk(storage, ids, kinds)
        expected = f'attachment; filename="{ids[0]}_and_2_more.zip"'
        assert answer.headers["Content-Disposition"] == expected
        length = answer.headers["Content-Length"]
    assert client.head(f"/api/captures/zip?{query}").headers["Content-Length"] == length


def test_a_selection_too_long_for_an_address_gets_a_short_one(
    client: FlaskClient, storage: Storage, ids: list[str]
) -> None:
    kept = client.post("/api/captures/zip", json={"ids": ids, "files": "raw"})
    told = kept.get_json()
    assert kept.status_code == 201 and (told["files"], told["without"]) == (2, 1) and len(told["url"]) < 80
    with client.get(told["url"]) as answer:
        assert len(answer.data) == told["bytes"] and contents(answer.data) == on_disk(storage, ids, ("dng",))
    storage.get(ids[1]).files[0].path.write_bytes(b"another")
    changed = client.get(told["url"])
    assert changed.status_code == 409 and changed.get_json()["error"]["code"] == "file_changed"
    storage.delete(ids[1])
    assert client.get(told["url"]).status_code == 404
    for _ in range(SELECTIONS_MOST):
        newest = client.post("/api/captures/zip", json={"ids": ids[:1]}).get_json()["url"]
    forgotten = client.get(told["url"])
    assert forgotten.status_code == 404 and "selection" in forgotten.get_json()["error"]["message"]
    with client.get(newest) as answer:
        assert answer.status_code == 200


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 400),
        ("id=none", 404),
        ("id={0}&id=..", 404),
        ("id={0}&id=..%2F..%2Fetc%2Fpasswd", 404),
        ("id={0}&files=all", 400),
        ("id={2}&files=raw", 404),
        ("selection=none", 404),
    ],
)
def test_what_cannot_be_sent_is_said_before_anything_is(
    client: FlaskClient, ids: list[str], query: str, status: int
) -> None:
    answer = client.get(f"/api/captures/zip?{query.format(*ids)}")
    assert answer.status_code == status and answer.get_json()["error"]["message"]


@pytest.mark.parametrize("body", [{}, {"ids": "a"}, {"ids": [1]}, {"ids": [], "x": 1}, {"ids": ["a"], "files": 1}])
def test_a_body_that_is_no_selection_is_refused(client: FlaskClient, body: dict[str, Any]) -> None:
    assert client.post("/api/captures/zip", json=body).status_code == 400


def test_two_captures_of_one_name_both_come(storage: Storage, ids: list[str]) -> None:
    capture = storage.get(ids[0])
    other = storage.root / "other"
    other.mkdir()
    twin = [StoredFile(f.name.upper(), f.kind, other / f.name, 1) for f in capture.files]
    for file in twin:
        file.path.write_bytes(b"x")
    found = {"a": capture, "ü": type(capture)("ü", (*twin, *_named(other, "ü é.jpg")), 0.0)}
    selection = select(["a", "ü"], "raw+jpeg", found.__getitem__)
    names = [member.name for member in selection.members]
    stem = ids[0]
    assert names == [f"{stem}.dng", f"{stem}.jpg", f"{stem.upper()}_2.DNG", f"{stem.upper()}_2.JPG", "ü é.jpg"]
    data = b"".join(selection.stream())
    assert len(data) == selection.size_bytes and list(contents(data)) == names


def _named(folder: Any, name: str) -> list[StoredFile]:
    (folder / name).write_bytes(b"y")
    return [StoredFile(name, "jpeg", folder / name, 1)]


@pytest.mark.parametrize("sizes", [(4_200_000_000, 1), (2**31 - 200, 100, 100), (2**31 - 1,), (1, 2**31, 2**31, 0)])
def test_the_length_is_right_around_the_limits_of_zip64(storage: Storage, sizes: tuple[int, ...]) -> None:
    """The sum over the pieces of sparse files, which are counted, not kept; one length more and one less each."""
    nothing = memoryview(bytes(64 * 2**20))

    def quick(member: zips.Member) -> Any:
        for left in range(member.size_bytes, 0, -len(nothing)):
            yield nothing[: min(left, len(nothing))]

    stored = storage.save(datetime(2026, 11, 20, tzinfo=UTC), {".dng": [b"x"]}).files[0]
    for more in (-150, -90, -31, -1, 0, 1):
        whole = [max(0, size + more) for size in sizes]
        members = [zips.Member(f"{n}.dng", stored, size, "") for n, size in enumerate(whole)]
        selection = zips.Selection("a.zip", tuple(members), 0)
        with mock.patch.object(zips.Member, "pieces", quick), mock.patch("zipstream.ng.crc32", return_value=0):
            assert sum(len(piece) for piece in selection.stream()) == selection.size_bytes


# -- over the server ---------------------------------------------------------------------------------------------------


@pytest.fixture
def parts(session: Session, storage: Storage) -> Parts:
    return make_parts(session, storage, Preferences())


@pytest.fixture
def port(parts: Parts, serve_app: Callable[[Flask, Guard], int]) -> int:
    guard = Guard(None)
    return serve_app(create_app(parts.session, parts.storage, guard, parts), guard)


@pytest.fixture
def large(storage: Storage) -> list[str]:
    """Two captures that are not on their way at once."""
    found = []
    for _ in range(2):
        kept = storage.save(datetime(2026, 11, 20, tzinfo=UTC), {".dng": [b"x"]})
        with kept.files[0].path.open("r+b") as file:
            file.truncate(LARGE)
        found.append(kept.id)
    return found


@pytest.mark.parametrize("how", ["vanishes", "changes"])
def test_a_file_that_goes_or_changes_ends_the_zip_visibly(
    port: int, parts: Parts, storage: Storage, large: list[str], how: str
) -> None:
    client, answer = asked_slowly(port, f"/api/captures/zip?id={large[0]}&id={large[1]}")
    with client, answer:
        assert answer.status == 200 and answer.length is not None and answer.length > 2 * LARGE
        second = storage.get(large[1]).files[0].path
        if how == "vanishes":
            second.unlink()
        else:
            second.write_bytes(b"another")
        got = 0
        with pytest.raises((http.client.IncompleteRead, ConnectionResetError)):
            while piece := answer.read(2**20):
                got += len(piece)
            raise http.client.IncompleteRead(b"", answer.length)
        assert LARGE <= got < 2 * LARGE
    eventually(lambda: parts.transfers.zips.taken == 0, "the slot is free")


def test_zips_that_nobody_reads_leave_everyone_else_alone_and_free_all_when_they_end(
    port: int, parts: Parts, large: list[str]
) -> None:
    url = f"/api/captures/zip?id={large[0]}"
    stalled = [asked_slowly(port, url) for _ in range(AT_ONCE)]
    try:
        client, busy = asked_slowly(port, url)
        with client, busy:
            assert busy.status == 503 and busy.headers["Retry-After"] == "10" and b'"busy"' in busy.read()
        client, frame = asked_slowly(port, "/api/viewfinder/frame?after=0")
        with client, frame:
            assert frame.status == 200 and frame.read().startswith(b"HQF2")
    finally:
        for client, answer in stalled:
            answer.close()
            client.close()
    eventually(lambda: parts.transfers.zips.taken == 0, "all slots are free")
    client, again = asked_slowly(port, url)
    with client, again:
        assert again.status == 200


def test_a_zip_that_is_never_begun_takes_no_slot(parts: Parts, storage: Storage, ids: list[str]) -> None:
    client = create_app(parts.session, storage, Guard(None), parts).test_client()
    for _ in range(2 * AT_ONCE):
        assert client.head(f"/api/captures/zip?id={ids[0]}").status_code == 200
        with client.get(f"/api/captures/zip?id={ids[0]}") as answer:
            assert answer.status_code == 200
    assert parts.transfers.zips.taken == 0
    member = select(ids[:1], "raw", storage.get).members[0]
    storage.delete(ids[0])
    with pytest.raises(NotFound):
        next(member.pieces())
