"""Settings that are kept over a restart: one small JSON file that its owner can read and delete.

Changes are kept in memory and written together (`save_if_changed`), because a slider sends many and a card wears out.
Other processes may change other sections (a command beside the viewfinder): their changes are read before a write.
"""

from __future__ import annotations

import fcntl
import json
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from device.atomic import as_storage_error, discard, write_atomically
from device.errors import StorageError
from device.notices import Notices
from device.stored import aside_name, parse_json, read_bounded, set_aside

MAX_BYTES = 1_000_000
_WAIT_S = 1.0  # chosen: a write takes a few milliseconds, on a worn card some hundred
_POLL_S = 0.01
_KEPT, _READ = "settings kept", "settings read"


def default_path() -> Path:
    """`$XDG_CONFIG_HOME/hqcam/settings.json`, by default below `~/.config`."""
    base = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return Path(base) / "hqcam" / "settings.json"


class Preferences:
    """Named sections of plain values. `path` None keeps them in memory only. Any thread."""

    def __init__(self, path: Path | None = None) -> None:
        self.notices = Notices()
        """What the owner should know: a file that was set aside, settings that could not be kept."""
        self._path = path
        self._lock = threading.Lock()
        self._saving = threading.Lock()
        self._changed: set[str] = set()
        self.changes = 0
        """How often a section was set."""
        self._stamp = _stamp(path)
        self._sections: dict[str, dict[str, Any]] = _read(path, self.notices) if path is not None else {}

    def get(self, section: str) -> dict[str, Any]:
        """Give a copy of one section; empty when it was never set."""
        with self._lock:
            self._read_again()
            return dict(self._sections.get(section, {}))

    def set(self, section: str, values: dict[str, Any]) -> None:
        """Replace one section; it is on disk after the next `save` or `save_if_changed`."""
        with self._lock:
            self._sections[section] = dict(values)
            self._changed.add(section)
            self.changes += 1

    def save_if_changed(self) -> bool:
        """Write the file if anything changed; false, and a notice, when it cannot be written. It stays changed then."""
        try:
            self.save()
        except StorageError as error:
            self.notices.say(_KEPT, f"settings could not be kept: {error.message}")
            return False
        return True

    def save(self) -> None:
        """Write the file if anything changed. Raises StorageError; what was not written stays changed."""
        if self._path is None:
            return
        with self._saving:
            if not self._changed:
                return
            written: set[str] = set()
            try:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                with _alone(self._path.parent):  # what another process writes between our read and write would be lost
                    with self._lock:
                        self._read_again()
                        written, self._changed = self._changed, set()
                        text = json.dumps(self._sections, indent=2, sort_keys=True)
                    write_atomically(self._path, [text.encode() + b"\n"], replace=True)
                    with self._lock:
                        self._stamp = _stamp(self._path)
            except OSError as error:
                with self._lock:
                    self._changed |= written
                raise error if isinstance(error, StorageError) else as_storage_error(error, self._path) from error
        self.notices.withdraw(_KEPT)

    def _read_again(self) -> None:
        """Read what another process wrote, and keep the sections that were changed here and are not written yet."""
        stamp = _stamp(self._path)
        if self._path is not None and stamp is not None and stamp != self._stamp:
            unsaved = {name: self._sections[name] for name in self._changed}
            self._sections, self._stamp = {**_read(self._path, self.notices), **unsaved}, stamp


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let no other process write settings in this folder meanwhile; goes on where one does not end within a second."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        ends_at = time.monotonic() + _WAIT_S
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError:  # somebody has it, or this file system has no locks
                if time.monotonic() > ends_at:
                    break
            time.sleep(_POLL_S)
        yield
    finally:
        os.close(handle)


def _stamp(path: Path | None) -> tuple[int, int, int] | None:
    """Identify the version of the file: each write replaces it by a new file, with another inode."""
    try:
        status = path.stat() if path is not None else None
    except OSError:
        return None
    return None if status is None else (status.st_ino, status.st_mtime_ns, status.st_size)


def _read(path: Path, notices: Notices) -> dict[str, dict[str, Any]]:
    """Read the file; a broken one is set aside, so that nothing is lost and the camera starts."""
    data = b""
    try:
        data = read_bounded(path, MAX_BYTES)
        sections = parse_json(data)
        if not isinstance(sections, dict):
            raise ValueError("it is not an object of objects")
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, ValueError) as error:
        aside = set_aside(path)
        kept = f"it is {aside.name} now" if aside else "it could not be set aside"
        notices.say(_READ, f"the settings in {path} cannot be read ({error}): {kept}, and the defaults are used")
        return {}
    good = {name: section for name, section in sections.items() if isinstance(section, dict)}
    if len(good) < len(sections):
        _keep_good(path, data, good, notices, bad=", ".join(sorted(sections.keys() - good.keys()))[:80])
    return good


def _keep_good(path: Path, data: bytes, good: dict[str, dict[str, Any]], notices: Notices, *, bad: str) -> None:
    """Copy a file with sections that cannot be read, and leave the good ones in it; nothing is lost in between."""
    aside = aside_name(path)
    try:
        write_atomically(aside, [data])
        if good:
            write_atomically(path, [json.dumps(good, indent=2, sort_keys=True).encode() + b"\n"], replace=True)
        else:
            discard(path)
        kept = f"the whole file is {aside.name} now"
    except OSError:  # StorageError is one
        kept = "the file could not be set aside"
    notices.say(_READ, f"sections of the settings in {path} cannot be read ({bad}): {kept}, the others are used")
