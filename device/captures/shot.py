"""One shot from the shutter to the disk. Every shot goes through `take_shot`: a single press and those of a series.

still -> DNG and JPEG in memory -> storage -> files read back and compared. Only then the shot counts as saved. The
files are also checked as another program would read them (`captures.shot_audit`); the verdict is stored beside them.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace

from device import __version__, host
from device.atomic import Buffer
from device.calibration.profile import Camera
from device.captures.capture import Capture
from device.captures.shot_audit import Audit, audit_capture, write_record
from device.captures.storage import Storage
from device.captures.taken_times import TakenTime
from device.controls import LEFT_TO_CAMERA, Asked
from device.errors import HqcamError, ShotFailed, StorageError
from device.frame import AnyRaw, AwbMode, Controls, FrameMeta, StillFrame, YuvPicture
from device.pixels.packed import PackedRaw
from device.pixels.yuv import halve
from device.preferences.owner_clock import Moment, OwnerClock
from device.preferences.owner_flats import OwnerFlats
from device.preferences.owner_lenses import ChosenLens, OwnerLenses, lens_of_shot
from device.preferences.store import Preferences
from device.raw.dng_writer import SampleForm, encode_dng
from device.raw.file_checks import Expected
from device.raw.file_metadata import OWN_SOFTWARE
from device.raw.jpeg import encode_picture_jpeg, with_exif
from device.raw.opcodes import GainMaps
from device.raw.shortfall import ALL_WHITE, Shortfall
from device.raw.shot_metadata import ShotMetadata
from device.sensors.base import Sensor
from device.session.session import Session
from device.session.shot_exposure import meter_shot
from device.settings.controls import CONTROLS, Files

PREVIEW_QUALITY = 85
THUMBNAIL_WIDTH = 320  # at most, so that Exif's 64 kB hold it; DCF's own 160 looks coarse today
SOFTWARE = f"{OWN_SOFTWARE} {__version__}"


@dataclass(frozen=True, slots=True)
class Recipe:
    """How the files of a shot are made, besides what the camera delivered."""

    lenses: OwnerLenses | None = None
    """The lens that is chosen at the moment of the shot is named in the files."""
    form: SampleForm = "packed"
    """How the DNG keeps its samples."""
    clock: OwnerClock = field(default_factory=lambda: OwnerClock(Preferences()))
    """By which the files are named and dated."""
    flats: OwnerFlats | None = None
    """The shading of lenses, for the DNG."""
    series: str = ""
    """Where the manifest of the series is that the shot belongs to: day and id; "" for a single shot."""


@dataclass(frozen=True, slots=True)
class Shot:
    """A capture that is on disk, what was written about it, and what was found when its files were read back."""

    capture: Capture
    metadata: ShotMetadata
    audit: Audit


def take_shot(
    session: Session,
    storage: Storage,
    recipe: Recipe = Recipe(),
    *,
    controls: Controls | None = None,
    awb: AwbMode | None = None,
    asked_total_us: float | None = None,
    shortfalls: Sequence[Shortfall] = (),
    exposing: Callable[[float], None] = lambda _: None,
    delivered: Callable[[], None] = lambda: None,
    named: Callable[[str], None] = lambda _: None,
) -> Shot:
    """Take one shot and put it on disk; waits for both. Any thread but the camera's.

    `controls` are for this shot only; None: those in force. `awb` is how the white balance was chosen, where `controls`
    only hold what was found. `asked_total_us` is the exposure time x gain that is asked for, where it may be out of the
    camera's reach; what auto exposure is to choose in the dark is metered first. `shortfalls` are what the shot falls
    short in already: it is late, say.
    `exposing` is called before the exposure with its length in us, 0 when only the camera knows it, and `delivered`
    when the camera has delivered the still, before its files are made, both in this thread; `named` gets the id of the
    capture before its files have it.
    Raises ShotCancelled when the exposure was ended, CameraError when the camera fails, StorageFull or StorageError
    when the disk does; nothing half-written stays, and the live view goes on.
    """
    storage.check_room()
    used = controls or session.controls()
    metered = meter_shot(session, used)
    exposing(metered.controls.exposure_us or 0.0)
    still = session.capture(controls if metered.controls is used else metered.controls)
    if metered.controls is not used:  # the time and the gain were set for it, and chosen by auto exposure
        still = replace(still, meta=replace(still.meta, ae_state="locked"))
    delivered()
    return save_still(
        still,
        storage,
        sensor=session.sensor,
        camera=session.measured.camera,
        awb=awb or used.awb,
        wanted=used.files,
        jpeg_quality=used.jpeg_quality,
        tuning=session.info().tuning,
        recipe=recipe,
        asked=Asked(used.exposure_us, asked_total_us if metered.total_us is None else metered.total_us, used.gain),
        shortfalls=shortfalls,
        named=named,
    )


def save_still(
    still: StillFrame,
    storage: Storage,
    *,
    sensor: Sensor,
    camera: Camera | None = None,
    awb: AwbMode,
    wanted: Files = CONTROLS["files"].default,
    jpeg_quality: int = CONTROLS["jpeg_quality"].default,
    tuning: str = "",
    recipe: Recipe = Recipe(),
    asked: Asked = LEFT_TO_CAMERA,
    shortfalls: Sequence[Shortfall] = (),
    named: Callable[[str], None] = lambda _: None,
) -> Shot:
    """Encode a still that was delivered, write its files together, and audit them.

    `take_shot` calls it, and a burst, whose frames come from memory. `awb` is how the white balance was chosen.
    `camera` is the one that took it, whose flat fields are looked for. `wanted` says which files; of a camera without
    raw it is the JPEG always. `jpeg_quality` is 60 to 100; `tuning` is that of the camera.
    `asked` is compared with what was delivered; to the `shortfalls` come those of the samples and of the supply.
    Raises ShotFailed, StorageFull, StorageError.
    """
    found = (*shortfalls, *_shortfalls(still))
    taken = recipe.clock.ago((time.monotonic_ns() - still.meta.timestamp_ns) / 1e9)
    chosen = recipe.lenses.chosen() if recipe.lenses is not None else None  # once: it may be changed meanwhile
    metadata = replace(_metadata(still.meta, taken, sensor, awb, chosen, asked), shortfalls=found, tuning=tuning)
    try:
        maps = _gain_maps(metadata, chosen, camera, recipe.flats)
        files = _encode(still, metadata, wanted=wanted, form=recipe.form, jpeg_quality=jpeg_quality, gain_maps=maps)
    except HqcamError:
        raise
    except (ValueError, MemoryError) as error:
        raise ShotFailed(
            f"the shot could not be encoded: {error}", remedy="try again; the live view goes on"
        ) from error
    with storage.save_lock, ThreadPoolExecutor(1, "hqcam-digests") as beside:
        digests = beside.submit(_digests, files)  # while the disk writes
        capture = storage.save(metadata.taken_at, files, named=named)
        audit = audit_capture(capture, _expected(still, asked, found))
        _check_written(audit, capture, digests.result())
        with suppress(StorageError):  # the pictures are saved; a card that is full now must not undo that
            write_record(audit, capture, TakenTime.of(taken).as_json(), series=recipe.series)
    return Shot(capture, metadata, audit)


def _metadata(
    meta: FrameMeta, taken: Moment, sensor: Sensor, awb: AwbMode, chosen: ChosenLens | None, asked: Asked
) -> ShotMetadata:
    """Collect the metadata for the files: the frame's, the chosen lens, and the time of the exposure's start."""
    return ShotMetadata(
        meta,
        taken.local,
        clock_synchronised=taken.is_known,
        sensor=sensor,
        software=SOFTWARE,
        lens=lens_of_shot(chosen, meta),
        awb=awb,
        asked=asked,
    )


def _gain_maps(
    shot: ShotMetadata, chosen: ChosenLens | None, camera: Camera | None, flats: OwnerFlats | None
) -> GainMaps | None:
    """Give the maps by which the chosen lens's shading at its stop is evened out; None where no flat is used."""
    if flats is None or camera is None or chosen is None or shot.lens is None:
        return None
    flat = flats.find(chosen.profile.id, shot.lens.f_number, chosen.zoomed_mm, camera)
    if flat is None:
        return None
    return flat.field.gain_maps(flat.use, shot.meta.mode, (shot.sensor.active_width, shot.sensor.active_height))


def _encode(
    still: StillFrame,
    metadata: ShotMetadata,
    *,
    wanted: Files,
    form: SampleForm,
    jpeg_quality: int,
    gain_maps: GainMaps | None,
) -> dict[str, Sequence[Buffer]]:
    """Give the files of a shot by their suffix, each as buffers to be written one after the other."""
    files: dict[str, Sequence[Buffer]] = {}
    has_raw = still.raw is not None and wanted != "jpeg"
    with ThreadPoolExecutor(os.cpu_count(), "hqcam-encode") as pool:
        jpeg = None if has_raw and wanted == "raw" else pool.submit(encode_picture_jpeg, still.picture, jpeg_quality)
        preview = halve(halve(still.picture))
        if still.raw is not None and has_raw:
            files[".dng"] = encode_dng(
                still.raw,
                metadata,
                preview_jpeg=encode_picture_jpeg(preview, PREVIEW_QUALITY),
                preview_size=(preview.y.shape[1], preview.y.shape[0]),
                form=form,
                map_work=pool.map,
                gain_maps=gain_maps,
            )
        if jpeg is not None:
            thumbnail = encode_picture_jpeg(_halved_to_thumbnail(preview), PREVIEW_QUALITY)
            files[".jpg"] = [with_exif(jpeg.result(), metadata, thumbnail_jpeg=thumbnail)]
    return files


def _halved_to_thumbnail(picture: YuvPicture) -> YuvPicture:
    """Halve a picture until it is at most THUMBNAIL_WIDTH wide."""
    while picture.y.shape[1] > THUMBNAIL_WIDTH:
        picture = halve(picture)
    return picture


def _shortfalls(still: StillFrame) -> list[Shortfall]:
    """Give what a still that was just delivered falls short in."""
    found = [Shortfall("levels", ALL_WHITE)] if still.raw is not None and _is_all_white(still.raw) else []
    return found + ([Shortfall("power", "under-voltage of the supply")] if host.under_voltage() else [])


def _is_all_white(raw: AnyRaw) -> bool:
    if isinstance(raw, PackedRaw) and not _is_at_white(replace(raw, rows=raw.rows[:1])):
        return False  # nearly every shot: its samples need not be unpacked
    return _is_at_white(raw)


def _is_at_white(raw: AnyRaw) -> bool:
    return int(raw.samples.min()) >= raw.white_dn


def _expected(still: StillFrame, asked: Asked, shortfalls: tuple[Shortfall, ...]) -> dict[str, Expected]:
    """Give what the camera delivered, for the audit of each kind of file."""
    height, width = still.picture.y.shape
    expected = {"jpeg": Expected(still.meta, (width, height), asked=asked, shortfalls=shortfalls)}
    if still.raw is not None:
        rows, columns = still.raw.shape
        levels = (still.raw.black_dn, still.raw.white_dn)
        unseen = tuple(found for found in shortfalls if found.kind != "levels")
        expected["dng"] = Expected(still.meta, (columns, rows), levels, asked, unseen)
    return expected


def _digests(files: dict[str, Sequence[Buffer]]) -> dict[str, str]:
    """Give the SHA-256 of each file that is to be written, by its suffix."""
    found = {}
    for suffix, chunks in files.items():
        summed = hashlib.sha256()
        for chunk in chunks:
            summed.update(chunk)
        found[suffix] = summed.hexdigest()
    return found


def _check_written(audit: Audit, capture: Capture, digests: dict[str, str]) -> None:
    """Compare the digest of every file on disk with that of what was to be written. Raises StorageError."""
    for found, stored in zip(audit.files, capture.files, strict=True):
        if found.sha256 != digests[stored.path.suffix]:
            raise StorageError(
                f"{stored.name} does not read back as it was written",
                remedy="the card may be failing: copy your pictures off it and try another",
            )
