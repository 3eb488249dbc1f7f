"""How the camera is doing, in words for people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from device.errors import HqcamError

State = Literal["starting", "live", "lost", "failed", "closed"]


@dataclass(frozen=True, slots=True)
class Status:
    """What the camera does now, why, and what helps."""

    state: State
    message: str = ""
    remedy: str = ""
    error: HqcamError | None = None
    retry_at: float | None = None
    """Monotonic time of the next attempt to reopen, while lost."""
