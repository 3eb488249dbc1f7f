"""The spectrum of a target on raw samples, and what cannot be measured."""

from __future__ import annotations

import numpy as np
import pytest

from device.analysis.defocus.spectrum import SpectrumRefused, spectrum_of
from device.analysis.edges.samples import Field, green_of
from device.frame import RawFrame

BLACK, WHITE = 256, 4095
RNG = np.random.default_rng(3)
GRAIN = RNG.uniform(-3, 3, (400, 400))
TEXTURE = np.mean([np.roll(GRAIN, (y, x), (0, 1)) for y in range(4) for x in range(4)], axis=0)


def frame(level: float = 1000.0, detail: float = 0.0, noise: float = 0.0, seed: int = 0, moved: int = 0) -> Field:
    """A frame of mean `level` above black, with detail and noise as shares of it."""
    scatter = np.random.default_rng(seed).standard_normal(TEXTURE.shape)
    light = level * (1 + detail * np.roll(TEXTURE, moved, axis=1) + noise * scatter)
    samples = np.clip(BLACK + light, 0, WHITE).astype(np.uint16)
    return green_of(RawFrame(samples, "RGGB", 12, (BLACK,) * 4, WHITE))


def test_the_power_is_that_of_the_detail_whatever_the_noise() -> None:
    quiet = spectrum_of(frame(detail=0.3, seed=1), frame(detail=0.3, seed=2), 0.5, 0.5, 0.9)
    noisy = spectrum_of(frame(detail=0.3, noise=0.2, seed=1), frame(detail=0.3, noise=0.2, seed=2), 0.5, 0.5, 0.9)
    assert np.abs(noisy.power - quiet.power).max() < 5 * noisy.sigma.max()
    assert np.median(np.abs(noisy.power / quiet.power - 1)) < 0.15
    assert (noisy.sigma > quiet.sigma).all() and (np.diff(quiet.frequency) > 0).all()
    brighter = spectrum_of(frame(2000, 0.3, seed=1), frame(2000, 0.3, seed=2), 0.5, 0.5, 0.9)
    assert brighter.power == pytest.approx(quiet.power, rel=0.01), "relative to the mean light"


@pytest.mark.parametrize(
    ("first", "second", "size", "why"),
    [
        ({"detail": 0.3, "level": 4000}, {"detail": 0.3, "level": 4000}, 0.9, "clipped"),
        ({"detail": 0.3, "level": 20}, {"detail": 0.3, "level": 20}, 0.9, "dark"),
        ({"noise": 0.3}, {"noise": 0.3}, 0.9, "noise"),
        ({"noise": 0.01}, {"noise": 0.01}, 0.9, "soft"),
        ({"detail": 0.3, "noise": 0.01}, {"detail": 0.3, "noise": 0.01, "moved": 4}, 0.9, "moving"),
        ({"detail": 0.3, "noise": 0.01}, {"detail": 0.3, "noise": 0.01, "moved": 1}, 0.9, "moving"),
        ({"detail": 0.3}, {"detail": 0.3}, 0.3, "small"),
    ],
)
def test_what_cannot_be_measured_is_refused(
    first: dict[str, float], second: dict[str, float], size: float, why: str
) -> None:
    with pytest.raises(SpectrumRefused) as refused:
        spectrum_of(frame(**first, seed=1), frame(**second, seed=2), 0.5, 0.5, size)  # type: ignore[arg-type]
    assert refused.value.why == why and refused.value.expected and refused.value.remedy
