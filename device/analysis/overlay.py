"""The overlay: one plane of bit flags, as large as the picture that is shown, and how it is packed for the page.

It is scaled down by OR over blocks of pixels, so that a thin lit line stays.
"""

from __future__ import annotations

import zlib
from enum import IntFlag

import numpy as np

from device.errors import BadInput
from device.frame import U8


class Flag(IntFlag):
    """One bit per layer of the overlay plane (uint8)."""

    PEAKING = 1
    ZEBRA_HIGH = 2
    """Display signal: luma or any of R, G, B at or above the level."""
    ZEBRA_BAND = 4
    ZEBRA_LOW = 8
    RAW_CLIP_R = 16
    RAW_CLIP_G = 32
    RAW_CLIP_B = 64
    RAW_SHADOW = 128
    """Raw green at or under the shadow level."""


LAYER_NAMES: dict[Flag, str] = {
    Flag.PEAKING: "peaking",
    Flag.ZEBRA_HIGH: "zebra_high",
    Flag.ZEBRA_BAND: "zebra_band",
    Flag.ZEBRA_LOW: "zebra_low",
    Flag.RAW_CLIP_R: "raw_clip_r",
    Flag.RAW_CLIP_G: "raw_clip_g",
    Flag.RAW_CLIP_B: "raw_clip_b",
    Flag.RAW_SHADOW: "raw_shadow",
}
"""Names of the layers in the API and the page, in the order of their bits."""


def layers(overlay: U8) -> list[tuple[str, U8]]:
    """Give (name, bits) of every layer with a lit pixel: (h, ceil(w/8)) uint8, leftmost pixel in the highest bit.

    >>> layers(np.array([[1, 0, 3]], np.uint8))
    [('peaking', array([[160]], dtype=uint8)), ('zebra_high', array([[32]], dtype=uint8))]
    """
    present = int(np.bitwise_or.reduce(overlay, axis=None, initial=0))
    return [
        (name, np.packbits(overlay & np.uint8(flag), axis=1)) for flag, name in LAYER_NAMES.items() if present & flag
    ]


COARSE = ("zebra_band", "zebra_low", "raw_shadow")
"""Layers of broad stripes, whose speckled edges would cost half of all bytes."""


def encode(lit: list[tuple[str, U8]]) -> bytes:
    """Give what `layers` gave as few bytes: each row XOR the one above it, all in one zlib stream.

    Layers of `COARSE` go in blocks of 2 x 2 pixels, lit where at least half of the block is.
    """
    if not lit:
        return b""
    planes = [coarsen(bits) if name in COARSE else bits.copy() for name, bits in lit]
    for plane in planes:
        plane[1:] ^= plane[:-1].copy()
    stream = zlib.compressobj(1, zlib.DEFLATED, 15, 9, zlib.Z_RLE)  # half the bytes of the default, and sooner
    return stream.compress(b"".join(plane.tobytes() for plane in planes)) + stream.flush()


def coarsen(bits: U8) -> U8:
    """Light whole blocks of 2 x 2 pixels of packed rows: those of which at least two are lit.

    >>> [f"{row:08b}" for row in coarsen(np.array([[0b11100001], [0b00100000]], np.uint8))[:, 0]]
    ['11110000', '11110000']
    """
    upper, lower = bits[0::2], bits[1::2]
    if len(lower) < len(upper):
        lower = np.concatenate([lower, upper[-1:]])
    right_upper, right_lower = upper << np.uint8(1), lower << np.uint8(1)
    two = (upper & right_upper) | (lower & right_lower) | ((upper | right_upper) & (lower | right_lower))
    left = two & np.uint8(0b10101010)
    blocks: U8 = np.repeat(left | left >> np.uint8(1), 2, axis=0)[: len(bits)]
    return blocks


def factor_between(size: tuple[int, int], overlay_size: tuple[int, int]) -> int:
    """Give the whole factor that brings `size` down to `overlay_size` (height, width); raises BadInput without one.

    Incomplete blocks at the right and bottom count: the overlay has ceil(size / factor) pixels.

    >>> factor_between((1521, 2029), (761, 1015))
    2
    """
    if min(*size, *overlay_size) < 1:
        raise BadInput(f"a picture of {size} cannot have an overlay of {overlay_size}", expected="one pixel or more")
    factor = max(_ceil(full, small) for full, small in zip(size, overlay_size, strict=True))
    if tuple(_ceil(full, factor) for full in size) != tuple(overlay_size):
        raise BadInput(
            f"an overlay of {overlay_size} does not divide a picture of {size}",
            expected="the picture's height and width divided by one whole number, rounded up",
        )
    return factor


def reduce_or(plane: U8, factor: int) -> U8:
    """Bring a plane of flags down by OR over blocks of `factor` x `factor`, incomplete ones at the ends included.

    >>> reduce_or(np.array([[1, 0, 0], [0, 2, 4]], np.uint8), 2)
    array([[3, 4]], dtype=uint8)
    """
    height, width = plane.shape
    if factor == 2 and height % 2 == 0 and width % 2 == 0:
        return _halve_columns(np.bitwise_or(plane[0::2], plane[1::2]))
    padded_width = _ceil(width, factor) * factor
    rows = np.zeros((_ceil(height, factor), padded_width), np.uint8)
    for first in range(factor):
        part = plane[first::factor]
        target = rows[: len(part), :width]
        np.bitwise_or(target, part, out=target)
    if factor == 2:
        return _halve_columns(rows)
    reduced = rows[:, 0::factor].copy()
    for first in range(1, factor):
        np.bitwise_or(reduced, rows[:, first::factor], out=reduced)
    return reduced


def double(plane: U8) -> U8:
    """Repeat every pixel twice along both axes."""
    return np.repeat(np.repeat(plane, 2, axis=0), 2, axis=1)


def _halve_columns(rows: U8) -> U8:
    """OR neighbouring columns, the two bytes of a 16-bit word, and keep the low byte."""
    words = rows.view(np.uint16)
    halves: U8 = np.bitwise_or(words, words >> np.uint16(8)).astype(np.uint8)
    return halves


def _ceil(value: int, divisor: int) -> int:
    return -(-value // divisor)
