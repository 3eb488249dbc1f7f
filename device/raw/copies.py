"""Copies of a JPEG to give away: smaller ones, and ones that tell nothing of where, when and with what it was taken.

A copy is to be turned as the picture is, and has its colours: the orientation and the colour profile always stay. The
downloads call it on web threads. Safe on any bytes.
"""

from __future__ import annotations

import io
import struct
from typing import Final

from device.errors import BadFile
from device.raw.file_metadata import metadata_of_exif
from device.raw.jpeg import check_jpeg, tagged
from device.raw.jpeg_header import (
    APP0,
    APP1,
    JFIF_PREFIX,
    SOI,
    exif_of,
    exif_place,
    picture_end,
    segments,
    size_of,
)
from device.raw.tags import Tag
from device.raw.tiff_reader import read_tiff
from device.raw.tiff_writer import Type

QUALITY: Final = 88  # chosen: no difference is seen at full size, at half of the bytes of 95
_APP2, _APP13, _APP14, _APP15, _COMMENT = 0xE2, 0xED, 0xEE, 0xEF, 0xFE
_ICC_PREFIX: Final = b"ICC_PROFILE\0"


def without_metadata(jpeg: bytes, *, name: str) -> bytes:
    """Give the same picture without Exif, position, XMP, IPTC and comments, and nothing behind its end.

    Its pixels are not coded anew. Raises BadFile for the JPEG called `name` that has no picture.
    """
    _check(jpeg, name)
    end, begin, parts = picture_end(jpeg), len(SOI), [SOI]
    for marker, start, stop in segments(jpeg):
        if _tells(jpeg, marker, start):
            parts.append(jpeg[begin:start])
            begin = stop
    parts.append(jpeg[begin:end])
    return tagged(b"".join(parts), _orientation(jpeg))


def smaller(jpeg: bytes, long_edge: int, *, name: str, memory_bytes: int | None = None) -> bytes:
    """Give the picture with at most `long_edge` pixels on its longer side; a smaller one comes as it is.

    Metadata is that of the picture, with the new size in it. `memory_bytes` is what is free for decoding. Raises
    BadFile for the JPEG called `name` that cannot be decoded.
    """
    from PIL.Image import Resampling  # not at module level: costs start-up
    from PIL.JpegImagePlugin import JpegImageFile

    width, height = _check(jpeg, name)
    if max(width, height) <= long_edge:
        return jpeg
    check_jpeg(jpeg, width, height, memory_bytes=memory_bytes)
    written = io.BytesIO()
    try:
        bare = without_metadata(jpeg, name=name)  # foreign metadata is not for Pillow to stumble over
        with JpegImageFile(io.BytesIO(bare)) as picture:
            is_print = picture.mode not in ("L", "RGB")  # inks: their profile does not fit the RGB that is made of them
            picture.thumbnail((long_edge, long_edge), Resampling.LANCZOS, reducing_gap=2.0)
            made = picture.convert("RGB") if is_print else picture
            size = made.size
            made.save(written, "JPEG", quality=QUALITY)
    except (OSError, ValueError, SyntaxError, ArithmeticError, struct.error) as error:  # what Pillow's decoders raise
        raise BadFile(f"{name} cannot be read as a JPEG: {error}", expected="a whole JPEG file") from error
    return _with_segments_of(jpeg, written.getvalue(), size, profile=not is_print)


def _check(jpeg: bytes, name: str) -> tuple[int, int]:
    size = size_of(jpeg)
    if size is None or 0 in size:
        raise BadFile(f"{name} cannot be read as a JPEG: it has no picture", expected="a whole JPEG file")
    return size


def _orientation(jpeg: bytes) -> int:
    return metadata_of_exif(exif_of(jpeg)).orientation or 1


def _tells(jpeg: bytes, marker: int, start: int) -> bool:
    """Whether a segment holds metadata: all that programs put there, less what the decoder and the colours need."""
    body = jpeg[start + 4 : start + 4 + len(_ICC_PREFIX)]
    if marker == _APP2:
        return body != _ICC_PREFIX
    if marker == APP0:
        return not body.startswith(JFIF_PREFIX)
    return marker == _COMMENT or (APP0 < marker <= _APP15 and marker != _APP14)


def _with_segments_of(jpeg: bytes, copy: bytes, size: tuple[int, int], *, profile: bool) -> bytes:
    """Give `copy` with the metadata and the profile of the picture it was made of; `size` is its width and height."""
    kept = [SOI]
    for marker, start, stop in segments(jpeg):
        is_profile = marker == _APP2 and jpeg.startswith(_ICC_PREFIX, start + 4)
        if marker in (APP1, _APP13) or (is_profile and profile):
            kept.append(jpeg[start:stop])
    head = bytearray(b"".join(kept))
    _write_size(head, size)
    first = next((stop for marker, _, stop in segments(copy) if marker == APP0), len(SOI)) if len(kept) > 1 else 2
    return bytes(head) + copy[first:]


def _write_size(head: bytearray, size: tuple[int, int]) -> None:
    """Write the new size into an Exif block, where it has a place for it."""
    begin, end = exif_place(head) or (0, 0)
    try:
        main = read_tiff(memoryview(head)[begin:end])
    except BadFile:
        return
    for directory in main.directories[0].below.get(Tag.EXIF_IFD, []):
        for tag, value in zip((Tag.PIXEL_X_DIMENSION, Tag.PIXEL_Y_DIMENSION), size, strict=True):
            stored = directory.fields.get(tag)
            if stored is not None and stored.count == 1 and stored.type in (Type.SHORT, Type.LONG):
                struct.pack_into(f"{stored.order}{'H' if stored.type is Type.SHORT else 'I'}", stored.data, 0, value)
