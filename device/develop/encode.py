"""A developed picture as file bytes: JPEG or 16-bit TIFF, with the metadata of its raw file carried over."""

from __future__ import annotations

import struct
from typing import Final

import numpy as np

from device.errors import BadFile
from device.frame import U8, U16
from device.raw.jpeg_header import replace_exif
from device.raw.tags import COMPRESSION_NONE, PHOTOMETRIC_RGB, Tag
from device.raw.tiff_reader import StoredDirectory, StoredField, StoredTiff
from device.raw.tiff_writer import FORMATS, Buffer, Directory, Field, Type, numbers, rationals, raw_bytes, text, write

_MAIN: Final = (Tag.MAKE, Tag.MODEL, Tag.DATE_TIME, Tag.IMAGE_DESCRIPTION)
_EXIF: Final = (
    *(Tag.EXPOSURE_TIME, Tag.F_NUMBER, Tag.PHOTOGRAPHIC_SENSITIVITY, Tag.EXIF_VERSION, Tag.DATE_TIME_ORIGINAL),
    *(Tag.DATE_TIME_DIGITIZED, Tag.OFFSET_TIME, Tag.OFFSET_TIME_ORIGINAL, Tag.OFFSET_TIME_DIGITIZED),
    *(Tag.SUBJECT_DISTANCE, Tag.FOCAL_LENGTH, Tag.SUB_SEC_TIME, Tag.SUB_SEC_TIME_ORIGINAL, Tag.SUB_SEC_TIME_DIGITIZED),
    *(Tag.EXPOSURE_MODE, Tag.WHITE_BALANCE, Tag.FOCAL_LENGTH_IN_35MM_FILM, Tag.LENS_SPECIFICATION),
    *(Tag.LENS_MAKE, Tag.LENS_MODEL, Tag.USER_COMMENT),
)
_LONGEST: Final = 1024  # chosen: no field of the shot itself is longer; maker notes and previews are


def jpeg_file(rgb: U8, source: StoredTiff | None, *, quality: int, software: str) -> bytes:
    """Give (H, W, 3) uint8 sRGB as a JPEG; `source` is the raw file it was made from, if that can be read."""
    from simplejpeg import encode_jpeg  # not at module level: costs start-up

    jpeg: bytes = encode_jpeg(np.ascontiguousarray(rgb), quality, "RGB", "444")
    root = _metadata(source, software)
    exif = root.below[Tag.EXIF_IFD]
    root.fields[Tag.YCBCR_POSITIONING] = numbers(Type.SHORT, 1)  # centred
    exif.fields[Tag.COMPONENTS_CONFIGURATION] = raw_bytes(Type.UNDEFINED, b"\1\2\3\0")  # Y, Cb, Cr
    exif.fields[Tag.PIXEL_X_DIMENSION] = numbers(Type.LONG, rgb.shape[1])
    exif.fields[Tag.PIXEL_Y_DIMENSION] = numbers(Type.LONG, rgb.shape[0])
    return replace_exif(jpeg, b"".join(write(root)))


def tiff_file(rgb: U16, source: StoredTiff | None, *, software: str) -> list[Buffer]:
    """Give (H, W, 3) uint16 sRGB as an uncompressed TIFF, in buffers to be written one after the other."""
    height, width = rgb.shape[:2]
    root = _metadata(source, software)
    root.fields |= {
        Tag.NEW_SUBFILE_TYPE: numbers(Type.LONG, 0),
        Tag.IMAGE_WIDTH: numbers(Type.LONG, width),
        Tag.IMAGE_LENGTH: numbers(Type.LONG, height),
        Tag.BITS_PER_SAMPLE: numbers(Type.SHORT, 16, 16, 16),
        Tag.COMPRESSION: numbers(Type.SHORT, COMPRESSION_NONE),
        Tag.PHOTOMETRIC_INTERPRETATION: numbers(Type.SHORT, PHOTOMETRIC_RGB),
        Tag.SAMPLES_PER_PIXEL: numbers(Type.SHORT, 3),
        Tag.ROWS_PER_STRIP: numbers(Type.LONG, height),
        Tag.PLANAR_CONFIGURATION: numbers(Type.SHORT, 1),
    }
    root.strip = np.ascontiguousarray(rgb, dtype="<u2").data.cast("B")
    return write(root)


def _metadata(source: StoredTiff | None, software: str) -> Directory:
    """Give a directory with an Exif IFD of the source's metadata. The picture is upright: LibRaw turns it."""
    root = Directory({Tag.SOFTWARE: text(software), Tag.ORIENTATION: numbers(Type.SHORT, 1)})
    root.fields |= {
        Tag.X_RESOLUTION: rationals(72),
        Tag.Y_RESOLUTION: rationals(72),
        Tag.RESOLUTION_UNIT: numbers(Type.SHORT, 2),  # inch; Exif's stand-in when there is no true resolution
    }
    exif = Directory()
    if source is not None:
        main = source.directories[0]
        root.fields |= _copied(main, _MAIN)
        for place in [main, *main.below.get(Tag.EXIF_IFD, [])]:  # some writers put Exif's tags into IFD0
            exif.fields |= _copied(place, _EXIF)
    exif.fields.setdefault(Tag.EXIF_VERSION, raw_bytes(Type.UNDEFINED, b"0232"))
    exif.fields[Tag.FLASHPIX_VERSION] = raw_bytes(Type.UNDEFINED, b"0100")
    exif.fields[Tag.COLOR_SPACE] = numbers(Type.SHORT, 1)  # sRGB
    root.below[Tag.EXIF_IFD] = exif
    return root


def _copied(directory: StoredDirectory, tags: tuple[Tag, ...]) -> dict[int, Field]:
    found = ((tag, directory.fields.get(tag)) for tag in tags)
    return {tag: _little_endian(field) for tag, field in found if field is not None and len(field.data) <= _LONGEST}


def _little_endian(field: StoredField) -> Field:
    data = bytes(field.data)
    if field.order == ">" and field.type not in (Type.ASCII, Type.UNDEFINED):
        codes = FORMATS[field.type][0] * (field.count * len(FORMATS[field.type]))
        try:
            data = struct.pack(f"<{codes}", *struct.unpack(f">{codes}", data))
        except struct.error as error:
            raise BadFile("a field of its Exif block is not of its own length", expected="a whole file") from error
    return Field(field.type, field.count, data)
