"""What a save and a page of the list do in a folder of 10,000 captures; their speed is `make bench-captures`."""

from __future__ import annotations

import pytest
from bench.captures import PATTERN, work

from device.captures.naming import DEFAULT_PATTERN

MANY = 10_000


@pytest.mark.parametrize("pattern", [DEFAULT_PATTERN, PATTERN])
def test_ten_thousand_captures_make_neither_a_save_nor_a_page_dear(pattern: str) -> None:
    few, many = work(10, pattern), work(MANY, pattern)
    assert many["save"].steps - few["save"].steps <= 5 * MANY, "a look at the name of each capture would be 20 and more"
    assert many["page"].steps <= 250 * MANY, "180; reading each record would be some thousands"
    assert many["save"].read_bytes <= 16 * 2**10 and many["page"].read_bytes <= 64 * 2**10, many
