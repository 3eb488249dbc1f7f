"""The walk over the raw samples: what is clipped and what lies in raw shadow, into the overlay.

A clipped sample lights its quad of 2 x 2 in its own colour. For the shadow, green on red rows stands for its quad: the
middle of the spectrum, one sample, never an average; where a last row or column has none, nothing is lit.

`raw_marks_numpy` is the reference; `raw_marks_compiled` does the same, bit for bit, where hqcam was installed with a C
compiler.
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


class RawMarks(Protocol):
    """Marks frames of one size in overlays of one factor; keeps working memory between them."""

    def mark(
        self, raw: RawFrame, *, clip_level: int | None, shadow_level: int | None, overlay: U8 | None
    ) -> dict[str, int]:
        """OR what is lit into `overlay` (C-contiguous), if there is one.

        Clipped is at or above `clip_level`, in shadow at or below `shadow_level`; None: not looked for. Gives how many
        samples are clipped of "R", "G" (both) and "B".
        """
