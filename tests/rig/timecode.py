"""The time that the simulated IMX477 writes into its pixels, which tells of which frame they are."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

BITS: Final = 32


def read_code(plane: NDArray[Any], *, middle: float) -> int:
    """Read the low 32 bits of SensorTimestamp in microseconds from a luma plane or raw samples (H, W).

    32 blocks of width / 64 (rounded down to even), from the top left corner, least significant bit first; a block over
    `middle` is 1.
    """
    block = plane.shape[1] // 64 // 2 * 2
    centres = np.arange(BITS) * block + block // 2
    bits = plane[block // 2, centres] > middle
    return int((bits.astype(np.uint64) << np.arange(BITS, dtype=np.uint64)).sum())


def code_of(metadata: dict[str, Any]) -> int:
    """Give the code that a frame with this metadata has."""
    return int(metadata["SensorTimestamp"]) // 1000 % 2**BITS
