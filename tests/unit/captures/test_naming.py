"""Names of captures: patterns, numbers, and what is refused."""

from datetime import datetime

import pytest

from device.captures import naming
from device.errors import BadInput

TAKEN = datetime(2026, 11, 20, 21, 45, 1, 123_456)


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        (naming.DEFAULT_PATTERN, "hqcam_20261120_214501_123"),
        ("M10_{number}", "M10_0042"),
        ("{date}-{number}", "20261120-0042"),
        ("{time}_{ms}", "214501_123"),
    ],
)
def test_patterns_are_filled_in(pattern: str, name: str) -> None:
    assert naming.check_pattern(pattern) == pattern
    assert naming.name_for(pattern, TAKEN, number=42) == name
    assert naming.name_for(pattern, TAKEN, number=42, attempt=3) == f"{name}-3"


@pytest.mark.parametrize(
    "pattern",
    [
        "",
        "plain",
        "{year}",
        "{date}/{time}",
        "../{date}",
        "{date} x",
        "{date:>99}",
        "{date!r}",
        "{",
        "{}",
        "x" * 64 + "{ms}",
    ],
)
def test_patterns_that_are_unsafe_somewhere_are_refused(pattern: str) -> None:
    with pytest.raises(BadInput) as caught:
        naming.check_pattern(pattern)
    assert naming.DEFAULT_PATTERN in caught.value.expected


@pytest.mark.parametrize(
    ("name", "pattern", "number"),
    [
        ("M10_0042", "M10_{number}", 42),
        ("M10_0042-2", "M10_{number}", 42),
        ("M10_12345", "M10_{number}", 12345),
        ("20261120-0007", "{date}-{number}", 7),
        ("other_0042", "M10_{number}", 0),
        ("hqcam_20261120_214501_123", naming.DEFAULT_PATTERN, 0),
    ],
)
def test_the_number_is_read_back(name: str, pattern: str, number: int) -> None:
    assert naming.number_in(name, pattern) == number


def test_years_keep_their_four_digits_when_the_clock_was_never_set() -> None:
    assert naming.folder_for(datetime(1970, 1, 1)) == "1970-01-01"
    assert naming.name_for("{date}", datetime(1970, 1, 1)) == "19700101"
