"""Tokens of other programs: where they let in, what is kept of them, and how they end."""

from __future__ import annotations

import hashlib
import http.client
import json
import logging
import os
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from helpers import eventually

from device.captures.storage import Storage
from device.errors import BadInput, NotFound
from device.notices import Notices
from device.session.session import Session
from web.access.guesses import GUESSES
from web.access.key import AccessKey
from web.access.tokens import TOKENS_MOST, Tokens
from web.app import create_app
from web.guard import OPEN_ENDPOINTS, TOKEN_ENDPOINTS, TOKEN_PATHS, Guard

KEY = AccessKey("ABCD2345", "s" * 64)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "config" / "tokens.json"


@pytest.fixture
def guard(path: Path) -> Guard:
    return Guard(KEY, tokens=Tokens(path))


@pytest.fixture
def app(session: Session, storage: Storage, guard: Guard) -> Flask:
    return create_app(session, storage, guard)


@pytest.fixture
def stranger(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def paired(app: Flask) -> FlaskClient:
    client = app.test_client()
    assert client.post("/api/access", json={"code": KEY.code}).status_code == 204
    return client


def test_a_token_opens_the_picture_and_nothing_else(stranger: FlaskClient, paired: FlaskClient) -> None:
    secret = paired.post("/api/tokens", json={"name": " kitchen "}).get_json()["token"]
    eventually(lambda: stranger.get(f"/snapshot.jpg?token={secret}").status_code == 200, "the picture")
    assert stranger.head(f"/snapshot.jpg?token={secret}").status_code in (200, 503)
    with stranger.get(f"/stream.mjpg?token={secret}") as stream:
        assert stream.status_code == 200
    for rule in stranger.application.url_map.iter_rules():
        for method in (rule.methods or set()) - {"OPTIONS"}:
            if rule.endpoint in OPEN_ENDPOINTS | TOKEN_ENDPOINTS or rule.rule == "/":
                continue
            url = rule.rule.replace("<capture_id>", "x").replace("<name>", "y") + f"?token={secret}"
            assert stranger.open(url, method=method).status_code == 401, (method, rule.rule)
    assert stranger.get(f"/?token={secret}").status_code == 302
    assert {rule.rule for rule in stranger.application.url_map.iter_rules() if rule.endpoint in TOKEN_ENDPOINTS} == set(
        TOKEN_PATHS
    )


def test_a_paired_device_makes_lists_and_revokes_tokens(stranger: FlaskClient, paired: FlaskClient, path: Path) -> None:
    made = paired.post("/api/tokens", json={"name": "kitchen"})
    secret = made.get_json()["token"]
    assert made.status_code == 201 and len(secret) >= 40
    (listed,) = paired.get("/api/tokens").get_json()["tokens"]
    assert listed["name"] == "kitchen" and set(listed) == {"name", "created_at", "files"} and not listed["files"]
    kept = path.read_text()
    assert secret not in kept and hashlib.sha256(secret.encode()).hexdigest() in kept
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert paired.post("/api/tokens", json={"name": "kitchen"}).status_code == 400, "a name is given once"
    assert paired.post("/api/tokens", json={"name": "laptop", "files": True}).status_code == 201
    assert [one["files"] for one in paired.get("/api/tokens").get_json()["tokens"]] == [False, True]
    assert paired.delete("/api/tokens/laptop").status_code == 204
    for body in (
        {},
        {"name": "x", "files": 1},
        {"name": ""},
        {"name": "a\nb"},
        {"name": "x" * 41},
        {"name": 1},
        {"name": "a/b"},
    ):
        assert paired.post("/api/tokens", json=body).status_code == 400, body
    assert paired.delete("/api/tokens/other").status_code == 404
    assert paired.delete("/api/tokens/kitchen").status_code == 204
    refused = stranger.get(f"/snapshot.jpg?token={secret}")
    assert refused.status_code == 401 and refused.get_json()["error"]["code"] == "access_needed"
    assert paired.get("/api/tokens").get_json() == {"tokens": []}


def test_guesses_are_limited_and_keep_out_nobody_who_was_in(stranger: FlaskClient, guard: Guard) -> None:
    known, new = guard.tokens.add("known"), guard.tokens.add("new")
    assert stranger.get(f"/snapshot.jpg?token={known}").status_code != 401
    answers = [stranger.get(f"/snapshot.jpg?token=guess{n}").status_code for n in range(GUESSES + 2)]
    assert answers == [401] * GUESSES + [429] * 2
    assert stranger.get(f"/snapshot.jpg?token={known}").status_code in (200, 503)
    waits = stranger.get(f"/snapshot.jpg?token={new}")
    assert waits.status_code == 429 and waits.headers["Retry-After"], "a guesser learns nothing from it"
    assert stranger.post("/api/access", json={"code": KEY.code}).status_code == 204, "codes are counted apart"


@pytest.mark.parametrize("secret", ["", "%00", "%FF%FE", "x" * 5000, "%ED%A0%80"])
def test_nonsense_is_no_token(stranger: FlaskClient, secret: str) -> None:
    assert stranger.get(f"/snapshot.jpg?token={secret}").status_code == 401


def test_revoking_in_another_process_ends_a_stream_that_runs(
    app: Flask, guard: Guard, path: Path, serve_app: Callable[[Flask, Guard], int], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    secret = guard.tokens.add("mixer")
    link = http.client.HTTPConnection("127.0.0.1", serve_app(app, guard), timeout=60)
    try:
        link.request("GET", f"/stream.mjpg?token={secret}")
        stream = link.getresponse()
        assert stream.status == 200 and stream.read(13) == b"--hqcamframe\r"
        Tokens(path).revoke("mixer")  # as the command does
        while stream.read(2**16):
            pass
        link.close()
        link.request("GET", f"/stream.mjpg?token={secret}")
        refused = link.getresponse()
        assert refused.status == 401 and secret.encode() not in refused.read()
    finally:
        link.close()
    assert secret not in caplog.text


def test_two_processes_that_make_tokens_at_once_lose_none(path: Path) -> None:
    ours, theirs = Tokens(path), Tokens(path)
    with ThreadPoolExecutor(2) as both:
        made = [
            both.submit(tokens.add, f"{n}") for n in range(10) for tokens in (ours, theirs) if n % 2 == (tokens is ours)
        ]
        secrets = [one.result(60) for one in made]
    assert {ours.find(one) for one in secrets} == {theirs.find(one) for one in secrets} == {f"{n}" for n in range(10)}


@pytest.mark.parametrize("text", ["", "{", "[]", '{"tokens": 1}', '{"tokens": [{"name": "a"}]}', "[" * 10_000])
def test_a_broken_file_lets_nobody_in_and_is_kept_aside(path: Path, text: str) -> None:
    path.parent.mkdir()
    path.write_text(text)
    notices = Notices()
    tokens = Tokens(path, notices=notices)
    assert tokens.list() == () and tokens.find("x") is None and len(notices.list()) == 1
    assert [one.read_text() for one in path.parent.iterdir()] == [text]
    assert tokens.find(tokens.add("new")) == "new"


def test_tokens_have_an_end_a_date_by_the_owners_clock_and_may_live_in_memory(path: Path) -> None:
    tokens = Tokens(unix_s=lambda: 1_900_000_000.0)
    for number in range(TOKENS_MOST):
        tokens.add(str(number))
    assert tokens.list()[0].created_at == "2030-03-17T17:46:40+00:00"
    with pytest.raises(BadInput, match="100 tokens"):
        tokens.add("more")
    with pytest.raises(NotFound):
        tokens.revoke("more")
    secret = Tokens(path).add("gone")
    kept = Tokens(path)
    assert kept.find(secret) == "gone"
    os.unlink(path)
    assert kept.find(secret) is None and json.dumps([one.name for one in kept.list()]) == "[]"
