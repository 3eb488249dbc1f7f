"""Compiled walks over pixels. They are made when hqcam is installed where there is a C compiler.

Without them numpy does the same, two to three times slower; `hqcam doctor` says which it is.
"""

from __future__ import annotations

import ctypes
import zlib
from pathlib import Path
from typing import Any, Final

FOLDER: Final = Path(__file__).parent
SOURCE: Final = FOLDER / "detail.c"
LIBRARY: Final = FOLDER / "detail.so"

_ADDRESS, _STEP, _COUNT = ctypes.c_void_p, ctypes.c_ssize_t, ctypes.c_int
_PICTURE: Final[tuple[type[Any], ...]] = (_ADDRESS, _STEP, _COUNT, _COUNT)


def fingerprint() -> str:
    """Give what a library says that was made from the source as it is now."""
    return f"{zlib.crc32(SOURCE.read_bytes()):08x}"


def load(library: Path = LIBRARY) -> ctypes.CDLL | None:
    """Load the compiled functions; None where there are none, or older ones than their source."""
    try:
        loaded = ctypes.CDLL(str(library))
        loaded.hqcam_source.restype = ctypes.c_char_p
        if loaded.hqcam_source() != fingerprint().encode():
            return None
        loaded.hqcam_block_sums.argtypes = [*_PICTURE, _ADDRESS, _STEP, _ADDRESS, _STEP, _ADDRESS, _ADDRESS, _ADDRESS]
        loaded.hqcam_ink.argtypes = [*_PICTURE, _ADDRESS, _ADDRESS, _ADDRESS]
        loaded.hqcam_block_sums.restype = loaded.hqcam_ink.restype = None
    except (OSError, AttributeError):  # not there, of another processor, or without one of the functions
        return None
    return loaded


DETAIL: Final = load()
"""The functions of `detail.c`, or None."""
