"""Captures as the server lists them, for tests in which the server's answer is made up."""

from __future__ import annotations

from typing import Any

ICON = "/static/icon-180.png"
SHOT: dict[str, Any] = {
    "id": "a", "sequence": 1, "taken_at": None, "exposure_us": None, "iso": None, "simulated": None,
    "time_synchronised": None, "lens": None, "starred": False, "series": None, "audit": None, "files": [],
    "thumbnail_url": ICON, "picture_url": ICON,
}  # fmt: skip


def listed_as(captures: list[dict[str, Any]]) -> dict[str, Any]:
    """Give the answer of a list of all captures there are."""
    return {"captures": captures, "total": len(captures), "next": None, "free_bytes": 10**9, "shots_left": 99}
