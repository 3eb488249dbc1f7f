"""Auto exposure and white balance on metered values, without pictures."""

from __future__ import annotations

import numpy as np
import pytest

from device.analysis.exposing import HIGHLIGHT_CEILING, Metered, meter_frame
from device.frame import AntiFlicker, Constraint, Controls, Metering
from device.sensors.imx477 import IMX477
from device.simulator.auto_exposure import AutoExposure
from device.simulator.white_balance import PRESETS_K, WhiteBalance

MODE = IMX477.modes[2]
NO_ZONES = np.zeros((0, 3), np.float32)


def run(
    auto: AutoExposure, controls: Controls, *, mean_per_us: float, frames: int = 60, delay: int = 3
) -> tuple[float, float, str, list[float]]:
    """Close the loop over a scene whose picture has `mean_per_us` x exposure x gain, with late controls."""
    queue = [auto.wanted(controls)] * delay
    state, means = "", []
    for _ in range(frames):
        queue.append(auto.wanted(controls))
        exposure_us, gain = queue.pop(0)
        mean = min(1.0, mean_per_us * exposure_us * gain)
        state = auto.update(
            Metered(mean, min(1.0, 3 * mean), NO_ZONES), exposure_us=exposure_us, gain=gain, controls=controls
        )
        means.append(mean)
    return exposure_us, gain, state, means


@pytest.mark.parametrize("mean_per_us", [1e-6, 1e-5, 1e-4, 5e-4])
def test_exposure_converges_to_the_target_without_swinging(mean_per_us: float) -> None:
    _, _, state, means = run(AutoExposure(IMX477, MODE), Controls(), mean_per_us=mean_per_us)
    assert state == "converged"
    assert means[-1] == pytest.approx(0.165, rel=0.04)
    assert max(means[20:]) < 0.165 * 1.1  # no overshoot after coming near


def test_plus_one_ev_doubles_the_light() -> None:
    auto = AutoExposure(IMX477, MODE)
    before = run(auto, Controls(), mean_per_us=1e-5)[3][-1]
    after = run(auto, Controls(ev=1.0), mean_per_us=1e-5)[3][-1]
    assert after / before == pytest.approx(2.0, rel=0.06)


def test_bright_parts_are_brought_to_the_floor() -> None:
    auto = AutoExposure(IMX477, MODE)
    grey = Metered(0.165, 0.17, NO_ZONES)  # a flat scene: its brightest part is short of 0.3
    assert auto.update(grey, exposure_us=4000, gain=1, controls=Controls()) == "searching"
    assert auto.wanted(Controls())[0] > 4000


def test_the_table_spends_time_before_gain() -> None:
    def spent(mean_per_us: float) -> tuple[float, float]:
        exposure_us, gain, *_ = run(AutoExposure(IMX477, MODE), Controls(), mean_per_us=mean_per_us)
        return exposure_us, gain

    exposure_us, gain = spent(0.165 / 5_000)
    assert (exposure_us, gain) == (pytest.approx(5000, rel=0.02), 1.0)
    exposure_us, gain = spent(0.165 / 15_000)
    assert (exposure_us, gain) == (pytest.approx(10_000, rel=0.01), pytest.approx(1.5, rel=0.02))
    exposure_us, gain = spent(0.165 / 50_000)
    assert (exposure_us, gain) == (pytest.approx(25_000, rel=0.02), pytest.approx(2.0, rel=0.01))
    exposure_us, gain = spent(1e-9)
    assert (exposure_us, gain) == (pytest.approx(66_666, rel=0.01), pytest.approx(16.0, rel=0.02))


def test_a_scene_too_dark_converges_at_the_tables_end() -> None:
    assert run(AutoExposure(IMX477, MODE), Controls(), mean_per_us=1e-9)[2] == "converged"


def test_shutter_and_gain_priority() -> None:
    exposure_us, gain, state, _ = run(AutoExposure(IMX477, MODE), Controls(exposure_us=5000), mean_per_us=1e-5)
    assert exposure_us == pytest.approx(5000, abs=MODE.line_us)
    assert gain == pytest.approx(16500 / 5000, rel=0.05) and state == "converged"
    exposure_us, gain, state, _ = run(AutoExposure(IMX477, MODE), Controls(gain=4.0), mean_per_us=1e-5)
    assert gain == 4.0 and exposure_us == pytest.approx(16500 / 4, rel=0.05) and state == "converged"


def test_manual_is_off_and_lock_holds() -> None:
    auto = AutoExposure(IMX477, MODE)
    assert run(auto, Controls(exposure_us=2000, gain=2.0), mean_per_us=1e-5)[2] == "off"
    exposure_us, gain, state, _ = run(auto, Controls(ae_lock=True), mean_per_us=1e-5)
    assert state == "locked" and exposure_us * gain == pytest.approx(4000, rel=0.01)


def test_measuring_a_grey_field_gives_its_level() -> None:
    red, blue = IMX477.colour.gains_at(4000)
    raw = np.full((304, 400), 256, np.uint16)
    raw += round(0.25 * 3839)
    raw[0::2, 0::2] = round(256 + 0.25 * 3839 / red)
    raw[1::2, 1::2] = round(256 + 0.25 * 3839 / blue)
    found = meter_frame(raw, black_dn=256, white_dn=4095, colour_gains=(red, blue), quantile=0.98)
    assert (found.mean, found.highlights) == (pytest.approx(0.25, abs=1e-3), pytest.approx(0.25, abs=1e-3))


def mosaic(middle: float, around: float, *, share: float) -> np.ndarray:
    """A grey picture, a square of another level in its middle with `share` of each side; neutral gains."""
    height, width = 1520, 2028
    raw = np.full((height, width), round(256 + around * 3839), np.uint16)
    top, left = (round(size * (1 - share) / 2) for size in (height, width))
    raw[top : height - top, left : width - left] = round(256 + middle * 3839)
    return raw


@pytest.mark.parametrize(
    ("metering", "share", "expected"),
    [
        ("matrix", 0.5, 0.25 * 0.4 + 0.75 * 0.1),
        ("spot", 0.5, 0.4),  # all its zones are within a third of each side
        ("spot", 0.066, 0.4 * 3 / 19 + 0.1 * 16 / 19),  # the middle zone alone
        ("centre", 0.0, 0.1),
    ],
)
def test_each_metering_weighs_its_own_zones(metering: Metering, share: float, expected: float) -> None:
    raw = mosaic(0.4, 0.1, share=share)
    found = meter_frame(raw, black_dn=256, white_dn=4095, colour_gains=(1, 1), quantile=0.98, metering=metering)
    assert found.mean == pytest.approx(expected, rel=0.04)


def test_centre_lies_between_spot_and_matrix() -> None:
    raw = mosaic(0.4, 0.1, share=0.4)
    means = [
        meter_frame(raw, black_dn=256, white_dn=4095, colour_gains=(1, 1), quantile=0.98, metering=metering).mean
        for metering in ("matrix", "centre", "spot")
    ]
    # Of the 15 x 15 weights 362 in all, 6 x 6 zones in the middle hold the larger part of theirs.
    assert means[0] + 0.02 < means[1] < means[2] - 0.1


def test_highlight_priority_holds_the_brightest_at_its_ceiling() -> None:
    def settle(constraint: Constraint) -> float:
        auto, controls = AutoExposure(IMX477, MODE), Controls(constraint=constraint)
        for _ in range(120):
            exposure_us, gain = auto.wanted(controls)
            total = exposure_us * gain
            seen = Metered(min(1.0, 1e-5 * total), min(1.0, 1.2e-4 * total), NO_ZONES)  # a lamp in a dark room
            auto.update(seen, exposure_us=exposure_us, gain=gain, controls=controls)
        return 1.2e-4 * exposure_us * gain

    assert settle("normal") == pytest.approx(1.2e-4 * 16500, rel=0.03)  # twice over the top
    assert settle("highlight") == pytest.approx(HIGHLIGHT_CEILING, rel=0.03)


@pytest.mark.parametrize(("mains", "period_us"), [("50 Hz", 10_000), ("60 Hz", 8_333)])
def test_automatic_shutter_times_are_whole_periods_of_the_lamps(mains: AntiFlicker, period_us: int) -> None:
    asked = Controls(anti_flicker=mains)
    exposure_us, gain, state, _ = run(AutoExposure(IMX477, MODE), asked, mean_per_us=0.165 / 50_000)
    free_us, free_gain, *_ = run(AutoExposure(IMX477, MODE), Controls(), mean_per_us=0.165 / 50_000)
    assert free_us == pytest.approx(25_000, rel=0.02) and state == "converged"
    assert exposure_us == pytest.approx(free_us // period_us * period_us, abs=MODE.line_us)
    assert exposure_us * gain == pytest.approx(free_us * free_gain, rel=0.02), "the light is the same"
    # Less than a period cannot be helped; with the gain set the shutter is left alone, as libcamera does.
    assert run(AutoExposure(IMX477, MODE), asked, mean_per_us=0.165 / 5_000)[0] == pytest.approx(5_000, rel=0.02)
    fixed = Controls(anti_flicker=mains, gain=2.0)
    assert run(AutoExposure(IMX477, MODE), fixed, mean_per_us=0.165 / 50_000)[0] == pytest.approx(25_000, rel=0.02)


@pytest.mark.parametrize("kelvin", [2600.0, 3200.0, 4300.0, 5500.0, 7000.0])
def test_white_balance_finds_the_light_among_coloured_things(kelvin: float) -> None:
    rng = np.random.default_rng(4)
    grey = np.array([1 / IMX477.colour.gains_at(kelvin)[0], 1, 1 / IMX477.colour.gains_at(kelvin)[1]])
    zones = grey * rng.uniform(0.1, 0.6, (120, 1)) * rng.normal(1, 0.01, (120, 3))
    coloured = grey * np.array([1.9, 1, 0.3]) * rng.uniform(0.1, 0.6, (60, 1))
    balance = WhiteBalance(IMX477.colour)
    for _ in range(40):
        balance.update(np.concatenate([zones, coloured]).astype(np.float32), Controls())
    (red, blue), found_k = balance.current(Controls())
    assert 1e6 / found_k == pytest.approx(1e6 / kelvin, abs=12)  # mireds: the eye sees some 5 to 10
    assert (red, blue) == pytest.approx(IMX477.colour.gains_at(kelvin), rel=0.06)


def test_presets_and_manual_gains_are_taken_as_they_are() -> None:
    balance = WhiteBalance(IMX477.colour)
    assert balance.current(Controls(awb="daylight")) == (IMX477.colour.gains_at(6000), 6000)
    assert balance.current(Controls(awb="manual", colour_gains=(3.15, 1.42)))[0] == (3.15, 1.42)
    assert PRESETS_K["tungsten"] == 3250
    asked = Controls(awb="kelvin", colour_temperature_k=3333.0)
    assert balance.current(asked) == (IMX477.colour.gains_at(3333), 3333)


def test_a_black_picture_moves_nothing() -> None:
    balance = WhiteBalance(IMX477.colour)
    before = balance.current(Controls())
    balance.update(np.zeros((10, 3), np.float32), Controls())
    balance.update(NO_ZONES, Controls())
    assert balance.current(Controls()) == before
