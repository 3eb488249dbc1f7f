"""Clocks that jump, as those of a Pi do: paired devices stay paired, and no capture gets the name of another."""

from __future__ import annotations

import random
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from unittest import mock

from attack.report import Length, Row
from flask import Flask

from device.captures.storage import Storage
from device.errors import HqcamError
from web.access.key import COOKIE, cookie_for, load_key
from web.guard import Guard

DAY_S = 86_400.0
JUMPS_S = (-time.time(), -7 * DAY_S, -1.0, 1.0, 7 * DAY_S, 100 * DAY_S, 3650 * DAY_S)


ROUNDS: Final[dict[Length, int]] = {"short": 100, "long": 200}


def attack(length: Length) -> Iterator[Row]:
    """Jump many times, and each time use a cookie of before and save a capture."""
    yield _attacked(ROUNDS[length])


def _attacked(rounds: int) -> Row:
    chance, counts, app = random.Random(477), Counter[str](), Flask("clocks")
    with tempfile.TemporaryDirectory() as folder:
        key = load_key(Path(folder) / "access.json")
        guard, cookie = Guard(key), cookie_for(key)
        storage = Storage(Path(folder) / "captures")
        storage.prepare()
        real = time.time
        for _ in range(rounds):
            moment = max(0.0, real() + chance.choice(JUMPS_S) * chance.uniform(0.5, 1.0))
            with mock.patch("time.time", return_value=moment):
                headers = {"Host": "127.0.0.1", "Cookie": f"{COOKIE}={cookie}"}
                with app.test_request_context("/api/status", headers=headers):
                    counts["stopped"] += not _let_in(guard)
                cookie = cookie_for(key) if chance.random() < 0.5 else cookie
                storage.save(datetime.fromtimestamp(moment, UTC), {".jpg": [b"picture"]})
        counts["lost"] = rounds - len({capture.id for capture in storage.list()})
    return Row(
        "clock jumps",
        rounds,
        lost=counts["lost"],
        leaked=0,
        stopped=counts["stopped"],
        measured="from 1970 to ten years ahead",
    )


def _let_in(guard: Guard) -> bool:
    try:
        return guard.check() is None
    except HqcamError:
        return False
