"""DNG's opcodes: corrections that a raw converter makes after reading the samples, which stay unchanged in the file.

Source: DNG 1.4.0.0 chapter 7. Opcode lists are big-endian whatever the file is. Each opcode is marked optional, so that
readers of DNG 1.1 may leave it out.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Final

import numpy as np

from device.bayer import CfaOrder, offsets
from device.errors import BadInput
from device.frame import F32

GAIN_MAP: Final = 9
_VERSION: Final = 0x01030000  # DNG 1.3, the first with opcodes
_OPTIONAL: Final = 1
_POINTS_MAX: Final = 1024  # chosen: a map is smooth; the ISP's own have 32

GainMaps = Mapping[str, F32]
"""Factors for the samples, per channel ("R", "Gr", "Gb", "B"): (V, H) points spread evenly from corner to corner of the
picture; 1 leaves a sample unchanged."""


def gain_map_list(maps: GainMaps, cfa: CfaOrder, shape: tuple[int, int]) -> bytes:
    """Give an opcode list (for OpcodeList2) of one gain map per channel, for samples of `shape` (H, W).

    Raises BadInput for maps that are not 2 to 1024 points on each side, or gains that are not positive.
    """
    places = offsets(cfa)
    if set(maps) != set(places):
        raise BadInput(f"gain maps for {sorted(maps)}", expected=f"one each for {sorted(places)}")
    opcodes = [_gain_map(maps[channel], place, shape) for channel, place in places.items()]
    return struct.pack(">I", len(opcodes)) + b"".join(opcodes)


def _gain_map(gains: F32, place: tuple[int, int], shape: tuple[int, int]) -> bytes:
    if gains.ndim != 2 or not all(2 <= points <= _POINTS_MAX for points in gains.shape):
        raise BadInput(f"a gain map of {gains.shape} points", expected=f"2 to {_POINTS_MAX} on each side")
    if not (np.isfinite(gains).all() and (gains > 0).all()):
        raise BadInput("a gain map holds a gain that is not positive", expected="finite numbers above 0")
    down, across = gains.shape
    area = (*place, *shape)  # top, left, bottom, right
    body = struct.pack(">4I", *area) + struct.pack(">4I", 0, 1, 2, 2)  # plane 0, one plane, every second row and column
    body += struct.pack(">2I", down, across) + struct.pack(">2d", 1 / (down - 1), 1 / (across - 1))
    body += struct.pack(">2d", 0.0, 0.0) + struct.pack(">I", 1)  # origin; planes of the map
    body += gains.astype(">f4").tobytes()
    return struct.pack(">4I", GAIN_MAP, _VERSION, _OPTIONAL, len(body)) + body
