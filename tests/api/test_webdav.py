"""The captures for WebDAV clients: what is shown, what is sent, what is refused, and who is let in."""

from __future__ import annotations

import http.client
import os
import random
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from device.captures.storage import Storage
from device.errors import NotFound, StorageError
from device.session.session import Session
from web.access.key import AccessKey
from web.app import create_app
from web.dav import propfind, shown
from web.guard import Guard
from web.prefix import Prefixed

KEY = AccessKey("ABCD2345", "s" * 64)
RAW = random.Random(4918).randbytes(300_007)
DAV = "{DAV:}"
CHANGING = ("PUT", "DELETE", "MKCOL", "MOVE", "COPY", "PROPPATCH", "LOCK", "UNLOCK", "POST", "PATCH")


@pytest.fixture
def card(storage: Storage) -> Path:
    """A folder with a capture, and files of other programs."""
    storage.save(datetime(2026, 11, 20, tzinfo=UTC), {".dng": [RAW], ".jpg": [b"jpeg"]})
    (storage.root / "notes.txt").write_text("foreign")
    return storage.root


def find(client: FlaskClient, path: str = "/dav/", body: str = "", **fields: str) -> TestResponse:
    return client.open(path, method="PROPFIND", data=body, headers={"Depth": "1", **fields})


def listed(answer: TestResponse) -> dict[str, dict[str, Any]]:
    """Give by address what is known of each file, and check that the answer is XML."""
    assert answer.status_code == 207 and answer.mimetype == "application/xml"
    every = {}
    for response in ElementTree.fromstring(answer.data):
        parts = {part.findtext(f"{DAV}status"): part.find(f"{DAV}prop") for part in response.iter(f"{DAV}propstat")}
        known = parts.get("HTTP/1.1 200 OK")
        every[response.findtext(f"{DAV}href", "")] = {p.tag.removeprefix(DAV): p for p in known or ()}
    return every


def files_of(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {str(path): (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.rglob("*") if path.is_file()}


def test_the_folder_is_listed_as_it_is_on_the_disk(client: FlaskClient, card: Path) -> None:
    root = listed(find(client))
    assert set(root) == {"/dav/", "/dav/2026-11-20/", "/dav/notes.txt"}
    assert root["/dav/2026-11-20/"]["resourcetype"].find(f"{DAV}collection") is not None
    assert root["/dav/notes.txt"]["getcontenttype"].text == "application/octet-stream"
    day = listed(find(client, "/dav/2026-11-20"))
    assert {unquote_to_bytes(a).decode() for a in day if not a.endswith("/")} == {
        f"/dav/2026-11-20/{path.name}" for path in (card / "2026-11-20").iterdir() if not path.name.startswith(".")
    }
    (dng,) = (address for address in day if address.endswith(".dng"))
    assert day[dng]["getcontentlength"].text == str(len(RAW))
    answer = client.get(dng)
    assert answer.data == RAW and answer.headers["ETag"] == day[dng]["getetag"].text
    assert answer.headers["Last-Modified"] == day[dng]["getlastmodified"].text
    assert answer.mimetype == day[dng]["getcontenttype"].text == "image/x-adobe-dng"
    assert list(listed(find(client, dng))) == list(listed(find(client, dng, Depth="0"))) == [dng]
    assert list(listed(find(client, Depth="0"))) == ["/dav/"] == list(listed(find(client, "/dav", Depth="0")))
    assert client.get("/dav/").mimetype == "text/plain" and client.head("/dav").status_code == 200


def test_files_are_sent_in_parts_and_only_of_one_version(client: FlaskClient, card: Path) -> None:
    (path,) = (card / "2026-11-20").glob("*.dng")
    url = f"/dav/2026-11-20/{path.name}"
    begun = client.get(url, headers={"Range": "bytes=0-9"})
    assert (begun.status_code, begun.data) == (206, RAW[:10])
    again = {"Range": "bytes=10-", "If-Range": begun.headers["ETag"]}
    assert client.get(url, headers=again).data == RAW[10:]
    assert client.get(url, headers={"If-None-Match": begun.headers["ETag"]}).status_code == 304
    assert client.get(url, headers={"Range": f"bytes={len(RAW)}-"}).status_code == 416
    path.write_bytes(RAW[::-1])
    os.utime(path, (1, 1))
    answer = client.get(url, headers=again)
    assert (answer.status_code, answer.data) == (200, RAW[::-1])
    head = client.head(url)
    assert int(head.headers["Content-Length"]) == len(RAW) and head.data == b""
    assert head.headers["Content-Disposition"].startswith("attachment;"), "never a page of the camera's own site"


@pytest.mark.parametrize("method", CHANGING)
def test_nothing_can_be_changed(client: FlaskClient, card: Path, method: str) -> None:
    before = files_of(card)
    for path in ("/dav/", "/dav/notes.txt", "/dav/new", "/dav/2026-11-20/", "/dav/2026-11-20/new/"):
        fields = {"Destination": "http://localhost/dav/other", "Overwrite": "T"}
        answer = client.open(path, method=method, data=b"x", headers=fields)
        assert answer.status_code == 405, path
        assert {m.strip() for m in answer.headers["Allow"].split(",")} == {"OPTIONS", "GET", "HEAD", "PROPFIND"}
    assert files_of(card) == before


def test_what_may_be_asked_is_told(client: FlaskClient) -> None:
    answer = client.options("/dav/")
    assert answer.headers["DAV"] == "1" and answer.headers["MS-Author-Via"] == "DAV"
    assert set(answer.headers["Allow"].split(", ")) == {"OPTIONS", "GET", "HEAD", "PROPFIND"}


@pytest.mark.parametrize("fields", [{"Depth": "infinity"}, {"Depth": "Infinity"}, {}])
def test_all_folders_in_folders_are_not_listed_at_once(client: FlaskClient, fields: dict[str, str]) -> None:
    answer = client.open("/dav/", method="PROPFIND", headers=fields)
    assert answer.status_code == 403
    assert ElementTree.fromstring(answer.data).find(f"{DAV}propfind-finite-depth") is not None


NAMES = [
    b"a\"b'.jpg",
    b"line\nbreak.jpg",
    b"tab\t.jpg",
    b"\x01\x7f.jpg",
    b"\xff\xfe.jpg",
    b"<&>]]>.jpg",
    b" .jpg",
    b"%41.jpg",
]
NAMES += [
    b"a?b#c;d=e.jpg",
    b"back\\slash",
    "ü€𝄞\ufffe".encode(),
    b"x" * 255,
    b"~",
    b"...".replace(b".", b"a."),
    b"\n",
    b"a\n",
]


def test_no_name_breaks_a_listing_and_each_is_found_under_its_address(
    client: FlaskClient, card: Path, serve_app: Callable[[Flask, Guard], int]
) -> None:
    folder = card / "odd names"
    folder.mkdir()
    for number, name in enumerate(NAMES):
        Path(os.fsdecode(os.fsencode(folder) + b"/" + name)).write_bytes(b"%d" % number)
    every = listed(find(client, "/dav/odd%20names/"))
    assert {unquote_to_bytes(address).rpartition(b"/")[2] for address in every} == {b"", *NAMES}
    # Flask's client cannot send all bytes.
    link = http.client.HTTPConnection("127.0.0.1", serve_app(client.application, Guard(None)), timeout=60)
    try:
        for address, known in every.items():
            name = unquote_to_bytes(address).rpartition(b"/")[2]
            if name:
                link.request("GET", address)
                answer = link.getresponse()
                assert answer.read() == b"%d" % NAMES.index(name), name
                assert answer.headers["ETag"] == known["getetag"].text
    finally:
        link.close()
    assert every["/dav/odd%20names/%FF%FE.jpg"]["displayname"].text == "\N{REPLACEMENT CHARACTER}" * 2 + ".jpg"


def test_hidden_unfinished_and_linked_things_are_not_shown(client: FlaskClient, card: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    for name in (".hidden", "begun.dng.part", ".a.jpg.1.part"):
        (card / name).write_text("secret")
    (card / ".folder").mkdir()
    (card / ".folder" / "a.jpg").write_text("secret")
    (card / "link.jpg").symlink_to(secret)
    (card / "away").symlink_to(tmp_path)
    os.mkfifo(card / "pipe")
    assert set(listed(find(client))) == {"/dav/", "/dav/2026-11-20/", "/dav/notes.txt"}
    for path in (
        ".hidden",
        "begun.dng.part",
        ".folder/",
        ".folder/a.jpg",
        "link.jpg",
        "away",
        "away/secret.txt",
        "pipe",
    ):
        assert client.get(f"/dav/{path}").status_code == find(client, f"/dav/{path}").status_code == 404, path


@pytest.mark.parametrize(
    "path",
    ["../secret.txt", "%2e%2e/secret.txt", "2026-11-20/../../secret.txt", "..%2fsecret.txt", "/..//../secret.txt", ".."]
    + [
        "2026-11-20/..",
        "./notes.txt",
        "%00",
        "notes.txt%00",
        "notes.txt/",
        "notes.txt/x",
        "x" * 256,
        "a/" * 100,
        "gone",
    ],
)
def test_no_path_leaves_the_folder_and_what_is_not_there_is_not_found(
    client: FlaskClient, card: Path, path: str
) -> None:
    (card.parent / "secret.txt").write_text("secret")
    answer = client.get(f"/dav/{path}")
    if path == "notes.txt/":
        assert answer.data == b"foreign"
        return
    assert answer.status_code == find(client, f"/dav/{path}").status_code == 404
    assert answer.get_json()["error"]["code"] == "not_found"


def test_what_vanishes_while_it_is_listed_is_left_out(card: Path) -> None:
    for number in range(20):
        (card / f"{number}.txt").write_text("x")
    members = shown.Members(card, b"")
    try:
        found = iter(members)
        first = next(found)
        for number in range(20):
            (card / f"{number}.txt").unlink()
        rest = {one.path for one in found}
    finally:
        members.close()
        members.close()
    assert {first.path, *rest} >= {b"notes.txt", b"2026-11-20"} and len(rest) <= 3
    with pytest.raises(NotFound):
        shown.Members(card, b"notes.txt")
    with pytest.raises(NotFound):
        shown.open_file(card, b"")


def test_a_folder_that_went_is_not_an_empty_one(client: FlaskClient, storage: Storage, card: Path) -> None:
    card.rename(card.with_name("elsewhere"))
    assert find(client).status_code == client.get("/dav/notes.txt").status_code == 404
    other = card.with_name("drive")
    other.mkdir()
    (other / "on-the-drive.txt").write_text("x")
    storage.use(other)
    assert set(listed(find(client))) >= {"/dav/on-the-drive.txt"} and client.get("/dav/notes.txt").status_code == 404


def test_a_listing_is_written_while_it_is_sent(card: Path) -> None:
    many = (shown.find(card, b"notes.txt") for _ in range(500))
    pieces = list(propfind.told(many, propfind.Asked("all"), "/dav/"))
    assert len(pieces) > 4 and max(map(len, pieces)) < propfind.PIECE_CHARACTERS + 1000
    assert len(ElementTree.fromstring(b"".join(pieces))) == 500


def test_a_drive_that_breaks_is_told(card: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> os.stat_result:
        raise OSError(5, "Input/output error")

    members = shown.Members(card, b"")
    monkeypatch.setattr(os, "stat", broken)
    with pytest.raises(StorageError):
        list(members)
    with pytest.raises(StorageError):
        shown.find(card, b"notes.txt")
    monkeypatch.undo()
    members.close()


def test_properties_are_those_that_are_asked_for(client: FlaskClient, card: Path) -> None:
    some = '<propfind xmlns="DAV:" xmlns:x="urn:&quot;x&lt;"><prop>'
    some += '<getetag/><x:author/><lost xmlns=""/><quota/><xml:base/></prop></propfind>'
    answer = find(client, "/dav/notes.txt", some)
    (known,) = listed(answer).values()
    assert set(known) == {"getetag"}
    missing = ElementTree.fromstring(answer.data)[0][2]
    assert missing.findtext(f"{DAV}status") == "HTTP/1.1 404 Not Found"
    assert [p.tag for p in missing[0]] == [
        '{urn:"x<}author',
        "lost",
        f"{DAV}quota",
        "{http://www.w3.org/XML/1998/namespace}base",
    ]
    (names,) = listed(find(client, "/dav/notes.txt", '<propfind xmlns="DAV:"><propname/></propfind>')).values()
    assert "getcontentlength" in names and not any(value.text for value in names.values())
    (every,) = listed(find(client, "/dav/notes.txt", '<propfind xmlns="DAV:"><allprop/></propfind>')).values()
    assert set(every) == set(names)
    (folder,) = listed(
        find(client, "/dav/", '<propfind xmlns="DAV:"><prop><getetag/></prop></propfind>', Depth="0")
    ).values()
    assert folder == {}


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;">]><propfind xmlns="DAV:"><prop>&b;</prop></propfind>'
MANY = "".join(f"<a{n}/>" for n in range(propfind.NAMES_MOST + 1))


@pytest.mark.parametrize(
    "body",
    ["x", "<propfind/>", '<propfind xmlns="DAV:"/>', '<propfind xmlns="DAV:"><prop>', BOMB, '<a:b xmlns:a=""/>', "\xff"]
    + [f'<propfind xmlns="DAV:"><{kind}/><allprop/></propfind>' for kind in ("prop", "propname", "allprop")]
    + [f'<propfind xmlns="DAV:"><prop>{MANY}</prop></propfind>', '<?xml version="1.0" encoding="none"?><a/>']
    + [f'<propfind xmlns="DAV:"><prop><{"a" * 5000}/></prop></propfind>', "<a>" * 20_000],
)
def test_a_question_that_is_none_is_refused(client: FlaskClient, card: Path, body: str) -> None:
    answer = find(client, "/dav/", body)
    assert answer.status_code == 400 and answer.get_json()["error"]["code"] == "bad_request"
    assert find(client, "/dav/", Depth="2").status_code == find(client, "/dav/", Depth="").status_code == 400


def test_below_a_path_of_a_proxy_all_addresses_are_below_it(session: Session, storage: Storage, card: Path) -> None:
    app = create_app(session, storage, Guard(None))
    app.wsgi_app = Prefixed(app.wsgi_app, base_path="/cam")  # type: ignore[method-assign]
    every = listed(find(app.test_client(), "/cam/dav/"))
    assert set(every) == {"/cam/dav/", "/cam/dav/2026-11-20/", "/cam/dav/notes.txt"}
    assert app.test_client().get("/cam/dav/notes.txt").data == b"foreign"


def test_a_foreign_host_or_page_is_refused(client: FlaskClient, card: Path) -> None:
    for fields in ({"Host": "evil.example"}, {"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        assert find(client, **fields).status_code == client.get("/dav/notes.txt", headers=fields).status_code == 403
