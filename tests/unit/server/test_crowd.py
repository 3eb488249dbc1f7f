"""Who has to go when there are too many connections."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from web.server import crowd as room
from web.server.connection import Connection, State
from web.server.crowd import Crowd
from web.server.limits import SETTLED_S

NOW_S = 1000.0
Enters = Callable[..., Connection]


@pytest.fixture
def crowd(monkeypatch: pytest.MonkeyPatch) -> Crowd:
    monkeypatch.setattr(room, "CONNECTIONS", 6)
    monkeypatch.setattr(room, "ADDRESS_CONNECTIONS", 4)
    return Crowd()


@pytest.fixture
def enters(crowd: Crowd) -> Iterator[Enters]:
    """Have a connection of an address wait since a time, not before that of the last of its address."""
    with ExitStack() as sockets, socket.create_server(("127.0.0.1", 0)) as server:

        def enter(address: str, *, paired: bool, since_s: float = NOW_S, state: State = State.IDLE) -> Connection:
            sockets.enter_context(socket.create_connection(server.getsockname()))
            connection = Connection(server.accept()[0], address, body_bytes=1)
            sockets.callback(connection.close)
            connection.paired, connection.since_s, connection.state = paired, since_s, state
            crowd.add(connection)
            if state is not State.ANSWERED:
                crowd.waits(connection)
            return connection

        yield enter


def test_whoever_was_not_let_in_goes_first_and_of_them_who_waits_longest(crowd: Crowd, enters: Enters) -> None:
    enters("a", paired=True, since_s=NOW_S - 100)
    longest = enters("c", paired=False, since_s=NOW_S - 2)
    enters("b", paired=False, since_s=NOW_S - 1)
    assert crowd.least("d", NOW_S) is longest


def test_who_was_let_in_stays_beside_a_newcomer_whose_address_would_have_as_many(crowd: Crowd, enters: Enters) -> None:
    owner = enters("owner", paired=True)
    crowded = [enters("crowd", paired=True, since_s=NOW_S - 3 + n) for n in range(3)]
    assert crowd.least("new", NOW_S) is crowded[0], "of the address with the most who waits longest"
    for one in crowded[:2]:
        crowd.remove(one)
    assert crowd.least("new", NOW_S) is None and crowd.least("owner", NOW_S) is None
    assert crowd.least("new", NOW_S + SETTLED_S + 1) in (owner, crowded[2]), "who only waits has had its time"


def test_an_address_that_is_full_makes_room_among_its_own(crowd: Crowd, enters: Enters) -> None:
    enters("other", paired=False, since_s=0)
    own = [enters("full", paired=True, since_s=NOW_S - 4 + n) for n in range(4)]
    assert not crowd.has_room("full") and crowd.least("full", NOW_S) is own[0]


def test_an_answer_is_never_broken_off_for_a_newcomer(crowd: Crowd, enters: Enters) -> None:
    for n in range(6):
        one = enters(f"{n % 2}", paired=False, since_s=0)
        one.state = State.ANSWERED
        crowd.is_answered(one)
    assert not crowd.has_room("new") and crowd.least("new", NOW_S) is None
    one.state = State.IDLE
    crowd.waits(one)
    assert crowd.least("new", NOW_S) is one, "it waits again"
