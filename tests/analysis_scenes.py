"""Pictures with known focus and noise for the tests of the assists: edges, blurs, a plain rendering of raw noise."""

from __future__ import annotations

import numpy as np

from device.bayer import offsets
from device.sensors.imx477 import IMX477

DAYLIGHT_GAINS = IMX477.colour.gains_at(5600)


def edge(size, *, dark, bright, angle=0.0, offset=0.0):
    """A straight edge through the middle of a square scene, area-sampled along its normal; linear light."""
    y, x = np.mgrid[:size, :size] - size / 2
    distance = (x - offset) * np.cos(angle) + y * np.sin(angle)
    return dark + (bright - dark) * np.clip(distance + 0.5, 0, 1)


def leaves(size, seed=2, count=1500):
    """Discs of all sizes that cover each other: the edges and the spectrum of nature."""
    rng = np.random.default_rng(seed)
    scene = np.full(size, 0.18)
    for _ in range(count):
        radius = 1 / (rng.random() * (1 / 1.2 - 1 / 20) + 1 / 20)
        cy, cx, level = rng.random() * size[0], rng.random() * size[1], 0.02 + 0.5 * rng.random() ** 2
        top, left = (max(0, int(c - radius - 1)) for c in (cy, cx))
        part = scene[top : int(cy + radius + 3), left : int(cx + radius + 3)]
        y, x = np.mgrid[top : top + part.shape[0], left : left + part.shape[1]]
        part += np.clip(radius - np.hypot(y - cy, x - cx) + 0.5, 0, 1) * (level - part)
    return scene


def gauss(scene, sigma):
    """Blur as a good lens does at its sharpest."""
    reach = int(4 * sigma) + 1
    padded = np.pad(scene, reach, mode="edge")
    y, x = np.fft.fftfreq(padded.shape[0])[:, None], np.fft.rfftfreq(padded.shape[1])
    return _filtered(padded, np.exp(-2 * np.pi**2 * sigma**2 * (x**2 + y**2)), reach)


def disc(scene, radius):
    """Blur as a lens out of focus does: a disc, area-sampled 5 x 5 per pixel."""
    reach, fine = int(np.ceil(radius)) + 1, 5
    steps = (np.arange((2 * reach + 1) * fine) + 0.5) / fine - reach - 0.5
    inside = (steps[:, None] ** 2 + steps[None, :] ** 2 <= radius**2).astype(float)
    kernel = inside.reshape(2 * reach + 1, fine, 2 * reach + 1, fine).sum((1, 3))
    padded = np.pad(scene, reach, mode="edge")
    placed = np.zeros_like(padded)
    placed[: 2 * reach + 1, : 2 * reach + 1] = kernel / kernel.sum()
    return _filtered(padded, np.fft.rfft2(np.roll(placed, (-reach, -reach), (0, 1))), reach)


def _filtered(padded, transfer, reach):
    blurred = np.fft.irfft2(np.fft.rfft2(padded) * transfer, padded.shape)
    return np.clip(blurred[reach:-reach, reach:-reach], 0, None)


def render(linear, *, gain, binning, seed=1, gains=DAYLIGHT_GAINS):
    """Grey scene 0..1 -> noisy Bayer samples -> bilinear demosaic -> white balance -> tone -> BT.601 luma."""
    rng = np.random.default_rng(seed)
    span_dn = IMX477.white_dn - IMX477.black_dn
    slope, constant = IMX477.noise.variance_dn(gain, binning)
    balance = {"R": gains[0], "Gr": 1.0, "Gb": 1.0, "B": gains[1]}
    planes = {colour: np.zeros(linear.shape) for colour in "RGB"}
    for site, (row, column) in offsets(IMX477.cfa).items():
        signal = linear[row::2, column::2] * span_dn / balance[site]
        noisy = signal + rng.standard_normal(signal.shape) * np.sqrt(slope * signal + constant)
        samples = np.clip(np.round(noisy + IMX477.black_dn), 0, IMX477.white_dn) - IMX477.black_dn
        planes[site[0]][row::2, column::2] = samples * balance[site] / span_dn
    corner, side = (0.25, 0.5), (0.0, 0.25)
    red, green, blue = (
        IMX477.tone.to_display(np.clip(_spread(planes[c], *w), 0, 1))
        for c, w in (("R", corner), ("G", side), ("B", corner))
    )
    return np.clip(np.round(255 * (0.299 * red + 0.587 * green + 0.114 * blue)), 0, 255).astype(np.uint8)


def _spread(plane, diagonal, straight):
    """Bilinear demosaic: each missing sample is the mean of its nearest neighbours of the same colour."""
    height, width = plane.shape
    around = np.pad(plane, 1, mode="reflect")
    out = plane.copy()
    for dy in (0, 1, 2):
        for dx in (0, 1, 2):
            if (dy, dx) != (1, 1):
                weight = straight if 1 in (dy, dx) else diagonal
                out += weight * around[dy : dy + height, dx : dx + width]
    return out


def component_sizes(lit):
    """Pixels of each 8-connected component."""
    left, sizes = {(int(y), int(x)) for y, x in np.argwhere(lit)}, []
    while left:
        todo, size = [left.pop()], 0
        while todo:
            y, x = todo.pop()
            size += 1
            near = {(y + dy, x + dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1)} & left
            left -= near
            todo.extend(near)
        sizes.append(size)
    return np.array(sizes)
