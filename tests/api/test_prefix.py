"""Behind a reverse proxy the camera is below a path: every address that it gives, and its cookie, are below it too."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from device.captures.storage import Storage
from device.errors import BadInput
from device.session.session import Session
from web.access.key import AccessKey
from web.app import create_app
from web.guard import Guard, machine_names
from web.prefix import Prefixed, checked_prefix

KEY = AccessKey("ABCD2345", "s" * 64)
PREFIX = {"X-Forwarded-Prefix": "/cam"}


def client_of(session: Session, storage: Storage, guard: Guard, **options: Any) -> FlaskClient:
    app = create_app(session, storage, guard)
    app.wsgi_app = Prefixed(app.wsgi_app, **options)  # type: ignore[method-assign]
    return app.test_client()


@pytest.fixture
def behind(simulated_session: Session, storage: Storage) -> FlaskClient:
    return client_of(simulated_session, storage, Guard(None))


def test_pages_name_their_files_below_the_path(behind: FlaskClient) -> None:
    for path in ("/", "/access", "/help", "/help/raw-files"):
        told = behind.get(path, headers=PREFIX).get_data(as_text=True)
        addresses = re.findall(r'(?:href|src)="([^"]+)"', told)
        assert len(addresses) > 3 and all(a.startswith("/cam/") for a in addresses), path
        plain = behind.get(path).get_data(as_text=True)
        assert re.findall(r'(?:href|src)="([^"]+)"', plain) == [a.removeprefix("/cam") for a in addresses]
        for address in addresses:
            answer = behind.get(address.removeprefix("/cam"), headers=PREFIX)
            assert answer.status_code == 200, address
            answer.close()


def test_the_api_gives_addresses_below_the_path(behind: FlaskClient) -> None:
    shot = behind.post("/api/captures", json={}, headers=PREFIX).get_json()
    for url in (*(file["url"] for file in shot["files"]), shot["thumbnail_url"]):
        assert url.startswith("/cam/api/captures/")
        answer = behind.get(url.removeprefix("/cam"), headers=PREFIX)
        assert answer.status_code == 200
        answer.close()
    assert behind.get("/api/openapi.json", headers=PREFIX).get_json()["servers"] == [{"url": "/cam"}]
    assert behind.get("/api/openapi.json").get_json()["servers"] == [{"url": "/"}]


def test_the_redirect_and_the_cookie_are_below_the_path(session: Session, storage: Storage) -> None:
    client = client_of(session, storage, Guard(KEY))
    assert client.get("/", headers=PREFIX).headers["Location"] == "/cam/access"
    cookie = client.post("/api/access", json={"code": KEY.code}, headers=PREFIX).headers["Set-Cookie"]
    assert "Path=/cam/" in cookie
    client = client_of(session, storage, Guard(KEY))
    assert client.get("/").headers["Location"] == "/access"
    assert "Path=/;" in client.post("/api/access", json={"code": KEY.code}).headers["Set-Cookie"] + ";"


def test_only_a_trusted_proxy_is_believed(session: Session, storage: Storage) -> None:
    client = client_of(session, storage, Guard(KEY), proxies=("192.168.1.5",))
    for address, believed in (("127.0.0.1", True), ("::1", True), ("192.168.1.5", True), ("192.168.1.6", False)):
        answer = client.get("/", headers=PREFIX, environ_base={"REMOTE_ADDR": address})
        assert (answer.headers["Location"] == "/cam/access") == believed, address


@pytest.mark.parametrize(
    "told", ["cam", "//evil.example", "/cam/../x", '/"><script>', "/a b", "/api", "/%2e", "/" + "a" * 300]
)
def test_what_is_no_path_is_not_believed(told: str, behind: FlaskClient) -> None:
    page = behind.get("/", headers={"X-Forwarded-Prefix": told}).get_data(as_text=True)
    assert re.search(r'href="/static/v-\w+/page/base.css"', page)
    with pytest.raises(BadInput, match="base path"):
        checked_prefix(told)


@pytest.mark.parametrize("leaves", ["", "/cam"])
def test_a_fixed_path_holds_whether_the_proxy_takes_it_away_or_not(
    leaves: str, session: Session, storage: Storage
) -> None:
    client = client_of(session, storage, Guard(None), base_path="/cam/")
    named = re.search(r'href="/cam(/static/v-\w+/page/base.css)"', client.get(f"{leaves}/").get_data(as_text=True))
    assert named
    answer = client.get(f"{leaves}{named[1]}")
    assert answer.status_code == 200 and client.get(f"{leaves}/api/status").status_code == 200
    answer.close()
    assert client.get("/camera/api/status").status_code == 404


def test_an_address_of_a_proxy_that_is_none_is_refused() -> None:
    with pytest.raises(BadInput, match="no address of a proxy"):
        Prefixed(lambda *_: [], proxies=("router",))


@pytest.mark.parametrize("host", ["pi.lan", "cam.fritz.box:8000", "Cam.Home.Arpa", "home.lan:443"])
def test_names_of_the_home_network_are_allowed_where_the_code_protects_the_camera(
    host: str, session: Session, storage: Storage
) -> None:
    for key, status in ((KEY, 200), (None, 403)):
        client = create_app(session, storage, Guard(key)).test_client()
        assert client.get("/access", headers={"Host": host}).status_code == status
    for foreign in (f"{host.split(':')[0]}.evil.example", "lan", "notlan", "evilfritz.box"):
        client = create_app(session, storage, Guard(KEY, machine_names())).test_client()
        assert client.get("/access", headers={"Host": foreign}).status_code == 403, foreign
