"""The pass over the picture that is shown: the peaking mask and the zebras go into the overlay, and are counted."""

from __future__ import annotations

from typing import Protocol

from device.analysis.overlay import Flag
from device.analysis.settings import AssistSettings
from device.frame import U8, Mask

LAYERS = (Flag.PEAKING, Flag.ZEBRA_HIGH, Flag.ZEBRA_BAND, Flag.ZEBRA_LOW)


class DisplayPass(Protocol):
    """Marks pictures of one size in overlays of one factor; keeps working memory between them. One thread at a time."""

    def mark(
        self, luma: U8, chroma: tuple[U8, U8] | None, peaking: Mask | None, *, settings: AssistSettings, overlay: U8
    ) -> dict[Flag, int]:
        """Fill `overlay` (C-contiguous); give how many pixels of the full picture each of LAYERS lights.

        What the overlay held before is overwritten. `peaking` is the peaking mask (H, W), None when peaking is off.
        `chroma` are u and v at half the size, whose last row or column may be missing; None for a grey picture.
        """
