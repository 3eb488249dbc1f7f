"""Bodies of any shape: on every route that takes JSON, what is none is one error of the client."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from web.app import MAX_BODY_BYTES
from web.openapi import describe

ROUTES = [
    (method, path)
    for path, methods in describe()["paths"].items()
    for method, operation in methods.items()
    if "requestBody" in operation
]
BODIES = {
    "nothing": b"",
    "nested lists": b"[" * 30_000 + b"]" * 30_000,
    "nested objects": b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    "nested without end": b"[" * 60_000,
    "nested in a field": b'{"x":' + b"[" * 30_000 + b"]" * 30_000 + b"}",
    "half a surrogate pair": rb'{"code": "\ud800"}',
    "half a surrogate pair as a name": rb'{"\udfff": 1}',
    "half a surrogate pair deep inside": rb'{"mode": "timer", "settings": {"delay_s": ["\ud83d"]}}',
    "no UTF-8": b'{"code": "\xff\xfe"}',
    "UTF-16 cut short": b"\xff\xfe{\x00}",
    "not a number": b'{"x": NaN, "y": 0.5}',
    "infinite": b'{"x": Infinity, "y": -Infinity}',
    "a long number": b'{"x": ' + b"1" * 50_000 + b"}",
    "a number without end": b'{"x": 1e999, "y": 0.5}',
    "a list": b"[]",
    "text": b'"text"',
    "none": b"null",
    "bytes": bytes(range(256)),
}


def test_all_routes_with_a_body_are_known() -> None:
    assert len(ROUTES) >= 11


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_a_body_of_any_shape_is_the_clients_error_on_every_route(client: FlaskClient, body: bytes) -> None:
    assert len(body) < MAX_BODY_BYTES
    for method, path in ROUTES:
        answer = client.open(path, method=method.upper(), data=body, content_type="application/json")
        assert 400 <= answer.status_code < 500, (path, answer.get_data())
        assert set(answer.get_json()["error"]) == {"code", "message", "expected", "remedy"}, path


def test_a_body_beyond_the_limit_is_told_so(client: FlaskClient) -> None:
    body = b" " * MAX_BODY_BYTES + b"{}"
    answer = client.post("/api/captures", data=body, content_type="application/json")
    assert answer.status_code == 413 and answer.get_json()["error"]["code"] == "request_entity_too_large"
