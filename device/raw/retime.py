"""Gives a file of a shot another time, in the places where hqcam writes it. Nothing else changes, and no length does.

`captures.taken_times` calls it, for shots that were taken while the clock was not known. With the first time again, a
file has its first bytes again.
"""

from __future__ import annotations

from datetime import datetime

from device.errors import BadFile
from device.raw.exif import NOTE_ADJUSTED, NOTE_CLOCK, date_field, time_fields
from device.raw.file_metadata import is_own
from device.raw.jpeg_header import SOI, exif_place
from device.raw.tags import Tag
from device.raw.tiff_reader import StoredDirectory, read_tiff
from device.raw.tiff_writer import Buffer, Field


def with_time(data: Buffer, taken_at: datetime, *, adjusted: bool) -> bytearray:
    """Give a copy of a DNG or JPEG of hqcam with this time, which has its offset from UTC.

    `adjusted`: its note says that the time was corrected; else that the clock was not set. Raises BadFile for a file
    that has its times in other places: another program wrote it.
    """
    changed = bytearray(data)
    begin, end = (exif_place(changed) or (0, 0)) if changed.startswith(SOI) else (0, len(changed))
    main = read_tiff(memoryview(changed)[begin:end]).directories[0]
    if not is_own(main.text(Tag.SOFTWARE)):
        raise _foreign()
    _put(main, {Tag.DATE_TIME: date_field(taken_at)})
    _put(next(iter(main.below.get(Tag.EXIF_IFD, [])), StoredDirectory()), time_fields(taken_at))
    before, after = (note.encode() for note in _notes(adjusted))
    for tag in (Tag.IMAGE_DESCRIPTION, Tag.XMP):
        if tag in main.fields:
            stored = main.fields[tag].data
            stored[:] = bytes(stored).replace(before, after)
    return changed


def _notes(adjusted: bool) -> tuple[str, str]:
    return (NOTE_CLOCK, NOTE_ADJUSTED) if adjusted else (NOTE_ADJUSTED, NOTE_CLOCK)


def _put(directory: StoredDirectory, fields: dict[int, Field]) -> None:
    for tag, field in fields.items():
        stored = directory.fields.get(tag)
        if stored is None or len(stored.data) != len(field.data):
            raise _foreign()
        stored.data[:] = field.data


def _foreign() -> BadFile:
    return BadFile("its time is not where hqcam writes it", expected="a file of hqcam that no program has changed")
