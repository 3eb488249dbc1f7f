"""Zebras: every code exactly, both ends, and each colour channel."""

from fractions import Fraction

import numpy as np
import pytest

from device.analysis import zebra
from device.analysis.settings import AssistSettings

CODES = np.arange(256, dtype=np.uint8).reshape(16, 16)


def lit_codes(out):
    return [int(c) for c in CODES[out]]


def grey_high(code):
    out = np.empty(CODES.shape, bool)
    zebra.high(CODES, None, None, code=code, scratch=zebra.Scratch(16, 16), out=out)
    return lit_codes(out)


@pytest.mark.parametrize("ire", [70, 75, 80, 90, 95, 99.5, 100])
def test_high_is_lit_from_the_level_on_for_every_code(ire):
    expected = [c for c in range(256) if Fraction(100 * c, 255) >= Fraction(ire)]
    assert grey_high(zebra.code_at_or_above(ire)) == expected


@pytest.mark.parametrize("ire", [0, 1, 3, 10, 20])
def test_low_is_lit_up_to_the_level_for_every_code(ire):
    out = np.empty(CODES.shape, bool)
    zebra.low(CODES, code=zebra.code_at_or_below(ire), out=out)
    assert lit_codes(out) == [c for c in range(256) if Fraction(100 * c, 255) <= Fraction(ire)]


@pytest.mark.parametrize(("low", "high"), [(65, 75), (0, 100), (20, 20), (60, 80), (0, 0), (100, 100), (50.1, 50.2)])
def test_band_is_lit_between_both_ends_for_every_code(low, high):
    out = np.empty(CODES.shape, bool)
    first, last = zebra.code_at_or_above(low), zebra.code_at_or_below(high)
    zebra.band(CODES, first=first, last=last, scratch=zebra.Scratch(16, 16), out=out)
    assert lit_codes(out) == [c for c in range(256) if Fraction(low) <= Fraction(100 * c, 255) <= Fraction(high)]


def test_levels_that_are_whole_codes_count_themselves():
    # 20, 60, 80 and 100 IRE are the codes 51, 153, 204 and 255 exactly.
    for ire, code in ((20, 51), (60, 153), (80, 204), (100, 255)):
        assert zebra.code_at_or_above(ire) == zebra.code_at_or_below(ire) == code


def test_settings_become_codes():
    codes = zebra.codes_for(AssistSettings())
    assert (codes.high, codes.band_from, codes.band_to, codes.low) == (243, 166, 191, 7)


def one_colour(y, u, v, code):
    luma = np.full((2, 2), y, np.uint8)
    out = np.empty((2, 2), bool)
    planes = np.full((1, 1), u, np.uint8), np.full((1, 1), v, np.uint8)
    zebra.high(luma, *planes, code=code, scratch=zebra.Scratch(2, 2), out=out)
    assert out.all() == out.any()
    return bool(out.any())


@pytest.mark.parametrize(
    ("rgb", "lit"),
    [
        ((255, 0, 0), True),
        ((0, 255, 0), True),
        ((0, 0, 255), True),
        ((235, 0, 0), False),
        ((0, 235, 0), False),
        ((0, 0, 235), False),
        ((250, 30, 30), True),
        ((230, 230, 230), False),
        ((243, 243, 243), True),
        ((242, 242, 242), False),
    ],
)
def test_high_sees_a_single_full_channel_though_luma_is_low(rgb, lit):
    r, g, b = rgb
    y = 0.299 * r + 0.587 * g + 0.114 * b
    u, v = 128 + (b - y) / 1.772, 128 + (r - y) / 1.402
    assert one_colour(round(y), min(round(u), 255), min(round(v), 255), 243) is lit


def test_channels_are_within_one_code_of_bt601_for_all_chroma():
    u, v = (c.astype(np.uint8) for c in np.meshgrid(np.arange(256), np.arange(256)))
    cb, cr = u.astype(float) - 128, v.astype(float) - 128
    excess = np.maximum.reduce([0 * cb, 1.402 * cr, 1.772 * cb, -0.344136 * cb - 0.714136 * cr])
    threshold = zebra.luma_thresholds(u, v, code=255, scratch=zebra.Scratch(512, 512))[:, ::2]
    assert np.abs(threshold - np.maximum(255 - excess, 0)).max() <= 1.0
    grey = zebra.luma_thresholds(u[:1, 128:129], v[128:129, :1], code=200, scratch=zebra.Scratch(2, 2))
    assert grey.tolist() == [[200, 200]]


def test_each_pixel_is_tested_with_the_chroma_that_covers_it_on_odd_sizes():
    rng = np.random.default_rng(5)
    luma = rng.integers(0, 256, (5, 7)).astype(np.uint8)
    u, v = (rng.integers(0, 256, (3, 4)).astype(np.uint8) for _ in "uv")
    out = np.empty(luma.shape, bool)
    zebra.high(luma, u, v, code=230, scratch=zebra.Scratch(6, 7), out=out)
    for y in range(5):
        for x in range(7):
            cb, cr = int(u[y // 2, x // 2]) - 128, int(v[y // 2, x // 2]) - 128
            most = max(0, 179 * cr + 64 >> 7, 227 * cb + 64 >> 7, -44 * cb - 91 * cr + 64 >> 7)
            assert out[y, x] == (int(luma[y, x]) + most >= 230)


@pytest.mark.parametrize("channel", ["luma", "red", "green", "blue"])
@pytest.mark.parametrize("code", [179, 243, 255])
def test_one_channel_alone_is_lit_within_one_code_of_bt601(channel, code):
    rng = np.random.default_rng(6)
    rgb = rng.integers(0, 256, (3, 64, 64)).astype(float)
    y = 0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2]
    luma = np.repeat(np.repeat(np.rint(y).astype(np.uint8), 2, 0), 2, 1)
    u, v = (np.clip(np.rint(128 + d), 0, 255).astype(np.uint8) for d in ((rgb[2] - y) / 1.772, (rgb[0] - y) / 1.402))
    out = np.empty(luma.shape, bool)
    zebra.high(luma, u, v, code=code, scratch=zebra.Scratch(128, 128), out=out, channel=channel)
    cb, cr = u.astype(float) - 128, v.astype(float) - 128
    excess = {"luma": 0 * cb, "red": 1.402 * cr, "blue": 1.772 * cb, "green": -0.344136 * cb - 0.714136 * cr}[channel]
    value = luma[::2, ::2] + excess
    assert out[::2, ::2][value >= code + 1].all() and not out[::2, ::2][value < code - 1].any()
