"""Settings that are kept over a restart: one small JSON file that its owner can read and delete.

Changes are kept in memory and written together (`save_if_changed`), because a slider sends many and a card wears out.
Other processes may change other sections (a command beside the viewfinder): their changes are read before a write.
"""

from __future__ import annotations

import json
import logging
import os
import threading
from pathlib import Path
from typing import Any

from device.atomic import write_atomically
from device.errors import StorageError

log = logging.getLogger(__name__)

MAX_BYTES = 1_000_000


def default_path() -> Path:
    """`$XDG_CONFIG_HOME/hqcam/settings.json`, by default below `~/.config`."""
    base = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return Path(base) / "hqcam" / "settings.json"


class Preferences:
    """Named sections of plain values. `path` None keeps them in memory only. Any thread."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._changed: set[str] = set()
        self._stamp = _stamp(path)
        self._sections: dict[str, dict[str, Any]] = _read(path) if path is not None else {}

    def get(self, section: str) -> dict[str, Any]:
        """Give a copy of one section; empty when it was never set."""
        with self._lock:
            self._read_again()
            return dict(self._sections.get(section, {}))

    def set(self, section: str, values: dict[str, Any]) -> None:
        """Replace one section; it is on disk after the next `save_if_changed`."""
        with self._lock:
            self._sections[section] = dict(values)
            self._changed.add(section)

    def save_if_changed(self) -> None:
        """Write the file if anything changed. A file that cannot be written is logged, never fatal."""
        with self._lock:
            if not self._changed or self._path is None:
                return
            self._read_again()
            self._changed.clear()
            text = json.dumps(self._sections, indent=2, sort_keys=True)
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(self._path, [text.encode() + b"\n"], replace=True)
        except (StorageError, OSError) as error:
            log.warning("settings could not be kept: %s", error)
        with self._lock:
            self._stamp = _stamp(self._path)

    def _read_again(self) -> None:
        """Read what another process wrote, and keep the sections that were changed here and are not written yet."""
        stamp = _stamp(self._path)
        if self._path is not None and stamp is not None and stamp != self._stamp:
            unsaved = {name: self._sections[name] for name in self._changed}
            self._sections, self._stamp = {**_read(self._path), **unsaved}, stamp


def _stamp(path: Path | None) -> tuple[int, int, int] | None:
    """Identify the version of the file: each write replaces it by a new file, with another inode."""
    try:
        status = path.stat() if path is not None else None
    except OSError:
        return None
    return None if status is None else (status.st_ino, status.st_mtime_ns, status.st_size)


def _read(path: Path) -> dict[str, dict[str, Any]]:
    """Read the file; a broken one is renamed, so that nothing is lost and the camera starts."""
    try:
        with path.open("rb") as file:
            sections = json.loads(file.read(MAX_BYTES))
        if not isinstance(sections, dict) or not all(isinstance(v, dict) for v in sections.values()):
            raise ValueError("not an object of objects")
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        log.warning("the settings in %s cannot be read (%s); starting with defaults", path, error)
        try:
            path.replace(path.with_suffix(".broken.json"))
        except OSError:
            log.warning("the broken settings file %s could not be set aside", path)
        return {}
    return sections
