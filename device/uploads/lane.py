"""One destination at work: its queue, what it sends now, and when it tries again after a failure.

The thread of `uploader` calls it; `told` is for all threads.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from device.captures.storage import Storage
from device.errors import HqcamError, StorageError
from device.uploads.destination import Destination, State
from device.uploads.errors import Ended, FileRefused, NeedsOwner, Unreachable, UploadError
from device.uploads.journal import FileKey, Journal, journal_path, only_one
from device.uploads.outgoing import Sender, opened
from device.uploads.waiting import Waiting, WaitingFile

FAILED_MOST: Final = 20  # chosen: as many are told by name
FAILURES_IN_ROW: Final = 3  # chosen: files that fail one after the other are no fault of theirs
BUSY_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class Pauses:
    """How long to wait after failures, seconds: the first time, then twice as long each time, up to the longest."""

    first_s: float = 10.0
    longest_s: float = 600.0
    refused_s: float = 3600.0
    """For a file that was refused, and where the owner must do something."""

    def after(self, failures: int) -> float:
        """Give the pause after so many failures in a row, 1 or more."""
        return float(min(self.first_s * 2.0 ** min(failures - 1, 30), self.longest_s))


@dataclass(frozen=True, slots=True)
class FailedFile:
    """A file that did not arrive, and why."""

    name: str
    problem: dict[str, str]
    attempts: int
    try_again_at: float


@dataclass(frozen=True, slots=True)
class Told:
    """How a destination is doing."""

    state: State = "looking"
    waiting: int = 0
    waiting_bytes: int = 0
    sent: int = 0
    left_out: int = 0
    file: str = ""
    """What is sent now."""
    file_bytes: int = 0
    file_sent_bytes: int = 0
    problem: dict[str, str] | None = None
    """The last error of the destination itself, as JSON."""
    try_again_s: float = 0.0
    failed: tuple[FailedFile, ...] = ()


@dataclass
class Lane:
    """Made for a destination as it is; another one is made when it was changed."""

    destination: Destination
    sender: Sender
    storage: Storage
    journals: Path
    pauses: Pauses
    networks: Callable[[], tuple[str, ...] | None]
    ended: Callable[[], bool]
    progress: Callable[[Destination, Told], None] | None = None
    """Gets what is told, each time."""
    told: Told = field(default_factory=Told, init=False)

    def __post_init__(self) -> None:
        self._path = journal_path(self.journals, self.destination.name)
        self.journal = Journal(self._path)
        self.waiting = Waiting(self.destination, self.journal, self.storage)
        self._problem: HqcamError | None = None
        self._failures = self._in_row = 0
        self._try_again_at = 0.0
        self._failed: dict[FileKey, FailedFile] = {}

    def retry(self) -> None:
        """Try all that failed at once."""
        self._failed.clear()
        self._try_again_at = 0.0
        self._failures = self._in_row = 0
        self.waiting.look_at_all_again()

    def tell(self) -> None:
        """Tell how many wait, without sending any."""
        self._tell(self._held_by() or "done")

    def step(self) -> bool:
        """Send the next file, if there is one that may go now; give whether one was tried."""
        now = time.monotonic()
        if (held := self._held_by()) is not None:
            self._tell(held)
            return False
        if now < self._try_again_at:
            self._tell("needs you" if isinstance(self._problem, NeedsOwner) else "trying again")
            return False
        try:
            self.waiting.refresh(self.ended)
            file = self.waiting.next(lambda key: key not in self._failed or now >= self._failed[key].try_again_at)
            if file is None:
                self._problem = None
                self._tell("trying again" if self._failed else "done")
                return False
            with only_one(self._path) as alone:
                if not alone:
                    self._try_again_at = now + BUSY_S
                    self._tell("busy")
                    return False
                return self._send(file)
        except StorageError as error:
            self._pause(error)
            return False

    def _send(self, file: WaitingFile) -> bool:
        key = file.key
        self.journal.read()
        if key in self.journal:  # another process has sent it
            self.waiting.drop(key)
            return True
        self._tell("sending", file)
        try:
            outgoing = opened(file.path, file.path.parent.name if file.path.parent != self.storage.root else "")
            self.sender.send(outgoing, lambda sent: self._show(replace(self.told, file_sent_bytes=sent)))
            self.journal.add_sent(key, outgoing.sha256)
        except FileNotFoundError:
            self.waiting.drop(key)
        except Ended:
            return False
        except (Unreachable, NeedsOwner) as error:
            self._pause(error)
            return False
        except UploadError as error:
            self._set_aside(key, error)
        else:
            self.waiting.drop(key)
            self._failed.pop(key, None)
            self._problem, self._failures, self._in_row = None, 0, 0
        self._tell("sending" if len(self.waiting) > len(self._failed) else "done")
        return True

    def _set_aside(self, key: FileKey, error: UploadError) -> None:
        """Let the others go before this file, unless one after the other fails."""
        before = self._failed.get(key)
        attempts = before.attempts + 1 if before else 1
        pause_s = self.pauses.refused_s if isinstance(error, FileRefused) else self.pauses.after(attempts)
        self._failed[key] = FailedFile(key.name, error.as_json(), attempts, time.monotonic() + pause_s)
        self._in_row = 0 if isinstance(error, FileRefused) else self._in_row + 1
        if self._in_row >= FAILURES_IN_ROW:
            self._pause(error)

    def _pause(self, error: HqcamError) -> None:
        self._problem = error
        self._failures += 1
        wait_s = self.pauses.refused_s if isinstance(error, NeedsOwner) else self.pauses.after(self._failures)
        self._try_again_at = time.monotonic() + wait_s
        self._tell("needs you" if isinstance(error, NeedsOwner) else "trying again")

    def _held_by(self) -> State | None:
        if self.destination.paused:
            return "paused"
        if self.destination.networks:
            names = self.networks()
            if names is None:
                return "network unknown"
            if not set(names) & set(self.destination.networks):
                return "other network"
        return None

    def _tell(self, state: State, file: WaitingFile | None = None) -> None:
        problem = None if self._problem is None or state in ("done", "paused") else self._problem.as_json()
        waits = [one.try_again_at for one in self._failed.values()] + [self._try_again_at] * (problem is not None)
        soon_s = min(waits, default=0.0) if state in ("trying again", "needs you") else 0.0
        told = Told(
            state=state,
            waiting=len(self.waiting),
            waiting_bytes=self.waiting.size_bytes,
            sent=self.journal.sent,
            left_out=self.journal.left_out,
            file="" if file is None else file.key.name,
            file_bytes=0 if file is None else file.key.size_bytes,
            problem=problem,
            try_again_s=max(0.0, soon_s - time.monotonic()) if soon_s else 0.0,
            failed=tuple(self._failed.values())[:FAILED_MOST],
        )
        self._show(told)

    def _show(self, told: Told) -> None:
        self.told = told
        if self.progress is not None:
            self.progress(self.destination, self.told)
