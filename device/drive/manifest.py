"""The manifest of a series: its plan, its state and every file, as JSON beside the pictures.

It is replaced after every shot, atomically, so that it is whole after a power cut at any moment. While a series is in
progress, a hidden file in the folder of captures points to the manifest, and the next start finds it by that.
"""

from __future__ import annotations

import json
import logging
import re
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from device import __version__
from device.atomic import as_storage_error, discard, sync_folder, write_atomically
from device.captures import naming
from device.captures.storage import RUNNING
from device.errors import NotFound, StorageError

log = logging.getLogger(__name__)
_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,80}")


def find_manifest(root: Path, series_id: str) -> Path:
    """Give the file of a series, newest days first. Raises NotFound."""
    if _ID.fullmatch(series_id):
        found = sorted(root.glob(f"????-??-??/{series_id}.json"), reverse=True)
        if found and not found[0].is_symlink():
            return found[0]
    raise NotFound(f"there is no series {series_id[:80]!r}", remedy="take the id of a series from its progress")


class Manifest:
    """One series on the disk: its plan, its state and its frames. Use from one thread."""

    def __init__(self, root: Path, path: Path, content: dict[str, Any]) -> None:
        self._root, self.path, self.content = root, path, content

    @classmethod
    def begin(cls, root: Path, mode: str, settings: dict[str, Any], now: datetime, head: dict[str, Any]) -> Manifest:
        """Write the manifest of a series that begins. Raises StorageError."""
        content = {"hqcam": __version__, "mode": mode, "state": "running", "started_at": now.isoformat()}
        folder = root / naming.folder_for(now)
        attempt = 1
        try:
            folder.mkdir(exist_ok=True)
            sync_folder(root)
            while True:
                path = folder / f"{naming.name_for(naming.DEFAULT_PATTERN, now, attempt=attempt)}_{mode}.json"
                manifest = cls(root, path, {**content, **head, "settings": settings, "frames": []})
                try:
                    write_atomically(path, manifest._lines())
                    break
                except FileExistsError:
                    attempt += 1
            write_atomically(root / RUNNING, [json.dumps(path.relative_to(root).as_posix()).encode()], replace=True)
        except StorageError:
            raise
        except OSError as error:
            raise as_storage_error(error, folder) from error
        return manifest

    @classmethod
    def left_running(cls, root: Path) -> Manifest | None:
        """Give the manifest of a series that a restart interrupted; None when there is none that can be read."""
        pointer = root / RUNNING
        if not pointer.exists():
            return None
        try:
            path = root / json.loads(pointer.read_text())
            content = json.loads(path.read_text())
            if isinstance(content, dict) and content["state"] == "running" and isinstance(content["frames"], list):
                return cls(root, path, content)
        except (OSError, ValueError, KeyError, TypeError) as error:
            log.warning("the series that was going on cannot be taken up again: %s", error)
        discard(pointer)
        return None

    @property
    def id(self) -> str:
        """The name of the file without its suffix."""
        return self.path.stem

    @property
    def frames(self) -> list[dict[str, Any]]:
        """What was taken, in order."""
        frames: list[dict[str, Any]] = self.content["frames"]
        return frames

    def note(self, **values: Any) -> None:
        """Put values of the whole series into the manifest. Raises StorageError."""
        self.content.update(values)
        self.write()

    def add(self, frame: dict[str, Any]) -> None:
        """Put one shot into the manifest. Raises StorageError."""
        self.frames.append(frame)
        self.write()

    def end(self, state: str, now: datetime, error: dict[str, str] | None = None) -> None:
        """Write how the series ended. Errors of the card are ignored: the series ends all the same."""
        self.content |= {"state": state, "ended_at": now.isoformat()}
        if error:
            self.content["error"] = error
        with suppress(StorageError, OSError):
            self.write()
        discard(self._root / RUNNING)

    def write(self) -> None:
        """Replace the file. Raises StorageError."""
        write_atomically(self.path, self._lines(), replace=True)

    def _lines(self) -> list[bytes]:
        """Give one line per frame: readable, and quick to write after each of thousands of shots."""
        head = {name: value for name, value in self.content.items() if name != "frames"}
        frames = ",\n".join(json.dumps(frame) for frame in self.frames)
        return [json.dumps(head, indent=1)[:-2].encode(), b',\n "frames": [\n', frames.encode(), b"\n ]\n}\n"]
