"""The metadata of a picture file, read from its TIFF or Exif fields. Values that are not in the file are None."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from device.errors import BadFile
from device.raw.exif import ASCII_COMMENT, NOTE_CLOCK, NOTE_REPLAYED, NOTE_SIMULATED, SENSOR_TEMPERATURE
from device.raw.tags import Tag
from device.raw.tiff_reader import TEXT_MAX, StoredDirectory, StoredTiff, read_tiff

OWN_SOFTWARE: Final = "hqcam"
"""What the software of files that hqcam made begins with, before the version."""
NEUTRAL_RANGE: Final = (1e-3, 1e3)  # chosen: values beyond this cannot be the white of a light
_TEMPERATURE: Final = re.compile(
    re.escape(ASCII_COMMENT) + SENSOR_TEMPERATURE.replace("{:.1f}", r"(-?[0-9]{1,3}\.[0-9])").encode()
)
_EXPOSURE_DIGITS: Final = 6  # of microseconds: removes the rounding error of fraction x 10^6


def is_own(software: str | None) -> bool:
    """Whether hqcam made the file that names this software."""
    return (software or "").startswith(f"{OWN_SOFTWARE} ")


@dataclass(frozen=True, slots=True)
class FileMetadata:
    """The metadata of one file; None or empty where it has none."""

    exposure_us: float | None = None
    iso: int | None = None
    f_number: float | None = None
    focal_mm: float | None = None
    taken_at: datetime | None = None
    """Aware when the file gives the offset from UTC, naive otherwise."""
    make: str | None = None
    model: str | None = None
    lens: str | None = None
    software: str | None = None
    orientation: int | None = None
    """Exif's 1..8: how the stored pixels have to be turned; `device.raw.decode` has turned those that it gives."""
    notes: tuple[str, ...] = ()
    """ImageDescription at its semicolons: hqcam's own notes, or what another program wrote there."""
    simulated: bool = False
    """Whether hqcam marked it as simulated or replayed."""
    sensor_temperature_c: float | None = None
    """Of the sensor during the shot, where hqcam wrote it."""
    colour_gains: tuple[float, float] | None = None
    """DNG: the (red, blue) gains of the white balance."""
    colour_temperature_k: float | None = None
    """DNG of a sensor that hqcam knows: the temperature on its white-balance curve nearest to the gains."""
    sensor_assumed: bool = False
    """DNG that names no sensor: whether its size and levels are those of one that hqcam knows."""


NO_METADATA = FileMetadata()


def metadata_of(tiff: StoredTiff) -> FileMetadata:
    """Collect the metadata from IFD0 and its Exif IFD (some writers put Exif's tags into IFD0)."""
    main = tiff.directories[0]
    places = [*main.below.get(Tag.EXIF_IFD, []), main]
    exposure_s = _positive(places, Tag.EXPOSURE_TIME)
    notes = _notes(main)
    iso = _positive(places, Tag.PHOTOGRAPHIC_SENSITIVITY)
    return FileMetadata(
        exposure_us=None if exposure_s is None else round(exposure_s * 1e6, _EXPOSURE_DIGITS),
        iso=None if iso is None else round(iso),
        f_number=_positive(places, Tag.F_NUMBER),
        focal_mm=_positive(places, Tag.FOCAL_LENGTH),
        taken_at=_taken_at(places),
        make=main.text(Tag.MAKE),
        model=main.text(Tag.MODEL) or main.text(Tag.UNIQUE_CAMERA_MODEL),
        lens=_text(places, Tag.LENS_MODEL),
        software=main.text(Tag.SOFTWARE),
        orientation=_orientation(main),
        notes=notes,
        simulated=NOTE_SIMULATED in notes or NOTE_REPLAYED in notes,
        sensor_temperature_c=_sensor_temperature(places),
        colour_gains=_colour_gains(main),
    )


def metadata_of_exif(block: bytes | None) -> FileMetadata:
    """Collect the metadata from the Exif block of a JPEG or PNG; a missing or broken block gives none, and no error."""
    if block is None:
        return NO_METADATA
    try:
        return metadata_of(read_tiff(block))
    except BadFile:
        return NO_METADATA


def exposure_in(metadata: FileMetadata) -> dict[str, Any]:
    """Give time and exposure as plain JSON values, for lists of captures; what a file does not tell is None."""
    return {
        "taken_at": metadata.taken_at.isoformat() if metadata.taken_at else None,
        "exposure_us": metadata.exposure_us,
        "iso": metadata.iso,
        "simulated": metadata.simulated,
        "time_synchronised": NOTE_CLOCK not in metadata.notes if is_own(metadata.software) else None,
    }


def _positive(places: list[StoredDirectory], tag: int) -> float | None:
    found = (place.number(tag) for place in places)
    return next((value for value in found if value is not None and math.isfinite(value) and value > 0), None)


def _text(places: list[StoredDirectory], tag: int) -> str | None:
    return next((value for value in (place.text(tag) for place in places) if value), None)


def _colour_gains(main: StoredDirectory) -> tuple[float, float] | None:
    neutral = main.numbers(Tag.AS_SHOT_NEUTRAL)
    if len(neutral) != 3 or not all(math.isfinite(n) and NEUTRAL_RANGE[0] < n < NEUTRAL_RANGE[1] for n in neutral):
        return None
    return neutral[1] / neutral[0], neutral[1] / neutral[2]


def _sensor_temperature(places: list[StoredDirectory]) -> float | None:
    comments = (bytes(stored.data[:TEXT_MAX]) for p in places if (stored := p.fields.get(Tag.USER_COMMENT)) is not None)
    found = (_TEMPERATURE.fullmatch(comment) for comment in comments)
    return next((float(match[1]) for match in found if match), None)


def _orientation(main: StoredDirectory) -> int | None:
    value = main.integer(Tag.ORIENTATION)
    return value if value is not None and 1 <= value <= 8 else None


def _notes(main: StoredDirectory) -> tuple[str, ...]:
    parts = (part.strip() for part in (main.text(Tag.IMAGE_DESCRIPTION) or "").split(";"))
    return tuple(part for part in parts if part)


def _taken_at(places: list[StoredDirectory]) -> datetime | None:
    date = _text(places, Tag.DATE_TIME_ORIGINAL) or _text(places, Tag.DATE_TIME)
    digits = (_text(places, Tag.SUB_SEC_TIME_ORIGINAL) or "").strip()
    offset = _text(places, Tag.OFFSET_TIME_ORIGINAL) or ""
    if date is None:
        return None
    fraction = digits[:6].ljust(6, "0") if digits.isascii() and digits.isdigit() else "0" * 6
    for zone, zone_form in ((offset, "%z"), ("", "")):
        try:
            return datetime.strptime(f"{date}.{fraction}{zone}", f"%Y:%m:%d %H:%M:%S.%f{zone_form}")
        except ValueError:
            continue
    return None
