"""Raw samples: noise, levels and scales, against the sensor model's own numbers."""

from __future__ import annotations

import numpy as np
import pytest

from device.frame import Mode, Rect
from device.sensors.imx477 import IMX477
from device.simulator.layers import CODES_PER_WHITE
from device.simulator.sensor import RawMaker, white_dn_per_us

MODES = {mode.name: mode for mode in IMX477.modes}
BINNED = MODES["2028x1520-12"]


def small(mode: Mode) -> Mode:
    return Mode(400, 300, mode.bit_depth, Rect(0, 0, 800, 600), mode.binning, 30, 60, 10**6, mode.line_us)


def flat(mode: Mode, signal_dn: float, gain: float, seed: int = 1) -> np.ndarray:
    """A field whose mean signal is `signal_dn` above black on the 12-bit scale."""
    exposure_us = 10_000.0
    code = signal_dn / (white_dn_per_us(IMX477, 2.8) * exposure_us * gain) * CODES_PER_WHITE
    # Light comes in whole codes: the exposure makes up for the rounding.
    whole = max(1, round(code))
    light = np.full((mode.height, mode.width), whole if signal_dn else 0, np.uint16)
    maker = RawMaker(IMX477, mode, np.random.default_rng(seed))
    out = np.empty_like(light)
    maker.expose(light, exposure_us=exposure_us * code / whole if code else 1.0, gain=gain, f_number=2.8, out=out)
    return out


@pytest.mark.parametrize("gain", [1.0, 4.0, 16.0])
@pytest.mark.parametrize("signal_dn", [0.0, 100.0, 1500.0])
def test_flat_field_has_the_models_mean_and_variance(gain: float, signal_dn: float) -> None:
    raw = flat(small(BINNED), signal_dn, gain).astype(np.float64)
    slope, constant = IMX477.noise.variance_dn(gain, binning=2)
    wanted = slope * signal_dn + constant + 1 / 12  # the last is rounding to whole DN
    # 120000 samples: the variance itself is known to sqrt(2/n) = 0.4 % (1 sigma); strips of the pool may overlap.
    assert raw.var() == pytest.approx(wanted, rel=0.025)
    assert raw.mean() == pytest.approx(256 + signal_dn, abs=5 * np.sqrt(wanted / raw.size) + 0.02)


def test_binning_quarters_the_variance() -> None:
    one, two = MODES["4056x3040-12"], BINNED
    ratio = flat(small(one), 1000, 4.0).astype(float).var() / flat(small(two), 1000, 4.0).astype(float).var()
    assert ratio == pytest.approx(4, rel=0.03)


def test_light_beyond_the_scale_clips_at_4095() -> None:
    raw = flat(small(BINNED), 6000, 1.0)
    assert raw.min() == raw.max() == 4095


def test_the_ten_bit_mode_has_a_quarter_of_the_numbers() -> None:
    mode = small(MODES["1332x990-10"])
    maker = RawMaker(IMX477, mode, np.random.default_rng(0))
    assert (maker.black_dn, maker.white_dn) == (64, 1023)
    raw = flat(mode, 2000, 1.0)
    assert raw.mean() == pytest.approx(64 + 500, abs=0.1)
    assert flat(mode, 8000, 1.0).max() == 1023


def test_noise_is_seeded_and_differs_from_frame_to_frame() -> None:
    light = np.full((300, 400), 1000, np.uint16)

    def frames(seed: int) -> list[np.ndarray]:
        maker = RawMaker(IMX477, small(BINNED), np.random.default_rng(seed))
        return [maker.expose(light, exposure_us=9000, gain=2, f_number=2.8, out=np.empty_like(light)) for _ in range(2)]

    first, again, other = frames(5), frames(5), frames(6)
    assert all((a == b).all() for a, b in zip(first, again, strict=True))
    assert (first[0] != other[0]).any()
    both = np.corrcoef(first[0].ravel().astype(float), first[1].ravel().astype(float))
    assert abs(both[0, 1]) < 0.03


def test_a_stop_of_aperture_is_a_stop_of_light() -> None:
    assert white_dn_per_us(IMX477, 2.0) / white_dn_per_us(IMX477, 4.0) == pytest.approx(4)
