"""The audit of a capture: each file is read back from the disk and checked; the verdict is kept in a record beside it.

The record is `<id>.audit.json`: verdict, SHA-256 and every check of each file. `shot` audits what it has just saved;
`hqcam inspect` audits any file and compares it with its record.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from device.atomic import as_storage_error, write_atomically
from device.captures.capture import RECORD_SUFFIX, Capture, StoredFile
from device.raw.decode import TIFF_MAGICS
from device.raw.file_checks import SEVERITY, Expected, FileCheck, Verdict, audit_dng, audit_jpeg, worst
from device.raw.shortfall import NOTED
from device.stored import read_json

RECORD_BYTES_MAX = 64 * 1024  # chosen: a record of two files has under 2 kB


@dataclass(frozen=True, slots=True)
class FileAudit:
    """What was found of one file."""

    name: str
    size_bytes: int
    sha256: str
    checks: tuple[FileCheck, ...]

    def as_json(self) -> dict[str, Any]:
        """Give plain JSON values: what the record keeps, and what `hqcam inspect --json` prints."""
        checks = [{"name": check.name, "verdict": check.verdict, "told": check.finding} for check in self.checks]
        return {"name": self.name, "size_bytes": self.size_bytes, "sha256": self.sha256, "checks": checks}


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
            f"{Path(file.name).suffix[1:].upper()} {check.name}: {check.finding}"
            for file in self.files
            for check in file.checks
            if check.verdict != "ok"
        ]


def audit_file(path: Path, expected: Expected | None = None) -> FileAudit:
    """Read a file back and check it. Raises StorageError when it cannot be read.

    Its copy in the system's page cache is dropped first: it is read from the disk, which shows a failing card.
    """
    try:
        with path.open("rb", buffering=0) as file:
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
            data = file.readall()
    except OSError as error:
        raise as_storage_error(error, path, "read") from error
    check = audit_dng if data.startswith(TIFF_MAGICS) else audit_jpeg
    return FileAudit(path.name, len(data), hashlib.sha256(data).hexdigest(), tuple(check(data, expected)))


def audit_capture(capture: Capture, expected: Mapping[str, Expected]) -> Audit:
    """Check every file of a capture, all at once; `expected` is by kind ("dng", "jpeg"). Raises StorageError."""

    def audited(file: StoredFile) -> FileAudit:
        return audit_file(file.path, expected.get(file.kind))

    with ThreadPoolExecutor(len(capture.files), "hqcam-audit") as pool:
        return Audit(tuple(pool.map(audited, capture.files)))


def record_path(file: Path) -> Path:
    """Where the record of the capture that `file` belongs to is kept."""
    return file.with_name(file.stem + RECORD_SUFFIX)


def write_record(audit: Audit, capture: Capture, clock: dict[str, Any] | None = None, *, series: str = "") -> None:
    """Write the record; `clock` is what `taken_times` keeps in it, `series` the place of the manifest of a series.

    Raises StorageError, StorageFull.
    """
    files = [file.as_json() for file in audit.files]
    keep_record(capture.files[0].path, {"verdict": audit.verdict, "clock": clock, "series": series, "files": files})


def keep_record(file: Path, record: dict[str, Any]) -> None:
    """Write the whole record of the capture that `file` belongs to. Raises StorageError, StorageFull."""
    text = json.dumps(record, indent=1) + "\n"
    write_atomically(record_path(file), [text.encode()], replace=True)


def stored_record(file: Path) -> dict[str, Any]:
    """Read the whole record, as it was written or as somebody left it. Raises OSError, ValueError."""
    record: dict[str, Any] = read_json(record_path(file), RECORD_BYTES_MAX)
    return record


def read_record(file: Path) -> Audit | None:
    """Read the record of the capture that `file` belongs to; None when there is none that can be read."""
    return read_audit_and_series(file)[0]


def read_audit_and_series(file: Path) -> tuple[Audit | None, str]:
    """Read the record of a capture, and the place of the manifest that its series has; "" where it is of none."""
    try:
        record = stored_record(file)
        series = record.get("series")
        return Audit(tuple(_file(entry) for entry in record["files"])), series if isinstance(series, str) else ""
    except (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError):
        return None, ""


def _file(entry: dict[str, Any]) -> FileAudit:
    checks = tuple(FileCheck(str(c["name"]), _verdict(c["verdict"]), str(c["told"])) for c in entry["checks"])
    return FileAudit(str(entry["name"]), int(entry["size_bytes"]), str(entry["sha256"]), checks)


def _verdict(word: object) -> Verdict:
    for known in SEVERITY:
        if known == word:
            return known
    raise ValueError(f"{word!r} is no verdict")


def compared_with_record(found: FileAudit, path: Path) -> FileAudit:
    """Add a check whether the file is unchanged since its record was written; without a record nothing is added."""
    audit = read_record(path)
    then = next((file for file in audit.files if file.name == found.name), None) if audit else None
    if then is None:
        return found
    same = then.sha256 == found.sha256
    finding = "as it was when it was taken" if same else "not as it was when it was taken: its SHA-256 differs"
    noted = [check for check in then.checks if check.name in NOTED] if same else []
    return replace(found, checks=(*found.checks, *noted, FileCheck("unchanged", "ok" if same else "warning", finding)))
