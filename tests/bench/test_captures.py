"""A save and a page of the list, in a folder of 10,000 captures: the bench itself is `make bench-captures`."""

from __future__ import annotations

import pytest
from bench.captures import PATTERN, cost

from device.captures.naming import DEFAULT_PATTERN


@pytest.mark.parametrize("pattern", [DEFAULT_PATTERN, PATTERN])
def test_ten_thousand_captures_make_neither_a_save_nor_a_page_dear(pattern: str) -> None:
    few, many = cost(10, pattern), cost(10_000, pattern)
    assert many["save_ms"] <= 1.5 * few["save_ms"], (few, many)
    assert many["page_ms"] <= 50, many
