"""The overlay: one plane of bit flags, brought down to the picture's size by OR so that a thin edge never vanishes."""

from __future__ import annotations

from enum import IntFlag


class Flag(IntFlag):
    """One bit per layer of the overlay plane (uint8)."""

    PEAKING = 1
    ZEBRA_HIGH = 2
    """Display signal: luma or any of R, G, B at or above the level."""
    ZEBRA_BAND = 4
    ZEBRA_LOW = 8
    RAW_CLIP_R = 16
    RAW_CLIP_G = 32
    RAW_CLIP_B = 64


LAYER_NAMES: dict[Flag, str] = {
    Flag.PEAKING: "peaking",
    Flag.ZEBRA_HIGH: "zebra_high",
    Flag.ZEBRA_BAND: "zebra_band",
    Flag.ZEBRA_LOW: "zebra_low",
    Flag.RAW_CLIP_R: "raw_clip_r",
    Flag.RAW_CLIP_G: "raw_clip_g",
    Flag.RAW_CLIP_B: "raw_clip_b",
}
"""Layer names as they appear on the wire, in bit order."""
