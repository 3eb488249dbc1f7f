"""Evening out a film: flicker goes, a dusk keeps its slope, the camera's own steps go whatever their size."""

from __future__ import annotations

import numpy as np
import pytest

from device.film.evening import MOST_EV, evened, smooth
from device.film.levels import gain_table, level_ev, linear_codes
from device.frame import F64


def flicker_percent(levels_ev: F64) -> float:
    """How much the light of a frame differs from the mean of its two neighbours, RMS."""
    light = np.exp2(levels_ev)
    return float(100 * np.sqrt(np.mean((light[1:-1] / (0.5 * (light[:-2] + light[2:])) - 1) ** 2)))


@pytest.mark.parametrize("kind", ["random", "alternating", "mains"])
def test_flicker_of_ten_percent_goes_below_one(kind: str) -> None:
    at = np.arange(200)
    waves = {
        "random": np.random.default_rng(1).uniform(-1, 1, 200),
        "alternating": np.where(at % 2, 1.0, -1.0),
        "mains": np.sin(2 * np.pi * at / 7.3),
    }
    light = 0.2 * (1 + 0.1 * waves[kind])
    levels = np.log2(light)
    after = levels + np.log2(evened(levels, None).gains)
    assert flicker_percent(levels) > 2
    assert flicker_percent(after) < 1, flicker_percent(after)
    assert abs(after.mean() - levels.mean()) < 0.02


def test_a_ramp_of_six_ev_keeps_its_slope_to_both_ends() -> None:
    ramp = np.linspace(0, -6, 240)
    noise = np.log2(1 + 0.1 * np.random.default_rng(2).uniform(-1, 1, 240))
    plain, flickering = evened(ramp, None), evened(ramp + noise, None)
    assert plain.gains == pytest.approx(np.ones(240), abs=1e-9) and plain.events == 0
    after = ramp + noise + np.log2(flickering.gains)
    assert np.polyfit(np.arange(240), after, 1)[0] == pytest.approx(-6 / 239, rel=0.01)
    assert abs(after - ramp).max() < 0.1 and flicker_percent(after) < 1


def test_steps_of_the_written_exposure_become_a_ramp_and_the_dusk_below_them_stays() -> None:
    """The light falls by 6 EV; the camera follows in steps of 1 EV, each written in its files."""
    at = np.arange(240)
    light = -6 * at / 239
    written = np.floor(6 * at / 240)
    levels = light + written
    after = levels + np.log2(evened(levels, written).gains)
    assert np.abs(np.diff(levels)).max() > 0.9 and np.abs(np.diff(after)).max() < 0.1
    assert after[-1] - after[0] == pytest.approx(levels[-1] - levels[0], abs=0.6)
    blind = levels + np.log2(evened(levels, None).gains)
    assert np.abs(np.diff(after)).max() <= np.abs(np.diff(blind)).max() + 1e-9


def test_lightning_is_left_and_lightens_nothing_around_it() -> None:
    levels = np.zeros(100)
    levels[50] = 3.0
    found = evened(levels, None)
    assert found.events == 1 and found.gains == pytest.approx(np.ones(100), abs=0.01)
    levels[50] = MOST_EV / 2 - 0.2
    assert evened(levels, None).events == 0 and evened(levels, None).gains[50] < 0.9


def test_an_exposure_far_off_is_evened_out_where_it_is_written() -> None:
    written = np.zeros(100)
    written[50] = -3.0
    after = written + np.log2(evened(written, written).gains)
    assert np.abs(np.diff(after)).max() < 0.1


@pytest.mark.parametrize("frames", [1, 2, 3, 5])
def test_few_frames_and_frames_that_could_not_be_measured(frames: int) -> None:
    levels = np.zeros(frames)
    assert evened(levels, None).gains == pytest.approx(np.ones(frames))
    levels[0] = np.nan
    found = evened(levels, None)
    assert np.isfinite(found.gains).all() and found.gains[0] == 1
    assert smooth(np.arange(float(frames)), 31) == pytest.approx(np.arange(float(frames)))


@pytest.mark.parametrize("own", [True, False])
@pytest.mark.parametrize("gain", [0.5, 0.9, 1.1, 2.0])
def test_a_gain_changes_the_light_of_a_picture_and_leaves_white_white(own: bool, gain: float) -> None:
    linear = linear_codes(own=own)
    assert linear[0] == 0 and linear[255] == 1 and (np.diff(linear) > 0).all()
    table = gain_table(gain, linear)
    assert table[0] == 0 and table[255] == 255 and (np.diff(table.astype(int)) >= 0).all()
    picture = np.random.default_rng(3).integers(60, 120, (40, 60, 3)).astype(np.uint8)
    change = level_ev(table[picture], linear) - level_ev(picture, linear)
    assert change == pytest.approx(np.log2(gain), abs=0.03)
    assert (gain_table(1.0, linear) == np.arange(256)).all()


def test_the_level_follows_neither_a_lamp_nor_its_absence() -> None:
    linear = linear_codes(own=False)
    picture = np.full((50, 50, 3), 100, np.uint8)
    before = level_ev(picture, linear)
    picture[:5, :20] = 255
    assert level_ev(picture, linear) == pytest.approx(before, abs=0.001)
    assert np.isfinite(level_ev(np.zeros((8, 8, 3), np.uint8), linear))
