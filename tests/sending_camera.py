"""A folder of captures to send, and uploaders that try again at once."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from device.captures.capture import Capture
from device.captures.storage import Storage
from device.uploads.destinations import Destinations
from device.uploads.lane import Pauses
from device.uploads.senders import make_sender
from device.uploads.uploader import Uploader

AT_ONCE = Pauses(first_s=0.01, longest_s=0.02, refused_s=0.05)
STEP_S = 2.0


class SendingCamera:
    """A folder of captures, and what is kept beside the settings."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.storage = Storage(folder / "captures")
        self.storage.prepare()
        self._random = np.random.default_rng(5)
        self._taken = 0
        self.uploaders: list[Uploader] = []

    def shoot(self, times: int = 1, sizes: tuple[int, int] = (40_000, 90_000)) -> list[Capture]:
        """Take pictures of random bytes: nobody looks into them on the way."""
        taken = []
        for _ in range(times):
            at = datetime(2026, 11, 20, 12).astimezone() + timedelta(seconds=self._taken)
            self._taken += 1
            files = {suffix: [self._random.bytes(size)] for suffix, size in zip((".jpg", ".dng"), sizes, strict=True)}
            taken.append(self.storage.save(at, files))
        return taken

    def bytes_of(self, *suffixes: str) -> dict[str, bytes]:
        """Give the files there are, by name."""
        files = [file for capture in self.storage.list() for file in capture.files]
        return {file.name: file.path.read_bytes() for file in files if file.name.endswith(suffixes)}

    def uploader(self, **options: Any) -> Uploader:
        """Make an uploader and start it, as a start of the server does."""
        made = Uploader(
            Destinations(self.folder / "uploads.json"),
            self.folder / "uploads",
            self.storage,
            **{"pauses": AT_ONCE, "sender": lambda one: make_sender(one, step_s=STEP_S), "look_s": 0.05, **options},
        )
        self.uploaders.append(made)
        made.start()
        return made
