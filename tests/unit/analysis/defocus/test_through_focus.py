"""Places found from spectra that are known: a scene's power, less by a disc's."""

from __future__ import annotations

import math

import numpy as np
import pytest

from device.analysis.defocus.spectrum import BINS, Spectrum
from device.analysis.defocus.through_focus import ThroughFocus, disc_response

PIXEL_UM = 3.1
FREQUENCY = np.geomspace(0.004, 0.18, BINS)


def seen(place_um: float, f_number: float, seed: int = 0, noise: float = 0.003) -> Spectrum:
    scene = FREQUENCY**-2.0
    passed = disc_response(np.pi * FREQUENCY / PIXEL_UM * place_um / f_number) ** 2
    sigma = noise * scene
    scatter = sigma * np.random.default_rng(seed).standard_normal(BINS)
    return Spectrum(FREQUENCY, scene * passed + scatter, sigma)


def test_the_spectrum_of_a_disc_is_that_of_bessel() -> None:
    x = np.array([0.0, 0.5, 1.0, 2.0, 3.8317060, 10.0, 50.0])
    series = [
        sum((-1) ** k * (v / 2) ** (2 * k) / (math.factorial(k) * math.factorial(k + 1)) for k in range(90))
        for v in x[:6]
    ]
    assert disc_response(x)[:6] == pytest.approx(series, abs=1e-9)
    assert abs(float(disc_response(x)[6])) < 2 * math.sqrt(2 / (math.pi * 50)) / 50
    assert disc_response(np.array([-2.0]))[0] == disc_response(np.array([2.0]))[0]


@pytest.mark.parametrize("f_number", [1.4, 2.0, 4.0])
@pytest.mark.parametrize("scale", [0.85, 1.0, 1.2])
def test_places_on_both_sides_and_the_scale_of_the_thread_are_found(f_number: float, scale: float) -> None:
    tracked = ThroughFocus(f_number, PIXEL_UM)
    place_um, asked = -22.0 * f_number, (30.0, -14.0, 12.0)
    assert tracked.add(seen(place_um, f_number)) is None
    for seed, units in enumerate(asked, 1):
        place_um += scale * units * f_number
        found = tracked.add(seen(place_um, f_number, seed), units * f_number)
    assert found is not None and found.other_um is None
    assert found.scale == pytest.approx(scale, abs=0.1)
    assert abs(found.places[-1].um - place_um) < max(3 * found.places[-1].sigma_um, 0.5 * f_number)
    assert found.places[-1].sigma_um < 2 * f_number


def test_noise_widens_what_is_told() -> None:
    told = []
    for noise in (0.003, 0.1):
        tracked = ThroughFocus(2.0, PIXEL_UM)
        tracked.add(seen(-20.0, 2.0, 1, noise))
        found = tracked.add(seen(12.0, 2.0, 2, noise), 32.0)
        assert found is not None
        told.append(found.places[-1].sigma_um)
    assert told[0] < told[1]
