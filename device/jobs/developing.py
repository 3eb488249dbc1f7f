"""The job `develop`: the raw files of captures to pictures beside them, which count as the capture's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from device.atomic import as_storage_error, discard, publish, stage
from device.captures.developed import unused_developed
from device.captures.storage import Storage
from device.captures.unused_name import folder_locked
from device.develop.batch import ENDINGS
from device.develop.picture import check_libraw_there, developed
from device.develop.settings import DevelopSettings, Format, develop_settings
from device.errors import BadInput, HqcamError, NotFound, StorageError, StorageFull
from device.jobs.plan import Plan, Report, check_names, checked_ids
from device.sensors.imx477 import IMX477

_PIXELS: Final = IMX477.active_width * IMX477.active_height
BYTES: Final[dict[Format, int]] = {"jpeg": _PIXELS, "tiff": 6 * _PIXELS}
"""What a picture takes at most. Chosen for the JPEG: one of noise at the highest quality is larger."""


def check(storage: Storage, arguments: Mapping[str, Any]) -> Plan:
    """Check the ids of captures and how they are to be developed.

    Raises BadInput, NotFound, ExtraMissing, StorageError.
    """
    check_names(arguments, ("ids", "settings"))
    ids = checked_ids(arguments.get("ids"))
    values = arguments.get("settings", {})
    if not isinstance(values, dict):
        raise BadInput("the settings are no object", expected='"settings": {"ev": 0.5}')
    settings = develop_settings(values)
    check_libraw_there()
    raw = [one for one in ids if storage.get(one).file("dng") is not None]
    if not raw:
        raise BadInput("none of these captures has a raw file", remedy="choose captures with a raw file")
    storage.check_room(len(raw) * BYTES[settings.format])
    return Plan({"ids": raw, "settings": asdict(settings)}, len(raw), len(ids) - len(raw))


def work(root: Path, arguments: dict[str, Any], report: Report) -> None:
    """Develop one after the other: a picture takes all cores' memory of a small board. Raises StorageFull."""
    storage, settings = Storage(root), develop_settings(arguments["settings"])
    ids = arguments["ids"]
    for number, capture_id in enumerate(ids):
        report.step(number, len(ids))
        try:
            report.result(develop_capture(storage, capture_id, settings))
        except StorageFull:
            raise
        except HqcamError as error:
            report.failure(capture_id, error.as_json())
    report.step(len(ids), len(ids))


def develop_capture(storage: Storage, capture_id: str, settings: DevelopSettings) -> Path:
    """Develop a capture's raw file; give the picture. Raises NotFound, BadFile, StorageError.

    It gets its name while nothing can be deleted: a capture that is gone by then gets no picture.
    """
    raw = storage.get(capture_id).file("dng")
    if raw is None:
        raise NotFound(f"{capture_id} has no raw file any more")
    suffix = ENDINGS[settings.format]
    temporary = stage(raw.path.with_name(f"{capture_id}_developed{suffix}"), developed(raw.path, settings))
    try:
        with folder_locked(storage.root):
            if not raw.path.exists():
                raise NotFound(f"{capture_id} was deleted meanwhile")
            final = unused_developed(raw.path.parent, capture_id, suffix)
            publish(temporary, final)
    except BaseException as error:
        discard(temporary)
        if isinstance(error, OSError) and not isinstance(error, StorageError):
            raise as_storage_error(error, raw.path) from error
        raise
    return final
