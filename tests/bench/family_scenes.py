"""What the bench of renderings takes pictures of, all (H, W, 3) in linear sRGB with white at 1."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
from analysis_scenes import disc, gauss
from PIL import Image

from device.frame import F64
from device.sensors.base import ToneCurve

BORDER = 16
"""Pixels at each side of a patch that are not judged: the edge to the next patch is sharp."""


def coloured_leaves(size: tuple[int, int], *, seed: int, count: int) -> F64:
    """Discs of all sizes that cover each other, as `analysis_scenes.leaves`, each of its own colour."""
    rng = np.random.default_rng(seed)
    scene = np.full((*size, 3), 0.18)
    for _ in range(count):
        radius = 1 / (rng.random() * (1 / 1.2 - 1 / 20) + 1 / 20)
        y, x = rng.random(2) * size
        colour = (0.02 + 0.5 * rng.random() ** 2) * rng.uniform(0.4, 1.4, 3)
        top, left = (max(0, int(c - radius - 1)) for c in (y, x))
        part = scene[top : int(y + radius + 3), left : int(x + radius + 3)]
        rows, columns = np.mgrid[top : top + part.shape[0], left : left + part.shape[1]]
        covered = np.clip(radius - np.hypot(rows - y, columns - x) + 0.5, 0, 1)
        part += covered[..., np.newaxis] * (colour - part)
    return scene


def photograph(path: Path) -> F64:
    """Read a picture, half its size, at most 720 x 560, of middling brightness."""
    picture = Image.open(path).convert("RGB")
    half = picture.resize((picture.width // 2, picture.height // 2), Image.Resampling.BOX)
    codes = np.asarray(half, float)[:560, :720] / 255
    linear: F64 = np.where(codes <= 0.04045, codes / 12.92, ((codes + 0.055) / 1.055) ** 2.4)
    even = linear[: linear.shape[0] // 2 * 2, : linear.shape[1] // 2 * 2]
    return even * min(2.0, 0.18 / max(float(even.mean()), 1e-3))


def blurred(scene: F64, kind: str, radius: float) -> F64:
    """Blur by a "disc" or a "Gauss" of that radius, whose sigma is half of it: the second moments are the same."""
    if radius == 0:
        return scene
    planes = [disc(p, radius) if kind == "disc" else gauss(p, radius / 2) for p in np.moveaxis(scene, 2, 0)]
    return np.stack(planes, axis=-1)


def grey_chart(tone: ToneCurve, *, rows: int, side: int) -> F64:
    """`rows` x `rows` patches from code 0 to code 255 of a tone curve."""
    return _chart(np.repeat(_grey(tone, np.linspace(0, 255, rows**2))[:, np.newaxis], 3, 1), rows, side)


def colour_chart(*, levels: int, side: int) -> F64:
    """All colours of so many levels of each channel, from nearly black to white."""
    values = np.linspace(0.04, 1, levels) ** 2.2
    return _chart(np.array(list(itertools.product(values, repeat=3))), levels, side)


def plain_frames(tone: ToneCurve, size: tuple[int, int]) -> list[F64]:
    """Frames of one grey or one colour, from the ends of the scale too."""
    greys = np.repeat(_grey(tone, np.array([2, 8, 30, 80, 128, 180, 235, 252]))[:, np.newaxis], 3, 1)
    colours = np.array([[0.6, 0.05, 0.05], [0.03, 0.1, 0.5], [0.5, 0.9, 0.5], [0.9, 0.5, 0.9], [0.3, 0.25, 0.03]])
    return [np.broadcast_to(colour, (*size, 3)) for colour in np.concatenate([greys, colours])]


def sky(size: tuple[int, int]) -> F64:
    """A smooth gradient of blue."""
    ramp = np.linspace(0.5, 0.12, size[0])[:, np.newaxis] * np.linspace(0.9, 1.1, size[1])
    return ramp[..., np.newaxis] * np.array([0.55, 0.75, 1.0])


def patch_shares(plane: np.ndarray, side: int) -> F64:
    """Mean of the inside of each patch of a chart."""
    rows, columns = plane.shape[0] // side, plane.shape[1] // side
    inside = slice(BORDER, side - BORDER)
    means: F64 = plane.reshape(rows, side, columns, side)[:, inside, :, inside].mean((1, 3)).ravel()
    return means


def _grey(tone: ToneCurve, codes: F64) -> F64:
    linear: F64 = tone.to_linear(codes / 255)
    return linear


def _chart(colours: F64, rows: int, side: int) -> F64:
    chart: F64 = np.repeat(np.repeat(colours.reshape(rows, -1, 3), side, 0), side, 1)
    return chart
