"""How many wrong codes an address may send: guessing is slow, and nobody keeps others from typing the right code.

An address may be wrong GUESSES times in GUESS_WINDOW_S. After that nothing tells a wrong code from the right one: both
are answered with 429. But people behind one router, and everyone behind a reverse proxy, have one address, and a
guesser among them must not lock out the owner. Who has the right code can insist: sent TRIES times, TRY_EVERY_S apart
or more, it is let in, 8 s after the first time, whatever others send meanwhile. The page does so by itself.

What a guesser gains: each code that is tried so costs five requests and 8 s, so that 10,000 guesses are none. At 1,000
requests a second, more than a Pi answers, that is 200 codes a second of 31^8: a year finds the code with a chance of
0.7 %, and the camera answers little else in that year. Codes of six digits would need a longer insistence than this.
"""

from __future__ import annotations

import ipaddress
import threading
import time
from collections import OrderedDict, deque
from typing import Final

from web.errors import TooManyGuesses

GUESSES, GUESS_WINDOW_S = 8, 60.0  # for each address: nobody keeps others from typing the right code
TRIES, TRY_EVERY_S, TRY_FORGOTTEN_S = 5, 2.0, 15.0  # chosen: 8 s are bearable; the last also on a slow link
ADDRESSES_MOST: Final = 4096  # chosen: an attacker with more is forgotten sooner, and still far from 31^8 codes


class GuessLimit:
    """Allows each address a number of wrong guesses in a sliding window of time. Any thread."""

    def __init__(self, guesses: int = GUESSES, window_s: float = GUESS_WINDOW_S) -> None:
        self._guesses, self._window_s = guesses, window_s
        self._wrong: OrderedDict[str, deque[float]] = OrderedDict()  # the address that guessed last is the last
        self._insisting: OrderedDict[str, deque[float]] = OrderedDict()  # when the right code was sent, and waits
        self._lock = threading.Lock()

    def check(self, address: str = "", *, right: bool = False) -> None:
        """Raise TooManyGuesses while the window of this address is full, and the `right` code was not insisted on."""
        network, now_s = _network_of(address), time.monotonic()
        with self._lock:
            wrong = self._wrong.get(network, deque())
            is_full = len(wrong) == self._guesses and now_s - wrong[0] < self._window_s
            if is_full and not (right and self._insists(network, now_s)):
                raise TooManyGuesses(round(TRY_EVERY_S))
            if right:
                self._insisting.pop(network, None)

    def _insists(self, network: str, now_s: float) -> bool:
        """Note that the right code was sent from this network; whether that was often and long enough. Locked."""
        tries = self._insisting.setdefault(network, deque())
        if tries and now_s - tries[-1] > TRY_FORGOTTEN_S:
            tries.clear()
        if not tries or now_s - tries[-1] >= TRY_EVERY_S:
            tries.append(now_s)
        _forget_oldest(self._insisting, network)
        return len(tries) >= TRIES

    def note_wrong(self, address: str = "") -> None:
        """Count one wrong guess."""
        with self._lock:
            wrong = self._wrong.setdefault(_network_of(address), deque(maxlen=self._guesses))
            wrong.append(time.monotonic())
            _forget_oldest(self._wrong, _network_of(address))


def _forget_oldest(times: OrderedDict[str, deque[float]], newest: str) -> None:
    times.move_to_end(newest)
    while len(times) > ADDRESSES_MOST:
        times.popitem(last=False)


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
