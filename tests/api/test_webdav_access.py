"""Who is let in to the captures for WebDAV clients, with which password, and how often it may be guessed."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from device.captures.storage import Storage
from device.session.session import Session
from web.access.guesses import GUESSES
from web.access.key import AccessKey
from web.access.password import secret_of
from web.access.tokens import Tokens
from web.app import create_app
from web.guard import Guard

KEY = AccessKey("ABCD2345", "s" * 64)
CHANGING = ("PUT", "DELETE", "MKCOL", "MOVE", "COPY", "PROPPATCH", "LOCK", "UNLOCK", "POST", "PATCH")


@pytest.fixture
def card(storage: Storage) -> Path:
    """A folder with one file."""
    (storage.root / "notes.txt").write_text("foreign")
    return storage.root


def basic(password: str, user: str = "anybody") -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def find(client: FlaskClient, path: str = "/dav/", **fields: str) -> TestResponse:
    return client.open(path, method="PROPFIND", headers={"Depth": "1", **fields})


@pytest.fixture
def guard() -> Guard:
    return Guard(KEY)


@pytest.fixture
def stranger(session: Session, storage: Storage, guard: Guard, card: Path) -> FlaskClient:
    return create_app(session, storage, guard).test_client()


def test_without_a_right_password_nothing_is_told(stranger: FlaskClient, guard: Guard) -> None:
    picture = guard.tokens.add("picture only")
    for fields in ({}, basic("wrong"), basic(""), basic(picture), {"Authorization": f"Bearer {picture}"}):
        for method in ("GET", "HEAD", "OPTIONS", "PROPFIND"):
            for path in ("/dav", "/dav/notes.txt", "/dav/gone"):
                answer = stranger.open(path, method=method, headers=fields)
                if answer.status_code != 429:
                    assert answer.status_code == 401
                    assert answer.headers["WWW-Authenticate"].startswith("Basic realm=")
    for method in CHANGING:
        assert stranger.open("/dav/x", method=method).status_code == 401
    assert stranger.get(f"/dav/notes.txt?token={guard.tokens.add('q', files=True)}").status_code == 401
    assert "WWW-Authenticate" not in stranger.get("/api/status").headers, "browsers would ask for a password"
    assert "WWW-Authenticate" not in stranger.get("/davos").headers


def test_the_code_a_token_for_files_and_a_paired_browser_are_let_in(stranger: FlaskClient, guard: Guard) -> None:
    files = guard.tokens.add("laptop", files=True)
    for fields in (basic(KEY.code), basic("abcd2345 ", "ü"), basic(files), {"Authorization": f"bearer {files}"}):
        assert stranger.get("/dav/notes.txt", headers=fields).data == b"foreign"
        assert find(stranger, **fields).status_code == 207
        assert stranger.get("/api/status", headers=fields).status_code == 401, "it opens the files, and no more"
    assert stranger.get(f"/snapshot.jpg?token={files}").status_code != 401
    guard.tokens.revoke("laptop")
    assert stranger.get("/dav/notes.txt", headers=basic(files)).status_code == 401
    assert stranger.post("/api/access", json={"code": KEY.code}).status_code == 204
    assert stranger.get("/dav/notes.txt").data == b"foreign"


def test_wrong_passwords_are_limited_as_codes_are(stranger: FlaskClient, guard: Guard) -> None:
    files, new = (guard.tokens.add(name, files=True) for name in ("in", "new"))
    assert stranger.get("/dav/notes.txt", headers=basic(files)).status_code == 200
    answers = [stranger.get("/dav/", headers=basic(f"guess{n}")).status_code for n in range(GUESSES + 2)]
    assert answers == [401] * GUESSES + [429] * 2
    assert stranger.get("/dav/notes.txt", headers=basic(files)).status_code == 200, "who was let in stays"
    for secret in (KEY.code, new):
        waits = stranger.get("/dav/notes.txt", headers=basic(secret))
        assert waits.status_code == 429 and waits.headers["Retry-After"], "a guesser learns nothing from it"
    assert stranger.post("/api/access", json={"code": KEY.code}).status_code == 429, "one limit for both ways"


def test_the_server_knows_who_was_let_in_before_a_thread_is_given(stranger: FlaskClient, guard: Guard) -> None:
    files = guard.tokens.add("laptop", files=True)

    def known(fields: dict[str, str], path: str = "/dav/x") -> bool:
        password = fields.get("Authorization", "")
        return guard.lets_in({"PATH_INFO": path, "REMOTE_ADDR": "127.0.0.1", "HTTP_AUTHORIZATION": password})

    assert known(basic(files)) and not known(basic("x")) and not known({}) and not known(basic(files), "/api/status")
    assert not known(basic(KEY.code)), "codes are counted, and this is not"
    stranger.get("/dav/", headers=basic(KEY.code))
    assert known(basic(KEY.code))


@pytest.mark.parametrize(
    ("field", "secret"),
    [("Basic YTpiOmM=", "b:c"), ("basic  YTo=", ""), ("Bearer x", "x"), ("Basic /zph", "a"), ("Bearer ", None)]
    + [(f, None) for f in ("", "Basic", "Basic YQ==", "Basic !!!!", "Digest YTpi", "Basic YTpi\u20ac", "x" * 9000)],
)
def test_a_password_is_read_from_the_header_field(field: str, secret: str | None) -> None:
    assert secret_of(field) == secret


def test_a_token_of_an_older_version_opens_the_picture_only(tmp_path: Path) -> None:
    path = tmp_path / "tokens.json"
    secret = Tokens(path).add("kitchen", files=True)
    stored = json.loads(path.read_text())
    del stored["tokens"][0]["files"]
    path.write_text(json.dumps(stored))
    assert Tokens(path).find(secret) == "kitchen" and Tokens(path).find(secret, files=True) is None
