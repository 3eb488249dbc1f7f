"""The walk over the display picture: peaking's mask and the zebras, into the overlay.

`display_numpy` is the reference; `display_compiled` does the same, bit for bit, where hqcam was installed with a C
compiler.
"""

from __future__ import annotations

from typing import Protocol

from device.analysis.overlay import Flag
from device.analysis.passes.detail.contract import Mask
from device.analysis.settings import AssistSettings
from device.frame import U8

LAYERS = (Flag.PEAKING, Flag.ZEBRA_HIGH, Flag.ZEBRA_BAND, Flag.ZEBRA_LOW)


class Display(Protocol):
    """Marks pictures of one size in overlays of one factor; keeps working memory between them."""

    def mark(
        self, luma: U8, chroma: tuple[U8, U8] | None, peaks: Mask | None, *, settings: AssistSettings, overlay: U8
    ) -> dict[Flag, int]:
        """Fill `overlay` (C-contiguous; written, not OR'd); give how many pixels each of LAYERS lights before that.

        `peaks` is what peaking lit, None when it is off; `chroma` u and v at half the size, whose last row or column
        may be missing; None for a grey picture.
        """
