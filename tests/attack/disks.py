"""Faults of the disk at a random step: full, broken, read-only. A shot is whole or told as failed, and all goes on."""

from __future__ import annotations

import errno
import os
import random
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from unittest import mock

from attack.report import Length, Row

from device.captures.storage import Storage
from device.drive.manifest import Manifest, left_series
from device.errors import StorageError
from device.notices import Notices
from device.preferences.store import Preferences

STEPS = ("write", "fsync", "fdatasync", "link", "rename", "replace", "unlink", "mkdir", "ftruncate", "open")
FAULTS = (errno.ENOSPC, errno.EIO, errno.EROFS, errno.EDQUOT)
FILES = {".dng": [b"raw" * 500, b"samples"], ".jpg": [b"picture" * 300]}
FAILING_FROM = 40  # a shot, its place in a manifest and the settings take fewer steps


class _Failing:
    """Has the n-th step on the disk, and sometimes all after it, fail."""

    def __init__(self, step: int, code: int, *, stays: bool) -> None:
        self._left, self._code, self._stays = step, code, stays
        self.failed = False

    def wrap(self, call: Any) -> Any:
        def step(*arguments: Any, **keywords: Any) -> Any:
            self._left -= 1
            if self._left == 0 or (self._left < 0 and self._stays):
                self.failed = True
                raise OSError(self._code, os.strerror(self._code))
            return call(*arguments, **keywords)

        return step


ROUNDS: Final[dict[Length, int]] = {"short": 200, "long": 1000}


def attack(length: Length) -> Iterator[Row]:
    """Save a shot, its place in a manifest and a setting many times, each with a fault at a random step."""
    yield _attacked(ROUNDS[length])


def _attacked(rounds: int) -> Row:
    chance, counts = random.Random(477), Counter[str]()
    with tempfile.TemporaryDirectory() as folder:
        for number in range(rounds):
            root = Path(folder) / str(number)
            code, stays = chance.choice(FAULTS), chance.random() < 0.3
            counts += _one(root, _Failing(chance.randrange(1, FAILING_FROM), code, stays=stays))
    note = f"{counts['failed']} faults came, {counts['told']} shots were told as failed"
    return Row(
        "disk faults", rounds, lost=counts["lost"], leaked=counts["leaked"], stopped=counts["stopped"], measured=note
    )


def _one(root: Path, failing: _Failing) -> Counter[str]:
    found, saved = Counter[str](), False
    storage, settings = Storage(root / "captures"), root / "settings.json"
    storage.prepare()
    preferences = Preferences(settings)
    preferences.set("controls", {"ev": 1.0})
    manifest = Manifest.begin(storage.root, "timer", {}, datetime.now(UTC), {"plan": {}, "total": None})
    with ExitStack() as stack:
        for name in STEPS:
            stack.enter_context(mock.patch.object(os, name, failing.wrap(getattr(os, name))))
        try:
            capture = storage.save(datetime.now(UTC), FILES, named=manifest.name)
            saved = True
            manifest.add({"n": 1, "id": capture.id})
        except StorageError:
            found["told"] += 1
        except OSError:
            found["stopped"] += 1
        preferences.save_if_changed()
        manifest.end("done", datetime.now(UTC))
    found["failed"] += failing.failed
    preferences.save_if_changed()
    found["lost"] += Preferences(settings).get("controls") != {"ev": 1.0} or preferences.notices.list() != []
    again = Storage(storage.root)
    again.prepare()
    for left, _ in left_series(storage.root, Notices()):
        left.end("interrupted", datetime.now(UTC))
    found["stopped"] += again.save(datetime.now(UTC), FILES).files == ()
    whole = {suffix: b"".join(chunks) for suffix, chunks in FILES.items()}
    captures = again.list()
    found["lost"] += saved and len(captures) < 2
    for capture in captures:
        found["lost"] += {file.path.suffix: file.path.read_bytes() for file in capture.files} != whole
    found["leaked"] += any(path.is_file() and path.name.endswith(".part") for path in storage.root.rglob(".*"))
    return found
