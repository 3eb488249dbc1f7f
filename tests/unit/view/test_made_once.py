"""Each value is made once, by whoever asks first."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from helpers import DEADLINE_S

from device.view.made_once import MadeOnce


def test_a_value_is_made_when_it_is_first_asked_for() -> None:
    made: list[int] = []

    def double(key: int) -> int:
        made.append(key)
        return 2 * key

    doubled = MadeOnce(double)
    assert made == []
    assert [doubled.at(key) for key in (3, 4, 3, 4)] == [6, 8, 6, 8] and made == [3, 4]


def test_all_who_ask_at_once_get_one_value() -> None:
    start, made = threading.Barrier(8), MadeOnce(lambda _: object())

    def ask(key: int) -> object:
        start.wait(DEADLINE_S)
        return made.at(key)

    with ThreadPoolExecutor(8) as pool:
        assert len({id(value) for value in pool.map(ask, [0, 1] * 4)}) == 2


def test_what_cannot_be_made_fails_for_everyone_who_waits_and_for_no_other_key() -> None:
    begun, go_on = threading.Event(), threading.Event()

    def make(key: int) -> int:
        if key == 0:
            begun.set()
            assert go_on.wait(DEADLINE_S)
        return 1 // key

    made = MadeOnce(make)
    with ThreadPoolExecutor(2) as pool:
        askers = [pool.submit(made.at, 0)]
        try:
            assert begun.wait(DEADLINE_S)
            askers.append(pool.submit(made.at, 0))
            assert made.at(1) == 1
        finally:
            go_on.set()
        for asker in askers:
            with pytest.raises(ZeroDivisionError):
                asker.result(DEADLINE_S)
