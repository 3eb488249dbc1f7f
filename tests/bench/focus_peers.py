"""How other cameras mark focus, written from descriptions of what they do, as yardsticks: luma 0..255 in, mask out."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Luma = NDArray[np.float64]
Mask = NDArray[np.bool_]


def shifted(plane: Luma, dy: int, dx: int) -> Luma:
    """The plane moved by whole pixels; ends repeat."""
    padded = np.pad(plane, 2, mode="edge")
    height, width = plane.shape
    return padded[2 + dy : 2 + dy + height, 2 + dx : 2 + dx + width]


def laplacian_servo(luma: Luma, share: float = 0.005) -> Mask:
    """A Laplacian less half of the steepest straight edge, with a threshold that keeps 0.5 % lit, 10 at least."""
    up, down, left, right = (shifted(luma, *s) for s in ((-1, 0), (1, 0), (0, -1), (0, 1)))
    detail = np.abs(4 * luma - up - down - left - right)
    edge = np.maximum(np.abs(right - left), np.abs(down - up))
    strength = 2 * np.maximum(detail - edge / 2, 0)
    return strength >= max(float(np.quantile(strength, 1 - share)), 10.0)


def laplacian_fixed(luma: Luma) -> Mask:
    """Eight-neighbour Laplacian of the picture at a quarter of its size, squared over three channels, above 256^2."""
    height, width = (n // 4 * 4 for n in luma.shape)
    small = luma[:height, :width].reshape(height // 4, 4, width // 4, 4).mean((1, 3))
    around = sum(shifted(small, dy, dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1) if (dy, dx) != (0, 0))
    lit = 3 * (8 * small - around) ** 2 > 65536
    near = sum(shifted(lit.astype(float), *s) for s in ((0, 0), (-1, 0), (1, 0), (0, -1), (0, 1)))
    whole = np.zeros(luma.shape, bool)
    whole[:height, :width] = np.kron(lit & (near >= 3), np.ones((4, 4), bool))
    return whole


def neighbour_difference(luma: Luma) -> Mask:
    """Mean absolute difference to the four neighbours, at least 5 % of white."""
    parts = [np.abs(luma - shifted(luma, *s)) for s in ((-1, 0), (1, 0), (0, -1), (0, 1))]
    return sum(parts) / 4 >= 0.05 * 255


def sobel(luma: Luma) -> Mask:
    """Sobel |gx| + |gy| at least 130 and not below its neighbours."""
    gx = sum(w * (shifted(luma, dy, 1) - shifted(luma, dy, -1)) for dy, w in ((-1, 1), (0, 2), (1, 1)))
    gy = sum(w * (shifted(luma, 1, dx) - shifted(luma, -1, dx)) for dx, w in ((-1, 1), (0, 2), (1, 1)))
    strength = np.abs(gx) + np.abs(gy)
    peak = np.max([shifted(strength, *s) for s in ((-1, 0), (1, 0), (0, -1), (0, 1))], axis=0)
    return (strength >= 130) & (strength >= peak)


def roberts_ratio(luma: Luma) -> Mask:
    """Squared Roberts cross over that of a blurred copy (sigma 1), above 2.1, where the latter is strong enough."""
    grey = luma / 255
    weights = (0.006044, 0.060662, 0.241798, 0.382992, 0.241798, 0.060662, 0.006044)
    padded = np.pad(grey, 3, mode="edge")
    rows = sum(w * padded[i : i + luma.shape[0]] for i, w in enumerate(weights))
    blurred = sum(w * rows[:, i : i + luma.shape[1]] for i, w in enumerate(weights))

    def cross(plane: Luma) -> Luma:
        right, below, both = shifted(plane, 0, 1), shifted(plane, 1, 0), shifted(plane, 1, 1)
        return (both - plane) ** 2 + (below - right) ** 2

    coarse = cross(blurred)
    return (cross(grey) / np.maximum(coarse, 1e-9) >= 2.1) & (coarse >= 0.0043)


PEERS: dict[str, Callable[[Luma], Mask]] = {
    "Laplacian, servo": laplacian_servo,
    "Laplacian, fixed": laplacian_fixed,
    "neighbours": neighbour_difference,
    "Sobel, thinned": sobel,
    "Roberts ratio": roberts_ratio,
}
