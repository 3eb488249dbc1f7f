"""The graphs of one frame as few bytes: counts as whole numbers, scopes as brightness in sixteen steps.

`uint16`: little-endian counts (no sample has more than 65 535 pixels). `uint4`: brightness 0..15 of a cell that holds n
of at most `most` pixels, ceil(15 log2(1 + n) / log2(1 + most)), so that a single pixel is visible; two cells a byte,
the left one in the high half, rows padded to whole bytes. Everything is one zlib stream, part after part.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Literal

import numpy as np

from device.analysis.readings import Counts, Readings
from device.frame import U8


@dataclass(frozen=True, slots=True)
class Part:
    """One graph in the stream."""

    name: Literal["histogram", "raw_histogram", "waveform", "vectorscope"]
    format: Literal["uint16", "uint4"]
    shape: tuple[int, ...]
    """Numbers along each axis; the last is padded to an even number in `uint4`."""
    most: int
    """The most pixels that one cell or bin can hold."""


def pack(readings: Readings) -> tuple[tuple[Part, ...], bytes]:
    """Give the graphs that are on: histogram (luma, red, green, blue), raw histogram (red, green, blue), scopes."""
    parts: list[Part] = []
    packed: list[bytes] = []
    histogram, raw = readings.histogram, readings.raw_exposure
    if histogram is not None:
        counts = np.stack([histogram.luma, histogram.red, histogram.green, histogram.blue])
        parts.append(Part("histogram", "uint16", counts.shape, histogram.sampled))
        packed.append(counts.astype("<u2").tobytes())
    if raw is not None:
        counts = np.stack([raw.red, raw.green, raw.blue])
        parts.append(Part("raw_histogram", "uint16", counts.shape, int(raw.green.sum())))
        packed.append(counts.astype("<u2").tobytes())
    for name, scope in (("waveform", readings.waveform), ("vectorscope", readings.vectorscope)):
        if scope is not None:
            parts.append(Part(name, "uint4", scope.counts.shape, scope.most))  # type: ignore[arg-type]
            packed.append(nibbles(scope.counts, scope.most).tobytes())
    return tuple(parts), zlib.compress(b"".join(packed), 6) if parts else b""


def nibbles(counts: Counts, most: int) -> U8:
    """Give (..., ceil(columns / 2)) bytes of two brightnesses each.

    >>> nibbles(np.array([[0, 1, 380]]), 380).tolist()
    [[2, 240]]
    """
    steps = np.ceil(15 * np.log2(1.0 + np.arange(int(counts.max(initial=0)) + 1)) / np.log2(1.0 + max(most, 1)))
    bright = np.minimum(steps, 15).astype(np.uint8)[counts]
    if bright.shape[-1] % 2:
        bright = np.concatenate([bright, np.zeros_like(bright[..., :1])], axis=-1)
    pairs: U8 = bright[..., 0::2] << np.uint8(4) | bright[..., 1::2]
    return pairs
