"""One shot from shutter to disk: still -> DNG and JPEG in memory -> storage -> read back. Only then it is saved."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from device import __version__
from device.atomic import Buffer, as_storage_error
from device.errors import HqcamError, ShotFailed, StorageError
from device.frame import AwbMode, Controls, FrameMeta, StillFrame, YuvPicture
from device.lens_bag import LensBag, lens_of_shot
from device.lenses.fitted import FittedLens
from device.picture import halve
from device.raw.dng import encode_dng
from device.raw.jpeg import encode_picture_jpeg, with_exif
from device.raw.taken import Taken
from device.sensors.base import Sensor
from device.session import Session
from device.storage import Capture, Storage

STILL_QUALITY = 93  # chosen: visually lossless 4:2:0 at some 4-6 MB for 12 megapixels
PREVIEW_QUALITY = 85
SOFTWARE = f"hqcam {__version__}"


@dataclass(frozen=True, slots=True)
class Shot:
    """A capture that is on disk, and what it was."""

    capture: Capture
    meta: FrameMeta
    taken: Taken


def take_shot(
    session: Session, storage: Storage, lenses: LensBag | None = None, *, controls: Controls | None = None
) -> Shot:
    """Take one shot and put it on disk. `controls` are for this shot only; None: those in force.

    Raises CameraError when the camera fails, StorageFull or StorageError when the disk does; nothing half-written
    stays, and the live view goes on.
    """
    storage.check_room()
    still = session.capture(controls)
    lens = lens_of_shot(lenses.chosen(), still.meta) if lenses is not None else None
    return save_still(still, storage, sensor=session.sensor, awb=session.controls().awb, lens=lens)


def save_still(
    still: StillFrame, storage: Storage, *, sensor: Sensor, awb: AwbMode, lens: FittedLens | None = None
) -> Shot:
    """Encode a still and write its files together."""
    taken = _taken(still.meta, lens)
    try:
        files = _encode(still, taken, sensor, awb)
    except HqcamError:
        raise
    except (ValueError, MemoryError) as error:
        raise ShotFailed(
            f"the shot could not be encoded: {error}", remedy="try again; the live view goes on"
        ) from error
    capture = storage.save(taken.at, files)
    _read_back(capture, files)
    return Shot(capture, still.meta, taken)


def _encode(still: StillFrame, taken: Taken, sensor: Sensor, awb: AwbMode) -> dict[str, Sequence[Buffer]]:
    files: dict[str, Sequence[Buffer]] = {}
    if still.raw is not None:
        preview = _halved(still)
        files[".dng"] = encode_dng(
            still.raw,
            still.meta,
            preview_jpeg=encode_picture_jpeg(preview, PREVIEW_QUALITY),
            preview_size=(preview.y.shape[1], preview.y.shape[0]),
            taken=taken,
            sensor=sensor,
            software=SOFTWARE,
            awb=awb,
        )
    jpeg = encode_picture_jpeg(still.picture, STILL_QUALITY)
    files[".jpg"] = [with_exif(jpeg, still.meta, taken=taken, sensor=sensor, software=SOFTWARE, awb=awb)]
    return files


def _halved(still: StillFrame) -> YuvPicture:
    return halve(halve(still.picture))


def _taken(meta: FrameMeta, lens: FittedLens | None) -> Taken:
    """Give the wall-clock time of the exposure's start, with the machine's own offset from UTC."""
    age_s = (time.monotonic_ns() - meta.timestamp_ns) / 1e9
    moment = datetime.fromtimestamp(time.time() - age_s, UTC).astimezone()
    return Taken(at=moment, clock_synchronised=clock_is_synchronised(), lens=lens)


def clock_is_synchronised(root: Path = Path("/")) -> bool:
    """Whether the system clock was set from a time source since boot, as systemd-timesyncd marks it.

    A machine without systemd has no such mark; a Pi without one is the case that matters, so it counts as not set.
    """
    return (root / "run/systemd/timesync/synchronized").exists()


def _read_back(capture: Capture, files: dict[str, Sequence[Buffer]]) -> None:
    """Compare every file on disk with what was meant to be written, byte by byte through a digest."""
    for stored in capture.files:
        expected = hashlib.sha256()
        for chunk in files[stored.path.suffix]:
            expected.update(chunk)
        try:
            with stored.path.open("rb") as file:
                found = hashlib.file_digest(file, "sha256")
        except OSError as error:
            raise as_storage_error(error, stored.path) from error
        if found.digest() != expected.digest():
            raise StorageError(
                f"{stored.name} does not read back as it was written",
                remedy="the card may be failing: copy your pictures off it and try another",
            )
