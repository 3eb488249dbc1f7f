"""The size of a picture file from its head alone, so that a folder of hundreds can be checked before it plays."""

from __future__ import annotations

import struct
from pathlib import Path

from device.raw.decode import PNG_MAGIC, TIFF_MAGICS, read_picture
from device.raw.jpeg_header import SOI, size_of
from device.raw.limits import read_bytes
from device.raw.tiff_reader import read_tiff

_HEAD_BYTES = 512 * 1024  # a JPEG's frame header comes after its Exif, profiles and thumbnails


def read_size(path: Path) -> tuple[int, int]:
    """Give (width, height). Raises BadFile for what is no picture; damage behind the head shows on decoding only."""
    head = read_bytes(path, limit=_HEAD_BYTES)
    if head.startswith(TIFF_MAGICS):
        from device.raw.dng_reader import raw_size  # not at module level: costs start-up

        return raw_size(read_tiff(read_bytes(path)))
    if head.startswith(PNG_MAGIC) and len(head) >= 24:
        width, height = struct.unpack_from(">II", head, 16)  # PNG: IHDR is the first chunk
        return int(width), int(height)
    size = size_of(head) if head.startswith(SOI) else None
    if size is not None:
        return size
    height, width = read_picture(path).luma.shape  # says by name what is wrong with a file that is no picture
    return width, height
