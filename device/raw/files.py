"""Opens picture files, as the only module of this room: gives the bytes, the decoded picture, or its size.

A file from outside may be missing, empty, huge or a folder: the only error is BadFile.
"""

from __future__ import annotations

import stat
import struct
from pathlib import Path
from typing import Final

from device.errors import BadFile
from device.pixels.orientation import sides_swapped
from device.raw.decode import PICTURE_FILES, PNG_MAGIC, TIFF_MAGICS, PictureFile, decode_picture
from device.raw.file_metadata import FileMetadata, metadata_of, metadata_of_exif
from device.raw.jpeg import tagged
from device.raw.jpeg_header import EOI, SOI, exif_of, size_of
from device.raw.tags import Tag
from device.raw.tiff_reader import read_tiff

FILE_BYTES_MAX: Final = 512 * 2**20  # chosen: a picture of PIXELS_MAX at 16 bits is 178 MB, at 16-bit RGB 534 MB
_PNG_EXIF: Final = (b"eXIf", b"Raw profile type")  # a PNG may have its Exif block anywhere
_METADATA_BYTES: Final = 2 * 65537  # an Exif block fits one 64 KiB segment; hqcam's DNG has its directories first
_HEAD_BYTES: Final = 512 * 1024  # a JPEG's frame header comes after its Exif, profiles and thumbnails


def read_bytes(path: Path, *, limit: int | None = None) -> bytes:
    """Read a regular file of at most FILE_BYTES_MAX whole, or its first `limit` bytes. Raises BadFile."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise BadFile(f"{path} is not a file", expected=PICTURE_FILES)
        if not 0 < status.st_size <= FILE_BYTES_MAX:
            raise BadFile(f"{path.name} has {status.st_size} bytes", expected=f"1 to {FILE_BYTES_MAX} bytes")
        with path.open("rb") as file:
            return file.read(-1 if limit is None else limit)
    except FileNotFoundError as error:
        raise BadFile(f"{path} is not there", expected=PICTURE_FILES, remedy="check the name") from error
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        reason = getattr(error, "strerror", None) or error
        raise BadFile(f"{path} cannot be read: {reason}", expected=PICTURE_FILES) from error


def read_picture(path: Path, *, memory_bytes: int | None = None) -> PictureFile:
    """Read and decode a JPEG, PNG or DNG file. Raises BadFile, and nothing else.

    `memory_bytes` is what is free for it (`device.host` tells); None: not compared.
    """
    return decode_picture(read_bytes(path), name=path.name, memory_bytes=memory_bytes)


def read_size(path: Path) -> tuple[int, int]:
    """Give (width, height) of the upright picture from the head of a file, so that a folder of hundreds is quick.

    Raises BadFile for what is no picture; damage after the head is found only when the picture is decoded.
    """
    head = read_bytes(path, limit=_HEAD_BYTES)
    if head.startswith(TIFF_MAGICS):
        from device.raw.dng_reader import raw_size  # not at module level: costs start-up

        tiff = read_tiff(read_bytes(path))
        return _upright(raw_size(tiff), metadata_of(tiff))
    if head.startswith(PNG_MAGIC) and len(head) >= 24 and not any(mark in read_bytes(path) for mark in _PNG_EXIF):
        width, height = struct.unpack_from(">II", head, 16)  # PNG: IHDR is the first chunk
        return int(width), int(height)
    size = size_of(head) if head.startswith(SOI) else None
    if size is not None:
        return _upright(size, metadata_of_exif(exif_of(head)))
    height, width = read_picture(path).luma.shape  # raises a BadFile with the reason
    return width, height


def read_metadata(path: Path) -> FileMetadata:
    """Give the metadata of a JPEG or DNG from its head, so that a list of a thousand captures stays quick.

    A JPEG without an Exif block has none. Raises BadFile.
    """
    head = read_bytes(path, limit=_METADATA_BYTES)
    if head.startswith(TIFF_MAGICS):
        return metadata_of(read_tiff(head))
    if not head.startswith(SOI):
        found = head[:8].hex(" ")
        raise BadFile(f"{path.name} is no JPEG or DNG: it begins with {found}", expected="a JPEG or DNG file")
    return metadata_of_exif(exif_of(head))


def read_jpeg(path: Path) -> bytes:
    """Give the bytes of a JPEG file, or the JPEG preview of a DNG, of which only the beginning is read.

    The preview is turned as the DNG is, by an Exif block. Raises BadFile.
    """
    if not read_bytes(path, limit=4).startswith(TIFF_MAGICS):
        return read_bytes(path)
    start, end, orientation = preview_in(path)
    return tagged(read_bytes(path, limit=end)[start:], orientation)


def preview_in(path: Path) -> tuple[int, int, int]:
    """Give where the JPEG preview of a DNG begins and ends, and how it is to be turned (1 to 8). Raises BadFile."""
    from device.raw.dng_reader import preview_place  # not at module level: costs start-up

    tiff = read_tiff(read_bytes(path, limit=_METADATA_BYTES))
    return *preview_place(tiff), metadata_of(tiff).orientation or 1


def _upright(size: tuple[int, int], metadata: FileMetadata) -> tuple[int, int]:
    return size[::-1] if sides_swapped(metadata.orientation or 1) else size


def read_own_thumbnail(path: Path, least_px: int) -> bytes | None:
    """Give the thumbnail in the Exif block of a JPEG, turned as the picture is, where its long edge has `least_px`.

    None for a smaller one, for a file that has none, and for what is no JPEG. Reads the file's head alone. Raises
    BadFile.
    """
    head = read_bytes(path, limit=_METADATA_BYTES)
    block = exif_of(head) if head.startswith(SOI) else None
    if block is None:
        return None
    try:
        _, *following = read_tiff(block).directories
    except BadFile:
        return None
    for directory in following[:1]:
        start = directory.integer(Tag.JPEG_INTERCHANGE_FORMAT, 0) or 0
        jpeg = block[start : start + (directory.integer(Tag.JPEG_INTERCHANGE_FORMAT_LENGTH, 0) or 0)]
        size = size_of(jpeg) if start > 0 and jpeg.startswith(SOI) and jpeg.endswith(EOI) else None
        if size is not None and max(size) >= least_px and exif_of(jpeg) is None:
            return tagged(jpeg, metadata_of_exif(block).orientation or 1)
    return None
