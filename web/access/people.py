"""Who else watches, and who changed what lately: pages tell who they are, so that each can say it in a word.

A page names itself by a random text in the header `X-Client`; other programs do not. What somebody is called follows
from the browser's name. Kept in memory only. The routes call it, in any thread.
"""

from __future__ import annotations

import re
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

PRESENT_S: Final = 6.0  # chosen: six times the pause between two questions of a page for the state of the camera
KEPT_S: Final = 10.0  # chosen: longer than a page that is shown can miss
MOST_PEOPLE: Final = 64  # chosen: more than ever look, and a bound for who makes names up
MOST_CHANGES: Final = 32
_NAME: Final = re.compile(r"[0-9a-f]{16}")
_DEVICES: Final = (  # the first that the browser's name holds
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Macintosh", "Mac"),
    ("CrOS", "Chromebook"),
    ("Linux", "Linux"),
)


@dataclass(frozen=True)
class Change:
    """Something that somebody changed. `names` are the settings, where the subject has such."""

    number: int
    who: str
    subject: str
    names: tuple[str, ...]


@dataclass(frozen=True)
class Seen:
    """What one client is told of the others."""

    watching: tuple[str, ...]
    """What the others are called, sorted."""
    changes: tuple[Change, ...]
    """What the others changed in the last seconds, oldest first."""


@dataclass
class _Known:
    device: str
    seen_s: float


class People:
    """Who asked lately, and what they changed."""

    def __init__(self, now_s: Callable[[], float] = time.monotonic) -> None:
        self._now_s = now_s
        self._known: dict[str, _Known] = {}
        self._changes: deque[tuple[float, str, Change]] = deque(maxlen=MOST_CHANGES)
        self._number = 0
        self._lock = threading.Lock()

    def look(self, client: str | None, browser: str) -> Seen:
        """Note that a client watches, and give what it should know. None is somebody without a name, and not noted."""
        now_s = self._now_s()
        name = _checked(client)
        with self._lock:
            self._known = {key: known for key, known in self._known.items() if now_s - known.seen_s < PRESENT_S}
            if name and (name in self._known or len(self._known) < MOST_PEOPLE):
                self._known[name] = _Known(device_of(browser), now_s)
            others = sorted(known.device for key, known in self._known.items() if key != name)
            recent = [change for at_s, by, change in self._changes if now_s - at_s < KEPT_S and by != name]
        return Seen(tuple(others), tuple(recent))

    def changed(self, client: str | None, browser: str, subject: str, *, names: tuple[str, ...] = ()) -> None:
        """Note what a client changed. `names` are the settings."""
        name = _checked(client)
        who = device_of(browser) if name else ""
        with self._lock:
            self._number += 1
            self._changes.append((self._now_s(), name, Change(self._number, who, subject, names)))


def device_of(browser: str) -> str:
    """What to call who uses a browser of this name (User-Agent): "" where it tells nothing."""
    return next((device for part, device in _DEVICES if part in browser), "")


def _checked(client: str | None) -> str:
    """The name of a client; "" for none and for what no page makes."""
    return client if client is not None and _NAME.fullmatch(client) else ""
