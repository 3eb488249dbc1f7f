"""The segments in front of a JPEG's picture data: where the Exif block sits and how large the picture is.

Source: ITU-T T.81 annex B (markers), Exif 2.32 section 4.5 (APP1). Safe on any bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from device.errors import BadInput

SOI: Final = b"\xff\xd8"
EOI: Final = b"\xff\xd9"
APP0: Final = 0xE0
APP1: Final = 0xE1
SOS: Final = 0xDA
EXIF_PREFIX: Final = b"Exif\0\0"
JFIF_PREFIX: Final = b"JFIF\0"
SOF3: Final = 0xC3  # lossless, Huffman
SEGMENT_MAX: Final = 65535
START_OF_FRAME: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # less DHT, JPG, DAC

_MARKER: Final = re.compile(rb"\xff+([^\x00\xff\x01\xd0-\xd8])")  # in picture data: neither stuffing nor a restart

Segment = tuple[int, int, int]


def segments(data: bytes | bytearray) -> Iterator[Segment]:
    """Give (marker, start, end) of each segment before the picture data; ends early where the bytes make no sense."""
    position = len(SOI)
    if data[:position] != SOI:
        return
    while position + 4 <= len(data) and data[position] == 0xFF:
        marker = data[position + 1]
        if marker == 0xFF:  # fill byte
            position += 1
            continue
        end = position + 2 + int.from_bytes(data[position + 2 : position + 4], "big")
        if end < position + 4 or end > len(data):
            return
        yield marker, position, end
        if marker == SOS:
            return
        position = end


def exif_of(data: bytes) -> bytes | None:
    """Give the TIFF structure inside the first Exif block, if there is one."""
    place = exif_place(data)
    return None if place is None else data[place[0] : place[1]]


def exif_place(data: bytes | bytearray) -> tuple[int, int] | None:
    """Give where the TIFF structure inside the first Exif block begins and ends."""
    for marker, start, end in segments(data):
        if marker == APP1 and data[start + 4 : end].startswith(EXIF_PREFIX):
            return start + 4 + len(EXIF_PREFIX), end
    return None


def size_of(data: bytes) -> tuple[int, int] | None:
    """Give (width, height) from the frame header."""
    for marker, start, end in segments(data):
        if marker in START_OF_FRAME and end - start >= 9:
            height = int.from_bytes(data[start + 5 : start + 7], "big")
            return int.from_bytes(data[start + 7 : start + 9], "big"), height
    return None


def scans_of(data: bytes, most: int) -> int:
    """Count the scans up to the end of the picture, at most `most` + 1 of them; 0 where the bytes make no sense."""
    scans, position = 0, next((end for marker, _, end in segments(data) if marker == SOS), len(data))
    if position < len(data):
        scans = 1
    while scans <= most and (found := _MARKER.search(data, position)) is not None:
        marker, position = found[1], found.end()
        if marker == EOI[1:]:
            break
        scans += marker[0] == SOS
        position += max(2, int.from_bytes(data[position : position + 2], "big"))
    return scans


def picture_end(data: bytes) -> int:
    """Give where the picture ends, behind its EOI; the end of the bytes where there is none."""
    position = next((end for marker, _, end in segments(data) if marker == SOS), len(data))
    while (found := _MARKER.search(data, position)) is not None:
        position = found.end()
        if found[1] == EOI[1:]:
            return position
        position += max(2, int.from_bytes(data[position : position + 2], "big"))
    return len(data)


def replace_exif(data: bytes, exif: bytes) -> bytes:
    """Put `exif` (a TIFF structure) right behind SOI, where Exif wants it, in place of any JFIF or Exif block.

    Raises BadInput for a block beyond the length of a JPEG segment.
    """
    dropped = [(start, end) for marker, start, end in segments(data) if _is_replaced(data, marker, start)]
    length = 2 + len(EXIF_PREFIX) + len(exif)
    if length > SEGMENT_MAX:
        raise BadInput(f"the Exif block has {length} bytes", expected=f"at most {SEGMENT_MAX}: a smaller thumbnail")
    parts = [SOI, bytes((0xFF, APP1)), length.to_bytes(2, "big"), EXIF_PREFIX, exif]
    kept_from = len(SOI)
    for start, end in dropped:
        parts.append(data[kept_from:start])
        kept_from = end
    return b"".join([*parts, memoryview(data)[kept_from:]])


def _is_replaced(data: bytes, marker: int, start: int) -> bool:
    return (marker == APP1 and data.startswith(EXIF_PREFIX, start + 4)) or (
        marker == APP0 and data.startswith(JFIF_PREFIX, start + 4)
    )
