"""Puts the shots of a series that was cut off into its manifest: those that have their names, and nothing else yet.

`Drive.resume` calls it for every series that a kill or a power cut left, in the thread of the start.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from device.captures.capture import Capture
from device.captures.shot_audit import audit_capture, read_record, write_record
from device.captures.storage import Storage
from device.drive.manifest import Manifest
from device.errors import BadFile, NotFound, StorageError
from device.raw.file_metadata import exposure_in
from device.raw.files import read_metadata


def add_shots_without_frame(manifest: Manifest, storage: Storage, named: list[str]) -> None:
    """Add a frame, marked as recovered, for each capture of `named` that is there."""
    for capture_id in named:
        with suppress(NotFound, StorageError):
            frame = _frame(storage.get(capture_id), manifest.place)
            manifest.add({"n": len(manifest.frames) + 1, **frame})


def _frame(capture: Capture, series: str) -> dict[str, Any]:
    """Give what the files of a capture tell, in the form of a frame of a manifest. Raises StorageError."""
    audit = read_record(capture.files[0].path)
    if audit is None:
        audit = audit_capture(capture, {})
        write_record(audit, capture, series=series)
    return {
        "id": capture.id,
        "files": [stored.name for stored in capture.files],
        **_exposure(capture),
        "audit": audit.verdict,
        "recovered": True,
    }


def _exposure(capture: Capture) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    with suppress(BadFile):
        metadata = read_metadata(capture.shown().path)
        facts = exposure_in(metadata) | {"sensor_temperature_c": metadata.sensor_temperature_c}
    iso = facts.get("iso")
    return {
        "taken_at": facts.get("taken_at"),
        "asked_us": None,
        "exposure_us": facts.get("exposure_us"),
        "gain": iso / 100 if iso else None,
        "iso": iso,
        "sensor_temperature_c": facts.get("sensor_temperature_c"),
        "lens": None,
        "f_number": None,
    }
