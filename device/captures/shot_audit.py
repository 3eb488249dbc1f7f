"""The self-audit of a capture: each file read back from the disk and looked at; the verdict kept beside it.

The record is `<id>.audit.json`, a sidecar of the shot: verdict, SHA-256 and every check of each file.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from device.atomic import as_storage_error, write_atomically
from device.captures.storage import RECORD_SUFFIX, Capture
from device.raw.decode import TIFF_MAGICS
from device.raw.file_checks import SEVERITY, Check, Expected, Verdict, audit_dng, audit_jpeg, worst

RECORD_BYTES_MAX = 64 * 1024  # chosen: a record of two files has under 2 kB


@dataclass(frozen=True, slots=True)
class FileAudit:
    """What was found of one file."""

    name: str
    size_bytes: int
    sha256: str
    checks: tuple[Check, ...]


@dataclass(frozen=True, slots=True)
class Audit:
    """What was found of a capture."""

    files: tuple[FileAudit, ...]

    @property
    def verdict(self) -> Verdict:
        """The worst of all checks."""
        return worst([check.verdict for file in self.files for check in file.checks])

    def findings(self) -> list[str]:
        """Give what is not "ok": "DNG tones: 901 tonal levels, ..."."""
        return [
            f"{Path(file.name).suffix[1:].upper()} {check.name}: {check.told}"
            for file in self.files
            for check in file.checks
            if check.verdict != "ok"
        ]


def audit_file(path: Path, expected: Expected | None = None) -> FileAudit:
    """Read a file back and look at it. Raises StorageError when it cannot be read.

    It is read from the disk, not from what the system remembers of having written it: a failing card shows so.
    """
    try:
        with path.open("rb", buffering=0) as file:
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
            data = file.readall()
    except OSError as error:
        raise as_storage_error(error, path) from error
    look = audit_dng if data.startswith(TIFF_MAGICS) else audit_jpeg
    return FileAudit(path.name, len(data), hashlib.sha256(data).hexdigest(), tuple(look(data, expected)))


def audit_capture(capture: Capture, expected: Mapping[str, Expected]) -> Audit:
    """Look at every file of a capture; `expected` is by kind ("dng", "jpeg"). Raises StorageError."""
    return Audit(tuple(audit_file(file.path, expected.get(file.kind)) for file in capture.files))


def record_path(file: Path) -> Path:
    """Where the record of the capture that `file` belongs to is kept."""
    return file.with_name(file.stem + RECORD_SUFFIX)


def keep(audit: Audit, capture: Capture) -> None:
    """Write the record. Raises StorageError, StorageFull."""
    record = {"verdict": audit.verdict, "files": [asdict(file) for file in audit.files]}
    text = json.dumps(record, indent=1) + "\n"
    write_atomically(record_path(capture.files[0].path), [text.encode()], replace=True)


def kept(file: Path) -> Audit | None:
    """Read the record of the capture that `file` belongs to; None when there is none that can be read."""
    try:
        with record_path(file).open("rb") as stored:
            record = json.loads(stored.read(RECORD_BYTES_MAX))
        return Audit(tuple(_file(entry) for entry in record["files"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _file(entry: dict[str, Any]) -> FileAudit:
    checks = tuple(Check(str(c["name"]), _verdict(c["verdict"]), str(c["told"])) for c in entry["checks"])
    return FileAudit(str(entry["name"]), int(entry["size_bytes"]), str(entry["sha256"]), checks)


def _verdict(word: object) -> Verdict:
    for known in SEVERITY:
        if known == word:
            return known
    raise ValueError(f"{word!r} is no verdict")


def against_record(found: FileAudit, path: Path) -> FileAudit:
    """Add whether the file is still the one whose record was kept, if one was."""
    audit = kept(path)
    then = next((file for file in audit.files if file.name == found.name), None) if audit else None
    if then is None:
        return found
    same = then.sha256 == found.sha256
    told = "as it was when it was taken" if same else "not as it was when it was taken: its SHA-256 differs"
    exposure = [check for check in then.checks if check.name == "exposure"] if same else []
    return replace(found, checks=(*found.checks, *exposure, Check("unchanged", "ok" if same else "warning", told)))
