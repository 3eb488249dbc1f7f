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


def not_interrupted() -> None:
    """The default `check` of a measurement: never ends it."""


def print_rows(rows: list[Row], title: str) -> None:
    """Print a table."""
    from rich.console import Console
    from rich.table import Table

    table = Table("measured", "value", "unit", "wanted", title=title, title_justify="left")
    for row in rows:
        table.add_row(row["name"], f"{row['value']:.4g}", row["unit"], row["wanted"])
    Console().print(table)
