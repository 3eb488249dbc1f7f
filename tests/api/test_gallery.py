"""What a gallery asks for: a series as one, filters, stars."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from unittest import mock

import pytest
from flask.testing import FlaskClient
from helpers import eventually

from device.captures.storage import Storage
from device.errors import StorageError


def take_bracket(client: FlaskClient) -> None:
    settings = {"count": 3, "step_ev": 1}
    assert client.post("/api/drive", json={"mode": "bracket", "settings": settings}).status_code == 202
    eventually(lambda: client.get("/api/drive").get_json()["state"] == "done", "done")


def listed(client: FlaskClient, query: str) -> list[str]:
    answer = client.get(f"/api/captures{query}")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return [capture["id"] for capture in answer.get_json()["captures"]]


def test_a_bracket_is_one_entry_that_names_its_shots(simulated: FlaskClient, storage: Storage) -> None:
    single = simulated.post("/api/captures", json={}).get_json()
    assert single["series"] is None and single["starred"] is False and single["lens"]
    take_bracket(simulated)
    everything = listed(simulated, "")
    folded = simulated.get("/api/captures?fold=1").get_json()
    assert [capture["id"] for capture in folded["captures"]] == [everything[0], single["id"]]
    assert folded["total"] == 4 and folded["next"] is None
    series = folded["captures"][0]["series"]
    assert (series["mode"], series["captures"]) == ("bracket", 3)
    assert listed(simulated, f"?series={series['place']}") == everything[:3]
    starred = f"/api/captures/{everything[1]}/star"
    assert simulated.put(starred, json={"starred": True}).get_json() == {"starred": True}
    assert listed(simulated, "?only=starred") == everything[1:2]
    assert listed(simulated, f"?lens={single['lens']}&limit=2") == everything[:2]
    assert listed(simulated, "?lens=Biogon") == []
    assert simulated.delete(f"/api/captures/{everything[1]}").status_code == 204
    assert listed(simulated, "?only=starred") == []
    assert not [path for path in storage.root.rglob("*") if everything[1] in path.name]


@pytest.mark.parametrize(
    ("query", "status", "told"),
    [
        ("?fold=yes", 400, "fold is 'yes'"),
        ("?only=good", 400, "only is 'good'"),
        ("?until=no", 400, "until is 'no'"),
        ("?fold=1&only=raw", 400, "a filter and fold are asked for at once"),
        ("?offset=5&series=2026-11-28/x", 400, "offset and series are asked for at once"),
        ("?series=2026-11-28/x", 404, "there is no series '2026-11-28/x'"),
        ("?series=../../x", 404, "there is no series"),
    ],
)
def test_a_list_that_cannot_be_is_refused(client: FlaskClient, query: str, status: int, told: str) -> None:
    answer = client.get(f"/api/captures{query}")
    assert answer.status_code == status and told in answer.get_json()["error"]["message"]


@pytest.mark.parametrize("body", [{}, {"starred": 1}, {"starred": True, "colour": "red"}])
def test_a_body_that_says_no_star_is_refused(client: FlaskClient, body: dict[str, Any]) -> None:
    answer = client.put("/api/captures/x/star", json=body)
    assert answer.status_code == 400 and answer.get_json()["error"]["message"] == "the body says no star"


def test_what_is_not_there_gets_no_star(client: FlaskClient) -> None:
    assert client.put("/api/captures/x/star", json={"starred": True}).status_code == 404


def test_many_are_deleted_and_what_cannot_be_is_told(client: FlaskClient, storage: Storage) -> None:
    taken = [storage.save(datetime(2026, 11, 28, tzinfo=UTC), {".jpg": [b"x"]}).id for _ in range(3)]
    real = storage.delete

    def fails_once(one: str) -> None:
        if one == taken[1]:
            raise StorageError("the card cannot be written", remedy="try another card")
        real(one)

    with mock.patch.object(storage, "delete", fails_once):
        answer = client.post("/api/captures/delete", json={"ids": [*taken, "gone-already", taken[0]]})
    assert answer.status_code == 200
    (failed,) = answer.get_json()["failed"]
    assert failed["id"] == taken[1] and failed["error"]["message"] == "the card cannot be written"
    assert listed(client, "") == [taken[1]]


@pytest.mark.parametrize("body", [{}, {"ids": "a"}, {"ids": [1]}, {"ids": [], "all": True}, {"ids": ["a"] * 501}])
def test_a_body_that_names_no_captures_is_refused(client: FlaskClient, body: dict[str, Any]) -> None:
    answer = client.post("/api/captures/delete", json=body)
    assert answer.status_code == 400 and answer.get_json()["error"]["message"] == "the body names no captures"
