"""Who else watches, and who changed what: told to everyone but the one who did it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask.testing import FlaskClient

import web
from web.access.people import KEPT_S, MOST_CHANGES, MOST_PEOPLE, PRESENT_S, People, device_of
from web.routes.people import CHANGES_NOTHING, NOT_SAID, WITH_NAMES

MINE, OTHER = "0123456789abcdef", "fedcba9876543210"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
PIXEL = "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0"
MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0"


class Clock:
    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


def seen_by(client: FlaskClient, name: str, browser: str) -> dict[str, Any]:
    headers = {"X-Client": name, "User-Agent": browser}
    people: dict[str, Any] = client.get("/api/status", headers=headers).get_json()["people"]
    return people


def test_each_is_told_of_the_others_and_of_what_they_changed(simulated: FlaskClient) -> None:
    assert seen_by(simulated, MINE, IPHONE) == {"watching": [], "changes": []}
    assert seen_by(simulated, OTHER, PIXEL) == {"watching": ["iPhone"], "changes": []}
    headers = {"X-Client": OTHER, "User-Agent": PIXEL}
    ev = simulated.get("/api/controls").get_json()["ev"]
    assert simulated.patch("/api/controls", json={"ev": ev, "metering": "centre"}, headers=headers).status_code == 200
    assert simulated.patch("/api/controls", json={"ev": 99}, headers=headers).status_code == 400  # nothing changed
    assert simulated.delete("/api/loupe", headers=headers).status_code == 200
    plan = {"mode": "single", "settings": {}}
    assert simulated.post("/api/drive/plan", json=plan, headers=headers).status_code == 200  # asks, changes nothing
    changes = [
        {"number": 1, "who": "Android", "subject": "controls", "names": ["ev", "metering"]},
        {"number": 2, "who": "Android", "subject": "loupe", "names": []},
    ]
    assert seen_by(simulated, MINE, IPHONE) == {"watching": ["Android"], "changes": changes}
    assert seen_by(simulated, OTHER, PIXEL)["changes"] == []


def test_all_that_can_be_changed_has_a_word_on_the_page(simulated: FlaskClient) -> None:
    changing = {"PATCH", "PUT", "POST", "DELETE"}
    paths = [rule.rule for rule in simulated.application.url_map.iter_rules() if changing & (rule.methods or set())]
    paths = [path for path in paths if path not in CHANGES_NOTHING]
    subjects = {path.partition("/api/")[2].partition("/")[0] for path in paths} - {""} - NOT_SAID - WITH_NAMES
    said = (Path(web.__file__).parent / "static" / "page" / "people.js").read_text()
    assert "loupe" in subjects and [name for name in subjects if f"  {name}: say`" not in said] == []


def test_a_program_without_a_name_is_told_of_and_not_counted(simulated: FlaskClient) -> None:
    simulated.get("/api/status", headers={"User-Agent": "curl/8.5"})
    simulated.get("/api/status", headers={"User-Agent": PIXEL, "X-Client": "nobody; <script>"})
    assert simulated.patch("/api/assists", json={"spot": False}, headers={"User-Agent": "curl/8.5"}).status_code == 200
    found = seen_by(simulated, MINE, MAC)
    assert found["watching"] == []
    assert [(change["who"], change["names"]) for change in found["changes"]] == [("", ["spot"])]


def test_who_went_and_what_is_old_are_told_no_more() -> None:
    clock = Clock()
    people = People(clock)
    people.look(OTHER, IPHONE)
    people.changed(OTHER, IPHONE, "lens")
    clock.now_s += PRESENT_S - 0.1
    seen = people.look(MINE, MAC)
    assert seen.watching == ("iPhone",) and [change.subject for change in seen.changes] == ["lens"]
    clock.now_s += 0.1
    assert people.look(MINE, MAC).watching == ()
    clock.now_s += KEPT_S - PRESENT_S
    assert people.look(MINE, MAC).changes == ()


def test_names_that_are_made_up_fill_nothing() -> None:
    people = People(Clock())
    people.look(OTHER, IPHONE)
    for number in range(1000):
        people.look(f"{number:016x}", PIXEL)
        people.changed(f"{number:016x}", PIXEL, "lens")
    seen = people.look(OTHER, IPHONE)
    assert len(seen.watching) == MOST_PEOPLE - 1 and len(seen.changes) == MOST_CHANGES


def test_a_device_is_called_by_what_its_browser_says() -> None:
    assert [device_of(browser) for browser in (IPHONE, PIXEL, MAC, "curl/8.5", "")] == [
        "iPhone",
        "Android",
        "Mac",
        "",
        "",
    ]
