"""Raw clipping: level, colours in all four orders, flags at several factors."""

import numpy as np
import pytest

from device.analysis import raw_clipping as clipping
from device.analysis.overlay import Flag
from device.analysis.passes.choose import raw_pass
from device.bayer import CFA_ORDERS, offsets
from device.frame import RawFrame

BIT = {c: np.uint8(f) for c, f in (("R", Flag.RAW_CLIP_R), ("G", Flag.RAW_CLIP_G), ("B", Flag.RAW_CLIP_B))}


def raw_of(samples, cfa="RGGB", *, assumed=False):
    return RawFrame(samples, cfa, 12, (256.0,) * 4, 4095, assumed)


def run(raw, factor):
    height, width = raw.samples.shape
    overlay = np.zeros((-(-height // factor), -(-width // factor)), np.uint8)
    marks = raw_pass(height, width, factor)
    counts = marks.mark(raw, clip_level=clipping.clip_level(raw), shadow_level=None, overlay=overlay)
    return overlay, clipping.reading(raw, counts)


def test_level_is_one_percent_of_the_span_below_white():
    raw = raw_of(np.zeros((2, 2), np.uint16))
    assert clipping.clip_level(raw) == 4057  # 4095 - round(38.39)
    ten = RawFrame(raw.samples, "RGGB", 10, (64.0,) * 4, 1023)
    assert clipping.clip_level(ten) == 1013  # 1023 - round(9.59)


def test_the_level_itself_counts_and_one_below_does_not():
    samples = np.full((2, 2), 4056, np.uint16)
    assert run(raw_of(samples), 1)[1].red_percent == 0
    samples[0, 0] = 4057
    overlay, reading = run(raw_of(samples, assumed=True), 1)
    assert (reading.red_percent, reading.green_percent, reading.blue_percent) == (100, 0, 0)
    assert reading.level_dn == 4057
    assert reading.levels_assumed
    assert (overlay == Flag.RAW_CLIP_R).all()  # every pixel of the quad


@pytest.mark.parametrize("cfa", CFA_ORDERS)
@pytest.mark.parametrize("site", ["R", "Gr", "Gb", "B"])
def test_each_site_of_each_order_lights_its_own_colour(cfa, site):
    row, column = offsets(cfa)[site]
    samples = np.full((4, 6), 300, np.uint16)
    samples[2 + row, 4 + column] = 4095
    overlay, reading = run(raw_of(samples, cfa), 2)
    expected = np.zeros((2, 3), np.uint8)
    expected[1, 2] = BIT[site[0]]
    assert np.array_equal(overlay, expected)
    percent = {"R": reading.red_percent, "G": reading.green_percent, "B": reading.blue_percent}
    share = 100 / 12 if site[0] == "G" else 100 / 6
    assert percent == {c: pytest.approx(share if c == site[0] else 0) for c in "RGB"}


@pytest.mark.parametrize("cfa", CFA_ORDERS)
@pytest.mark.parametrize("shape", [(12, 12), (5, 7), (1, 1), (7, 1), (1, 6), (13, 18)])
@pytest.mark.parametrize("factor", [1, 2, 3, 4, 6])
def test_agrees_with_a_walk_over_every_sample(cfa, shape, factor):
    samples = np.random.default_rng(7).choice([300, 4090], shape, p=[0.8, 0.2]).astype(np.uint16)
    overlay, reading = run(raw_of(samples, cfa), factor)
    colour = {at: site[0] for site, at in offsets(cfa).items()}
    full, lit, seen = np.zeros(shape, np.uint8), dict.fromkeys("RGB", 0), dict.fromkeys("RGB", 0)
    for y in range(shape[0]):
        for x in range(shape[1]):
            name = colour[y % 2, x % 2]
            seen[name] += 1
            if samples[y, x] >= 4057:
                lit[name] += 1
                full[y // 2 * 2 : y // 2 * 2 + 2, x // 2 * 2 : x // 2 * 2 + 2] |= BIT[name]
    expected = np.zeros_like(overlay)
    for y in range(shape[0]):
        for x in range(shape[1]):
            expected[y // factor, x // factor] |= full[y, x]
    assert np.array_equal(overlay, expected)
    for name, got in zip("RGB", (reading.red_percent, reading.green_percent, reading.blue_percent), strict=True):
        assert got == pytest.approx(100 * lit[name] / seen[name] if seen[name] else 0)


def test_all_clipped_is_a_hundred_percent_of_each():
    overlay, reading = run(raw_of(np.full((6, 8), 4095, np.uint16)), 2)
    assert (reading.red_percent, reading.green_percent, reading.blue_percent) == (100, 100, 100)
    assert (overlay == 112).all()
