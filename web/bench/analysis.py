"""The assists' cost on one frame, as rows of the table."""

from __future__ import annotations

from typing import Any


def measure_analysis() -> list[dict[str, Any]]:
    """Cost of each assist and of all together for one 2028x1520 frame on one core."""
    return []
