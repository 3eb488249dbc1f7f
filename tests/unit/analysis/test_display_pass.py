"""The display pass: C and numpy give the same overlays and counts, bit for bit."""

from dataclasses import replace

import numpy as np
import pytest

from device.analysis.overlay import Flag, reduce_or
from device.analysis.passes.choose import display_pass
from device.analysis.passes.display.compiled import CompiledDisplay
from device.analysis.passes.display.contract import LAYERS
from device.analysis.passes.display.reference import ReferenceDisplay
from device.analysis.settings import AssistSettings

SIZES = [(1, 1), (1, 9), (9, 1), (2, 2), (7, 6), (8, 5), (33, 31), (64, 130)]
ALL = AssistSettings(zebra_band=True, zebra_low=True, zebra_high_ire=80)


def planes(size, seed=4, missing=0):
    rng = np.random.default_rng(seed)
    half = [max(1, (side + 1 - missing) // 2) for side in size]
    u, v = (rng.integers(0, 256, half).astype(np.uint8) for _ in range(2))
    return rng.integers(0, 256, size).astype(np.uint8), (u, v), rng.random(size) < 0.2


def marked(size, factor, luma, chroma, peaking, settings, *, compiled):
    display = display_pass(*size, factor, compiled=compiled)
    assert isinstance(display, CompiledDisplay if compiled else ReferenceDisplay)
    overlay = np.full([-(-side // factor) for side in size], 0xEE, np.uint8)
    counts = display.mark(luma, chroma, peaking, settings=settings, overlay=overlay)
    return overlay, counts


def assert_same(size, factor, luma, chroma, peaking, settings):
    ours, its = (marked(size, factor, luma, chroma, peaking, settings, compiled=c) for c in (True, False))
    assert np.array_equal(ours[0], its[0])
    assert ours[1] == its[1] and list(ours[1]) == list(LAYERS)
    return ours


@pytest.mark.parametrize("factor", [1, 2, 3, 4])
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_compiled_and_numpy_agree_bit_for_bit(size, factor):
    for missing in (0, 1):
        luma, chroma, peaking = planes(size, missing=missing)
        for colours in (chroma, None):
            for mask in (peaking, None):
                assert_same(size, factor, luma, colours, mask, ALL)


@pytest.mark.parametrize("channel", ["any", "luma", "red", "green", "blue"])
@pytest.mark.parametrize("ire", [0, 50, 70, 95, 100])
def test_every_channel_and_level_agrees_on_every_colour(ire, channel):
    size = (256, 512)
    luma = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 512, 1)
    u, v = np.meshgrid(np.arange(256, dtype=np.uint8), np.linspace(0, 255, 128).astype(np.uint8))
    settings = replace(ALL, zebra_high_ire=ire, zebra_high_channel=channel)
    assert_same(size, 2, luma, (u, v.astype(np.uint8)), None, settings)


@pytest.mark.parametrize("band", [(65, 75), (20, 20), (0, 100), (100, 100), (50.1, 50.2)])
@pytest.mark.parametrize("low", [0, 3, 50, 100])
def test_every_band_agrees(band, low):
    luma, chroma, _ = planes((40, 60))
    settings = replace(ALL, zebra_band_low_ire=band[0], zebra_band_high_ire=band[1], zebra_low_ire=low)
    assert_same((40, 60), 1, luma, chroma, None, settings)


@pytest.mark.parametrize("off", ["zebra_high", "zebra_band", "zebra_low"])
def test_what_is_off_is_dark(off):
    luma, chroma, peaking = planes((40, 60))
    overlay, counts = assert_same((40, 60), 2, luma, chroma, peaking, replace(ALL, **{off: False}))
    flag = Flag[off.upper()]
    assert counts[flag] == 0 and not (overlay & flag).any()
    assert all(counts[other] > 0 for other in LAYERS if other is not flag)


def test_counts_are_of_the_picture_and_flags_are_brought_down_by_or():
    luma, chroma, peaking = planes((41, 63))
    full, counts = assert_same((41, 63), 1, luma, chroma, peaking, ALL)
    small, again = assert_same((41, 63), 2, luma, chroma, peaking, ALL)
    assert np.array_equal(small, reduce_or(full, 2)) and counts == again
    assert counts == {flag: np.count_nonzero(full & flag) for flag in LAYERS}


def test_rows_may_lie_apart_and_columns_too():
    wide, (u, v), mask = planes((60, 80))
    for rows, columns in ((slice(4, 40), slice(6, 60)), (slice(None, None, 2), slice(None, None, 2))):
        luma, peaking = wide[rows, columns], mask[rows, columns]
        chroma = u[:18, :27], v[::-1][:18, 3:30]
        ours = marked(luma.shape, 2, luma, chroma, peaking, ALL, compiled=True)
        its = marked(luma.shape, 2, luma.copy(), tuple(p.copy() for p in chroma), peaking.copy(), ALL, compiled=False)
        assert np.array_equal(ours[0], its[0]) and ours[1] == its[1]
