"""The pass over the raw samples: what is clipped and what lies in raw shadow goes into the overlay.

A clipped sample lights its quad of 2 x 2 samples in its own colour. Shadow is decided by one sample of each quad, the
green on a red row, never by an average: green is the middle of the spectrum. Where a last row or column has no such
sample, nothing is lit.
"""

from __future__ import annotations

from typing import Final, Protocol

from device.analysis.overlay import Flag
from device.frame import U8, RawFrame

CLIP_FLAGS: Final[dict[str, Flag]] = {
    "R": Flag.RAW_CLIP_R,
    "Gr": Flag.RAW_CLIP_G,
    "Gb": Flag.RAW_CLIP_G,
    "B": Flag.RAW_CLIP_B,
}
SHADOW_SITE: Final = "Gr"


class RawPass(Protocol):
    """Marks frames of one size in overlays of one factor; keeps working memory between them. One thread at a time."""

    def mark(
        self, raw: RawFrame, *, clip_level: int | None, shadow_level: int | None, overlay: U8 | None
    ) -> dict[str, int]:
        """Add what is lit to `overlay` (C-contiguous) by OR, if there is one.

        Clipped is at or above `clip_level`, in shadow at or below `shadow_level`; None: not looked for. Gives how many
        samples of "R", "G" (both greens) and "B" are clipped.
        """
