"""The JPEG of a shot: encoding, its Exif block, and its thumbnail for lists of captures."""

from __future__ import annotations

from typing import Final

import numpy as np

from device.errors import BadFile, BadInput
from device.frame import YuvPicture
from device.raw.exif import exif_directory, main_fields, notes
from device.raw.file_metadata import metadata_of_exif
from device.raw.jpeg_header import exif_of, replace_exif, scans_of, size_of
from device.raw.limits import SCANS_MAX, check_pixels, check_scans
from device.raw.shot_metadata import ShotMetadata
from device.raw.tags import COMPRESSION_THUMBNAIL, Tag
from device.raw.tiff_writer import Directory, Field, Type, numbers, rationals, raw_bytes, write

THUMBNAIL_QUALITY: Final = 80


def encode_picture_jpeg(picture: YuvPicture, quality: int) -> bytes:
    """Encode a 4:2:0 picture without going through RGB. No Exif yet: see `with_exif`."""
    from simplejpeg import encode_jpeg_yuv_planes  # not at module level: costs start-up

    planes = (np.ascontiguousarray(plane) for plane in (picture.y, picture.u, picture.v))
    jpeg: bytes = encode_jpeg_yuv_planes(*planes, quality)
    return jpeg


def with_exif(jpeg: bytes, shot: ShotMetadata, *, thumbnail_jpeg: bytes | None = None) -> bytes:
    """Give the JPEG with an Exif block of the shot, in place of any it had.

    Raises BadInput when the `thumbnail_jpeg` is too large for the block (64 kB).
    """
    size = size_of(jpeg)
    if size is None:
        raise BadInput("these bytes are not a JPEG picture", expected="a JPEG with a frame header")
    root = Directory(main_fields(shot, notes(shot)) | _resolution_fields())
    root.fields[Tag.YCBCR_POSITIONING] = numbers(Type.SHORT, 1)  # centred
    exif = exif_directory(shot)
    exif.fields |= {
        Tag.COMPONENTS_CONFIGURATION: raw_bytes(Type.UNDEFINED, b"\1\2\3\0"),  # Y, Cb, Cr
        Tag.FLASHPIX_VERSION: raw_bytes(Type.UNDEFINED, b"0100"),
        Tag.COLOR_SPACE: numbers(Type.SHORT, 1),  # sRGB
        Tag.PIXEL_X_DIMENSION: numbers(Type.LONG, size[0]),
        Tag.PIXEL_Y_DIMENSION: numbers(Type.LONG, size[1]),
    }
    root.below[Tag.EXIF_IFD] = exif
    if thumbnail_jpeg is not None:
        root.following = _thumbnail_directory(thumbnail_jpeg, shot.meta.orientation)
    return replace_exif(jpeg, b"".join(write(root)))


def tagged(jpeg: bytes, orientation: int) -> bytes:
    """Give the JPEG with an Exif block that says how to turn it for looking at it (1 to 8), and nothing else.

    It comes unchanged where there is nothing to turn. It has no Exif yet.
    """
    if orientation == 1:
        return jpeg
    root = Directory({Tag.ORIENTATION: numbers(Type.SHORT, orientation)})
    return replace_exif(jpeg, b"".join(write(root)))


def _resolution_fields() -> dict[int, Field]:
    """Give 72 per inch, which Exif requires when there is no true resolution."""
    return {
        Tag.X_RESOLUTION: rationals(72),
        Tag.Y_RESOLUTION: rationals(72),
        Tag.RESOLUTION_UNIT: numbers(Type.SHORT, 2),  # inch
    }


def _thumbnail_directory(jpeg: bytes, orientation: int) -> Directory:
    fields = _resolution_fields() | {
        Tag.COMPRESSION: numbers(Type.SHORT, COMPRESSION_THUMBNAIL),
        Tag.ORIENTATION: numbers(Type.SHORT, orientation),  # some programs show it by this alone
    }
    where = (Tag.JPEG_INTERCHANGE_FORMAT, Tag.JPEG_INTERCHANGE_FORMAT_LENGTH)
    return Directory(fields, strip=jpeg, strip_tags=where)


def thumbnail(data: bytes, width: int, *, name: str) -> bytes:
    """Give a small JPEG of the JPEG called `name`, at least `width` pixels wide if the picture is. Raises BadFile.

    It is turned as the picture is: by an Exif block of its own.
    """
    from simplejpeg import decode_jpeg, decode_jpeg_header, encode_jpeg

    try:
        # The decoder scales while it decodes: twelve megapixels cost little more than the thumbnail itself.
        full_height, full_width, *_ = decode_jpeg_header(data)
        check_jpeg(data, full_width, full_height)
        small = decode_jpeg(data, "RGB", min_width=min(width, full_width), fastdct=True)
        jpeg: bytes = encode_jpeg(small, THUMBNAIL_QUALITY, "RGB", "420")
    except (ValueError, OverflowError) as error:
        if isinstance(error, BadFile):
            raise
        raise _not_a_jpeg(name, str(error)) from error
    return tagged(jpeg, metadata_of_exif(exif_of(data)).orientation or 1)


def check_jpeg(data: bytes, width: int, height: int, *, memory_bytes: int | None = None) -> None:
    """Refuse a whole JPEG that claims too many pixels, scans or too much memory, before it is decoded. Raises BadFile.

    `memory_bytes` is what is free for decoding; None: not compared.
    """
    check_pixels(width, height, file_bytes=len(data), memory_bytes=memory_bytes)
    check_scans(scans_of(data, SCANS_MAX), width * height)


def _not_a_jpeg(name: str, found: str) -> BadFile:
    return BadFile(f"{name} cannot be read as a JPEG: {found}", expected="a whole JPEG file")
