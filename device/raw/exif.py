"""A shot as TIFF and Exif fields, the same for a DNG and a JPEG, and the notes on what was assumed or simulated.

Unknown values are left out. The notes are in ImageDescription, the one text that every viewer shows and that editors
keep. The DNG writer and the JPEG writer call this; the numbers of the tags are in `tags`.
"""

from __future__ import annotations

import math
from datetime import datetime
from fractions import Fraction
from typing import Final

from device.frame import FrameMeta
from device.lenses.fitted import FittedLens
from device.lenses.optics import equivalent_focal_mm
from device.raw.shot_metadata import ShotMetadata
from device.raw.tags import Tag
from device.raw.tiff_writer import U32_MAX, Directory, Field, Rational, Type, numbers, rationals, raw_bytes, text
from device.sensors.base import Sensor

MAKE: Final = "Raspberry Pi"
NOTE_SIMULATED: Final = "simulated by hqcam"
NOTE_REPLAYED: Final = "replayed by hqcam"
NOTE_LEVELS: Final = "black level assumed"
NOTE_EXPOSURE: Final = "exposure unknown"
NOTE_WHITE: Final = "white balance assumed"
NOTE_CLOCK: Final = "clock not set"
NOTE_ADJUSTED: Final = "time adjusted"
"""In place of NOTE_CLOCK, and as long, where the time was corrected afterwards (`retime`)."""

SENSOR_TEMPERATURE: Final = "sensor temperature {:.1f} C"
"""Exif has a field for the temperature of the air, and none for that of a sensor: it is in UserComment."""
ASCII_COMMENT: Final = b"ASCII\0\0\0"  # Exif 2.32: the character code of a UserComment

SHORT_MAX: Final = 65535


def notes(shot: ShotMetadata, *, levels_assumed: bool = False, white_assumed: bool = False) -> list[str]:
    """Give what was assumed, simulated, is unknown or not as asked for, a note each; empty for a plain shot."""
    meta = shot.meta
    shortfall = shot.asked.shortfall(meta) if meta.exposure_known else ""
    possible = {
        NOTE_SIMULATED: meta.simulated and not meta.source,
        NOTE_REPLAYED: bool(meta.source),
        NOTE_LEVELS: levels_assumed,
        NOTE_WHITE: white_assumed,
        NOTE_EXPOSURE: not meta.exposure_known,
        NOTE_CLOCK: not shot.clock_synchronised,
        f"exposure: {shortfall}": bool(shortfall),
        **{found.as_note(): True for found in shot.shortfalls},
        f"tuning: {shot.tuning}": shot.tuning not in ("", "stock"),
    }
    return [note for note, holds in possible.items() if holds]


def main_fields(shot: ShotMetadata, shot_notes: list[str]) -> dict[int, Field]:
    """Give the fields of IFD0 that a DNG and a JPEG share; `shot_notes` are what `notes` gave."""
    fields: dict[int, Field] = {
        Tag.MAKE: text(MAKE),
        Tag.MODEL: text(shot.sensor.unique_camera_model),
        Tag.ORIENTATION: numbers(Type.SHORT, shot.meta.orientation),
        Tag.SOFTWARE: text(shot.software),
        Tag.DATE_TIME: date_field(shot.taken_at),
    }
    if shot_notes:
        fields[Tag.IMAGE_DESCRIPTION] = text("; ".join(shot_notes))
    return fields


def exif_directory(shot: ShotMetadata) -> Directory:
    """Give the Exif IFD of a shot. A lens that the owner chose wins over a simulated one."""
    meta = shot.meta
    fields: dict[int, Field] = {
        Tag.EXIF_VERSION: raw_bytes(Type.UNDEFINED, b"0232"),
        Tag.EXPOSURE_MODE: numbers(Type.SHORT, 1 if meta.ae_state == "off" else 0),  # Exif: 1 manual, 0 auto
        **time_fields(shot.taken_at),
    }
    if shot.awb is not None:
        fields[Tag.WHITE_BALANCE] = numbers(Type.SHORT, 0 if shot.awb == "auto" else 1)  # Exif: 1 manual, 0 auto
    if meta.exposure_known:
        fields[Tag.EXPOSURE_TIME] = rationals(Fraction(meta.exposure_us) / 1_000_000)
        fields[Tag.PHOTOGRAPHIC_SENSITIVITY] = numbers(Type.SHORT, min(max(meta.iso, 0), SHORT_MAX))
    if meta.sensor_temperature_c is not None:
        comment = SENSOR_TEMPERATURE.format(meta.sensor_temperature_c).encode("ascii")
        fields[Tag.USER_COMMENT] = raw_bytes(Type.UNDEFINED, ASCII_COMMENT + comment)
    return Directory(fields | _lens_fields(meta, shot.lens, shot.sensor))


def time_fields(at: datetime) -> dict[int, Field]:
    """Give the fields of the Exif IFD that tell when a shot was taken; their lengths are always the same."""
    date, offset, milliseconds = date_field(at), text(_offset(at)), text(f"{at.microsecond // 1000:03d}")
    return {
        Tag.DATE_TIME_ORIGINAL: date,
        Tag.DATE_TIME_DIGITIZED: date,
        Tag.OFFSET_TIME: offset,
        Tag.OFFSET_TIME_ORIGINAL: offset,
        Tag.OFFSET_TIME_DIGITIZED: offset,
        Tag.SUB_SEC_TIME: milliseconds,
        Tag.SUB_SEC_TIME_ORIGINAL: milliseconds,
        Tag.SUB_SEC_TIME_DIGITIZED: milliseconds,
    }


def lens_range(lens: FittedLens) -> Field:
    """Give shortest and longest focal length and the widest aperture at each, as Exif and DNG keep a lens's range."""
    unknown: Rational = (0, 0)
    here = lens.focal_mm if lens.focal_mm is not None else unknown
    shortest, longest = lens.focal_range_mm or (here, here)
    return rationals(shortest, longest, lens.max_aperture_f, lens.max_aperture_long_f or lens.max_aperture_f)


def _lens_fields(meta: FrameMeta, lens: FittedLens | None, sensor: Sensor) -> dict[int, Field]:
    state = meta.lens
    fields: dict[int, Field] = {}
    if state is not None:
        fields[Tag.SUBJECT_DISTANCE] = rationals(_distance(state.focus_m))
        fields[Tag.F_NUMBER] = rationals(state.f_number)
        if meta.simulated:
            fields[Tag.LENS_MODEL] = text("simulated lens")
    if lens is not None:
        fields |= {
            Tag.LENS_MODEL: text(lens.model),
            Tag.LENS_MAKE: text(lens.maker),
            Tag.LENS_SPECIFICATION: lens_range(lens),
        }
        if lens.serial:
            fields[Tag.LENS_SERIAL_NUMBER] = text(lens.serial)
        if lens.f_number is not None:
            fields[Tag.F_NUMBER] = rationals(lens.f_number)
    focal_mm = lens.focal_mm if lens is not None else state.focal_mm if state is not None else None
    if focal_mm is not None:
        equivalent = round(equivalent_focal_mm(focal_mm, meta.mode, sensor.pixel_pitch_um))
        fields[Tag.FOCAL_LENGTH] = rationals(focal_mm)
        fields[Tag.FOCAL_LENGTH_IN_35MM_FILM] = numbers(Type.SHORT, min(equivalent, SHORT_MAX))
    return fields


def _distance(focus_m: float) -> float | Rational:
    return (U32_MAX, 1) if math.isinf(focus_m) else focus_m  # Exif 2.32: numerator FFFFFFFF is infinity


def date_field(at: datetime) -> Field:
    """Give a date and a time of day as Exif writes them."""
    return text(f"{at:%Y:%m:%d %H:%M:%S}")


def _offset(at: datetime) -> str:
    text_offset = at.strftime("%z")
    return f"{text_offset[:3]}:{text_offset[3:5]}"
