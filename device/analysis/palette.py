"""The colours of the overlay's layers, as (red, green, blue) 0..255.

They are those of the page (`web/static/paint/palette.js`): what `hqcam inspect` paints and what the viewfinder paints
look alike, and a test compares the two. The page adds opacity and lets the user choose peaking's colour; here
everything is solid, and peaking has the page's first colour.
"""

from __future__ import annotations

from typing import Final

RGB = tuple[int, int, int]

PEAKING: Final[RGB] = (255, 26, 38)
ZEBRA_HIGH: Final[RGB] = (5, 5, 5)
ZEBRA_BAND: Final[RGB] = (255, 184, 26)
ZEBRA_LOW: Final[RGB] = (115, 191, 255)
RAW_SHADOW: Final[RGB] = (160, 64, 255)
RAW_CLIP_R: Final[RGB] = (255, 0, 0)
RAW_CLIP_G: Final[RGB] = (0, 255, 0)
RAW_CLIP_B: Final[RGB] = (0, 0, 255)
"""Clipped colours add up: red and green are yellow, all three are white."""
