"""What time it is: by the system where that is synchronised, else as somebody told it: a Pi has no clock of its own.

A shot takes its time from here, and a series its time of day. hqcam does not set the system's clock, which it may not:
it keeps what was told (by the page of a phone) as the time at the boot of the machine. That is right until the next
boot, whatever the system's clock does, and is not used any more once that is synchronised. Kept in the settings file.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, Literal

from device import host
from device.errors import BadInput, ClockSynchronised
from device.preferences.store import Preferences
from device.settings.declaration import check_value, declared, finite, setting

Source = Literal["synchronised", "told", "unknown"]
"""From where the time is: a time source of the system, somebody who told it, or a clock of which nothing is known."""
_SECTION: Final = "clock"
_2024_MS: Final = 1_704_067_200_000  # chosen: before hqcam
_2100_MS: Final = 4_102_444_800_000


@dataclass(frozen=True, slots=True)
class ToldTime:
    """The time that somebody tells."""

    unix_ms: float = setting(_2024_MS, "Time", unit="ms", minimum=_2024_MS, maximum=_2100_MS, help="Since 1970, UTC.")


TOLD_TIME: Final = declared(ToldTime)


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment on the clock on the wall, and on the one that counts from the boot."""

    unix_s: float
    source: Source
    boot: str
    """The name of the boot."""
    since_boot_s: float

    @property
    def is_known(self) -> bool:
        """Whether the clock on the wall was synchronised or told."""
        return self.source != "unknown"

    @property
    def local(self) -> datetime:
        """The moment as the clock on the wall shows it, with its offset from UTC."""
        return host.local_time(self.unix_s)

    @property
    def unix_at_boot_s(self) -> float:
        """What the clock on the wall would have shown at the boot."""
        return self.unix_s - self.since_boot_s


class OwnerClock:
    """The time of one camera. Any thread."""

    def __init__(
        self,
        preferences: Preferences,
        *,
        synchronised: Callable[[], bool] = host.clock_is_synchronised,
        system_s: Callable[[], float] = time.time,
        since_boot_s: Callable[[], float] = host.since_boot_s,
        boot_id: Callable[[], str | None] = host.boot_id,
    ) -> None:
        """`system_s` gives the system's time in Unix seconds; tests give clocks of their own."""
        self._preferences, self._synchronised = preferences, synchronised
        self._system_s, self._since_boot_s, self._boot_id = system_s, since_boot_s, boot_id

    def now(self) -> Moment:
        """Give the time as well as it is known."""
        boot, since_boot_s = self._boot(), self._since_boot_s()
        if self._synchronised():
            return Moment(self._system_s(), "synchronised", boot, since_boot_s)
        at_boot_s = self._told(boot)
        if at_boot_s is not None:
            return Moment(at_boot_s + since_boot_s, "told", boot, since_boot_s)
        return Moment(self._system_s(), "unknown", boot, since_boot_s)

    def ago(self, seconds: float) -> Moment:
        """Give the moment so many seconds before now."""
        now = self.now()
        return replace(now, unix_s=now.unix_s - seconds, since_boot_s=now.since_boot_s - seconds)

    def unix_s(self) -> float:
        """Give the time in Unix seconds, as well as it is known."""
        return self.now().unix_s

    def tell(self, values: dict[str, Any], *, error: type[BadInput] = BadInput) -> None:
        """Keep `{"unix_ms": ...}` as the time that it is now, until the next boot.

        Raises `error` for anything else, ClockSynchronised where the system knows better, and StorageError: it counts
        until the program ends then.
        """
        if set(values) != set(TOLD_TIME):
            raise error("a time is told in milliseconds", expected='{"unix_ms": 1764331200000}')
        unix_ms = check_value(TOLD_TIME["unix_ms"], values["unix_ms"], error=error)
        if self._synchronised():
            raise ClockSynchronised(
                "the camera's clock is synchronised", expected="a clock that is not", remedy="leave it: it is right"
            )
        kept = {"boot": self._boot(), "unix_at_boot_s": unix_ms / 1000 - self._since_boot_s()}
        self._preferences.set(_SECTION, kept)
        self._preferences.save()

    def _told(self, boot: str) -> float | None:
        kept = self._preferences.get(_SECTION)
        at_boot_s = finite(kept.get("unix_at_boot_s")) if kept.get("boot") == boot else None
        return at_boot_s if at_boot_s is not None and 0 <= at_boot_s <= _2100_MS / 1000 else None

    def _boot(self) -> str:
        return self._boot_id() or f"process {os.getpid()}"
