"""Histograms: sums, positions, clipping, odd sizes."""

import numpy as np
import pytest

from device.analysis import histogram as counting
from device.analysis.histogram import MAX_SAMPLES, steps_for, take_sample


def histogram(luma, u, v):
    return counting.histogram(take_sample(luma, None if u is None else (u, v)))


def grey(plane, value):
    return np.full((-(-plane.shape[0] // 2), -(-plane.shape[1] // 2)), value, np.uint8)


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (300, 1), (7, 9), (301, 203), (990, 1332), (1520, 2028)])
def test_counts_add_up_to_the_sampled_pixels(shape):
    rng = np.random.default_rng(3)
    luma = rng.integers(0, 256, shape).astype(np.uint8)
    u, v = (rng.integers(0, 256, grey(luma, 0).shape).astype(np.uint8) for _ in "uv")
    result = histogram(luma, u, v)
    rows, columns = steps_for(*shape)
    assert result.sampled == -(-shape[0] // rows) * -(-shape[1] // columns) <= MAX_SAMPLES
    for counts in (result.luma, result.red, result.green, result.blue):
        assert counts.shape == (256,)
        assert counts.dtype == np.int64
        assert counts.sum() == result.sampled
    assert np.array_equal(result.luma, np.bincount(luma[::rows, ::columns].ravel(), minlength=256))


def test_small_pictures_are_counted_whole():
    assert steps_for(200, 250) == (1, 1)


def test_a_colour_lands_in_its_codes():
    # Y 100, U 148, V 108: R = 100 - 28.04, G = 100 - 6.88 + 14.28, B = 100 + 35.44.
    luma = np.full((8, 8), 100, np.uint8)
    result = histogram(luma, grey(luma, 148), grey(luma, 108))
    assert [int(np.argmax(c)) for c in (result.luma, result.red, result.green, result.blue)] == [100, 72, 107, 135]


@pytest.mark.parametrize("code", [0, 1, 254, 255])
def test_a_flat_grey_is_one_code_in_all_four(code):
    luma = np.full((6, 10), code, np.uint8)
    for result in (histogram(luma, grey(luma, 128), grey(luma, 128)), histogram(luma, None, None)):
        for counts in (result.luma, result.red, result.green, result.blue):
            assert counts[code] == result.sampled == 60


def test_channels_beyond_the_ends_are_counted_at_the_ends():
    luma = np.full((2, 2), 250, np.uint8)
    result = histogram(luma, grey(luma, 0), grey(luma, 255))
    assert result.red[255] == 4  # 250 + 178
    assert result.blue[23] == 4  # 250 - 226.8


def test_chroma_is_the_sample_that_covers_the_pixel():
    luma = np.full((2, 4), 100, np.uint8)
    result = histogram(luma, np.array([[128, 178]], np.uint8), np.array([[128, 128]], np.uint8))
    assert result.blue[100] == 4
    assert result.blue[189] == 4  # 100 + 88.6


def test_chroma_of_half_an_odd_size_rounded_down_repeats_its_end():
    luma = np.full((3, 3), 100, np.uint8)
    result = histogram(luma, np.array([[178]], np.uint8), np.array([[128]], np.uint8))
    assert result.blue[189] == 9
