"""The pass of `raw` in C: calls `device/kernels/raw.c`."""

from __future__ import annotations

import ctypes

import numpy as np

from device.analysis.overlay import Flag
from device.analysis.passes.raw.contract import CLIP_FLAGS, SHADOW_SITE
from device.bayer import offsets
from device.frame import U8, RawFrame
from device.kernels import in_rows

NEVER_CLIPPED, NEVER_IN_SHADOW = 1 << 16, -1


class CompiledRaw:
    """See `RawPass`. Keeps no memory; other threads can run while the C function does."""

    def __init__(self, factor: int, functions: ctypes.CDLL) -> None:
        self._functions, self._factor = functions, factor

    def mark(
        self, raw: RawFrame, *, clip_level: int | None, shadow_level: int | None, overlay: U8 | None
    ) -> dict[str, int]:
        """See `RawPass`."""
        samples, sites = in_rows(raw.samples), offsets(raw.cfa)
        places = sorted(sites, key=lambda site: sites[site])
        levels = np.array(
            [
                NEVER_CLIPPED if clip_level is None else clip_level,
                NEVER_IN_SHADOW if shadow_level is None else shadow_level,
                *(CLIP_FLAGS[site] for site in places),
                places.index(SHADOW_SITE),
                Flag.RAW_SHADOW,
            ],
            np.int32,
        )
        counts = np.empty(len(places), np.int64)
        self._functions.hqcam_raw(
            *(samples.ctypes.data, samples.strides[0], *samples.shape),
            *(levels.ctypes.data, self._factor, None if overlay is None else overlay.ctypes.data, counts.ctypes.data),
        )
        clipped = dict.fromkeys("RGB", 0)
        for site, count in zip(places, counts.tolist(), strict=True):
            clipped[site[0]] += count
        return clipped
