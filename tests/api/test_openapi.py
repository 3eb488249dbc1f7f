"""The description is held against the routes and against real answers."""

from __future__ import annotations

import re
from typing import Any

import jsonschema
import pytest
from flask.testing import FlaskClient

from web.openapi import describe

DESCRIPTION = describe()


def validate(instance: Any, schema: str) -> None:
    document = {"$ref": f"#/components/schemas/{schema}", "components": DESCRIPTION["components"]}
    jsonschema.Draft202012Validator(document).validate(instance)


def test_every_route_is_described_and_nothing_else(client: FlaskClient) -> None:
    routes = set()
    for rule in client.application.url_map.iter_rules():
        if rule.endpoint not in ("static", "versioned"):
            path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
            routes |= {(path, method.lower()) for method in (rule.methods or set()) - {"HEAD", "OPTIONS", "PROPFIND"}}
    described = {(path, method) for path, methods in DESCRIPTION["paths"].items() for method in methods}
    assert routes == described


def test_the_description_is_served_and_its_references_resolve(client: FlaskClient) -> None:
    served = client.get("/api/openapi.json").get_json()
    assert served == DESCRIPTION
    for reference in re.findall(r"'\$ref': '#/components/(\w+)/(\w+)'", str(served)):
        assert reference[1] in served["components"][reference[0]]


@pytest.mark.parametrize(
    ("path", "schema"),
    [
        ("/api/status", "Status"),
        ("/api/camera", "Camera"),
        ("/api/controls", "Controls"),
        ("/api/assists", "Assists"),
        ("/api/captures", "CaptureList"),
        ("/api/jobs", "Jobs"),
        ("/api/nothing", "Error"),
    ],
)
def test_answers_are_as_described(simulated: FlaskClient, path: str, schema: str) -> None:
    validate(simulated.get(path).get_json(), schema)


def test_a_capture_is_as_described(client: FlaskClient) -> None:
    response = client.post("/api/captures", json={})
    assert response.status_code == 201
    validate(response.get_json(), "Capture")
