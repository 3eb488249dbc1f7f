"""The job `sheet`: captures small on pages, each with its name and exposure; of a series beside its manifest."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from device.atomic import as_storage_error, discard, stage, sync_folder
from device.captures.capture import Capture
from device.captures.storage import Storage
from device.develop.contact_sheet import CELL, COLUMNS, ROWS, Entry, sheet, shrink
from device.errors import BadFile, BadInput, HqcamError, NotFound
from device.film.timelapse import read_upright
from device.jobs.made import publish_unused
from device.jobs.plan import Plan, Report, check_names, checked_ids
from device.library.listing import metadata_of
from device.library.series_shots import SeriesIndex
from device.settings.notation import exposure_text

FOLDER: Final = "sheets"
"""Where the sheets go that are of no series."""
CAPTURES_MOST: Final = 1000
"""Chosen: 34 pages, in a minute of a Pi."""
_PER_PAGE: Final = COLUMNS * ROWS
_PAGE_BYTES: Final = 4 * 2**20  # chosen: a page of noise


def check(storage: Storage, arguments: Mapping[str, Any]) -> Plan:
    """Check the ids of captures, or the place of a series. Raises BadInput, NotFound, StorageError."""
    check_names(arguments, ("ids", "series"))
    if ("ids" in arguments) == ("series" in arguments):
        raise BadInput("no captures are named", expected='either "ids" or the "series"')
    index = SeriesIndex(storage)
    if "series" in arguments:
        series = index.at(str(arguments["series"]))
        ids, place = index.present(series), series.place
    else:
        ids = checked_ids(arguments["ids"])
        places = {series.place if series else "" for series in map(index.of, map(storage.get, ids))}
        place = places.pop() if len(places) == 1 else ""
    if not 1 <= len(ids) <= CAPTURES_MOST:
        raise BadInput(f"{len(ids)} captures are asked for on a sheet", expected=f"1 to {CAPTURES_MOST}")
    storage.check_room(-(-len(ids) // _PER_PAGE) * _PAGE_BYTES)
    return Plan({"ids": ids, "place": place}, len(ids))


def work(root: Path, arguments: dict[str, Any], report: Report) -> None:
    """Lay out page after page; they get their names when all are on the disk. Raises StorageError."""
    storage, ids, place = Storage(root), arguments["ids"], arguments["place"]
    target = root / f"{place}_sheet.jpg" if place else root / FOLDER / f"{_name_of(ids)}.jpg"
    staged: list[Path] = []
    try:
        if not place and not target.parent.is_dir():
            target.parent.mkdir()
            sync_folder(root)
        for first in range(0, len(ids), _PER_PAGE):
            entries = []
            for number, capture_id in enumerate(ids[first : first + _PER_PAGE], first):
                report.step(number, len(ids))
                entries.append(_entry(storage, capture_id, report))
            staged.append(stage(target, [sheet(entries)]))
        for path in publish_unused(root, staged, target):
            report.result(path)
    except OSError as error:
        for path in staged:
            discard(path)
        raise error if isinstance(error, HqcamError) else as_storage_error(error, target) from error
    report.step(len(ids), len(ids))


def _name_of(ids: list[str]) -> str:
    return f"{ids[0]}_and_{len(ids) - 1}_more" if len(ids) > 1 else ids[0]


def _entry(storage: Storage, capture_id: str, report: Report) -> Entry:
    try:
        capture = storage.get(capture_id)
        return Entry(capture_id, _caption(capture), shrink(read_upright(capture.shown().path, None, CELL)))
    except (BadFile, NotFound) as error:
        report.failure(capture_id, error.as_json())
        return Entry(capture_id, "", None)


def _caption(capture: Capture) -> str:
    metadata = metadata_of(capture)
    known = [exposure_text(metadata.exposure_us)] if metadata.exposure_us else []
    return ", ".join([*known, *([f"ISO {metadata.iso}"] if metadata.iso else [])])
