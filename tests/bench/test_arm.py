"""How the counts of the arm64 bench are brought to the names; the bench itself is `make bench-arm`."""

from __future__ import annotations

import pytest
from bench.arm.__main__ import counted_from


def test_each_function_is_given_what_it_costs_without_those_it_calls() -> None:
    names = [("peaking", True), ("peaking", False), ("a", True), ("b", True), ("b", False), ("a", False)]
    counted = counted_from(names, [5_000_000, 12_000_000, 90_000_000, 91_000_000, 95_000_000, 96_000_000])
    assert counted.totals == {"peaking": 7.0}
    assert counted.own == {"a": 2.0, "b": 4.0}


def test_a_mark_without_a_count_is_an_error() -> None:
    with pytest.raises(ValueError, match="shorter"):
        counted_from([("a", True), ("a", False)], [1])
