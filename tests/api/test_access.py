"""Who is let in: the code, its cookie, Host and Origin."""

from __future__ import annotations

import json
import stat
import time
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

import pytest
from flask.testing import FlaskClient
from itsdangerous import TimestampSigner
from werkzeug.test import TestResponse

from device.captures.storage import Storage
from device.errors import StorageError
from device.notices import Notices
from device.session.session import Session
from web import guard as access
from web.access import guesses
from web.access import key as access_key
from web.access.guesses import GuessLimit
from web.access.key import AccessKey, load_key
from web.app import create_app
from web.errors import TooManyGuesses
from web.guard import Guard

KEY = AccessKey("ABCD2345", "s" * 64)


@pytest.fixture
def guarded(session: Session, storage: Storage) -> FlaskClient:
    app = create_app(session, storage, Guard(KEY, frozenset({"hqcam.local"})))
    return app.test_client()


def test_every_route_needs_the_cookie(guarded: FlaskClient) -> None:
    for rule in guarded.application.url_map.iter_rules():
        if rule.endpoint in access.OPEN_ENDPOINTS:
            continue
        path = rule.rule.replace("<capture_id>", "x").replace("<name>", "y")
        method = "GET" if "GET" in (rule.methods or ()) else sorted((rule.methods or set()) - {"OPTIONS"})[0]
        response = guarded.open(path, method=method)
        expected = 302 if path == "/" else 401
        assert response.status_code == expected, path
        if expected == 401:
            assert response.get_json()["error"]["code"] == (
                "password_needed" if path.startswith("/dav/") else "access_needed"
            )


def test_the_code_gives_a_strict_cookie_that_opens_everything(guarded: FlaskClient) -> None:
    response = guarded.post("/api/access", json={"code": " abcd2345 "})
    assert response.status_code == 204
    cookie = response.headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Strict" in cookie
    assert guarded.get("/api/status").status_code == 200


def test_a_cookie_of_another_key_is_refused(guarded: FlaskClient, session: Session, storage: Storage) -> None:
    other = create_app(session, storage, Guard(AccessKey("ABCD2345", "t" * 64))).test_client()
    cookie = other.post("/api/access", json={"code": "ABCD2345"}).headers["Set-Cookie"].split("=", 1)[1].split(";")[0]
    guarded.set_cookie(access_key.COOKIE, cookie)
    assert guarded.get("/api/status").status_code == 401


def test_wrong_codes_are_limited_and_the_right_one_waits_too(guarded: FlaskClient) -> None:
    answers = [guarded.post("/api/access", json={"code": f"WRONG{n}"}).status_code for n in range(guesses.GUESSES)]
    assert answers == [401] * guesses.GUESSES
    response = guarded.post("/api/access", json={"code": KEY.code})
    assert response.status_code == 429 and 1 <= int(response.headers["Retry-After"]) <= 60


def test_wrong_codes_of_others_keep_nobody_out(guarded: FlaskClient) -> None:
    paired = guarded.application.test_client()
    paired.post("/api/access", json={"code": KEY.code})
    for address in ("192.168.4.7", "fe80::1:7%wlan0", "2001:db8::1"):
        for n in range(2 * guesses.GUESSES):
            answer = guarded.post("/api/access", json={"code": f"WRONG{n}"}, environ_base={"REMOTE_ADDR": address})
        assert answer.status_code == 429
        assert paired.get("/api/status", environ_base={"REMOTE_ADDR": address}).status_code == 200
    neighbour = {"REMOTE_ADDR": "2001:db8::2"}  # a client has all addresses of its network
    assert guarded.post("/api/access", json={"code": "WRONG"}, environ_base=neighbour).status_code == 429
    for address in ("192.168.4.8", "2001:db8:0:1::1"):
        owner = guarded.application.test_client()
        assert (
            owner.post("/api/access", json={"code": KEY.code}, environ_base={"REMOTE_ADDR": address}).status_code == 204
        )


def test_addresses_without_number_take_no_memory() -> None:
    limit = GuessLimit(guesses=1)
    for n in range(3 * guesses.ADDRESSES_MOST):
        limit.note_wrong(f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}")
    assert len(limit._wrong) == guesses.ADDRESSES_MOST


@pytest.mark.parametrize("jump_days", [-20_000, -7, 100, 3650])
def test_a_paired_device_stays_paired_whatever_the_clock_says(guarded: FlaskClient, jump_days: float) -> None:
    guarded.post("/api/access", json={"code": KEY.code})
    with mock.patch("time.time", return_value=max(0.0, time.time() + 86400 * jump_days)):
        assert guarded.get("/api/status").status_code == 200


def test_a_device_that_was_paired_by_an_older_version_stays_paired(guarded: FlaskClient) -> None:
    guarded.set_cookie(access_key.COOKIE, TimestampSigner(KEY.secret, salt="hqcam-access").sign("0123abcd").decode())
    assert guarded.get("/api/status").status_code == 200


def test_opening_the_page_keeps_a_device_paired_for_as_long_again(guarded: FlaskClient) -> None:
    given = guarded.post("/api/access", json={"code": KEY.code}).headers["Set-Cookie"]
    again = guarded.get("/").headers["Set-Cookie"]
    assert again.split("Expires")[0] == given.split("Expires")[0] and "Max-Age=7776000" in again
    assert "Set-Cookie" not in guarded.get("/api/status").headers
    stranger = guarded.application.test_client()
    assert "Set-Cookie" not in stranger.get("/").headers


def test_guesses_are_forgiven_when_the_window_has_passed() -> None:
    limit = GuessLimit(guesses=2, window_s=60)
    with mock.patch("time.monotonic", return_value=100.0):
        limit.note_wrong()
        limit.note_wrong()
        with pytest.raises(TooManyGuesses):
            limit.check()
    with mock.patch("time.monotonic", return_value=161.0):
        limit.check()


class Clock:
    """The monotonic clock of a `GuessLimit`, which a test moves on."""

    now_s = 1000.0


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(guesses, "time", SimpleNamespace(monotonic=lambda: clock.now_s))
    return clock


def test_ten_thousand_guesses_at_six_digits_fail_with_the_right_one_among_them(
    session: Session, storage: Storage, clock: Clock
) -> None:
    key = AccessKey("477123", "s" * 64)
    client = create_app(session, storage, Guard(key)).test_client()
    for guess in range(10_000):
        clock.now_s += 0.002
        answer = client.post("/api/access", json={"code": f"{470_000 + guess}"})
        assert answer.status_code == (401 if guess < guesses.GUESSES else 429)
    repeated = [client.post("/api/access", json={"code": key.code}).status_code for _ in range(1000)]
    assert set(repeated) == {429}, "sending it often is not enough: it takes time"
    told = {_told(client.post("/api/access", json={"code": code})) for code in (key.code, "470000")}
    assert len(told) == 1, "nothing tells the right one from another"


def _told(answer: TestResponse) -> tuple[int, str | None, str]:
    return answer.status_code, answer.headers.get("Retry-After"), answer.get_data(as_text=True)


def test_the_right_code_is_let_in_within_ten_seconds_while_others_guess_from_the_same_address(
    guarded: FlaskClient, clock: Clock
) -> None:
    """Everyone behind a reverse proxy has its address."""
    owner, began_s = guarded.application.test_client(), clock.now_s
    for guess in range(guesses.GUESSES):
        guarded.post("/api/access", json={"code": f"WRONG{guess}"})
    while (answer := owner.post("/api/access", json={"code": KEY.code})).status_code == 429:
        for guess in range(20):
            clock.now_s += int(answer.headers["Retry-After"]) / 20
            assert guarded.post("/api/access", json={"code": f"WRONG{guess}"}).status_code == 429
        assert clock.now_s - began_s <= 10
    assert answer.status_code == 204 and owner.get("/api/status").status_code == 200
    assert guarded.get("/api/status").status_code == 401
    assert owner.post("/api/access", json={"code": KEY.code}).status_code == 429, "each time again"


def test_tries_that_are_far_apart_are_not_one_insistence(clock: Clock) -> None:
    limit = GuessLimit(guesses=1, window_s=600)
    limit.note_wrong()
    for _ in range(3 * guesses.TRIES):
        with pytest.raises(TooManyGuesses):
            limit.check(right=True)
        clock.now_s += guesses.TRY_FORGOTTEN_S + 1


def test_who_mistypes_three_times_does_not_wait(guarded: FlaskClient) -> None:
    answers = [guarded.post("/api/access", json={"code": code}).status_code for code in ("A", "B", "C", KEY.code)]
    assert answers == [401, 401, 401, 204]


@pytest.mark.parametrize("body", [{}, {"code": 5}, {"code": "x" * 65}])
def test_a_code_that_is_none_is_a_bad_request(guarded: FlaskClient, body: dict[str, object]) -> None:
    assert guarded.post("/api/access", json=body).status_code == 400


@pytest.mark.parametrize(
    ("host", "allowed"),
    [
        ("hqcam.local:8000", True),
        ("192.168.4.1:8000", True),
        ("[fe80::1]:8000", True),
        ("localhost", True),
        ("evil.example", False),
        ("hqcam.local.evil.example:8000", False),
        ("", False),
    ],
)
def test_only_own_names_and_addresses_are_served(guarded: FlaskClient, host: str, allowed: bool) -> None:
    response = guarded.get("/access", headers={"Host": host})
    assert response.status_code == (200 if allowed else 403)


@pytest.mark.parametrize(("host", "status"), [("127.0.0.1:8000", 200), ("[::1]:8000", 200), ("192.168.4.1:8000", 403)])
def test_on_loopback_only_loopback_is_served(client: FlaskClient, host: str, status: int) -> None:
    assert client.get("/api/status", headers={"Host": host}).status_code == status


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://localhost:8000", 200),
        ("http://evil.example", 403),
        ("http://localhost:9000", 403),
        ("null", 403),
        ("", 403),
    ],
)
def test_pages_of_other_origins_are_refused(client: FlaskClient, origin: str, status: int) -> None:
    headers = {"Host": "localhost:8000", "Origin": origin}
    assert client.patch("/api/assists", json={}, headers=headers).status_code == status
    assert client.get("/api/status", headers=headers).status_code == status


def test_the_key_is_private_kept_and_renewed_on_demand(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "access.json"
    key = load_key(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(key.code) == access_key.CODE_LENGTH and set(key.code) <= set(access_key.CODE_ALPHABET)
    assert load_key(path) == key
    assert load_key(path, renew=True) != key
    path.write_text("{broken")
    assert load_key(path).code != key.code


SECRET = "s" * 64
OPEN = [{"code": "", "secret": SECRET}, {"code": "A", "secret": SECRET}, {"code": " " * 8, "secret": SECRET}]
OPEN += [{"code": "ABCD2345", "secret": ""}, {"code": ["ABCD2345"], "secret": SECRET}, {"code": None, "secret": None}]


@pytest.mark.parametrize("stored", [*OPEN, [], "ABCD2345", 3])
def test_a_code_that_would_let_in_whoever_asks_closes_the_camera(tmp_path: Path, stored: object) -> None:
    path = tmp_path / "access.json"
    path.write_text(json.dumps(stored))
    notices = Notices()
    key = load_key(path, notices=notices)
    assert len(key.code) == access_key.CODE_LENGTH and len(key.secret) == 64
    assert json.loads((tmp_path / "access.broken.json").read_text()) == stored
    assert "there is a new one" in notices.list()[0] and load_key(path) == key


def test_a_deep_key_file_and_a_folder_in_its_place_are_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "access.json"
    path.write_text("[" * 100_000)
    assert load_key(path).code
    path.unlink()
    path.mkdir()
    assert load_key(path).code and path.is_file()


def test_a_code_that_cannot_be_kept_is_in_force_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    notices = Notices()
    assert load_key(tmp_path / "file" / "access.json", notices=notices).code
    assert any("could not be kept" in notice for notice in notices.list())
    with pytest.raises(StorageError):
        load_key(tmp_path / "file" / "access.json", renew=True)
