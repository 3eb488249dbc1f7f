"""The built-in scene's background: sky, mountains, meadow, trees, wall and lantern. Painted by formula, no files.

Everything here is invented to look right; no number has a source. Scene units as in `layers.Painter`.
"""

from __future__ import annotations

import numpy as np

from device.simulator.layers import F32
from device.simulator.texture import disc, fractal, inside, linear, mix, noise, rectangle

SUN = (3.3, 0.42, 0.075)
SUN_LIGHT = 15.0  # times white: nearly four stops above it, the most that the layers' codes can hold
LANTERN = (2.12, 1.27)


def sky_and_mountains(x: F32, y: F32, pixel: float) -> tuple[F32, None]:
    """Far away: a clear gradient, thin clouds, the low sun that clips, two ridges in haze."""
    down = np.clip(y / 1.2, 0, 1)[:, None]
    rgb = np.empty((3, len(y), len(x)), np.float32)
    rgb[:] = linear(70, 124, 190) * (1 - down) + linear(222, 226, 220) * down
    if y[0] < 1.1:
        cloud = fractal(x, y + 0.2, cell=0.42, seed=11, octaves=6, stretch=2.6)
        cloud += (np.float32(0.5) - np.abs(y - 0.45)[:, None]) * np.float32(0.5)
        mix(rgb, linear(246, 243, 238) * np.float32(0.92), np.clip(cloud * 0.85, 0, 0.85))
        away = disc(x, y, *SUN)
        glow = np.exp(-np.maximum(away, 0) * np.float32(7)) * np.float32(0.55)
        mix(rgb, linear(255, 240, 205) * np.float32(1.3), glow)
        mix(rgb, linear(255, 246, 225) * np.float32(SUN_LIGHT), inside(away, pixel))
    for height, rough, seed, colour in (
        (0.86, 0.26, 21, linear(138, 150, 166)),
        (1.06, 0.14, 25, linear(96, 112, 112)),
    ):
        ridge = height + rough * fractal(x, np.zeros(1, np.float32), cell=0.9, seed=seed, octaves=6)[0]
        below = np.asarray(y[:, None] - ridge[None, :], np.float32)
        if below.max() < 0:
            continue
        shade = 1 + 0.22 * fractal(x + y.mean() * 0, y, cell=0.16, seed=seed + 7, octaves=4)
        haze = np.clip(below * np.float32(1.6), 0, 0.55)
        mix(rgb, colour * shade + (linear(210, 213, 210) - colour) * haze, inside(-below, pixel))
    return rgb, None


def meadow(x: F32, y: F32, pixel: float) -> tuple[F32, F32]:
    """At 40 m: fields with fine grass, and a line of bushes along their far end."""
    edge = 1.2 + 0.05 * fractal(x, np.zeros(1, np.float32), cell=0.12, seed=31, octaves=5)[0]
    cover = inside(edge[None, :] - y[:, None], pixel)
    near = np.clip((y - 1.2) / 0.7, 0, 1)[:, None]
    rgb = linear(92, 116, 62) * (1 - near) + linear(128, 146, 66) * near
    rgb = rgb * (1 + 0.30 * fractal(x, y, cell=0.22, seed=33, octaves=3, stretch=5.0))
    rgb = rgb * (1 + 0.28 * noise(x, y, cell=0.008, seed=39))
    bushes = np.clip((1.27 - y) / 0.06, 0, 1)[:, None]
    leafy = linear(50, 72, 44) * (1 + 0.55 * fractal(x, y, cell=0.035, seed=35, octaves=3))
    mix(rgb, leafy, np.asarray(bushes, np.float32) * np.ones_like(cover))
    return rgb, cover


def trees(x: F32, y: F32, pixel: float) -> tuple[F32, F32]:
    """At 10 m: a tree with open foliage on the left and a bough that reaches in from the right."""
    crown = np.minimum(disc(x, y, 0.22, 0.50, 0.50), disc(x, y, 0.72, 0.34, 0.30))
    crown = np.minimum(crown, disc(x, y, 3.98, 0.98, 0.36))
    crown += 0.16 * fractal(x, y, cell=0.16, seed=41, octaves=3)
    leaf = fractal(x, y, cell=0.032, seed=45, octaves=3)
    cover = inside(np.maximum(crown, (-0.22 - leaf) * np.float32(0.02)), pixel * 1.5)
    light = np.clip(0.75 + 0.55 * leaf - 0.9 * np.maximum(crown + 0.25, 0), 0.08, 1.6)
    tint = np.clip(0.5 + 0.5 * noise(x, y, cell=0.07, seed=49), 0, 1)
    rgb = (linear(68, 100, 38) * (1 - tint) + linear(140, 150, 52) * tint) * light
    sway = np.asarray(0.03 * np.sin(y * 4), np.float32)
    trunk = np.abs(x[None, :] - 0.24 - sway[:, None]) - np.float32(0.065) - np.maximum(y - 1.2, 0)[:, None] * 0.06
    trunk = np.maximum(trunk, np.asarray(0.5 - y, np.float32)[:, None])
    bark = linear(86, 70, 56) * (0.75 + 0.5 * fractal(x, y * 0.25, cell=0.02, seed=51, octaves=2))
    bark = bark * np.clip(1.1 - (x[None, :] - 0.16) * 4, 0.25, 1.2)
    behind = inside(trunk, pixel)
    mix(rgb, bark, behind)
    return np.asarray(rgb, np.float32), np.maximum(cover, behind)


def wall(x: F32, y: F32, pixel: float) -> tuple[F32, F32]:
    """At 4 m: a low brick wall with a dark niche, and a lantern whose bulb clips."""
    top = np.float32(1.56)
    cover = inside(np.maximum(top - y[:, None], np.zeros((1, len(x)), np.float32) - 1), pixel)
    rgb = _bricks(x, y, pixel)
    niche = inside(rectangle(x, y, 3.44, 1.68, 3.84, 2.2), pixel)
    dark = linear(14, 13, 13) * (1 + 0.5 * noise(x, y, cell=0.03, seed=67))
    mix(rgb, dark, niche)
    coping = inside(rectangle(x, y, -9, 1.53, 9, 1.595), pixel)
    mix(rgb, linear(176, 168, 154) * (1 + 0.14 * fractal(x, y, cell=0.02, seed=63, octaves=2)), coping)
    cx, cy = LANTERN
    frame = np.minimum(
        rectangle(x, y, cx - 0.1, cy + 0.17, cx + 0.1, cy + 0.3),
        rectangle(x, y, cx - 0.115, cy - 0.17, cx + 0.115, cy - 0.13),
    )
    frame = np.minimum(frame, rectangle(x, y, cx - 0.035, cy - 0.22, cx + 0.035, cy - 0.13))
    glass = inside(rectangle(x, y, cx - 0.088, cy - 0.15, cx + 0.088, cy + 0.2), pixel)
    away = disc(x, y, cx, cy + 0.03, 0.03)
    warm = linear(255, 196, 110) * (np.float32(0.35) + np.exp(-np.maximum(away, 0) * 26) * np.float32(2.2))
    mix(rgb, warm, glass)
    mix(rgb, linear(255, 236, 200) * np.float32(12), inside(away, pixel))
    bars = np.minimum(
        rectangle(x, y, cx - 0.1, cy - 0.15, cx - 0.086, cy + 0.2),
        rectangle(x, y, cx + 0.086, cy - 0.15, cx + 0.1, cy + 0.2),
    )
    metal = inside(np.minimum(frame, bars), pixel)
    mix(rgb, linear(40, 42, 44) * (1 + 0.2 * noise(x, y, cell=0.01, seed=65)), metal)
    return rgb, np.maximum(np.maximum(cover, coping), np.maximum(glass, metal))


def _bricks(x: F32, y: F32, pixel: float) -> F32:
    tall, long, joint = 0.062, 0.19, 0.007
    course = np.floor(y / tall)
    shift = (course % 2) * (long / 2)
    along = (x[None, :] + shift[:, None].astype(np.float32)) / np.float32(long)
    stone = np.floor(along)
    tone = ((stone * 37 + course[:, None] * 101) * np.float32(0.618034)) % 1
    to_joint = np.minimum(along - stone, 1 + stone - along) * np.float32(long)
    up = y / tall - course
    to_bed = np.minimum(up, 1 - up) * tall
    edge = np.minimum(to_joint, np.asarray(to_bed, np.float32)[:, None]) - np.float32(joint / 2)
    rgb = linear(150, 86, 66) * (1 - tone) + linear(186, 124, 92) * tone
    rgb = rgb * (0.9 + 0.3 * fractal(x, y, cell=0.018, seed=61, octaves=3))
    mortar = linear(168, 160, 148) * (1 + 0.15 * noise(x, y, cell=0.006, seed=69))
    mix(rgb, mortar, inside(edge, pixel))
    return np.asarray(rgb, np.float32)
