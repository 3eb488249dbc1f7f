"""The shading of a lens at one stop, from frames of an even white: a smooth surface of low order for each colour.

The fall of light (luminance) and the change of colour are kept apart, so that the natural vignette can stay where only
its tint is wanted away. What a surface of this order cannot follow, dust above all, is not in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

import numpy as np

from device.calibration.frames import Exposed, block_means, by_channel, plane
from device.frame import F32, F64, Mode

FlatUse = Literal["off", "colour", "full"]
FLAT_USES: Final[tuple[FlatUse, ...]] = get_args(FlatUse)
ORDER: Final = 4  # chosen: of x and y together, for what is not round about the middle
RADIAL: Final = 6  # chosen: highest power of the squared distance; follows the fourth power of the cosine within 0.5 %
POINTS: Final = (73, 97)  # chosen: between them a converter interpolates straight; 0.3 % at such a corner
TERMS: Final = (ORDER + 1) * (ORDER + 2) // 2 + RADIAL - ORDER // 2
_BLOCKS_ACROSS: Final = 64
_OUTLIER_SIGMA: Final = 4.0
_OUTLIER_LEAST: Final = 0.05  # of the light: what a first fit may be off at a corner is no dust
_LIGHT: Final = (0.004, 4.0)  # of the middle's: 8 stops down is no vignette


@dataclass(frozen=True, slots=True)
class FlatField:
    """Coefficients of `_basis` for the light of each colour against that of the middle, over the full array."""

    red: tuple[float, ...]
    green: tuple[float, ...]
    blue: tuple[float, ...]

    @property
    def corner_ev(self) -> float:
        """The green light of the darkest corner against the middle."""
        ends = np.array([-1.0, 1.0])
        return float(np.log2(_surface(self.green, ends, ends).min()))

    def tint(self, colour: Literal["red", "blue"]) -> float:
        """By which share a colour is stronger against green in the corners than in the middle, where it is most so."""
        ends = np.array([-1.0, 1.0])
        ratios = _surface(getattr(self, colour), ends, ends) / _surface(self.green, ends, ends) - 1
        return float(ratios.ravel()[np.abs(ratios).argmax()])

    def gain_maps(self, use: FlatUse, mode: Mode, full: tuple[int, int]) -> dict[str, F32] | None:
        """Give a map of gains for each channel of a raw frame of `mode`, from corner to corner; None for "off".

        No gain is below 1, so that what is white stays white: with "colour" the file is brighter by as much as the
        strongest tint. `full` is the (width, height) of the full array.
        """
        if use == "off":
            return None
        rows, columns = POINTS
        x = 2 * (mode.crop.x + mode.crop.width * np.linspace(0, 1, columns)) / full[0] - 1
        y = 2 * (mode.crop.y + mode.crop.height * np.linspace(0, 1, rows)) / full[1] - 1
        red, green, blue = (_surface(light, x, y) for light in (self.red, self.green, self.blue))
        wanted = np.ones_like(green) if use == "full" else green
        gains = {"R": wanted / red, "G": wanted / green, "B": wanted / blue}
        least = min(float(values.min()) for values in gains.values())
        maps = {channel: (values / least).astype(np.float32) for channel, values in gains.items()}
        return {"R": maps["R"], "Gr": maps["G"], "Gb": maps["G"], "B": maps["B"]}


def flat_field(frames: Sequence[Exposed], black_dn: tuple[float, float, float, float]) -> FlatField:
    """Measure frames of one exposure of a white, which `checks.check_white` has let pass."""
    found = {}
    for channel, black in by_channel(black_dn).items():
        planes = [plane(frame.samples, frame.cfa, channel) for frame in frames]
        side = max(2, planes[0].shape[1] // _BLOCKS_ACROSS)
        light = np.mean([block_means(samples, side) for samples in planes], axis=0) - black
        found[channel] = _fitted(np.maximum(light, 1.0), side, planes[0].shape)
    red, blue, green = found["R"], found["B"], (found["Gr"] + found["Gb"]) / 2
    return FlatField(*(tuple(float(c) for c in light / light[0]) for light in (red, green, blue)))


def parse_flat_field(values: Any) -> FlatField:
    """Read a flat field from plain JSON. Raises ValueError, TypeError, LookupError."""
    found = {}
    for name in ("red", "green", "blue"):
        coefficients = tuple(float(value) for value in values[name])
        if len(coefficients) != TERMS or not np.isfinite(coefficients).all():
            raise ValueError("its surface is not whole")
        edge = np.linspace(-1, 1, 17)
        light = _surface(coefficients, edge, edge)
        if light.min() < _LIGHT[0] or light.max() > _LIGHT[1]:
            raise ValueError("its surface is no lens's")
        found[name] = coefficients
    return FlatField(**found)


def _basis(x: F64, y: F64) -> F64:
    """Give the terms at all pairs of x and y, -1 to 1: (len(y) * len(x), terms). The first is 1 everywhere.

    x^i y^j up to ORDER, then higher powers of the squared distance from the middle, 1 in the corners of a 4:3 array:
    the fall of a lens's light is round, and steep only in that.
    """
    across, down = np.meshgrid(x, y)
    away2 = 0.64 * across**2 + 0.36 * down**2
    flat = [across**i * down**j for i in range(ORDER + 1) for j in range(ORDER + 1 - i)]
    terms = [*flat, *(away2**power for power in range(ORDER // 2 + 1, RADIAL + 1))]
    return np.stack([term.ravel() for term in terms], axis=1)


def _surface(coefficients: Sequence[float], x: F64, y: F64) -> F64:
    """Give the light at all pairs of x and y: (len(y), len(x))."""
    surface: F64 = (_basis(x, y) @ np.asarray(coefficients)).reshape(len(y), len(x))
    return surface


def _fitted(light: F64, side: int, shape: tuple[int, ...]) -> F64:
    """Fit block means over samples of `shape`, as shares, twice: the second time without what is far off."""
    rows, columns = light.shape
    y = 2 * (np.arange(rows) + 0.5) * side / shape[0] - 1
    x = 2 * (np.arange(columns) + 0.5) * side / shape[1] - 1
    basis = _basis(x, y) / light.ravel()[:, None]
    keep = np.ones(light.size, bool)
    coefficients: F64 = np.zeros(basis.shape[1])
    for _ in range(2):
        coefficients = np.asarray(np.linalg.lstsq(basis[keep], np.ones(int(keep.sum())), rcond=None)[0], np.float64)
        away = np.abs(1 - basis @ coefficients)
        keep = away <= max(_OUTLIER_SIGMA * float(np.sqrt(np.mean(away[keep] ** 2))), _OUTLIER_LEAST)
    return coefficients
