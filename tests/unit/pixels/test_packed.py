"""Bit moves by hand-checked bytes, then round trips over depths, odd widths and stride padding."""

import doctest

import numpy as np
import pytest

from device.errors import BadInput
from device.pixels import packed as layouts

WIDTHS = (1, 2, 3, 4, 5, 7, 8, 66, 67)


def noise(width: int, bits: int, height: int = 131) -> np.ndarray:
    # 131 rows: more than one working strip, and odd.
    return np.random.default_rng(bits).integers(0, 2**bits, (height, width), dtype=np.uint16)


def test_the_examples_in_the_text_hold() -> None:
    assert doctest.testmod(layouts).failed == 0


@pytest.mark.parametrize(
    ("bits", "samples", "packed"),
    [
        # MIPI CSI-2 RAW12: P0[11:4], P1[11:4], then P1[3:0] above P0[3:0].
        (12, [0xABC, 0xDEF], "abdefc"),
        (12, [0xFFF, 0x000], "ff000f"),
        (12, [0x001, 0x800], "008001"),
        # RAW10: four high bytes, then the low pairs, first pixel lowest: 1, 2, 3, 0 -> 0b00_11_10_01.
        (10, [0x101, 0x202, 0x303, 0x000], "4080c00039"),
        (10, [0x3FF, 0, 0, 0], "ff00000003"),
        (10, [0, 0, 0, 0x3FF], "000000ffc0"),
    ],
)
def test_csi2_bytes_are_those_of_the_standard(bits: int, samples: list[int], packed: str) -> None:
    row = np.array([samples], np.uint16)
    assert layouts.pack_csi2(row, bit_depth=bits).tobytes().hex() == packed
    back = layouts.unpack_csi2(np.frombuffer(bytes.fromhex(packed), np.uint8)[None], len(samples), bit_depth=bits)
    assert back.tolist() == [samples]


@pytest.mark.parametrize(
    ("bits", "samples", "packed"),
    [
        (8, [0x12, 0xFF], "12ff"),
        (10, [0x3FF, 0, 0x3FF, 0], "ffc00ffc00"),
        (10, [0b00_0000_0001, 0b10_0000_0000, 0, 0b11], "0060000003"),
        (12, [0xABC, 0xDEF], "abcdef"),
        (12, [0xABC], "abc0"),
        (12, [0xABC, 0xDEF, 0x123], "abcdef1230"),
        (14, [0x3FFF, 0, 0, 1], "fffc0000000001"),
        (16, [0x1234, 0xFFFF], "1234ffff"),
    ],
)
def test_tiff_bytes_are_one_big_endian_stream_of_bits(bits: int, samples: list[int], packed: str) -> None:
    row = np.array([samples], np.uint16)
    assert layouts.pack_tiff(row, bit_depth=bits).tobytes().hex() == packed
    back = layouts.unpack_tiff(np.frombuffer(bytes.fromhex(packed), np.uint8)[None], len(samples), bit_depth=bits)
    assert back.tolist() == [samples]


@pytest.mark.parametrize("bits", [10, 12])
@pytest.mark.parametrize("width", WIDTHS)
def test_csi2_round_trip_with_stride_padding(bits: int, width: int) -> None:
    samples = noise(width, bits)
    used = layouts.csi2_row_bytes(width, bit_depth=bits)
    packed = layouts.pack_csi2(samples, bit_depth=bits, stride=used + 28)
    assert packed.shape == (131, used + 28) and not packed[:, used:].any()
    packed[:, used:] = 0xA5  # whatever lies in the padding is not read
    assert np.array_equal(layouts.unpack_csi2(packed, width, bit_depth=bits), samples)


@pytest.mark.parametrize("bits", [10, 12])
@pytest.mark.parametrize("width", WIDTHS)
def test_csi2_becomes_tiff_without_unpacking(width: int, bits: int) -> None:
    samples = noise(width, bits)
    rows = layouts.pack_csi2(samples, bit_depth=bits, stride=layouts.csi2_row_bytes(width, bit_depth=bits) + 5)
    rows[:, -5:] = 0xA5
    assert np.array_equal(layouts.csi2_to_tiff(rows, width, bit_depth=bits), layouts.pack_tiff(samples, bit_depth=bits))
    raw = layouts.PackedRaw(rows, width, "RGGB", bits, (1.0,) * 4, 2**bits - 1)
    assert raw.shape == samples.shape and np.array_equal(raw.samples, samples)


@pytest.mark.parametrize("bits", [8, 10, 12, 14, 16])
@pytest.mark.parametrize("width", WIDTHS)
def test_tiff_round_trip(bits: int, width: int) -> None:
    samples = noise(width, bits)
    packed = layouts.pack_tiff(samples, bit_depth=bits)
    assert packed.shape == (131, layouts.tiff_row_bytes(width, bit_depth=bits))
    assert np.array_equal(layouts.unpack_tiff(packed, width, bit_depth=bits), samples)


def test_tiff_packing_agrees_with_a_plain_string_of_bits() -> None:
    for bits in (10, 12, 14):
        samples = noise(7, bits, height=3)
        strings = ["".join(f"{value:0{bits}b}" for value in row) for row in samples.tolist()]
        expected = [int(s.ljust(-(-len(s) // 8) * 8, "0"), 2).to_bytes(-(-len(s) // 8), "big") for s in strings]
        assert layouts.pack_tiff(samples, bit_depth=bits).tobytes() == b"".join(expected)


def test_every_second_column_of_a_larger_array_packs_too() -> None:
    samples = noise(40, 12)[:, ::2]
    assert np.array_equal(layouts.unpack_tiff(layouts.pack_tiff(samples, bit_depth=12), 20, bit_depth=12), samples)


def test_a_pi_5_word_is_shifted_down_and_back() -> None:
    words = np.array([[65520, 4096, 0]], np.uint16)  # white, black and nothing of a 12-bit sensor on a Pi 5
    samples = layouts.from_msb_aligned(words, bit_depth=12)
    assert samples.tolist() == [[4095, 256, 0]]
    assert np.array_equal(layouts.to_msb_aligned(samples, bit_depth=12), words)
    assert layouts.to_msb_aligned(np.array([[1023]], np.uint16), bit_depth=10).tolist() == [[65472]]
    assert layouts.from_msb_aligned(words, bit_depth=16).tolist() == words.tolist()


def test_what_cannot_be_packed_is_refused_with_the_reason() -> None:
    high = np.array([[4096, 0]], np.uint16)
    with pytest.raises(BadInput, match="a sample is 4096"):
        layouts.pack_tiff(high, bit_depth=12)
    with pytest.raises(BadInput, match="a sample is 4096"):
        layouts.pack_csi2(high, bit_depth=12)
    with pytest.raises(BadInput, match="a sample is 4096"):
        layouts.to_msb_aligned(high, bit_depth=12)
    with pytest.raises(BadInput, match="11-bit"):
        layouts.pack_tiff(high, bit_depth=11)
    with pytest.raises(BadInput, match="14-bit"):
        layouts.unpack_csi2(np.zeros((1, 8), np.uint8), 4, bit_depth=14)
    with pytest.raises(BadInput, match="stride of 2"):
        layouts.pack_csi2(np.zeros((1, 2), np.uint16), bit_depth=12, stride=2)
    with pytest.raises(BadInput, match="too short"):
        layouts.unpack_csi2(np.zeros((4, 5), np.uint8), 4, bit_depth=12)
    with pytest.raises(BadInput, match="too short"):
        layouts.unpack_tiff(np.zeros((4, 5), np.uint8), 4, bit_depth=12)
    with pytest.raises(BadInput, match="17-bit"):
        layouts.from_msb_aligned(high, bit_depth=17)
