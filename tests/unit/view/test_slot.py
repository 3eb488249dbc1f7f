import threading
from dataclasses import dataclass

from helpers import DEADLINE_S

from device.view.slot import Slot


@dataclass(frozen=True)
class Item:
    sequence: int


def test_the_newest_wins() -> None:
    slot: Slot[Item] = Slot()
    for number in (1, 2, 3):
        slot.put(Item(number))
    assert slot.newest() == Item(3) and slot.wait_newer(2, 0) == Item(3)


def test_nothing_newer_gives_none_in_time() -> None:
    slot: Slot[Item] = Slot()
    assert slot.wait_newer(0, 0.01) is None
    slot.put(Item(4))
    assert slot.wait_newer(4, 0.01) is None


def test_a_reader_that_is_ahead_gets_what_comes_next() -> None:
    slot: Slot[Item] = Slot()
    slot.put(Item(1))
    timer = threading.Timer(0.02, slot.put, (Item(2),))
    timer.start()
    assert slot.wait_newer(900, 5) == Item(2)
    timer.join()


def test_all_waiting_readers_wake_and_closing_wakes_them_for_good() -> None:
    slot: Slot[Item] = Slot()
    got: list[Item | None] = []
    readers = [threading.Thread(target=lambda: got.append(slot.wait_newer(0, 10))) for _ in range(3)]
    for reader in readers:
        reader.start()
    slot.put(Item(1))
    for reader in readers:
        reader.join(DEADLINE_S)
    assert got == [Item(1)] * 3
    slot.close()
    assert slot.wait_newer(5, 10) is None
