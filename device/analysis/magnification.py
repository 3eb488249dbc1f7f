"""By how much one picture of a scene is larger than another one, also where the two are blurred differently.

First the pictures are laid over each other at many scales, small and without their coarse shades (the peak of the
correlation by FFT: Kuglin and Hines 1975). Then each of some tiles tells how far it still is from its counterpart, by
least squares on the gradients (Lucas and Kanade 1981) with its brightness, contrast and difference in blur found
beside: a symmetric blur is a sum of even derivatives, of which the Laplacian is the first. Scale, shift and turn are
fitted through the tiles. That is done at several sizes, and the size counts whose tiles agree best: blurred pictures
agree when they are small. The error is that of the fit, from how the tiles scatter.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np

from device.errors import BadInput
from device.frame import F32, F64

SCALE_RANGE: Final = (0.82, 1.22)  # chosen: 50 mm between infinity and 0.35 m
SCALE_STEP: Final = 0.01
SIZES: Final = (16, 8, 4, 2, 1)  # pixels that one is made of
COARSE: Final = 8
TILES: Final = (8, 10)  # rows and columns
TILE_PIXELS: Final = 12  # the least side of a tile
SMOOTH: Final = (1, 4, 6, 4, 1)  # binomial: gradients of sampled pictures need some
ROUNDS: Final = 4
SETTLED_PX: Final = 0.01  # chosen: what a further round would change
FEWEST_TILES: Final = 12
LEAST_CONTRAST: Final = 0.004  # of a tile's mean
LEAST_LIKENESS: Final = 0.3  # share of a tile's variance that its counterpart explains
MOST_CLIPPED: Final = 0.002  # of a tile
LARGEST_ERROR: Final = 0.003  # chosen: far more than what a distance needs
HUBER: Final = 2.0
ALIKE: Final = 3.0  # sizes whose errors are within that factor are compared
TILES_ERR: Final = 1.5  # chosen: neighbouring tiles err alike
FLOOR: Final = 1e-5  # of the scale: interpolation
Why = Literal["plain", "other", "clipped", "shape"]


class MagnificationRefused(BadInput):
    """Two pictures whose scales cannot be compared; `why` is the reason in a word."""

    code = "magnification_refused"

    def __init__(self, found: str, *, why: Why, expected: str, remedy: str) -> None:
        super().__init__(found, expected=expected, remedy=remedy)
        self.why = why


@dataclass(frozen=True, slots=True)
class Magnified:
    """The second picture against the first one."""

    ratio: float
    """Scale of the second by that of the first."""
    sigma: float
    """Standard error of `ratio`."""
    shift: tuple[float, float]
    """How far the middle went, in pixels: right, down."""
    tiles: int
    """How many of the tiles tell it."""
    size: int
    """Pixels that one was made of where it was measured."""


@dataclass(frozen=True, slots=True)
class _Pose:
    """Where a point at (x, y) from the middle of the first is in the second: ratio (x, y) + shift."""

    ratio: float
    x: float
    y: float
    turn: float = 0.0


@dataclass(frozen=True, slots=True)
class _Tiles:
    """Displacements (n, 2: x, y) and variances of tiles whose middles are `at` (n, 2), in pixels of the picture."""

    at: F64
    moved: F64
    variance: F64


def compare(first: F32, second: F32, clipped: float = np.inf) -> Magnified:
    """Measure the second against the first: two (H, W) of linear light above black, taken by a camera that stood still.

    Samples at or above `clipped` are no light. Raises MagnificationRefused.
    """
    if first.shape != second.shape or min(first.shape) < COARSE * 32:
        raise MagnificationRefused(
            f"the pictures have {first.shape[1]}x{first.shape[0]} and {second.shape[1]}x{second.shape[0]} pixels",
            why="shape",
            expected=f"two of one size, of at least {COARSE * 32} pixels a side",
            remedy="close the loupe, and choose the same mode for both",
        )
    pose = _coarse(_shrunk(first, COARSE), _shrunk(second, COARSE))
    told: list[Magnified] = []
    lost: Why = "plain"
    for size in SIZES:
        small = [_smooth(_shrunk(picture, size)) for picture in (first, second)]
        spoilt = _shrunk((np.maximum(first, 0) >= clipped).astype(np.float32), size)
        found, lost = _refined(small[0], small[1], spoilt, size, pose, lost)
        if found is not None:
            if all(found[0].sigma < other.sigma for other in told):
                pose = found[1]
            told.append(found[0])
    if not told:
        raise _refused(lost)
    best = min(told, key=lambda one: one.sigma)
    sigma = _error(best, told)
    if sigma > LARGEST_ERROR:
        raise _refused("other")
    return replace(best, sigma=sigma)


def _error(best: Magnified, told: list[Magnified]) -> float:
    """Give the standard error: blur is not the same at all sizes, so what they differ by is in it."""
    near = [one.ratio - best.ratio for one in told if one is not best and one.sigma < ALIKE * best.sigma]
    apart = max(map(abs, near), default=best.sigma) / 2
    return float(np.hypot(np.hypot(TILES_ERR * best.sigma, apart), FLOOR))


def _refused(why: Why) -> MagnificationRefused:
    sentences: dict[Why, tuple[str, str]] = {
        "plain": (
            "the picture has too little detail to tell its scale",
            "print, leaves or bricks all over the picture, or more light",
        ),
        "other": (
            "the two pictures are not alike enough to tell a scale",
            "a firm stand, nothing that moves in the picture, and a smaller stop where it is blurred",
        ),
        "clipped": ("too much of the picture clips", "less exposure, or a scene without lamps and sun"),
    }
    found, remedy = sentences[why]
    return MagnificationRefused(found, why=why, expected="one scene with detail in all of the picture", remedy=remedy)


def _coarse(first: F32, second: F32) -> _Pose:
    """Find scale and shift within a percent and a pixel; in pixels of the whole picture."""
    height, width = first.shape
    window = np.hanning(height)[:, None] * np.hanning(width)[None, :]
    one = np.fft.rfft2(_flattened(first) * window)
    best = (-np.inf, _Pose(1.0, 0.0, 0.0))
    low, high = SCALE_RANGE
    for ratio in np.arange(low, high + SCALE_STEP / 2, SCALE_STEP):
        laid = _flattened(_warped(second, _Pose(float(ratio), 0.0, 0.0))) * window
        norm = float(np.sqrt((laid**2).sum()))
        if not norm:
            continue
        peak = np.fft.irfft2(np.conj(one) * np.fft.rfft2(laid), s=first.shape) / norm
        row, column = np.unravel_index(int(peak.argmax()), peak.shape)
        if peak[row, column] > best[0]:
            dy = float((row + height // 2) % height - height // 2)
            dx = float((column + width // 2) % width - width // 2)
            best = (float(peak[row, column]), _Pose(float(ratio), dx * COARSE * ratio, dy * COARSE * ratio))
    return best[1]


def _flattened(picture: F32) -> F64:
    """Take coarse shades away."""
    wide = np.asarray(picture, np.float64)
    for axis in (0, 1):
        length = wide.shape[axis]
        total = np.cumsum(np.insert(wide, 0, 0.0, axis=axis), axis=axis)
        reach = length // 8
        ends = np.minimum(np.arange(length) + reach + 1, length)
        starts = np.maximum(np.arange(length) - reach, 0)
        sums = np.take(total, ends, axis) - np.take(total, starts, axis)
        counts = (ends - starts).reshape((-1, 1) if axis == 0 else (1, -1))
        wide = sums / counts
    flat: F64 = picture - wide
    return flat


def _refined(
    first: F32, second: F32, spoilt: F32, size: int, pose: _Pose, lost: Why
) -> tuple[tuple[Magnified, _Pose] | None, Why]:
    """Give measure and pose at one size; None with the reason where its tiles do not tell."""
    found = None
    for _ in range(ROUNDS):
        laid = _warped(second, pose, size)
        tiles, lost = _tiles(first, laid, spoilt, size, lost)
        if len(tiles.at) < FEWEST_TILES:
            return None, lost
        values, errors, kept = _fit(tiles)
        ratio = pose.ratio * (1 + values[2])
        x, y = (old + pose.ratio * new for old, new in ((pose.x, values[0]), (pose.y, values[1])))
        turn = pose.turn + values[3]
        pose = _Pose(float(ratio), float(x), float(y), float(turn))
        found = Magnified(pose.ratio, float(pose.ratio * errors[2]), (pose.x, pose.y), kept, size)
        if not SCALE_RANGE[0] < pose.ratio < SCALE_RANGE[1]:
            return None, "other"
        if max(abs(values[0]), abs(values[1]), abs(values[2]) * first.shape[1] * size / 2) < SETTLED_PX * size:
            break
    assert found is not None
    return (found, pose), lost


def _tiles(first: F32, laid: F32, spoilt: F32, size: int, lost: Why) -> tuple[_Tiles, Why]:
    height, width = first.shape
    rows, columns = (min(n, side // TILE_PIXELS) for n, side in zip(TILES, (height, width), strict=True))
    gy, gx = _slope(first, 0), _slope(first, 1)
    laplace = _slope(gy, 0) + _slope(gx, 1)
    at, moved, variance = [], [], []
    refused: dict[Why, int] = {"plain": 0, "other": 0, "clipped": 0}
    ys, xs = np.linspace(2, height - 2, rows + 1).astype(int), np.linspace(2, width - 2, columns + 1).astype(int)
    for y0, y1 in zip(ys[:-1], ys[1:], strict=True):
        for x0, x1 in zip(xs[:-1], xs[1:], strict=True):
            part = np.s_[y0:y1, x0:x1]
            target = laid[part].ravel().astype(np.float64)
            if not np.isfinite(target).all():
                continue  # beyond the second picture's edge
            if spoilt[part].mean() > MOST_CLIPPED:
                refused["clipped"] += 1
                continue
            own = first[part].ravel().astype(np.float64)
            if own.std() < LEAST_CONTRAST * abs(own.mean()) or not own.std():
                refused["plain"] += 1
                continue
            told = _displaced(own, target, gx[part].ravel(), gy[part].ravel(), laplace[part].ravel())
            if told is None:
                refused["other"] += 1
                continue
            at.append(((x0 + x1 - width) / 2, (y0 + y1 - height) / 2))
            moved.append(told[0])
            variance.append(told[1])
    why = max(refused, key=lambda name: refused[name]) if any(refused.values()) else lost
    places, moves, variances = (np.array(v, np.float64).reshape(-1, 2) for v in (at, moved, variance))
    return _Tiles(size * places, size * moves, size**2 * variances), why


def _displaced(own: F64, target: F64, gx: F32, gy: F32, laplace: F32) -> tuple[F64, F64] | None:
    """Give (x, y) and their variances, in pixels; None where the tile has no counterpart, or one edge alone."""
    matrix = np.stack([own - own.mean(), gx, gy, laplace, np.ones_like(own)], axis=1)
    scale = np.sqrt((matrix**2).mean(axis=0)) + 1e-12
    normal = (matrix / scale).T @ (matrix / scale)
    try:
        inverse = np.linalg.inv(normal)
    except np.linalg.LinAlgError:
        return None
    values = inverse @ ((matrix / scale).T @ target) / scale
    rest = target - matrix @ values
    spread = float(((target - target.mean()) ** 2).sum())
    if values[0] <= 0.1 or spread <= 0 or float((rest**2).sum()) > (1 - LEAST_LIKENESS) * spread:
        return None
    noise = float((rest**2).sum()) / max(own.size - 5, 1)
    variances = np.array([noise * inverse[i, i] / scale[i] ** 2 / values[0] ** 2 for i in (1, 2)])
    return np.array([-values[1], -values[2]]) / values[0], variances


def _fit(tiles: _Tiles) -> tuple[F64, F64, int]:
    """Fit shift x, shift y, growth and turn; give them, their standard errors, and how many tiles agree."""
    (x, y), count = tiles.at.T, len(tiles.at)
    zero, one = np.zeros(count), np.ones(count)
    rows = np.concatenate([np.stack([one, zero, x, -y], 1), np.stack([zero, one, y, x], 1)])
    wanted, variance = tiles.moved.T.ravel(), tiles.variance.T.ravel()
    extra, values, weight = 0.0, np.zeros(4), np.ones(2 * count)
    inverse = np.eye(4)
    robust = np.ones(2 * count)
    chi = 1.0
    for _ in range(12):
        weight = robust / (variance + extra)
        normal = (rows * weight[:, None]).T @ rows
        inverse = np.linalg.pinv(normal)
        values = inverse @ ((rows * weight[:, None]).T @ wanted)
        rest = wanted - rows @ values
        away = np.abs(rest) / np.sqrt(variance + extra)
        typical = float(np.median(away)) / 0.6745
        robust = np.minimum(1.0, HUBER * max(typical, 1.0) / np.maximum(away, 1e-12))
        robust[away > 3 * HUBER * max(typical, 1.0)] = 0.0
        used = robust > 0
        chi = float((weight * rest**2)[used].sum()) / max(int(used.sum()) - 4, 1)
        extra = max(0.0, extra + (chi - 1) * float(np.median((variance + extra)[used])))
    errors = np.sqrt(np.diag(inverse) * max(chi, 1.0))
    return values, errors, int((robust.reshape(2, count) > 0).all(axis=0).sum())


def _slope(picture: F32, axis: int) -> F32:
    slope: F32 = np.gradient(picture, axis=axis)
    return slope


def _shrunk(picture: F32, size: int) -> F32:
    if size == 1:
        return picture
    height, width = (side // size * size for side in picture.shape)
    top, left = ((side - whole) // 2 for side, whole in zip(picture.shape, (height, width), strict=True))
    middle = picture[top : top + height, left : left + width]
    means: F32 = middle.reshape(height // size, size, width // size, size).mean(axis=(1, 3), dtype=np.float32)
    return means


def _smooth(picture: F32) -> F32:
    taps = np.array(SMOOTH, np.float32) / sum(SMOOTH)
    out = picture
    for axis in (0, 1):
        padded = np.pad(out, [(2, 2) if a == axis else (0, 0) for a in (0, 1)], mode="edge")
        length = out.shape[axis]
        out = sum((np.take(padded, np.arange(i, i + length), axis) * taps[i] for i in range(5)), np.zeros_like(out))
    return out


def _warped(picture: F32, pose: _Pose, size: int = 1) -> F32:
    """Give the picture as the first one saw it; NaN beyond its edge. The pose is in pixels of the whole picture.

    Cubic interpolation (Keys 1981, a = -1/2), along columns and rows apart; a turn is left to the fit.
    """
    out = picture
    for axis, shift in ((0, pose.y), (1, pose.x)):
        length = picture.shape[axis]
        middle = (length - 1) / 2
        place = pose.ratio * (np.arange(length) - middle) + middle + shift / size
        whole = np.floor(place).astype(int)
        t = (place - whole).astype(np.float32)
        taps = (
            ((-0.5 * t + 1.0) * t - 0.5) * t,
            (1.5 * t - 2.5) * t * t + 1.0,
            ((-1.5 * t + 2.0) * t + 0.5) * t,
            (0.5 * t - 0.5) * t * t,
        )
        total = np.zeros_like(out)
        for offset, tap in zip((-1, 0, 1, 2), taps, strict=True):
            side = tap[:, None] if axis == 0 else tap[None, :]
            total += np.take(out, np.clip(whole + offset, 0, length - 1), axis) * side
        beyond = (whole < 0) | (whole > length - 2)
        total[(beyond, slice(None)) if axis == 0 else (slice(None), beyond)] = np.nan
        out = total
    return out
