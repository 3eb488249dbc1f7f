"""Raw clipping: which raw samples are saturated, by colour. The only assist that may report "clipped".

A sample counts as clipped at or above white - 1 % of the span from black to white: near white the response is not
linear, and noise lowers saturated samples. For the IMX477 at 12 bit: 4095 - 38 = 4057. Every sample is read
(`passes.raw`).
"""

from __future__ import annotations

from collections.abc import Mapping

from device.analysis.readings import RawClipping
from device.bayer import offsets
from device.frame import RawFrame

MARGIN_SHARE = 0.01  # chosen: 38 DN at 12 bit cover noise near white (std 42 DN / sqrt(binning)) and non-linearity


def clip_level(raw: RawFrame) -> int:
    """Give the least value that counts as clipped."""
    return clipped_from(raw.white_dn, sum(raw.black_dn) / 4)


def clipped_from(white_dn: int, black_dn: float) -> int:
    """Give the least value that counts as clipped, for these levels."""
    return white_dn - round(MARGIN_SHARE * (white_dn - black_dn))


def reading(raw: RawFrame, clipped: Mapping[str, int]) -> RawClipping:
    """Give the shares of clipped samples of "R", "G" (both) and "B"."""
    height, width = raw.samples.shape
    total = {"R": 0, "G": 0, "B": 0}
    for site, (row, column) in offsets(raw.cfa).items():
        total[site[0]] += ((height - row + 1) // 2) * ((width - column + 1) // 2)
    percent = {c: 100.0 * clipped[c] / total[c] if total[c] else 0.0 for c in total}
    return RawClipping(percent["R"], percent["G"], percent["B"], clip_level(raw), raw.levels_assumed)
