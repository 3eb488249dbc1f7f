"""What a picture from outside may cost: pixels, scans and memory, checked before anything is allocated or decoded.

The limits let the files of other cameras through, up to 64 megapixels and beyond. What they refuse is a small file that
claims a large picture, or has the same pixels decoded again and again. The decoders of this room and the simulator's
photographs call these functions, with what the head of a file claims.
"""

from __future__ import annotations

from typing import Final

from device.errors import BadFile

PIXELS_MAX: Final = 89_000_000  # just under Pillow's limit (89.5 million); the HQ camera has 12.3 million
PIXELS_ALWAYS: Final = 25_000_000  # chosen: flat pictures and charts of usual cameras compress to next to nothing
PIXELS_PER_BYTE: Final = 150  # measured: a soft JPEG of 48 megapixels has 143 at quality 1, 31 at 75; a PNG under 4
SCANS_MAX: Final = 64  # chosen: a progressive JPEG has 3 to 14
SCAN_PIXELS_MAX: Final = 2_000_000_000  # chosen: 33 scans of 60 megapixels, some seconds on a Pi
MEMORY_PER_PIXEL: Final = 10  # measured: 4 in Pillow, 3 as RGB, 1.5 as YUV, and the file


def check_pixels(
    width: int, height: int, *, least: int = 1, file_bytes: int | None = None, memory_bytes: int | None = None
) -> None:
    """Refuse a picture that is empty, absurdly large, too large for its file or for the memory. Raises BadFile.

    `file_bytes` is the length of a compressed file, `memory_bytes` what is free for decoding; None: not compared.
    """
    if width < least or height < least:
        raise BadFile(f"the picture is {width}x{height} pixels", expected=f"at least {least} on each side")
    pixels = width * height
    if pixels > PIXELS_MAX:
        raise BadFile(
            f"the picture is {width}x{height}, {pixels / 1e6:.0f} megapixels",
            expected=f"at most {PIXELS_MAX // 1_000_000} megapixels",
            remedy="scale it down first",
        )
    if file_bytes is not None and pixels > max(PIXELS_ALWAYS, PIXELS_PER_BYTE * file_bytes):
        raise BadFile(
            f"its {file_bytes} bytes claim {width}x{height}, {pixels / 1e6:.0f} megapixels",
            expected=f"at most {PIXELS_PER_BYTE} pixels for each byte of a picture so large",
            remedy="no photograph compresses so far; scale it down first",
        )
    if memory_bytes is not None and pixels * MEMORY_PER_PIXEL > memory_bytes:
        raise BadFile(
            f"decoding {width}x{height} pixels takes some {pixels * MEMORY_PER_PIXEL // 2**20} MB of memory",
            expected=f"at most the {memory_bytes // 2**20} MB that are free",
            remedy="scale it down first, or close other programs",
        )


def check_scans(scans: int, pixels: int) -> None:
    """Refuse a JPEG whose pixels are decoded in too many scans. Raises BadFile."""
    most = min(SCANS_MAX, SCAN_PIXELS_MAX // max(1, pixels))
    if scans > most:
        raise BadFile(
            f"the JPEG has {scans} scans over {pixels / 1e6:.1f} megapixels",
            expected=f"at most {most}",
            remedy="save it again as an ordinary JPEG",
        )
