"""The short form of every attack: nothing is lost, nothing leaks, nothing stops."""

from __future__ import annotations

import pytest
from attack.__main__ import KINDS
from attack.report import HEAD


@pytest.mark.parametrize("kind", KINDS)
def test_hqcam_withstands(kind: str) -> None:
    rows = list(KINDS[kind]("short"))
    assert rows and all(row.tried for row in rows)
    assert all(row.withstood for row in rows), "\n".join([HEAD, *map(str, rows)])
