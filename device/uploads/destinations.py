"""The destinations of one camera: `uploads.json`, beside the settings, mode 600, because it holds passwords."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Final

from device.errors import BadInput, NotFound
from device.notices import Notices
from device.preferences.shared_file import SharedFile
from device.uploads.destination import CHANGEABLE, UPLOADS_FILE, Destination
from device.uploads.folder import is_on_other_disk

MOST: Final = 10
_BYTES_MAX: Final = 100_000
_All = tuple[Destination, ...]


class Destinations:
    """Any thread; other processes may change them too."""

    def __init__(self, path: Path | None = None, *, notices: Notices | None = None) -> None:
        """`path` None keeps them in memory only."""
        self._file: SharedFile[_All] = SharedFile(
            path,
            (),
            parse=lambda stored: tuple(_destination(one) for one in stored["destinations"]),
            dump=lambda found: {"destinations": [asdict(one) for one in found]},
            limit_bytes=_BYTES_MAX,
            notices=notices or Notices(),
            what="the destinations of uploads",
            then="nothing is sent",
        )

    def list(self) -> _All:
        """Give all, the oldest first. A file that cannot be read holds none."""
        return self._file.get()

    def get(self, name: str) -> Destination:
        """Give one. Raises NotFound."""
        return _find(self.list(), name)

    def add(self, destination: Destination) -> Destination:
        """Add one, and give it as it is kept. Raises BadInput, StorageError."""
        if destination.kind == "folder":
            destination = replace(destination, other_disk=is_on_other_disk(Path(destination.address)))

        def added(there: _All) -> _All:
            _check_new(there, destination)
            return (*there, destination)

        self._file.change(added)
        return destination

    def check_new(self, destination: Destination) -> None:
        """Raise BadInput where it could not be added."""
        _check_new(self.list(), destination)

    def change(self, name: str, values: Mapping[str, Any]) -> Destination:
        """Change what `values` name; give the new one. Raises NotFound, BadInput, StorageError."""
        if unknown := set(values) - CHANGEABLE:
            raise BadInput(
                f"a destination has no {', '.join(sorted(unknown))[:80]} that could be changed",
                expected="some of " + ", ".join(sorted(CHANGEABLE)),
            )
        changed: list[Destination] = []

        def edited(there: _All) -> _All:
            before = _find(there, name)
            after = replace(before, **values)
            if after.kind == "folder" and after.address != before.address:
                after = replace(after, other_disk=is_on_other_disk(Path(after.address)))
            changed.append(after)
            return tuple(after if one is before else one for one in there)

        self._file.change(edited)
        return changed[-1]

    def remove(self, name: str) -> None:
        """Send nothing there any more. Raises NotFound, StorageError."""

        def without(there: _All) -> _All:
            gone = _find(there, name)
            return tuple(one for one in there if one is not gone)

        self._file.change(without)


def uploads_path(settings: Path) -> Path:
    """Give the file of the destinations, which lies beside the settings."""
    return settings.with_name(UPLOADS_FILE)


def _check_new(there: _All, new: Destination) -> None:
    if any(one.name == new.name for one in there):
        raise BadInput(f"there is a destination {new.name!r} already", expected="another name, or remove it first")
    if len(there) >= MOST:
        raise BadInput(f"there are {MOST} destinations already", expected="that you remove one first")


def _find(there: _All, name: str) -> Destination:
    for one in there:
        if one.name == name:
            return one
    raise NotFound(f"there is no destination {name[:40]!r}", remedy="hqcam upload list shows them")


def _destination(stored: Any) -> Destination:
    if not isinstance(stored, dict):
        raise ValueError("a destination is no object")
    return Destination(**{**stored, "networks": tuple(stored.get("networks", ()))})
