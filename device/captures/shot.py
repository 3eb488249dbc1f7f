"""One shot from shutter to disk: still -> DNG and JPEG in memory -> storage -> read back. Only then it is saved.

The files that were read back are also looked at, as another program would (`captures.shot_audit`); the verdict is kept.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from device import __version__
from device.atomic import Buffer
from device.captures.shot_audit import Audit, audit_capture, keep
from device.captures.storage import Capture, Storage
from device.errors import HqcamError, ShotFailed, StorageError
from device.frame import AwbMode, Controls, FrameMeta, StillFrame, YuvPicture
from device.lenses.fitted import FittedLens
from device.pixels.yuv import halve
from device.preferences.owner_lenses import LensBag, lens_of_shot
from device.raw.dng_writer import SampleForm, encode_dng
from device.raw.file_checks import Expected
from device.raw.jpeg import encode_picture_jpeg, with_exif
from device.raw.shot_metadata import Taken
from device.sensors.base import Sensor
from device.session.session import Session

STILL_QUALITY = 93  # chosen: visually lossless 4:2:0 at some 4-6 MB for 12 megapixels
PREVIEW_QUALITY = 85
THUMBNAIL_WIDTH = 320  # at most, so that Exif's 64 kB hold it; DCF's own 160 looks coarse today
SOFTWARE = f"hqcam {__version__}"


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a shot's files are to be like, beyond what the camera delivered."""

    lenses: LensBag | None = None
    """The lens that is chosen in it at that moment goes into the files."""
    form: SampleForm = "packed"
    """How the DNG keeps its samples."""


@dataclass(frozen=True, slots=True)
class Shot:
    """A capture that is on disk, what it was, and what was found when its files were read back."""

    capture: Capture
    meta: FrameMeta
    taken: Taken
    audit: Audit


def take_shot(
    session: Session, storage: Storage, recipe: Recipe = Recipe(), *, controls: Controls | None = None
) -> Shot:
    """Take one shot and put it on disk. `controls` are for this shot only; None: those in force.

    Raises CameraError when the camera fails, StorageFull or StorageError when the disk does; nothing half-written
    stays, and the live view goes on.
    """
    storage.check_room()
    asked = controls or session.controls()
    still = session.capture(controls)
    return save_still(
        still,
        storage,
        sensor=session.sensor,
        awb=asked.awb,
        recipe=recipe,
        asked_exposure_us=asked.exposure_us,
    )


def save_still(
    still: StillFrame,
    storage: Storage,
    *,
    sensor: Sensor,
    awb: AwbMode,
    recipe: Recipe = Recipe(),
    asked_exposure_us: float | None = None,
) -> Shot:
    """Encode a still, write its files together and audit them.

    `asked_exposure_us` is held against what was delivered; None when auto exposure chose.
    """
    chosen = recipe.lenses.chosen() if recipe.lenses is not None else None
    taken = _taken(still.meta, lens_of_shot(chosen, still.meta))
    try:
        files = _encode(still, taken, sensor, awb, recipe.form)
    except HqcamError:
        raise
    except (ValueError, MemoryError) as error:
        raise ShotFailed(
            f"the shot could not be encoded: {error}", remedy="try again; the live view goes on"
        ) from error
    with storage.settling:
        capture = storage.save(taken.at, files)
        audit = audit_capture(capture, _expected(still, asked_exposure_us))
        _compare(audit, capture, files)
        with suppress(StorageError):  # the pictures are saved; a card that is full now shall not take that back
            keep(audit, capture)
    return Shot(capture, still.meta, taken, audit)


def _encode(
    still: StillFrame, taken: Taken, sensor: Sensor, awb: AwbMode, form: SampleForm
) -> dict[str, Sequence[Buffer]]:
    files: dict[str, Sequence[Buffer]] = {}
    preview = halve(halve(still.picture))
    if still.raw is not None:
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            files[".dng"] = encode_dng(
                still.raw,
                still.meta,
                preview_jpeg=encode_picture_jpeg(preview, PREVIEW_QUALITY),
                preview_size=(preview.y.shape[1], preview.y.shape[0]),
                taken=taken,
                sensor=sensor,
                software=SOFTWARE,
                awb=awb,
                form=form,
                run=pool.map,
            )
    jpeg = encode_picture_jpeg(still.picture, STILL_QUALITY)
    files[".jpg"] = [
        with_exif(
            jpeg,
            still.meta,
            taken=taken,
            sensor=sensor,
            software=SOFTWARE,
            awb=awb,
            thumbnail_jpeg=encode_picture_jpeg(_small(preview), PREVIEW_QUALITY),
        )
    ]
    return files


def _small(picture: YuvPicture) -> YuvPicture:
    """Halve a picture until it is a thumbnail."""
    while picture.y.shape[1] > THUMBNAIL_WIDTH:
        picture = halve(picture)
    return picture


def _expected(still: StillFrame, asked_us: float | None) -> dict[str, Expected]:
    height, width = still.picture.y.shape
    expected = {"jpeg": Expected(still.meta, (width, height), asked_exposure_us=asked_us)}
    if still.raw is not None:
        rows, columns = still.raw.shape
        levels = (still.raw.black_dn, still.raw.white_dn)
        expected["dng"] = Expected(still.meta, (columns, rows), levels, asked_us)
    return expected


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


def _compare(audit: Audit, capture: Capture, files: dict[str, Sequence[Buffer]]) -> None:
    """Compare every file on disk with what was meant to be written, byte by byte through a digest."""
    for found, stored in zip(audit.files, capture.files, strict=True):
        expected = hashlib.sha256()
        for chunk in files[stored.path.suffix]:
            expected.update(chunk)
        if found.sha256 != expected.hexdigest():
            raise StorageError(
                f"{stored.name} does not read back as it was written",
                remedy="the card may be failing: copy your pictures off it and try another",
            )
