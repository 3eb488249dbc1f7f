"""Converts between the layouts in which Bayer samples are packed into bytes. Only bits are moved: no levels, no colour.

There are three layouts. CSI-2 (MIPI CSI-2 "RAW10", "RAW12"; what a Pi up to 4 delivers): the high eight bits of each
pixel of a group, then one byte of the group's low bits, first pixel lowest; rows padded to a stride. MSB-aligned (what
a Pi 5 delivers): 16-bit words whose low bits are empty. TIFF and DNG: one big-endian stream of bits per row, each row
begun on a byte.

Samples are (H, W) uint16, right-justified. Widths that do not fill a group are padded with zero pixels inside the
packed row and cut off again on the way back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from device.bayer import CfaOrder
from device.errors import BadInput
from device.frame import U8, U16

CSI2_GROUP_PIXELS: Final = {10: 4, 12: 2}  # MIPI CSI-2: RAW10 is 4 pixels in 5 bytes, RAW12 is 2 in 3
TIFF_GROUP_PIXELS: Final = {8: 1, 10: 4, 12: 2, 14: 4, 16: 1}  # the fewest pixels that end on a whole byte

_STRIP_ROWS: Final = 64  # working rows that stay in a core's cache

T = TypeVar("T", np.uint8, np.uint16)


@dataclass(frozen=True, slots=True)
class PackedRaw:
    """A `RawFrame` whose samples are still CSI-2 rows: a quarter less memory, and quick to write as a DNG."""

    rows: U8
    """(H, stride); whatever follows the pixels in a row is ignored."""
    width: int
    cfa: CfaOrder
    bit_depth: int
    black_dn: tuple[float, float, float, float]
    """R, Gr, Gb, B."""
    white_dn: int
    levels_assumed: bool = False

    @property
    def shape(self) -> tuple[int, int]:
        """(H, W) of the samples."""
        return len(self.rows), self.width

    @property
    def samples(self) -> U16:
        """Unpack to (H, W) uint16, right-justified at `bit_depth`; every time anew."""
        return unpack_csi2(self.rows, self.width, bit_depth=self.bit_depth)


def csi2_row_bytes(width: int, *, bit_depth: int) -> int:
    """Give the bytes that `width` pixels take in CSI-2 packing, whole groups, without stride padding.

    >>> csi2_row_bytes(4056, bit_depth=12), csi2_row_bytes(1332, bit_depth=10)
    (6084, 1665)
    """
    pixels = _group(CSI2_GROUP_PIXELS, bit_depth, "CSI-2")
    return -(-width // pixels) * (pixels * bit_depth // 8)


def unpack_csi2(packed: U8, width: int, *, bit_depth: int) -> U16:
    """Unpack (H, stride) bytes of CSI-2 to (H, `width`) samples; whatever follows the pixels in a row is ignored.

    >>> unpack_csi2(np.array([[0x12, 0x45, 0x63]], np.uint8), 2, bit_depth=12).tolist() == [[0x123, 0x456]]
    True
    """
    used = csi2_row_bytes(width, bit_depth=bit_depth)
    _check_rows(packed, used, width)
    pixels, low_bits = CSI2_GROUP_PIXELS[bit_depth], bit_depth - 8
    groups = packed[:, :used].reshape(len(packed), -1, pixels + 1)
    samples = np.empty((len(packed), groups.shape[1], pixels), np.uint16)
    for rows in _strips(len(packed)):
        low = groups[rows, :, pixels]
        for i in range(pixels):
            high = np.left_shift(groups[rows, :, i], low_bits, dtype=np.uint16)
            samples[rows, :, i] = high | ((low >> np.uint8(i * low_bits)) & np.uint8(2**low_bits - 1))
    return samples.reshape(len(packed), -1)[:, :width]


def pack_csi2(samples: U16, *, bit_depth: int, stride: int | None = None) -> U8:
    """Pack (H, W) samples as CSI-2 into (H, stride) bytes; padding is zero. Without `stride` rows are just filled."""
    used = csi2_row_bytes(samples.shape[1], bit_depth=bit_depth)
    stride = used if stride is None else stride
    if stride < used:
        raise BadInput(f"a stride of {stride} bytes is too short", expected=f"at least {used} bytes")
    check_range(samples, bit_depth)
    pixels, low_bits = CSI2_GROUP_PIXELS[bit_depth], bit_depth - 8
    padded = _whole_groups(samples, pixels)
    packed = np.zeros((len(samples), stride), np.uint8)
    for rows in _strips(len(samples)):
        source = padded[rows].reshape(-1, used // (pixels + 1), pixels)
        groups = np.empty((*source.shape[:2], pixels + 1), np.uint8)
        low = np.zeros(source.shape[:2], np.uint16)
        for i in range(pixels):
            groups[..., i] = source[..., i] >> np.uint16(low_bits)
            low |= (source[..., i] & np.uint16(2**low_bits - 1)) << np.uint16(i * low_bits)
        groups[..., pixels] = low
        packed[rows, :used] = groups.reshape(len(source), used)
    return packed


def from_msb_aligned(words: U16, *, bit_depth: int) -> U16:
    """Shift 16-bit MSB-aligned words down to right-justified samples of `bit_depth` (a new array)."""
    _check_container(bit_depth)
    return words >> np.uint16(16 - bit_depth)


def to_msb_aligned(samples: U16, *, bit_depth: int) -> U16:
    """Shift right-justified samples up to the top of 16-bit words (a new array)."""
    _check_container(bit_depth)
    check_range(samples, bit_depth)
    return samples << np.uint16(16 - bit_depth)


def csi2_to_tiff(packed: U8, width: int, *, bit_depth: int) -> U8:
    """Turn (H, stride) bytes of CSI-2 into (H, row bytes) of TIFF packing, byte by byte, without unpacking.

    >>> csi2_to_tiff(np.array([[0x12, 0x45, 0x63]], np.uint8), 2, bit_depth=12).tobytes().hex()
    '123456'
    """
    used = csi2_row_bytes(width, bit_depth=bit_depth)
    _check_rows(packed, used, width)
    size = CSI2_GROUP_PIXELS[bit_depth] + 1
    moved = np.empty((len(packed), used), np.uint8)
    for rows in _strips(len(packed)):
        source = packed[rows, :used].reshape(-1, used // size, size)
        _MOVES[bit_depth](source, moved[rows].reshape(source.shape))
    row_bytes = tiff_row_bytes(width, bit_depth=bit_depth)
    spare = row_bytes * 8 - width * bit_depth
    if spare:  # what is left over of the last byte belongs to no pixel
        moved[:, row_bytes - 1] &= np.uint8(0xFF << spare & 0xFF)
    return moved[:, :row_bytes]


def _move_10(csi2: U8, tiff: U8) -> None:
    low = csi2[..., 4]
    tiff[..., 0] = csi2[..., 0]
    for byte in (1, 2, 3, 4):
        # First the rest of the previous pixel (of its high part, then its two low bits), then the next pixel.
        left = csi2[..., byte - 1] << np.uint8(10 - 2 * byte) if byte > 1 else np.uint8(0)
        two = (low >> np.uint8(2 * byte - 2)) & np.uint8(3)
        tiff[..., byte] = left | two << np.uint8(8 - 2 * byte)
        if byte < 4:
            tiff[..., byte] |= csi2[..., byte] >> np.uint8(2 * byte)


def _move_12(csi2: U8, tiff: U8) -> None:
    second, low = csi2[..., 1], csi2[..., 2]
    tiff[..., 0] = csi2[..., 0]
    np.bitwise_or(low << np.uint8(4), second >> np.uint8(4), out=tiff[..., 1])
    np.bitwise_or(second << np.uint8(4), low >> np.uint8(4), out=tiff[..., 2])


_MOVES: Final = {10: _move_10, 12: _move_12}


def tiff_row_bytes(width: int, *, bit_depth: int) -> int:
    """Give the bytes of one row in TIFF packing.

    >>> tiff_row_bytes(3, bit_depth=12)
    5
    """
    _group(TIFF_GROUP_PIXELS, bit_depth, "TIFF")
    return (width * bit_depth + 7) // 8


def pack_tiff(samples: U16, *, bit_depth: int) -> U8:
    """Pack (H, W) samples into (H, row bytes) of big-endian bits, as TIFF and DNG keep 10, 12 and 14 bits.

    >>> pack_tiff(np.array([[0x123, 0x456]], np.uint16), bit_depth=12).tobytes().hex()
    '123456'
    """
    used = tiff_row_bytes(samples.shape[1], bit_depth=bit_depth)
    check_range(samples, bit_depth)
    pixels = TIFF_GROUP_PIXELS[bit_depth]
    padded = _whole_groups(samples, pixels)
    packed = np.empty((len(samples), padded.shape[1] * bit_depth // 8), np.uint8)
    for rows in _strips(len(samples)):
        source = padded[rows].reshape(-1, padded.shape[1] // pixels, pixels)
        target = packed[rows].reshape(len(source), source.shape[1], -1)
        for byte in range(target.shape[2]):
            target[..., byte] = _tiff_byte(source, byte, bit_depth)
    return packed[:, :used]


def unpack_tiff(packed: U8, width: int, *, bit_depth: int) -> U16:
    """Unpack (H, row bytes or more) of big-endian bits to (H, `width`) samples.

    >>> unpack_tiff(np.array([[0x12, 0x34, 0x56]], np.uint8), 2, bit_depth=12).tolist() == [[0x123, 0x456]]
    True
    """
    used = tiff_row_bytes(width, bit_depth=bit_depth)
    _check_rows(packed, used, width)
    pixels = TIFF_GROUP_PIXELS[bit_depth]
    padded = _whole_groups(packed[:, :used], pixels * bit_depth // 8)
    samples = np.empty((len(packed), padded.shape[1] * 8 // bit_depth), np.uint16)
    for rows in _strips(len(packed)):
        source = padded[rows].reshape(-1, samples.shape[1] // pixels, pixels * bit_depth // 8)
        target = samples[rows].reshape(len(source), -1, pixels)
        for pixel in range(pixels):
            target[..., pixel] = _tiff_sample(source, pixel, bit_depth)
    return samples[:, :width]


def _tiff_byte(groups: U16, byte: int, bit_depth: int) -> U16:
    """Gather the bits of one byte of each group; the high bits that do not belong fall off in the cast to uint8."""
    gathered: U16 = np.zeros(groups.shape[:2], np.uint16)
    for pixel in range(groups.shape[2]):
        shift = (pixel + 1) * bit_depth - 8 * (byte + 1)
        if -8 < shift < bit_depth:
            part = groups[..., pixel]
            gathered |= part >> np.uint16(shift) if shift >= 0 else part << np.uint16(-shift)
    return gathered


def _tiff_sample(groups: U8, pixel: int, bit_depth: int) -> U16:
    first, last = pixel * bit_depth // 8, ((pixel + 1) * bit_depth - 1) // 8
    sample: U16 = np.zeros(groups.shape[:2], np.uint16)
    for byte in range(first, last + 1):
        shift = (pixel + 1) * bit_depth - 8 * (byte + 1)
        part = groups[..., byte].astype(np.uint16)
        sample |= part << np.uint16(shift) if shift >= 0 else part >> np.uint16(-shift)
    sample &= np.uint16(2**bit_depth - 1)
    return sample


def _strips(height: int) -> list[slice]:
    return [slice(row, row + _STRIP_ROWS) for row in range(0, height, _STRIP_ROWS)]


def _whole_groups(rows: NDArray[T], group: int) -> NDArray[T]:
    missing = -rows.shape[1] % group
    return np.pad(rows, ((0, 0), (0, missing))) if missing else rows


def _group(groups: dict[int, int], bit_depth: int, layout: str) -> int:
    if bit_depth not in groups:
        raise BadInput(f"{bit_depth}-bit samples have no {layout} packing here", expected=f"one of {list(groups)}")
    return groups[bit_depth]


def _check_container(bit_depth: int) -> None:
    if not 1 <= bit_depth <= 16:
        raise BadInput(f"{bit_depth}-bit samples do not fit 16-bit words", expected="1 to 16 bits")


def _check_rows(packed: U8, used: int, width: int) -> None:
    if packed.ndim != 2 or packed.shape[1] < used:
        raise BadInput(
            f"packed rows of shape {packed.shape} are too short for {width} pixels",
            expected=f"(height, at least {used} bytes)",
        )


def check_range(samples: U16, bit_depth: int) -> None:
    """Raise BadInput for a sample beyond `bit_depth` bits."""
    highest = int(samples.max(initial=0))
    if highest >> bit_depth:
        raise BadInput(f"a sample is {highest}", expected=f"at most {2**bit_depth - 1} ({bit_depth} bits)")
