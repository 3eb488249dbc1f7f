"""What was made of a series, beside its manifest: films (`<id>.mp4`) and contact sheets (`<id>_sheet.jpg`)."""

from __future__ import annotations

import re
from pathlib import Path

from device.atomic import as_storage_error
from device.captures.capture import StoredFile
from device.drive.manifest import find_manifest
from device.errors import NotFound


def files_of_series(root: Path, series_id: str) -> list[StoredFile]:
    """Give the films and contact sheets of a series by name. Raises NotFound, StorageError."""
    folder = find_manifest(root, series_id).parent
    name = re.compile(rf"{re.escape(series_id)}(?:(?:_\d+)?\.mp4|_sheet(?:_\d+)?(?:-\d+)?\.jpg)")
    found = []
    try:
        for path in sorted(folder.glob(f"{series_id}*")):  # an id has no characters of patterns
            if name.fullmatch(path.name) and path.is_file() and not path.is_symlink():
                kind = "film" if path.suffix == ".mp4" else "sheet"
                found.append(StoredFile(path.name, kind, path, path.stat().st_size))
    except OSError as error:
        raise as_storage_error(error, folder, "read") from error
    return found


def file_of_series(root: Path, series_id: str, name: str) -> StoredFile:
    """Give one of them by its exact name. Raises NotFound, StorageError."""
    for stored in files_of_series(root, series_id):
        if stored.name == name:
            return stored
    raise NotFound(f"the series {series_id} has no file {name[:80]!r}", remedy="take a name from its list of files")
