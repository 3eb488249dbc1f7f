"""The same frames measured by the reference implementation of EMVA 1288 (the package emva1288, of 2023).

It knows one colour, so it gets the plane of one green; its fit needs levels up to saturation.
"""

from __future__ import annotations

import logging
from typing import Any

import numpy as np
import pytest
from calibration_bench import SHORTEST_US, Bench

from device.calibration import cap, photon_transfer
from device.calibration.fixed_pattern import prnu
from device.calibration.frames import Exposed, plane
from device.sensors.base import NoiseModel
from device.simulator.unit import Unit

LEVELS = np.linspace(0.05, 1.1, 22)


@pytest.fixture
def reference(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The package's classes; numpy 2 has dropped a name that it uses."""
    pytest.importorskip("emva1288", reason="emva1288 is not installed: pip install -e .[dev]")
    monkeypatch.setattr(np, "asfarray", lambda values: np.asarray(values, np.float64), raising=False)
    from emva1288.process import data, results, routines

    return data.Data1288, results.Results1288, routines.get_int_imgs


def green(frame: Exposed) -> np.ndarray:
    return plane(frame.samples, frame.cfa, "Gr")


@pytest.mark.parametrize("gain", [1.0, 4.0])
def test_gain_read_noise_and_prnu_agree_with_the_reference(reference: Any, gain: float) -> None:
    data1288, results1288, summed = reference
    bench = Bench(NoiseModel(0.44, 2.8, 9.5), Unit(prnu=0.012))
    dark_pair = bench.cap_pair(SHORTEST_US, gain)
    pairs = [bench.paper_pair(float(level), gain) for level in LEVELS]

    def temporal(pair: tuple[Exposed, Exposed]) -> dict[str, Any]:
        found = summed([green(frame) for frame in pair])
        return {"sum": found["sum"].sum(), "pvar": found["pvar"].sum(), "dmean": found["dmean"]}

    bright = [bench.paper(0.5, gain) for _ in range(4)]
    photons = {float(level * 1000): temporal(pair) for level, pair in zip(LEVELS, pairs, strict=True)}
    height, width = green(dark_pair[0]).shape
    images = {
        "width": width,
        "height": height,
        "temporal": {1.0: {0.0: temporal(dark_pair), **photons}},
        "spatial": {1.0: {0.0: summed([green(f) for f in dark_pair]), 500.0: summed([green(f) for f in bright])}},
    }
    prepared = data1288(images, loglevel=logging.WARNING)
    oracle = results1288(prepared.data, loglevel=logging.WARNING)

    dark = cap.dark_level(*dark_pair)
    lit = [pair for level, pair in zip(LEVELS, pairs, strict=True) if level < 0.65]
    found = photon_transfer.transfer(lit, dark)
    assert found.dn_per_e == pytest.approx(oracle.K, rel=0.01)
    read_noise_dn = (float(oracle.sigma_y_dark) ** 2 - 1 / 12) ** 0.5
    assert dark.read_noise_dn == pytest.approx(read_noise_dn, rel=0.01)
    assert 100 * prnu(bright, dark, found) == pytest.approx(float(oracle.PRNU1288_pixel), rel=0.05)
