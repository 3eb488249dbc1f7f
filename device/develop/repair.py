"""Makes the JPEG of captures that have only their DNG: what a power cut or an older version left of a shot.

A capture counts as incomplete while it has no record of its audit: that is written last, and stays when its owner
deletes the JPEG on purpose. `hqcam serve` calls this at its start, before it goes on with a series.
"""

from __future__ import annotations

from typing import Final

from device import __version__, host
from device.atomic import write_atomically
from device.captures.capture import Capture
from device.captures.shot_audit import audit_capture, record_path, write_record
from device.captures.storage import Storage
from device.develop.encode import jpeg_file
from device.errors import BadFile
from device.raw.files import read_bytes, read_picture
from device.raw.tags import Tag
from device.raw.tiff_reader import read_tiff
from device.settings.controls import CONTROLS

MOST: Final = 20  # chosen: a kill leaves one; each takes some seconds on a Pi
NEWEST: Final = 1000


def incomplete(storage: Storage) -> list[Capture]:
    """Give the newest captures that have a DNG, no JPEG and no record of their audit. Raises StorageError."""
    alone = [capture for capture in storage.list(NEWEST) if [f.kind for f in capture.files] == ["dng"]]
    return [capture for capture in alone if not record_path(capture.files[0].path).exists()][:MOST]


def repair(storage: Storage) -> int:
    """Give each incomplete capture its JPEG and its record; give how many were made. Raises StorageError.

    A DNG that another program wrote or that cannot be read is left as it is.
    """
    made = 0
    for capture in incomplete(storage):
        try:
            jpeg = _developed(capture)
        except BadFile as error:
            storage.notices.say(f"capture {capture.id}", f"{capture.id} has only its DNG: {error.message}")
            continue
        if jpeg is not None:
            with storage.save_lock:
                write_atomically(capture.files[0].path.with_suffix(".jpg"), [jpeg])
                whole = storage.get(capture.id)
                write_record(audit_capture(whole, {}), whole)
            storage.notices.say(f"capture {capture.id}", f"{capture.id} was cut off: its JPEG was made from its DNG")
            made += 1
    return made


def _developed(capture: Capture) -> bytes | None:
    path = capture.files[0].path
    tiff = read_tiff(read_bytes(path))
    if "hqcam" not in (tiff.directories[0].text(Tag.SOFTWARE) or ""):
        return None
    picture = read_picture(path, memory_bytes=host.available_memory_bytes())
    return jpeg_file(picture.rgb(), tiff, quality=CONTROLS["jpeg_quality"].default, software=f"hqcam {__version__}")
