"""A clock in the picture itself: with it the latency to a screen is measured from pixels alone.

Forty blocks of 16 x 16 pixels of a picture 1014 wide (wider or narrower in proportion) from the top left corner to the
right, white for 1: 32 bits of unix milliseconds (modulo 2^32), least significant first, then 8 check bits.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from device.frame import U8, YuvPicture

BITS, CHECK_BITS = 32, 8
BLOCK_PX: Final = 16
REFERENCE_WIDTH: Final = 1014
CHECK_MASK: Final = 0xA5


def code_of(unix_ms: float) -> int:
    """Give the 40 bits of a time as one number, the first block's bit lowest.

    >>> hex(code_of(0x01020304))
    '0xaf01020304'
    """
    moment = round(unix_ms) % 2**BITS
    check = sum(moment.to_bytes(4, "little")) & 0xFF ^ CHECK_MASK
    return int(moment | check << BITS)


def burn(picture: YuvPicture, unix_ms: float) -> None:
    """Write the time into `picture` (at least 40 pixels wide), in place."""
    code = code_of(unix_ms)
    bits = (code >> np.arange(BITS + CHECK_BITS)) & 1
    edges = np.round(np.arange(BITS + CHECK_BITS + 1) * BLOCK_PX * picture.y.shape[1] / REFERENCE_WIDTH).astype(int)
    tall = int(edges[1])
    row = np.repeat(np.where(bits, 255, 0).astype(np.uint8), np.diff(edges))
    picture.y[:tall, : row.size] = row
    for plane in (picture.u, picture.v):
        plane[: -(-tall // 2), : -(-row.size // 2)] = 128


def clear_below(overlay: U8) -> None:
    """Clear the overlay (H, W), in place, where it would cover the code."""
    block = BLOCK_PX * overlay.shape[1] / REFERENCE_WIDTH
    overlay[: round(block) + 2, : round(block * (BITS + CHECK_BITS)) + 2] = 0


def read(luma: U8) -> int | None:
    """Read the time (ms modulo 2^32) from a picture's luma (H, W); None if there is no code or its check bits fail."""
    block = BLOCK_PX * luma.shape[1] / REFERENCE_WIDTH
    columns = ((np.arange(BITS + CHECK_BITS) + 0.5) * block).astype(int)
    bits = luma[int(block / 2), columns].astype(int) > 127
    code = sum(int(bit) << i for i, bit in enumerate(bits))
    moment = code % 2**BITS
    return moment if code == code_of(moment) else None
