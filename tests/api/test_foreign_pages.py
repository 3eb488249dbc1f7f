"""What browsers tell of the page that asks, and what they are told: no page of another site reaches the camera."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from web.guard import PAGES


def every_path(client: FlaskClient) -> list[tuple[str, str, str]]:
    """Give endpoint, method and an address of every route."""
    found = []
    for rule in client.application.url_map.iter_rules():
        path = "".join("x" if is_argument else part for is_argument, part in rule._trace)
        path = path.partition("|")[2] or path
        method = "GET" if "GET" in (rule.methods or ()) else min((rule.methods or set()) - {"OPTIONS"})
        found.append((rule.endpoint, method, path))
    return found


@pytest.mark.parametrize("site", ["cross-site", "same-site", "anything"])
def test_no_route_answers_a_page_of_another_site(client: FlaskClient, site: str) -> None:
    paths = every_path(client)
    assert len(paths) > 30
    for _, method, path in paths:
        answer = client.open(path, method=method, headers={"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "no-cors"})
        assert answer.status_code == 403 and answer.get_json()["error"]["code"] == "refused", path


@pytest.mark.parametrize("site", ["same-origin", "none"])
def test_our_own_pages_and_the_address_bar_are_let_in(client: FlaskClient, site: str) -> None:
    assert client.get("/api/status", headers={"Sec-Fetch-Site": site}).status_code == 200


def test_another_site_may_link_to_our_pages_and_do_nothing_else(client: FlaskClient) -> None:
    link = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    opened = {
        e for e, method, path in every_path(client) if client.open(path, method=method, headers=link).status_code != 403
    }
    assert opened == PAGES
    framed = link | {"Sec-Fetch-Dest": "iframe"}
    assert client.get("/", headers=framed).status_code == client.post("/", headers=link).status_code == 403


def test_every_answer_forbids_its_use_by_other_sites(client: FlaskClient) -> None:
    for endpoint, method, path in every_path(client):
        if endpoint == "viewfinder.stream":
            continue  # it does not end; its head is made by the same code
        answer = client.open(path, method=method)
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin", path
    assert client.get("/nowhere").headers["Cross-Origin-Resource-Policy"] == "same-origin"


@pytest.mark.parametrize(
    "origin",
    [
        "http://[",
        "http://[::1",
        "http://a]b",
        "null",
        "",
        "http://",
        "//localhost",
        "localhost",
        "file://",
        "http://localhost:1",
    ],
)
def test_an_origin_of_any_shape_is_refused(client: FlaskClient, origin: str) -> None:
    answer = client.get("/api/status", headers={"Origin": origin})
    assert answer.status_code == 403 and answer.get_json()["error"]["code"] == "refused"


@pytest.mark.parametrize("origin", ["http://localhost", "https://LOCALHOST"])
def test_our_own_origin_is_let_in(client: FlaskClient, origin: str) -> None:
    assert client.get("/api/status", headers={"Origin": origin}).status_code == 200
