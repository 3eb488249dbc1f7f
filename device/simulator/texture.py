"""Functions for painting procedural scenes: smooth noise, soft-edged shapes, sRGB colours. Deterministic, no state."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from device.simulator.layers import F32

_LATTICE = 256


def linear(red: int, green: int, blue: int) -> F32:
    """Give linear light (3, 1, 1) for a colour in 8-bit sRGB codes, by IEC 61966-2-1."""
    return srgb_to_linear(np.array([red, green, blue]) / 255).reshape(3, 1, 1)


def srgb_to_linear(signal: NDArray[np.floating[Any]]) -> F32:
    """Undo the sRGB transfer function; 0..1 to 0..1 (IEC 61966-2-1)."""
    return np.where(signal <= 0.04045, signal / 12.92, ((signal + 0.055) / 1.055) ** 2.4).astype(np.float32)


@lru_cache(maxsize=32)
def _lattice(seed: int) -> F32:
    return np.random.default_rng(seed).uniform(-1, 1, (_LATTICE, _LATTICE)).astype(np.float32)


def noise(x: F32, y: F32, *, cell: float, seed: int, stretch: float = 1.0) -> F32:
    """Smooth noise -1..1 over the grid of the axes `x` and `y`; `stretch` makes its grains wider than tall."""
    table = _lattice(seed)
    row, rows = _cells(y / np.float32(cell))
    column, columns = _cells(x / np.float32(cell * stretch))
    lines = table[row] * (1 - rows[:, None]) + table[(row + 1) % _LATTICE] * rows[:, None]
    start = lines[:, column]
    out: F32 = lines[:, (column + 1) % _LATTICE]
    out -= start
    out *= columns
    out += start
    return out


def fractal(x: F32, y: F32, *, cell: float, seed: int, octaves: int, stretch: float = 1.0) -> F32:
    """Noise at halving sizes and amplitudes, about -1..1."""
    total = noise(x, y, cell=cell, seed=seed, stretch=stretch)
    for octave in range(1, octaves):
        finer = noise(x, y, cell=cell / 2**octave, seed=seed + octave, stretch=stretch)
        finer *= np.float32(0.55**octave)
        total += finer
    return total


def _cells(position: F32) -> tuple[np.ndarray, F32]:
    whole = np.floor(position)
    part = position - whole
    return whole.astype(np.int64) % _LATTICE, part * part * (3 - 2 * part)


def inside(distance: F32, pixel: float) -> F32:
    """Give the coverage of a shape from its signed distance (negative inside); the edge is one pixel soft."""
    cover: F32 = np.clip(np.float32(0.5) - distance / np.float32(pixel), 0, 1)
    return cover


def rectangle(x: F32, y: F32, x0: float, y0: float, x1: float, y1: float) -> F32:
    """Give the (approximate) signed distance to a rectangle over the grid of the axes."""
    dx = np.maximum(np.float32(x0) - x, x - np.float32(x1))
    dy = np.maximum(np.float32(y0) - y, y - np.float32(y1))
    away: F32 = np.maximum(dx[None, :], dy[:, None])
    return away


def disc(x: F32, y: F32, cx: float, cy: float, radius: float) -> F32:
    """Give the signed distance to a disc over the grid of the axes."""
    square = (x - np.float32(cx))[None, :] ** 2 + (y - np.float32(cy))[:, None] ** 2
    away: F32 = np.sqrt(square) - np.float32(radius)
    return away


def mix(under: F32, over: F32, amount: F32) -> F32:
    """Lay `over` on `under` with coverage `amount` (h, w); writes into `under` and gives it."""
    under += (over - under) * amount
    return under
