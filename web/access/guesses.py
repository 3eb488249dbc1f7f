"""How many wrong codes an address may send: guessing is slow, and nobody keeps others from typing the right code."""

from __future__ import annotations

import ipaddress
import threading
import time
from collections import OrderedDict, deque
from typing import Final

from web.errors import TooManyGuesses

GUESSES, GUESS_WINDOW_S = 8, 60.0  # for each address: nobody keeps others from typing the right code
ADDRESSES_MOST: Final = 4096  # chosen: an attacker with more is forgotten sooner, and still far from 31^8 codes


class GuessLimit:
    """Allows each address a number of wrong guesses in a sliding window of time. Any thread."""

    def __init__(self, guesses: int = GUESSES, window_s: float = GUESS_WINDOW_S) -> None:
        self._guesses, self._window_s = guesses, window_s
        self._wrong: OrderedDict[str, deque[float]] = OrderedDict()  # the address that guessed last is the last
        self._lock = threading.Lock()

    def check(self, address: str = "") -> None:
        """Raise TooManyGuesses while the window of this address is full."""
        with self._lock:
            wrong = self._wrong.get(_network_of(address), deque())
            now = time.monotonic()
            if len(wrong) == self._guesses and now - wrong[0] < self._window_s:
                raise TooManyGuesses(max(1, round(self._window_s - (now - wrong[0]))))

    def note_wrong(self, address: str = "") -> None:
        """Count one wrong guess."""
        with self._lock:
            wrong = self._wrong.setdefault(_network_of(address), deque(maxlen=self._guesses))
            wrong.append(time.monotonic())
            self._wrong.move_to_end(_network_of(address))
            while len(self._wrong) > ADDRESSES_MOST:
                self._wrong.popitem(last=False)


def _network_of(address: str) -> str:
    """Give the address that guesses are counted for: of IPv6 its network, because each client has all of that."""
    try:
        known = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(known, ipaddress.IPv6Address):
        if known.ipv4_mapped is not None:
            return str(known.ipv4_mapped)
        return str(ipaddress.ip_network((known, 64), strict=False))
    return str(known)
