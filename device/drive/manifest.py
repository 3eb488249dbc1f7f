"""The manifest of a series: its plan, its state and every file, as JSON beside the pictures.

It is a whole file at any moment. While the series is in progress, its newest events are in the `journal`, so that
thousands of frames are not written again for each: the file is replaced when there is an eighth more to tell, and at
the end. `left_series` finds what a kill or a power cut left, and puts file and journal together again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from device import __version__
from device.atomic import as_storage_error, discard, sync_folder, write_atomically
from device.captures import naming
from device.captures.day_folders import day_folders
from device.captures.unused_name import folder_locked
from device.drive.journal import BYTES_MAX, Journal, is_owned, journal_path, journals, read_events
from device.errors import NotFound, StorageError
from device.notices import Notices
from device.stored import read_bounded, read_json, set_aside

POINTER: Final = ".hqcam_running.json"
"""The hidden file by which older versions found the manifest of the one series that was in progress."""
_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,80}")
_PLACE: Final = re.compile(r"(\d{4}-\d\d-\d\d)/([A-Za-z0-9_-]{1,80})\.json")
_NOTED: Final = ("plan", "total", "missed", "lost", "pauses", "state", "ended_at")
_SHARE: Final = 8


def find_manifest(root: Path, series_id: str) -> Path:
    """Give the file of a series, newest days first. Raises NotFound."""
    if _ID.fullmatch(series_id):
        for folder in reversed(day_folders(root)):
            path = folder / f"{series_id}.json"
            if path.is_file() and not path.is_symlink():
                return path
    raise NotFound(f"there is no series {series_id[:80]!r}", remedy="take the id of a series from its progress")


def manifest_text(root: Path, path: Path) -> str:
    """Give the text of `manifest_now`. Raises NotFound for one that cannot be read."""
    return b"".join(_lines(manifest_now(root, path))).decode()


def manifest_now(root: Path, path: Path) -> dict[str, Any]:
    """Give a manifest as it is now, the events in its journal too; a series that nobody takes is no more "running".

    Raises NotFound for one that cannot be read.
    """
    try:
        content = read_content(path)
    except (OSError, ValueError) as error:
        raise NotFound(f"the manifest {path.name} cannot be read: {error}") from error
    journal = journal_path(root, path.stem)
    with suppress(OSError, ValueError):
        _fold(content, read_events(read_bounded(journal, BYTES_MAX)))
    if content["state"] == "running" and not is_owned(journal):
        content["state"] = "interrupted"
    return content


def read_content(path: Path) -> dict[str, Any]:
    """Read a manifest, of this or of an older version. Raises OSError; ValueError for what is none."""
    content = read_json(path, BYTES_MAX)
    if not isinstance(content, dict):
        raise ValueError("it is not an object")
    for name, kind in (("mode", str), ("state", str), ("started_at", str), ("settings", dict), ("frames", list)):
        if not isinstance(content.get(name), kind):
            raise ValueError(f"its {name} is missing or of another kind")
    if not all(isinstance(frame, dict) and isinstance(frame.get("id"), str) for frame in content["frames"]):
        raise ValueError("its frames are not those of a series")
    return content


class Manifest:
    """One series on the disk: its plan, its state and its frames. Use from one thread."""

    def __init__(self, path: Path, content: dict[str, Any], journal: Journal) -> None:
        self.path, self.content, self._journal = path, content, journal
        self._written = len(self.frames)

    @classmethod
    def begin(cls, root: Path, mode: str, settings: dict[str, Any], now: datetime, head: dict[str, Any]) -> Manifest:
        """Write the manifest of a series that begins, and its journal. Raises StorageError."""
        first = {"hqcam": __version__, "mode": mode, "state": "running", "started_at": now.isoformat()}
        content: dict[str, Any] = {**first, **head, "settings": settings, "frames": []}
        folder = root / naming.folder_for(now)
        try:
            with folder_locked(root):
                folder.mkdir(exist_ok=True)
                sync_folder(root)
                path = _unused(folder, root, now, mode)
                journal = Journal.create(journal_path(root, path.stem), manifest=path.relative_to(root).as_posix())
                try:
                    write_atomically(path, _lines(content))
                except BaseException:
                    journal.end()
                    raise
        except StorageError:
            raise
        except OSError as error:
            raise as_storage_error(error, folder) from error
        return cls(path, content, journal)

    @property
    def id(self) -> str:
        """The name of the file without its suffix."""
        return self.path.stem

    @property
    def place(self) -> str:
        """The day of its folder and its id: "2026-11-28/hqcam_20261128_213000_interval"."""
        return f"{self.path.parent.name}/{self.path.stem}"

    @property
    def frames(self) -> list[dict[str, Any]]:
        """What was taken, in order."""
        frames: list[dict[str, Any]] = self.content["frames"]
        return frames

    @property
    def missed(self) -> dict[str, int]:
        """How many planned shots were not taken, by reason; what somebody wrote there that is no number is left out."""
        found = self.content.get("missed")
        counts = found.items() if isinstance(found, dict) else ()
        return {why: shots for why, shots in counts if isinstance(shots, int)}

    def note(self, **values: Any) -> None:
        """Put values of the whole series into the manifest. Raises StorageError."""
        self.content.update(values)
        self._journal.append(note=values)

    def count_missed(self, why: str, shots: int) -> None:
        """Count shots that were planned, or lost between others, and not taken, by reason. Raises StorageError."""
        self.note(missed={**self.missed, why: shots + self.missed.get(why, 0)})

    def name(self, capture_id: str) -> None:
        """Note the name that a shot of the series is about to get: a kill right after that loses it no more.

        Raises StorageError.
        """
        self._journal.append(named=capture_id)

    def add(self, frame: dict[str, Any]) -> None:
        """Put one shot into the manifest. Raises StorageError."""
        self.frames.append(frame)
        if len(self.frames) - self._written > self._written // _SHARE:
            self.write()
        else:
            self._journal.append(frame=frame)

    def end(self, state: str, now: datetime, error: dict[str, str] | None = None) -> None:
        """Write how the series ended. Errors of the card are ignored: the series ends all the same.

        The next start writes what could not be written, from the journal.
        """
        self.content |= {"state": state, "ended_at": now.isoformat()}
        if error:
            self.content["error"] = error
        try:
            self.write()
        except OSError:  # StorageError is one
            with suppress(StorageError):
                self._journal.append(note={name: self.content[name] for name in ("state", "ended_at")})
            self._journal.release()
        else:
            self._journal.end()

    def go_on(self) -> None:
        """Take a series that was cut off again. Raises StorageError."""
        if self.content["state"] != "running":
            self.content["state"] = "running"
            self.write()

    def release(self, state: str | None = None) -> None:
        """Leave the series to the next start, which goes on with it; until then the file has `state`, if given."""
        self.content["state"] = state or self.content["state"]
        with suppress(OSError):
            self.write()
        self._journal.release()

    def write(self) -> None:
        """Replace the file: it has everything then, and the journal nothing. Raises StorageError."""
        write_atomically(self.path, _lines(self.content), replace=True)
        self._written = len(self.frames)
        self._journal.forget_events()


def left_series(root: Path, notices: Notices) -> list[tuple[Manifest, list[str]]]:
    """Take over the series that a kill or a power cut left, oldest first; those that a process takes are not touched.

    With each come the ids that its shots were about to get when it was cut off: what has them may be in no manifest.
    Journals that point to nothing are removed; manifests that cannot be read are set aside, and `notices` say so.
    """
    _adopt_pointer(root)
    found = []
    for path in journals(root):
        with suppress(OSError):
            journal = Journal.adopt(path)
            series = None if journal is None else _read_left(root, journal, notices)
            if series is not None:
                found.append(series)
    return sorted(found, key=lambda series: str(series[0].content["started_at"]))


def any_left(root: Path) -> bool:
    """Whether there may be series that were left: cheap, so that a start without any loads nothing."""
    return bool(journals(root)) or (root / POINTER).exists()


def _read_left(root: Path, journal: Journal, notices: Notices) -> tuple[Manifest, list[str]] | None:
    events = list(journal.lines())
    path = _inside(root, events[0].get("manifest") if events else None)
    if path is None or not path.exists():
        journal.end()
        return None
    try:
        content = read_content(path)
    except (OSError, ValueError) as error:
        aside = set_aside(path)
        set_aside(journal.path)
        journal.release()
        kept = f"it is {aside.name} now" if aside else "it could not be set aside"
        notices.say(f"series {path.stem}", f"the manifest of the series {path.stem} cannot be read ({error}): {kept}")
        return None
    named = _fold(content, events)
    if content["state"] in ("running", "interrupted") and "ended_at" not in content:
        return Manifest(path, content, journal), named
    write_atomically(path, _lines(content), replace=True)  # its end could not be written then
    journal.end()
    return None


def _fold(content: dict[str, Any], events: Iterable[dict[str, Any]]) -> list[str]:
    """Put the events of a journal into the content; give the ids of shots that were named and not taken."""
    frames, named = content["frames"], dict[str, None]()
    for event in events:
        frame, note, name = event.get("frame"), event.get("note"), event.get("named")
        if isinstance(name, str):
            named[name] = None
        if isinstance(note, dict):
            content |= {key: note[key] for key in _NOTED if key in note}
        if isinstance(frame, dict) and isinstance(frame.get("id"), str) and frame.get("n") == len(frames) + 1:
            frames.append(frame)
    taken = {frame["id"] for frame in frames}
    return [name for name in named if name not in taken]


def _inside(root: Path, place: object) -> Path | None:
    """Give the manifest that a pointer means: in the folder of a day, below no link; None for anything else."""
    found = _PLACE.fullmatch(place) if isinstance(place, str) else None
    if found is None:
        return None
    folder = root / found[1]
    path = folder / f"{found[2]}.json"
    return None if folder.is_symlink() or path.is_symlink() else path


def _adopt_pointer(root: Path) -> None:
    """Give the series of an older version a journal, and remove its pointer."""
    pointer = root / POINTER
    if not pointer.exists() and not pointer.is_symlink():
        return
    with suppress(OSError, ValueError):
        path = _inside(root, read_json(pointer, 1000))
        if path is not None and path.exists() and not journal_path(root, path.stem).exists():
            Journal.create(journal_path(root, path.stem), manifest=path.relative_to(root).as_posix()).release()
    discard(pointer)


def _unused(folder: Path, root: Path, now: datetime, mode: str) -> Path:
    attempt = 1
    while True:
        path = folder / f"{naming.name_for(naming.DEFAULT_PATTERN, now, attempt=attempt)}_{mode}.json"
        if not path.exists() and not journal_path(root, path.stem).exists():
            return path
        attempt += 1


def _lines(content: dict[str, Any]) -> list[bytes]:
    """Give one line per frame: readable, and quick to write."""
    head = {name: value for name, value in content.items() if name != "frames"}
    frames = ",\n".join(json.dumps(frame) for frame in content["frames"])
    return [json.dumps(head, indent=1)[:-2].encode(), b',\n "frames": [\n', frames.encode(), b"\n ]\n}\n"]
