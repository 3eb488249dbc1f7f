"""Sends what waits for all destinations, one file at a time, in a thread of low priority.

The originals are read and never changed or deleted.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from device import host
from device.atomic import discard
from device.captures.storage import Storage
from device.notices import Notices
from device.uploads.destination import Destination
from device.uploads.destinations import Destinations
from device.uploads.journal import Journal, journal_path
from device.uploads.lane import Lane, Pauses, Told
from device.uploads.outgoing import Sender
from device.uploads.waiting import Waiting

LOOK_S: Final = 2.0  # chosen: a new shot leaves so soon; a look costs a few system calls
LOOK_AT_ALL_S: Final = 900.0  # chosen: what other programs put into the folder is found so soon
NETWORKS_S: Final = 20.0  # chosen: the networks are asked for so often, by a program of the system
NICE: Final = 10
END_S: Final = 2.0


def _make_sender(destination: Destination) -> Sender:
    from device.uploads.senders import make_sender  # not at module level: HTTP is loaded where there is a destination

    return make_sender(destination)


def make_uploader(path: Path | None, storage: Storage, *, notices: Notices | None = None) -> Uploader:
    """Make the uploader whose destinations are in the file `path`, with its journals beside it. Nothing is sent yet.

    `path` None: destinations are kept in memory only, the journals with the captures.
    """
    journals = (path.parent if path else storage.root) / "uploads"
    return Uploader(Destinations(path, notices=notices), journals, storage)


class Uploader:
    """Any thread. `close` ends it within END_S."""

    def __init__(
        self,
        destinations: Destinations,
        journals: Path,
        storage: Storage,
        *,
        pauses: Pauses | None = None,
        networks: Callable[[], tuple[str, ...] | None] = host.network_names,
        sender: Callable[[Destination], Sender] = _make_sender,
        look_s: float = LOOK_S,
    ) -> None:
        """`journals` is the folder of what has arrived; `networks` gives the names of those in use, None: unknown."""
        self._look_s = look_s
        self._progress: Callable[[Destination, Told], None] | None = None
        self.destinations = destinations
        self._journals, self._storage, self._make_sender = journals, storage, sender
        self._pauses, self._ask_networks = pauses or Pauses(), networks
        self._lanes: dict[str, Lane] = {}
        self._lock = threading.Lock()
        self._wake, self._ended = threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None
        self._networks: tuple[float, tuple[str, ...] | None] = (-NETWORKS_S, None)
        self._looked_at_all = time.monotonic()
        self._retry: set[str] = set()

    def start(self) -> None:
        """Begin to send, in a thread. Destinations that are added later count at once, by other processes too."""
        with self._lock:
            if self._thread is None and not self._ended.is_set():
                self._thread = threading.Thread(target=self._run, name="hqcam-upload", daemon=True)
                self._thread.start()

    def close(self) -> None:
        """End what is on its way; the next start sends it anew."""
        self._ended.set()
        with self._lock:
            lanes, thread = list(self._lanes.values()), self._thread
        for lane in lanes:
            lane.sender.end()
        self._wake.set()
        if thread is not None:
            thread.join(END_S)

    def add(self, destination: Destination, *, everything: bool) -> None:
        """Add a destination: for all captures, or for those from now on. Raises BadInput, StorageError."""
        self.destinations.check_new(destination)
        path = journal_path(self._journals, destination.name)
        discard(path)  # of a destination of that name that was removed by hand
        if not everything:  # before anything is sent there
            journal = Journal(path)
            journal.add_left_out(Waiting(destination, journal, self._storage).all_there())
        self.destinations.add(destination)
        self._wake.set()

    def change(self, name: str, values: Mapping[str, Any]) -> None:
        """Change a destination; at another address nothing counts as sent. Raises NotFound, BadInput, StorageError."""
        before = self.destinations.get(name)
        after = self.destinations.change(name, values)
        if after.address != before.address:
            Journal(journal_path(self._journals, name)).forget_sent()
        self.retry(name)

    def remove(self, name: str) -> None:
        """Send nothing there any more, and forget what was sent. Raises NotFound, StorageError."""
        self.destinations.remove(name)
        path = journal_path(self._journals, name)
        for gone in (path, path.with_suffix(".lock")):
            discard(gone)
        self._wake.set()

    def send_left_out(self, name: str) -> None:
        """Send what was there before too. Raises NotFound, StorageError."""
        self.destinations.get(name)
        Journal(journal_path(self._journals, name)).take_back_left_out()
        self.retry(name)

    def retry(self, name: str | None = None) -> None:
        """Try again at once what failed: at one destination, or at all. Raises NotFound."""
        names = [one.name for one in self.destinations.list()] if name is None else [self.destinations.get(name).name]
        with self._lock:
            self._retry.update(names)
        self._wake.set()

    def look_at_all_again(self, *, stars: bool = False) -> None:
        """Look at all captures again: one has got a further file, or (`stars`) a star was set or taken away."""
        with self._lock:
            lanes = [lane for lane in self._lanes.values() if lane.destination.only_starred or not stars]
        for lane in lanes:
            lane.waiting.look_at_all_again()
        if lanes:
            self._wake.set()

    def try_out(self, destination: Destination) -> None:
        """Try what sending needs, and leave nothing there. Raises UploadError of any kind."""
        sender = self._make_sender(destination)
        try:
            sender.check()
        finally:
            sender.close()

    def told(self) -> list[tuple[Destination, Told]]:
        """Give how each destination is doing, the oldest first."""
        with self._lock:
            lanes = dict(self._lanes)
        return [(one, lanes[one.name].told if one.name in lanes else Told()) for one in self.destinations.list()]

    def networks(self) -> tuple[str, ...] | None:
        """Give the names of the networks in use, asked for at most every NETWORKS_S; None: not known."""
        asked_at, names = self._networks
        if time.monotonic() - asked_at >= NETWORKS_S:
            names = self._ask_networks()
            self._networks = (time.monotonic(), names)
        return names

    def send_all(self, progress: Callable[[Destination, Told], None], ended: Callable[[], bool]) -> None:
        """Send all that may go now, in this thread, and give up at what fails. For programs without `start`."""
        self._progress = progress
        while self._turn() and not ended():
            pass

    def look(self, ended: Callable[[], bool]) -> list[tuple[Destination, Told]]:
        """Find what waits, and send nothing. Raises StorageError. For programs without `start`."""
        for destination in self.destinations.list():
            lane = self._lane(destination)
            lane.waiting.refresh(ended)
            lane.tell()
        return self.told()

    def _run(self) -> None:
        with suppress(OSError, AttributeError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)
        while not self._ended.is_set():
            if not self._turn():
                self._wake.wait(self._rest_s())
            self._wake.clear()
        with self._lock:
            lanes = list(self._lanes.values())
        for lane in lanes:
            lane.sender.close()

    def _rest_s(self) -> float:
        """Give how long there is nothing to do: until the next look, or until something is tried again."""
        with self._lock:
            waits = [lane.told.try_again_s for lane in self._lanes.values()]
        return min([self._look_s, *(wait_s for wait_s in waits if wait_s > 0)])

    def _turn(self) -> bool:
        """Let each destination send one file; give whether any did."""
        now = time.monotonic()
        look_at_all = now - self._looked_at_all >= LOOK_AT_ALL_S
        if look_at_all:
            self._looked_at_all = now
        with self._lock:
            retry, self._retry = self._retry, set()
        tried = False
        there = self.destinations.list()
        for destination in there:
            lane = self._lane(destination)
            if destination.name in retry:
                lane.retry()
            elif look_at_all:
                lane.waiting.look_at_all_again()
            tried = (not self._ended.is_set() and lane.step()) or tried
        self._forget_all_but({one.name for one in there})
        return tried and not self._ended.is_set()

    def _lane(self, destination: Destination) -> Lane:
        """Give the lane of a destination as it is now."""
        with self._lock:
            lane = self._lanes.get(destination.name)
            if lane is not None and lane.destination == destination:
                return lane
            if lane is not None:
                lane.sender.close()
            lane = Lane(
                destination=destination,
                sender=self._make_sender(destination),
                storage=self._storage,
                journals=self._journals,
                pauses=self._pauses,
                networks=self.networks,
                ended=self._ended.is_set,
                progress=self._progress,
            )
            self._lanes[destination.name] = lane
        lane.journal.read()
        return lane

    def _forget_all_but(self, names: set[str]) -> None:
        with self._lock:
            gone = [name for name in self._lanes if name not in names]
            lanes = [self._lanes.pop(name) for name in gone]
        for lane in lanes:
            lane.sender.close()
