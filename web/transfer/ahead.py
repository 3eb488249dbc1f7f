"""Pieces that one thread makes while another sends those before: reading and summing up take no time from the link."""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterable
from queue import SimpleQueue


def made_ahead(pieces: Iterable[bytes], most: int) -> Generator[bytes, None, None]:
    """Give the pieces in their order, and raise what their maker raises. At most `most` wait in memory, 1 or more.

    A thread makes them, from the first that is asked for on. It ends with the last, or after the one that it is at
    when this generator is closed: nobody waits for a drive that hangs.
    """
    made: SimpleQueue[bytes | BaseException | None] = SimpleQueue()
    room = threading.Semaphore(most - 1)
    closed = threading.Event()

    def make() -> None:
        try:
            for piece in pieces:
                made.put(piece)
                del piece  # it would stay in memory while there is no room
                room.acquire()
                if closed.is_set():
                    return
            made.put(None)
        except BaseException as error:
            made.put(error)

    threading.Thread(target=make, name="hqcam-zip", daemon=True).start()
    try:
        while (piece := made.get()) is not None:
            if isinstance(piece, BaseException):
                raise piece
            room.release()
            yield piece
    finally:
        closed.set()
        room.release()
