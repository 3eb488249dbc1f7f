"""How large a file or picture from outside may be, checked before anything is allocated for it."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Final

from device.errors import BadFile

PIXELS_MAX: Final = 89_000_000  # just under Pillow's own bomb alarm (89.5 million); the HQ camera has 12.3 million
FILE_BYTES_MAX: Final = 512 * 2**20  # chosen: PIXELS_MAX at 16 bits is 178 MB, at 16-bit RGB 534 MB

PICTURE_FILES: Final = "a JPEG, PNG or uncompressed Bayer DNG file"


def check_pixels(width: int, height: int, *, least: int = 1) -> None:
    """Refuse a picture that is empty or absurdly large. Raises BadFile."""
    if width < least or height < least:
        raise BadFile(f"the picture is {width}x{height} pixels", expected=f"at least {least} on each side")
    if width * height > PIXELS_MAX:
        raise BadFile(
            f"the picture is {width}x{height}, {width * height / 1e6:.0f} megapixels",
            expected=f"at most {PIXELS_MAX // 1_000_000} megapixels",
            remedy="scale it down first",
        )


def read_bytes(path: Path, *, limit: int | None = None) -> bytes:
    """Read a regular file of sane size whole, or its first `limit` bytes. Raises BadFile."""
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
