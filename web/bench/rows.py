"""A row of the bench's table."""

from __future__ import annotations

from typing import TypedDict


class Row(TypedDict):
    """One measured value, its unit, and what it should be ("" where nothing is promised)."""

    name: str
    value: float
    unit: str
    wanted: str


def row(name: str, value: float, unit: str, wanted: str = "") -> Row:
    """Make a row."""
    return Row(name=name, value=value, unit=unit, wanted=wanted)
