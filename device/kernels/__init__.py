"""The pixel passes of the assists in C, and how Python finds and calls them.

`build` compiles the sources into `compiled.so` when hqcam is installed on a machine with a C compiler. Without that,
numpy gives the same results, two to three times slower; `hqcam doctor` reports which of the two is used. Only
`device.analysis.passes` calls the functions, each through the `compiled` module of its pass; `device.doctor` checks
whether they exist. Start with `load` here, and in C with `raw.c`, the shortest pass.
"""

from __future__ import annotations

import ctypes
import zlib
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

N = TypeVar("N", bound=np.generic)

FOLDER: Final = Path(__file__).parent
SOURCES: Final = tuple(FOLDER / name for name in ("passes.h", "blocks.c", "detail.c", "display.c", "raw.c"))
LIBRARY: Final = FOLDER / "compiled.so"
MESSAGE: Final = FOLDER / "not-compiled.txt"
"""What the compiler said at the installation, where it failed."""

_ADDRESS, _STEP, _COUNT = ctypes.c_void_p, ctypes.c_ssize_t, ctypes.c_int
_ROWS: Final[tuple[type[Any], ...]] = (_ADDRESS, _STEP)
_PICTURE: Final = (*_ROWS, _COUNT, _COUNT)
_FUNCTIONS: Final = {
    "hqcam_block_sums": (*_PICTURE, _ADDRESS, _ADDRESS, _ADDRESS, _ADDRESS, _ADDRESS),
    "hqcam_average": (_ADDRESS, _COUNT, _COUNT, _ADDRESS, _ADDRESS),
    "hqcam_peaking_mask": (*_PICTURE, _ADDRESS, _ADDRESS, _ADDRESS),
    "hqcam_display": (
        *(*_PICTURE, *_ROWS, *_ROWS, _COUNT, _COUNT),
        *(*_ROWS, _ADDRESS, _COUNT, _ADDRESS, _ADDRESS, _ADDRESS),
    ),
    "hqcam_steps": (_ADDRESS, _COUNT, _COUNT, _ADDRESS),
    "hqcam_noise": (
        *(_ADDRESS, _COUNT, _COUNT, _ADDRESS, _ADDRESS, _ADDRESS),
        *(*_ROWS, *_ROWS, _COUNT, _COUNT, _ADDRESS, _ADDRESS, _ADDRESS),
    ),
    "hqcam_compare": (*(_ADDRESS,) * 6, _COUNT, _ADDRESS, _ADDRESS, _ADDRESS),
    "hqcam_raw": (*_PICTURE, _ADDRESS, _COUNT, _ADDRESS, _ADDRESS),
}


def fingerprint() -> str:
    """Give a checksum of the sources; a library that was compiled from exactly these contains the same."""
    return f"{zlib.crc32(b''.join(source.read_bytes() for source in SOURCES)):08x}"


def in_rows(plane: NDArray[N]) -> NDArray[N]:
    """Give a plane whose samples are contiguous in each row, as the C functions need it: itself, or a copy."""
    return plane if plane.strides[1] == plane.itemsize else np.ascontiguousarray(plane)


def chroma_in_rows(chroma: tuple[NDArray[N], NDArray[N]] | None) -> tuple[NDArray[N], NDArray[N]] | tuple[None, None]:
    """Give u and v with contiguous samples in each row, or (None, None) without chroma."""
    return (None, None) if chroma is None else (in_rows(chroma[0]), in_rows(chroma[1]))


def place_of(plane: NDArray[Any] | None) -> tuple[int | None, int]:
    """Give a plane's address and the bytes from row to row, as the C functions take them; NULL and 0 for None."""
    return (None, 0) if plane is None else (plane.ctypes.data, plane.strides[0])


def places_of(u: NDArray[Any] | None, v: NDArray[Any] | None) -> tuple[int | None, ...]:
    """Give address and row bytes of two planes of one size, then rows and columns, as the C functions take them."""
    return *place_of(u), *place_of(v), *((0, 0) if u is None else u.shape)


def load(library: Path = LIBRARY) -> ctypes.CDLL | None:
    """Load the compiled functions; None where there are none, or where they were compiled from other sources."""
    try:
        loaded = ctypes.CDLL(str(library))
        loaded.hqcam_source.restype = ctypes.c_char_p
        if loaded.hqcam_source() != fingerprint().encode():
            return None
        for name, arguments in _FUNCTIONS.items():
            function = getattr(loaded, name)
            function.argtypes, function.restype = arguments, None
    except (OSError, AttributeError):  # no file, another processor, or a function is missing
        return None
    return loaded


def why_not() -> str:
    """Say in a line why nothing compiled is used; `hqcam doctor` asks where `COMPILED` is None."""
    if MESSAGE.exists():
        lines = MESSAGE.read_text(errors="replace").splitlines() or ["the compiler said nothing"]
        return next((line for line in lines if "error:" in line), lines[0])
    if LIBRARY.exists():
        return f"{LIBRARY} was made from other sources, or for another processor"
    return f"there is no {LIBRARY}"


COMPILED: Final = load()
"""The compiled functions, or None."""
