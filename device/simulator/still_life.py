"""The built-in scene's foreground: a table that comes towards the camera, a colour chart, a test board, fruit, cloth.

Everything is invented except the chart's colours (`chart`). Scene units as in `layers.Painter`.
"""

from __future__ import annotations

import numpy as np

from device.simulator.chart import paint_patches
from device.simulator.layers import F32
from device.simulator.texture import disc, fractal, inside, linear, mix, noise, rectangle

TABLE_TOP, TABLE_FAR_M, TABLE_NEAR_M = 1.98, 2.5, 0.45
CHART_FRAME = (0.92, 1.32, 1.86, 1.96)
BOARD = (2.42, 1.30, 3.40, 2.31)
STAR = (2.78, 1.68, 0.30)
STAR_SPOKES = 48


def table_y(distance_m: float) -> float:
    """Give y of the table at `distance_m`; on a plane seen in perspective y is linear in 1/distance."""
    share = (1 / distance_m - 1 / TABLE_FAR_M) / (1 / TABLE_NEAR_M - 1 / TABLE_FAR_M)
    return TABLE_TOP + share * (3.0 - TABLE_TOP)


def table(x: F32, y: F32, pixel: float) -> tuple[F32, None]:
    """Planks that run away from the camera, grain finer with distance, shadows under what stands on it."""
    depth = np.maximum(y - np.float32(1.55), 0.2)[:, None]
    across = (x[None, :] - 2) / depth
    plank = np.floor(across / np.float32(0.52) + np.float32(0.3))
    tone = (plank * np.float32(0.618034)) % 1
    rgb = linear(148, 104, 68) * (1 - tone) + linear(182, 134, 90) * tone
    grain = _warped_noise(across, y, 0.035, 71) * np.float32(0.16) + _warped_noise(across, y, 0.008, 72) * np.float32(
        0.12
    )
    rgb = rgb * (1 + grain)
    seam = np.abs(across / np.float32(0.52) + np.float32(0.3) - np.round(across / np.float32(0.52) + np.float32(0.3)))
    mix(rgb, linear(60, 40, 28), np.clip(1.3 - seam * np.float32(0.52) * depth / np.float32(0.004), 0, 0.8))
    for cx, cy, wide, tall in (
        (1.36, 2.0, 0.62, 0.05),
        (2.88, 2.32, 0.66, 0.06),
        (0.74, 2.82, 0.55, 0.10),
        (3.24, 2.78, 0.78, 0.08),
        (1.64, 2.555, 0.36, 0.05),
    ):
        reach = np.sqrt(((x - cx) / wide)[None, :] ** 2 + ((y - cy) / tall)[:, None] ** 2)
        rgb = rgb * np.clip(0.38 + 0.62 * (reach - 0.3), 0.38, 1)
    return np.asarray(rgb, np.float32), None


def _warped_noise(across: F32, y: F32, cell: float, seed: int) -> F32:
    """Give streaks along the planks: noise of the coordinate across them, shifted slowly from row to row."""
    line = np.random.default_rng(seed).uniform(-1, 1, 4096).astype(np.float32)
    wander = np.asarray(np.sin(y * 3.1) * 1.7 + np.sin(y * 7.3) * 0.6, np.float32)[:, None]
    position = across / np.float32(cell) + wander + np.float32(2000)
    whole = position.astype(np.int32)
    part = position - whole
    start = line[whole % 4096]
    return start + (line[(whole + 1) % 4096] - start) * part


def colour_chart(x: F32, y: F32, pixel: float) -> tuple[F32, F32]:
    """At 2 m: the 24-patch chart in its black frame."""
    cover = inside(rectangle(x, y, *CHART_FRAME) - np.float32(0.03), pixel)
    rgb = np.empty((3, len(y), len(x)), np.float32)
    rgb[:] = linear(38, 38, 38)
    paint_patches(rgb, x, y, pixel, CHART_FRAME)
    return rgb, cover


def test_board(x: F32, y: F32, pixel: float) -> tuple[F32, F32]:
    """At 1 m: Siemens star, slanted edge, line pairs, and marks of 1 to 4 % contrast."""
    cover = inside(rectangle(x, y, *BOARD), pixel)
    rgb = np.empty((3, len(y), len(x)), np.float32)
    rgb[:] = linear(226, 224, 218)
    black = np.maximum(_star(x, y, pixel), _slanted_edge(x, y, pixel))
    black = np.maximum(black, _line_pairs(x, y, pixel))
    mix(rgb, linear(26, 26, 27), black)
    for step in range(4):
        left = 2.52 + 0.2 * step
        mark = inside(np.abs(disc(x, y, left + 0.08, 2.15, 0.055)) - np.float32(0.018), pixel)
        rgb *= 1 - np.float32(0.01 * (step + 1)) * mark
    edge = inside(-rectangle(x, y, *BOARD) - np.float32(0.012), pixel)
    mix(rgb, linear(150, 118, 84), edge)
    return rgb, cover


def _star(x: F32, y: F32, pixel: float) -> F32:
    cx, cy, radius = STAR
    rho = np.hypot((x - cx)[None, :], (y - cy)[:, None]).astype(np.float32)
    angle = np.arctan2((y - cy)[:, None], (x - cx)[None, :])
    wave = np.sin(angle * STAR_SPOKES)
    soft = rho / np.float32(STAR_SPOKES * pixel)
    return np.asarray(np.clip(0.5 + wave * soft, 0, 1) * inside(rho - np.float32(radius), pixel), np.float32)


def _slanted_edge(x: F32, y: F32, pixel: float) -> F32:
    """A square turned by 5 degrees, as ISO 12233 likes its edges."""
    cos, sin = np.float32(np.cos(np.radians(5))), np.float32(np.sin(np.radians(5)))
    dx, dy = (x - np.float32(3.23))[None, :], (y - np.float32(1.50))[:, None]
    return inside(np.maximum(np.abs(dx * cos + dy * sin), np.abs(dy * cos - dx * sin)) - np.float32(0.10), pixel)


def _line_pairs(x: F32, y: F32, pixel: float) -> F32:
    """Five groups of lines, each finer than the last; the finest is at the sensor's binned Nyquist frequency."""
    black = np.zeros((len(y), len(x)), np.float32)
    left = 3.13
    for group, pitch in enumerate((0.032, 0.020, 0.0125, 0.008, 0.005)):
        top = 1.66 + 0.09 * group
        wave = np.abs(((x - np.float32(left)) / np.float32(pitch)) % 1 - np.float32(0.5)) - np.float32(0.25)
        lines = np.clip(0.5 + wave * np.float32(pitch / pixel), 0, 1)[None, :]
        black = np.maximum(black, lines * inside(rectangle(x, y, left, top, left + 0.2, top + 0.065), pixel))
    return black


def fruit(x: F32, y: F32, pixel: float) -> tuple[F32, F32]:
    """At 0.5 m: an orange with pores and a leaf."""
    cx, cy, radius = 0.80, 2.44, 0.40
    rgb, cover = _ball(x, y, pixel, (cx, cy, radius), linear(236, 132, 22))
    pores = noise(x, y, cell=0.011, seed=81) + 0.6 * noise(x, y, cell=0.006, seed=82)
    rgb *= 1 + np.float32(0.13) * pores
    dx, dy = (x - np.float32(0.93))[None, :], (y - np.float32(2.06))[:, None]
    along, aside = dx * 0.9 - dy * 0.44, dx * 0.44 + dy * 0.9
    leaf = np.hypot(along / 0.2, aside / 0.062) - 1
    vein = np.minimum(np.abs(aside), np.abs(((along * 16 - np.abs(aside) * 14) % 1) - 0.5) * 0.03 + 0.002)
    green = linear(70, 112, 42) * (0.8 + 0.5 * np.clip(vein * 70, 0, 1))
    on_leaf = inside(leaf * np.float32(0.06), pixel)
    mix(rgb, np.asarray(green, np.float32), on_leaf)
    return rgb, np.maximum(cover, on_leaf)


def small_fruit(x: F32, y: F32, pixel: float) -> tuple[F32, F32]:
    """At 0.7 m: two plums."""
    rgb, cover = _ball(x, y, pixel, (1.55, 2.37, 0.19), linear(96, 38, 64))
    other, front = _ball(x, y, pixel, (1.83, 2.40, 0.165), linear(122, 44, 52))
    mix(rgb, other, front)
    rgb *= 1 + np.float32(0.16) * fractal(x, y, cell=0.02, seed=85, octaves=3)
    return rgb, np.maximum(cover, front)


def _ball(x: F32, y: F32, pixel: float, ball: tuple[float, float, float], colour: F32) -> tuple[F32, F32]:
    """A sphere lit from the upper right, with a soft highlight."""
    cx, cy, radius = ball
    nx, ny = ((x - cx) / radius)[None, :].astype(np.float32), ((y - cy) / radius)[:, None].astype(np.float32)
    nz = np.sqrt(np.maximum(1 - nx * nx - ny * ny, 0))
    lit = np.clip(0.52 * nx - 0.58 * ny + 0.62 * nz, 0, None)
    rgb = colour * (np.float32(0.14) + np.float32(0.95) * lit)
    shine = np.clip(0.34 * nx - 0.42 * ny + 0.84 * nz, 0, 1) ** 40
    rgb = rgb + np.float32(0.55) * shine
    return np.asarray(rgb, np.float32), inside(disc(x, y, cx, cy, radius), pixel)


def cloth(x: F32, y: F32, pixel: float) -> tuple[F32, F32]:
    """At 0.55 m: a folded woven cloth, fine enough to cause artefacts in any demosaicing."""
    dy, dx = (y - np.float32(2.60))[:, None], (x - np.float32(3.3))[None, :]
    fold = 0.03 * np.sin(dx * 7) + 0.015 * np.sin(dx * 17 + 1)
    shape = np.maximum(np.abs(dx + dy * 0.25) - np.float32(0.58), np.abs(dy + fold) - np.float32(0.2))
    weave = np.sin(dx * np.float32(2 * np.pi / 0.020)) * np.sin((dy + fold) * np.float32(2 * np.pi / 0.020))
    stripe = inside(np.abs(np.abs(dx + dy * 0.25) - np.float32(0.36)) - np.float32(0.06), pixel)
    rgb = np.asarray(linear(44, 92, 128) + np.zeros_like(weave), np.float32)
    mix(rgb, linear(226, 214, 190), stripe)
    shade = 0.9 + 0.25 * np.cos(dx * 7 + 0.8) - 0.5 * np.clip(dy + 0.05, 0, 1)
    rgb = rgb * (shade * (1 + np.float32(0.22) * weave))
    return np.asarray(rgb, np.float32), inside(shape, pixel)
