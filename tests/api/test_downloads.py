"""Downloads: parts, resuming, checksums, and files that vanish or change while they are sent."""

from __future__ import annotations

import base64
import hashlib
import http.client
import os
import random
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from helpers import asked_slowly

from device.captures.capture import StoredFile
from device.captures.storage import Storage
from device.session.session import Session
from web.app import create_app
from web.context import make_parts
from web.errors import FileChanged
from web.guard import Guard
from web.transfer.digests import Digests
from web.transfer.download import disposition
from web.transfer.opened import PIECE_BYTES, OpenedFile

RAW = random.Random(18).randbytes(3 * 2**20 + 7)
WHOLE = "/api/captures/{0}/{0}.dng"


@pytest.fixture
def capture_id(storage: Storage) -> str:
    return storage.save(datetime(2026, 11, 20, tzinfo=UTC), {".dng": [RAW]}).id


@pytest.fixture
def url(capture_id: str) -> str:
    return WHOLE.format(capture_id)


def replaced(path: Path, data: bytes) -> None:
    """Put another file in the place of one, with another time, as a program does that writes it anew."""
    other = path.with_name("other")
    other.write_bytes(data)
    os.utime(other, (1_700_000_000, 1_700_000_000))
    other.replace(path)


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [("0-0", 0, 0), ("5-9", 5, 9), ("100-", 100, len(RAW) - 1), ("-7", len(RAW) - 7, len(RAW) - 1)]
    + [(f"{len(RAW) - 1}-{10**17}", len(RAW) - 1, len(RAW) - 1), (f"-{10**17}", 0, len(RAW) - 1)],
)
def test_a_part_is_sent_where_one_is_asked_for(
    client: FlaskClient, url: str, asked: str, first: int, last: int
) -> None:
    answer = client.get(url, headers={"Range": f"bytes={asked}"})
    assert answer.status_code == 206 and answer.data == RAW[first : last + 1]
    assert answer.headers["Content-Range"] == f"bytes {first}-{last}/{len(RAW)}"
    assert int(answer.headers["Content-Length"]) == last - first + 1


@pytest.mark.parametrize("asked", ["bytes=0-1,5-9", "bytes=9-5", "bytes=-", "lines=0-1", "bytes=x-1", "bytes=1", "٣-"])
def test_what_is_no_single_range_of_bytes_gives_the_whole_file(client: FlaskClient, url: str, asked: str) -> None:
    answer = client.get(url, headers={"Range": asked})
    assert answer.status_code == 200 and answer.data == RAW
    assert answer.headers["Accept-Ranges"] == "bytes" and "Content-Range" not in answer.headers


@pytest.mark.parametrize("asked", [f"{len(RAW)}-", f"{10**17}-{10**17 + 1}", "-0"])
def test_a_part_behind_the_end_is_refused_with_the_length(client: FlaskClient, url: str, asked: str) -> None:
    answer = client.get(url, headers={"Range": f"bytes={asked}"})
    assert answer.status_code == 416 and answer.get_json()["error"]["code"] == "range_beyond"
    assert answer.headers["Content-Range"] == f"bytes */{len(RAW)}"


def test_head_and_unchanged_files_send_no_bytes(client: FlaskClient, url: str) -> None:
    head = client.head(url)
    assert head.status_code == 200 and int(head.headers["Content-Length"]) == len(RAW) and head.data == b""
    etag = head.headers["ETag"]
    assert etag.startswith('"') and head.headers["Last-Modified"].endswith("GMT")
    same = client.get(url, headers={"If-None-Match": etag, "Range": "bytes=0-3"})
    assert (same.status_code, same.data) == (304, b"")
    other = client.get(url, headers={"If-Match": '"other"'})
    assert other.status_code == 412 and other.get_json()["error"]["code"] == "other_version"


@pytest.mark.parametrize("time_s", [-1, 0, 2**33])
def test_a_file_of_any_time_is_sent(
    client: FlaskClient, url: str, storage: Storage, capture_id: str, time_s: int
) -> None:
    os.utime(storage.get(capture_id).files[0].path, (time_s, time_s))
    answer = client.get(url)
    assert answer.status_code == 200 and answer.headers["Last-Modified"].endswith("GMT") and answer.data == RAW


def test_a_file_that_was_replaced_is_sent_anew_and_never_mixed(
    client: FlaskClient, url: str, storage: Storage, capture_id: str
) -> None:
    begun = client.get(url, headers={"Range": "bytes=0-9"})
    again = {"Range": "bytes=10-", "If-Range": begun.headers["ETag"]}
    assert client.get(url, headers=again).data == RAW[10:]
    path = storage.get(capture_id).files[0].path
    replaced(path, RAW[::-1])
    answer = client.get(url, headers=again)
    assert answer.status_code == 200 and answer.data == RAW[::-1], "of the same length, and another file"
    dated = client.get(url, headers={"Range": "bytes=10-", "If-Range": answer.headers["Last-Modified"]})
    assert dated.status_code == 200, "two versions of one second have one date"


def test_the_checksum_is_that_of_the_whole_file_and_is_computed_once(
    session: Session, storage: Storage, url: str, capture_id: str
) -> None:
    app, parts = app_of(session, storage)
    client = app.test_client()
    expected = f"sha-256=:{base64.b64encode(hashlib.sha256(RAW).digest()).decode()}:"
    for wanted in ("sha-256=1", "md5=10, sha-256=3"):
        answer = client.get(url, headers={"Want-Repr-Digest": wanted, "Range": "bytes=0-9"})
        assert answer.headers["Repr-Digest"] == expected and answer.data == RAW[:10]
    assert client.head(url, headers={"Want-Repr-Digest": "sha-256=1"}).headers["Repr-Digest"] == expected
    assert parts.computed == 1
    for wanted in ("", "sha-256=0", "sha-512=1", "sha-256"):
        assert "Repr-Digest" not in client.get(url, headers={"Want-Repr-Digest": wanted}).headers
    replaced(storage.get(capture_id).files[0].path, b"another")
    answer = client.get(url, headers={"Want-Repr-Digest": "sha-256=1"})
    assert base64.b64encode(hashlib.sha256(b"another").digest()).decode() in answer.headers["Repr-Digest"]
    assert parts.computed == 2


def test_checksums_outlive_a_restart_and_what_is_damaged_of_them_is_computed_again(
    storage: Storage, tmp_path: Path
) -> None:
    stored = [storage.save(datetime(2026, 11, 20, tzinfo=UTC), {".dng": [RAW + bytes([n])]}).files[0] for n in range(3)]
    awkward = tmp_path / os.fsdecode(b"odd\n\xff'.dng")
    awkward.write_bytes(RAW)
    stored.append(StoredFile(awkward.name, "dng", awkward, 1))
    file = tmp_path / "digests"
    right = [hashlib.sha256(one.path.read_bytes()).digest() for one in stored]

    def started() -> int:
        digests, opened = Digests(file), [OpenedFile(one) for one in stored]
        try:
            assert [digests.of(one) for one in [*opened, *opened]] == right * 2
        finally:
            for one in opened:
                one.close()
        return digests.computed

    assert [started(), started()] == [4, 0]
    os.utime(stored[0].path, (1, 1))
    assert [started(), started()] == [1, 0], "another version"
    whole = file.read_bytes()
    for damaged in (b"", whole[:-1], whole[:-60], whole.replace(b"a", b"b"), b"\0" * 999, bytes(10**7), whole * 200):
        file.write_bytes(damaged)
        started()
        assert started() == 0
        assert len(file.read_bytes()) < 10**6
    file.unlink()
    file.mkdir()
    assert [started(), started()] == [4, 4], "it can be neither read nor written"


def app_of(session: Session, storage: Storage) -> tuple[Flask, Digests]:
    from device.preferences.store import Preferences

    parts = make_parts(session, storage, Preferences())
    return create_app(session, storage, Guard(None), parts), parts.transfers.digests


@pytest.fixture
def port(session: Session, storage: Storage, serve_app: Callable[[Flask, Guard], int]) -> int:
    guard = Guard(None)
    return serve_app(create_app(session, storage, guard), guard)


def test_a_download_that_is_cut_fifty_times_resumes_byte_for_byte(port: int, url: str) -> None:
    cuts = sorted(random.Random(50).sample(range(1, len(RAW)), 50))
    got, etag = bytearray(), ""
    for end in (*cuts, len(RAW)):
        begun = len(got)
        with socket.create_connection(("127.0.0.1", port), timeout=60) as client:
            fields = f"Range: bytes={begun}-\r\nIf-Range: {etag}\r\n" if got else ""
            client.sendall(f"GET {url} HTTP/1.1\r\nHost: 127.0.0.1\r\n{fields}\r\n".encode())
            answer = http.client.HTTPResponse(client)
            answer.begin()
            assert answer.status == (206 if begun else 200), begun
            assert answer.length == len(RAW) - begun
            etag = answer.headers["ETag"]
            got += answer.read(end - begun)
            answer.close()
        assert len(got) == end, "the connection is closed with all the rest unread"
    assert bytes(got) == RAW


def test_a_file_that_changes_while_it_is_sent_breaks_the_transfer_off(
    port: int, url: str, storage: Storage, capture_id: str
) -> None:
    path = storage.get(capture_id).files[0].path
    with path.open("r+b") as file:
        file.truncate(200 * 2**20)  # more than sockets take unread
    client, answer = asked_slowly(port, url)
    with client:
        first = answer.read(PIECE_BYTES)
        os.utime(path, (1, 1))
        with pytest.raises((http.client.IncompleteRead, ConnectionResetError)):
            answer.read()
    assert first == RAW[:PIECE_BYTES]


def test_a_file_that_is_deleted_while_it_is_sent_is_sent_whole(storage: Storage, capture_id: str) -> None:
    stored = storage.get(capture_id).files[0]
    opened = OpenedFile(stored)
    try:
        pieces = opened.pieces(0, opened.size_bytes)
        begun = next(pieces)
        storage.delete(capture_id)
        assert begun + b"".join(pieces) == RAW
        stored.path.write_bytes(b"x")
        with pytest.raises(FileChanged):
            next(opened.pieces(len(RAW), 1))
    finally:
        opened.close()


def test_links_pipes_and_what_vanished_are_not_found(client: FlaskClient, storage: Storage, tmp_path: Path) -> None:
    day = storage.root / "2026-11-20"
    day.mkdir()
    secret = tmp_path / "secret.dng"
    secret.write_bytes(b"secret")
    (day / "link.dng").symlink_to(secret)
    os.mkfifo(day / "pipe.dng")
    (day / "folder.dng").mkdir()
    (tmp_path / "2026-11-21").mkdir()
    (tmp_path / "2026-11-21" / "far.dng").write_bytes(b"secret")
    (storage.root / "2026-11-21").symlink_to(tmp_path / "2026-11-21")
    for name in ("link", "pipe", "folder", "far", "gone"):
        answer = client.get(WHOLE.format(name))
        assert answer.status_code == 404 and answer.get_json()["error"]["code"] == "not_found", name
    kept = storage.save(datetime(2026, 11, 20, tzinfo=UTC), {".dng": [b"x"]}).files[0]
    kept.path.unlink()
    kept.path.symlink_to(secret)
    with pytest.raises(LookupError):
        OpenedFile(kept)


def test_two_clients_that_delete_the_same_capture_get_one_yes_and_one_no(
    client: FlaskClient, storage: Storage, capture_id: str
) -> None:
    app = client.application
    with ThreadPoolExecutor(2) as phones:
        asked = [phones.submit(app.test_client().delete, f"/api/captures/{capture_id}", json={}) for _ in range(2)]
        answers = [one.result(60) for one in asked]
    assert sorted(answer.status_code for answer in answers) == [204, 404]
    assert storage.list() == []


def test_any_name_makes_one_safe_header_field() -> None:
    assert disposition("a_1.dng", attached=True) == 'attachment; filename="a_1.dng"'
    for name in ('a"b.jpg', "a\r\nX: y.jpg", "a\\b%41.jpg", "ü" * 127, "\udcff\udcfe.jpg", "..", "x" * 255):
        field = disposition(name, attached=False)
        assert field.isascii() and field.isprintable() and field.startswith('inline; filename="')
        assert field.count('"') == 2 and field.count("\\") == 0
    assert disposition('ü"', attached=True) == "attachment; filename=\"__\"; filename*=UTF-8''%C3%BC%22"
    assert disposition("\udcff", attached=True).endswith("''%FF"), "bytes that are no UTF-8 stay these bytes"
