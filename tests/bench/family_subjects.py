"""Subjects of one kind each, in one rendering at one gain: what fools a detector of focus, beside what it must find.

All is looked at as `family_figures` does. `Subjects` says what the columns are.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from bench.family_figures import LEAST_LIT, look_at
from bench.family_scenes import blurred
from bench.focus import cells
from bench.renderings import Rendering, render

from device.frame import F64

SIDE = 192
DEFOCUS_PX, BOKEH_PX = 4.0, 14.0
RADIUS_PX = 52
FAINT = 0.12  # contrast: the lightest less the darkest, over their sum
BLOWN = 12.0  # times white
HOT_SHARE = 1e-3


@dataclass(frozen=True, slots=True)
class Subjects:
    """One row: percent of cells, of pixels, or lit pixels for each pixel of an outline."""

    faint: float
    """Cells told of a sharp texture of 12 % contrast; higher is better."""
    faint_blurred: float
    """The same, blurred by 3 pixels."""
    sharp_rim: float
    """Lit at the rim of a sharp disc, for each pixel of its outline; higher is better."""
    rim: float
    """The same, blurred by 4 pixels."""
    blown_rim: float
    """The same of a blurred light far above white."""
    bokeh: float
    """Lit around points of light that are blurred to discs and blown."""
    ends: float
    """Pixels lit in frames all black, all white and with the cap on, the worst."""
    ends_score: float
    """The focus score of these, the worst."""
    hot: float
    """Pixels lit in a frame of 100 s in the dark, with hot pixels."""
    hot_score: float


HIGHER_IS_BETTER = ("faint", "sharp_rim")
NAMES = tuple(field.name for field in fields(Subjects))


def judge_subjects(rendering: Rendering, gain: float) -> Subjects:
    """Render and look at all subjects."""

    def lit(scene: F64) -> np.ndarray:
        return look_at(render(scene, rendering, gain), gain)[0]

    def told(scene: F64) -> float:
        return 100 * float((cells(lit(scene).astype(float)) >= LEAST_LIT).mean())

    def for_outline(scene: F64, *, radius: float = RADIUS_PX, count: int = 1) -> float:
        return float(lit(scene).sum()) / (count * 2 * np.pi * radius)

    light, points = _light(0.6), _points()
    *ends, (hot, hot_score) = [look_at(render(scene, rendering, gain), gain) for scene in _dark_and_bright()]
    return Subjects(
        faint=told(_faint()),
        faint_blurred=told(blurred(_faint(), "disc", 3.0)),
        sharp_rim=for_outline(light),
        rim=for_outline(blurred(light, "disc", DEFOCUS_PX)),
        blown_rim=for_outline(blurred(_light(BLOWN), "disc", DEFOCUS_PX)),
        bokeh=for_outline(blurred(points, "disc", BOKEH_PX), radius=BOKEH_PX, count=4),
        ends=max(100 * float(mask.mean()) for mask, _ in ends),
        ends_score=max(score for _, score in ends),
        hot=100 * float(hot.mean()),
        hot_score=hot_score,
    )


def worst_subjects(rows: list[Subjects]) -> Subjects:
    """Give the worst of each figure."""
    return Subjects(*((min if name in HIGHER_IS_BETTER else max)(getattr(row, name) for row in rows) for name in NAMES))


def mean_subjects(rows: list[Subjects]) -> Subjects:
    """Give the mean of each figure."""
    return Subjects(*(float(np.mean([getattr(row, name) for row in rows])) for name in NAMES))


def _grey(plane: F64) -> F64:
    return np.repeat(plane[..., np.newaxis], 3, axis=2)


def _faint() -> F64:
    """Fibres: short strokes a pixel or two wide, lighter and darker than mid grey."""
    rng = np.random.default_rng(4)
    plane = np.full((SIDE, SIDE), 0.18)
    for _ in range(700):
        y, x = rng.integers(0, SIDE - 20, 2)
        width, length = rng.integers(1, 3), rng.integers(6, 20)
        size = (width, length) if rng.random() < 0.5 else (length, width)
        plane[y : y + size[0], x : x + size[1]] = 0.18 * (1 + FAINT * rng.choice([-1, 1]))
    return _grey(plane)


def _light(level: float) -> F64:
    """A disc of that level before a dark ground."""
    y, x = np.mgrid[:SIDE, :SIDE] - (SIDE - 1) / 2
    inside = np.clip(RADIUS_PX - np.hypot(y, x) + 0.5, 0, 1)
    return _grey(0.08 + (level - 0.08) * inside)


def _points() -> F64:
    """Four points so bright that each fills its blur disc with more than white."""
    plane = np.full((SIDE, SIDE), 0.08)
    for y in (SIDE // 4, 3 * SIDE // 4):
        for x in (SIDE // 4, 3 * SIDE // 4):
            plane[y : y + 3, x : x + 3] = 4 * np.pi * BOKEH_PX**2 / 9
    return _grey(plane)


def _dark_and_bright() -> list[F64]:
    """Frames in black, in white, with the cap on, and with hot pixels."""
    hot = np.full((SIDE, SIDE), 0.002)  # dark current
    rng = np.random.default_rng(6)
    hot[rng.random(hot.shape) < HOT_SHARE] = 1.0
    return [_grey(np.full((SIDE, SIDE), level)) for level in (0.0, 2.0, 1e-5)] + [_grey(hot)]
