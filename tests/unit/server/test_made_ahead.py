"""Pieces that a thread makes ahead: all of them, no more than there is room for, and none after the end."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from helpers import eventually

from device.errors import NotFound
from web.transfer.ahead import made_ahead


class Made:
    """A maker of numbered pieces, which may fail at one of them."""

    def __init__(self, count: int, fails_at: int = -1) -> None:
        self._count, self._fails_at = count, fails_at
        self.made = 0
        self.ended = False

    def pieces(self) -> Iterator[bytes]:
        try:
            for number in range(self._count):
                if number == self._fails_at:
                    raise NotFound("gone", remedy="list again")
                self.made += 1
                yield b"%d" % number
        finally:
            self.ended = True


@pytest.mark.parametrize("most", [1, 2, 5])
def test_all_pieces_come_in_their_order(most: int) -> None:
    assert b" ".join(made_ahead(Made(300).pieces(), most)) == b" ".join(b"%d" % number for number in range(300))
    assert list(made_ahead([], most)) == []


def test_no_more_are_made_than_there_is_room_for_and_none_after_it_is_closed() -> None:
    maker = Made(100)
    pieces = made_ahead(maker.pieces(), 3)
    assert maker.made == 0, "nothing is read before anyone asks"
    assert [next(pieces), next(pieces)] == [b"0", b"1"]
    eventually(lambda: maker.made == 5, "there is room for three more")
    pieces.close()
    eventually(lambda: maker.ended, "the thread lets go of its maker")
    assert maker.made == 5


def test_what_its_maker_raises_comes_behind_what_it_made() -> None:
    pieces = made_ahead(Made(9, fails_at=4).pieces(), 2)
    assert [next(pieces) for _ in range(4)] == [b"0", b"1", b"2", b"3"]
    with pytest.raises(NotFound, match="gone"):
        next(pieces)
