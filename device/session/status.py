"""How the camera is doing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from device.errors import HqcamError

State = Literal["starting", "live", "lost", "failed", "closed"]


@dataclass(frozen=True, slots=True)
class Status:
    """How the camera is doing, in words for people."""

    state: State
    message: str = ""
    remedy: str = ""
    error: HqcamError | None = None
    retry_at: float | None = None
    """Monotonic time of the next attempt to reopen, while lost."""
