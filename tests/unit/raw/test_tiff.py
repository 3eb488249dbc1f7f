"""The TIFF writer by its bytes, the reader by what hostile bytes cannot make it do."""

import doctest
import struct
import tracemalloc
from fractions import Fraction

import pytest

from device.errors import BadFile, BadInput
from device.raw import tiff_writer as tiff
from device.raw.tags import Tag
from device.raw.tiff_reader import DIRECTORIES_MAX, read_tiff
from device.raw.tiff_writer import (
    Directory,
    Type,
    numbers,
    rational,
    rationals,
    raw_bytes,
    signed_rationals,
    text,
    write,
)


def test_the_examples_in_the_text_hold() -> None:
    assert doctest.testmod(tiff).failed == 0


def test_a_small_file_is_exactly_these_bytes() -> None:
    root = Directory({Tag.MAKE: text("ABCD"), Tag.NEW_SUBFILE_TYPE: numbers(Type.LONG, 1)}, strip=b"xyz")
    expected = (
        b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", 4)
        + struct.pack("<HHII", 254, 4, 1, 1)
        + struct.pack("<HHII", 271, 2, 5, 62)  # "ABCD\0" does not fit the entry
        + struct.pack("<HHII", 273, 4, 1, 68)
        + struct.pack("<HHII", 279, 4, 1, 3)
        + struct.pack("<I", 0) + b"ABCD\0\0" + b"xyz" + b"\0"
    )  # fmt: skip
    assert b"".join(write(root)) == expected


def test_fields_are_sorted_and_every_offset_is_even() -> None:
    root = Directory({Tag.SOFTWARE: text("even"), Tag.MAKE: text("odd no"), 50714: rationals(1, 2)}, strip=b"abc")
    root.below[Tag.EXIF_IFD] = Directory({Tag.EXIF_VERSION: raw_bytes(Type.UNDEFINED, b"0232")}, strip=b"de")
    data = b"".join(write(root))
    (start,) = struct.unpack_from("<I", data, 4)
    (count,) = struct.unpack_from("<H", data, start)
    entries = [struct.unpack_from("<HHII", data, start + 2 + 12 * i) for i in range(count)]
    assert [tag for tag, *_ in entries] == sorted(tag for tag, *_ in entries)
    sizes = {2: 1, 3: 2, 4: 4, 5: 8}
    assert all(value % 2 == 0 for _, kind, n, value in entries if sizes[kind] * n > 4)
    back = read_tiff(data).directories[0]
    assert back.integer(Tag.STRIP_OFFSETS, 1) % 2 == 0  # type: ignore[operator]
    exif = back.below[Tag.EXIF_IFD][0]
    assert bytes(exif.fields[Tag.EXIF_VERSION].data) == b"0232"
    offset = exif.integer(Tag.STRIP_OFFSETS)
    assert offset is not None and data[offset : offset + 2] == b"de"


def test_every_type_reads_back() -> None:
    fields = {
        1: numbers(Type.BYTE, 0, 255), 2: text("text"), 3: numbers(Type.SHORT, 0, 65535),
        4: numbers(Type.LONG, 2**32 - 1), 5: rationals(0.5, 3), 6: numbers(Type.SBYTE, -128),
        7: raw_bytes(Type.UNDEFINED, b"\0\xff\1\2\3"),
        8: numbers(Type.SSHORT, -32768), 9: numbers(Type.SLONG, -(2**31)),
        10: signed_rationals([-0.1234, 2.0]), 11: numbers(Type.FLOAT, 0.25), 12: numbers(Type.DOUBLE, 1e-9, 0.1),
    }  # fmt: skip
    back = read_tiff(b"".join(write(Directory(fields)))).directories[0]
    assert back.numbers(1) == (0, 255) and back.text(2) == "text" and back.integers(3) == (0, 65535)
    assert back.integer(4) == 2**32 - 1 and back.numbers(5) == (0.5, 3.0) and back.numbers(6) == (-128,)
    assert back.numbers(7) == (0, 255, 1, 2, 3) and back.numbers(8) == (-32768,) and back.numbers(9) == (-(2**31),)
    assert back.numbers(10) == (-0.1234, 2.0) and back.numbers(11) == (0.25,) and back.numbers(12) == (1e-9, 0.1)
    assert back.integers(5) == () and back.numbers(2) == () and back.text(3) is None and back.integer(99, 5) == 5


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (Fraction(31) / 10**6, (31, 10**6)),
        (Fraction(125.0) / 10**6, (1, 8000)),
        (Fraction(24000 / 840e6 * 1e6) / 10**6, (1, 35000)),  # one line of the IMX477's full mode
        (Fraction(600_000.0) / 10**6, (3, 5)),
        (Fraction(1_300_000.0) / 10**6, (13, 10)),
        (Fraction(650_000_000.0) / 10**6, (650, 1)),
        (0, (0, 1)),
        (2**32 - 1, (2**32 - 1, 1)),
    ],
)
def test_exposures_become_the_fraction_a_photographer_would_write(seconds: Fraction, expected: tuple[int, int]) -> None:
    assert rational(seconds) == expected


def test_any_exposure_is_kept_to_a_ten_millionth_of_itself() -> None:
    for us in (30.0, 113.37, 66_666.6, 499_999.0, 1_234_567.8, 239_512_345.6, 653_950_001.2):
        above, below = rational(Fraction(us) / 10**6)
        assert max(above, below) < 2**32
        assert abs(Fraction(above, below) * 10**6 / Fraction(us) - 1) < 1e-7


@pytest.mark.parametrize("value", [-1.0, float("nan"), float("inf"), 2.0**33])
def test_what_no_fraction_can_say_is_refused(value: float) -> None:
    with pytest.raises(BadInput):
        rational(value)


def test_text_stays_ascii_and_on_one_line() -> None:
    assert text("Müller\n\x1b[31m").data == b"M?ller  [31m\0"


def directory(*entries: tuple[int, int, int, int], following: int = 0) -> bytes:
    body = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return struct.pack("<H", len(entries)) + body + struct.pack("<I", following)


HEADER = b"II*\0\x08\0\0\0"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "does not begin"),
        (b"II*\0", "does not begin"),
        (b"II+\0\x08\0\0\0" + bytes(20), "does not begin"),
        (b"II*\0\0\0\0\0", "no directory"),
        (b"II*\0\xff\xff\xff\xff", "ends inside"),
        (HEADER + b"\xff\xff", "claims 65535"),
        (HEADER + directory((256, 4, 1, 5))[:-6], "ends inside"),
        (HEADER + directory(following=8), "circle"),
        (HEADER + directory((330, 4, 1, 8)), "circle"),
        (HEADER + directory((34665, 4, 1, 4000)), "ends inside"),
    ],
)
def test_a_structure_that_cannot_be_followed_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(BadFile, match=reason) as caught:
        read_tiff(data)
    assert caught.value.expected and caught.value.remedy


def test_a_long_chain_of_directories_is_refused() -> None:
    data = HEADER + b"".join(directory(following=8 + 6 * (i + 1)) for i in range(DIRECTORIES_MAX + 2))
    with pytest.raises(BadFile, match="more than 64"):
        read_tiff(data)


def test_a_field_that_lies_about_its_size_is_as_if_not_written_and_costs_nothing() -> None:
    lies = [(256, 4, 2**32 - 1, 8), (257, 12, 2**31, 8), (258, 99, 1, 8), (259, 3, 0, 8), (271, 2, 400, 8)]
    tracemalloc.start()
    back = read_tiff(HEADER + directory(*lies)).directories[0]
    assert tracemalloc.get_traced_memory()[1] < 100_000
    tracemalloc.stop()
    assert back.fields == {}


def test_a_fraction_over_zero_is_no_number() -> None:
    data = HEADER + directory((33434, 5, 1, 26)) + struct.pack("<II", 1, 0)
    value = read_tiff(data).directories[0].number(33434)
    assert value is not None and value != value


def test_a_big_endian_file_reads_the_same() -> None:
    data = b"MM\0*" + struct.pack(">IHHHIHHI", 8, 1, 256, 3, 1, 4056, 0, 0)
    assert read_tiff(data).directories[0].integer(256) == 4056
