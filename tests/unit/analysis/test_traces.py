"""The traces of a rendering in its noise: how it was demosaicked, coloured, denoised, sharpened and compressed."""

import io
from dataclasses import replace

import numpy as np
import pytest
from analysis_scenes import disc, gauss, leaves
from PIL import Image

from device.analysis import sharpness
from device.analysis.noise import photosite_sigma
from device.analysis.noise_floor import Windows, bare_noise, measure_noise
from device.analysis.passes.detail.contract import HUES
from device.analysis.processing import (
    DENOISED,
    FALSE_COLOUR,
    FILLED_WITH_MEANS,
    FINEST,
    JPEG_OVER_NOISE,
    LOWER_AT_GAINS,
    LOWEST_FLOOR,
    MOST_SHARPENED,
    OWN_GAINS,
    PER_FINE,
    PER_FLOOR,
    PROCESSINGS,
)
from device.analysis.traces import SIDE, Traces, traces
from device.sensors.imx477 import IMX477

PLAIN = PROCESSINGS["none"]
BARE = bare_noise(photosite_sigma(IMX477, gain=4.0, binning=1))
GREY = HUES // 2 * HUES + HUES // 2

SHARP = Traces(coarse=0.55, colour=1.5, touched=1.5, pattern=1.1, blocks=False)
MEANS = Traces(coarse=0.75, colour=2.4, touched=1.27, pattern=2.0, blocks=False)
MATRIX = replace(MEANS, colour=3.5)


def noisy(size=(240, 320), *, sigma=3.0, seed=3):
    return 120 + sigma * np.random.default_rng(seed).standard_normal(size)


def codes(plane):
    return np.clip(np.rint(plane), 0, 255).astype(np.uint8)


def everywhere(luma):
    rows, columns = np.mgrid[3 : luma.shape[0] // 4 - 3 : 2, 3 : luma.shape[1] // 4 - 3 : 2]
    return np.stack([rows.ravel(), columns.ravel()], axis=1)


def found(plane, chroma=None, *, coarse=0.6):
    luma = codes(plane)
    return traces(luma, chroma, everywhere(luma), coarse)


def of_colour(sigma, *, smooth=0.0):
    planes = (noisy((120, 160), sigma=sigma, seed=seed) for seed in (7, 8))
    return tuple(codes(gauss(plane, smooth) if smooth else plane) for plane in planes)


def as_jpeg(plane, quality):
    buffer = io.BytesIO()
    Image.fromarray(codes(plane)).save(buffer, "JPEG", quality=quality)
    return np.asarray(Image.open(buffer)).astype(float)


def test_colour_is_its_noise_over_that_of_the_luma():
    assert found(noisy(), of_colour(3.0)).colour == pytest.approx(2.0, rel=0.04)
    assert found(noisy(), of_colour(1.5)).colour == pytest.approx(1.0, rel=0.06)
    grey = np.full((120, 160), 128, np.uint8)
    assert found(noisy()).colour is None and found(noisy(), (grey, grey)).colour is None


def test_smoothed_colour_was_touched():
    assert found(noisy(), of_colour(3.0)).touched == pytest.approx(1.0, abs=0.04)
    assert found(noisy(), of_colour(6.0, smooth=0.7)).touched > 1.7
    assert found(noisy()).touched == 0.0


@pytest.mark.parametrize("first", [0, 1])
def test_means_between_samples_leave_a_pattern_wherever_it_begins(first):
    plane = noisy()
    assert found(plane).pattern == pytest.approx(1.0, abs=0.03)
    around = (np.roll(plane, 1, 0) + np.roll(plane, -1, 0) + np.roll(plane, 1, 1) + np.roll(plane, -1, 1)) / 4
    filled = np.add.outer(np.arange(plane.shape[0]), np.arange(plane.shape[1])) % 2 == first
    assert found(np.where(filled, around, plane)).pattern > 3


def test_a_subject_hardly_changes_them():
    subject = 60 + 120 * disc(leaves((240, 320), count=300), 3)
    luma, chroma = codes(subject + noisy() - 120), of_colour(3.0)
    sigma = photosite_sigma(IMX477, gain=16.0, binning=1)
    scratch = sharpness.Scratch(*luma.shape)
    told = sharpness.measure_sharpness(luma, sigma, processing=PLAIN, scratch=scratch, gain=16.0, chroma=chroma).traces
    assert told is not None
    assert told.colour == pytest.approx(2.0, rel=0.12) and told.pattern == pytest.approx(1.0, abs=0.08)
    assert not told.blocks


@pytest.mark.parametrize("quality", [75, 85])
def test_the_blocks_of_a_jpeg_are_found(quality):
    assert found(as_jpeg(noisy(), quality)).blocks
    blurred = 60 + 120 * disc(leaves((240, 320), count=900), 3) + noisy() - 120
    assert found(as_jpeg(blurred, quality)).blocks and not found(blurred).blocks


@pytest.mark.parametrize("seed", range(20))
def test_noise_has_no_blocks(seed):
    assert not found(noisy((64, 64), seed=seed)).blocks
    assert not found(noisy(seed=seed)).blocks


@pytest.mark.parametrize("size", [(1, 1), (2, 9), (9, 300), (300, 9), (SIDE, SIDE)])
def test_small_and_flat_pictures_tell_nothing(size):
    chroma = tuple(np.full((-(-size[0] // 2), -(-size[1] // 2)), 128, np.uint8) for _ in "uv")
    some = traces(np.full(size, 90, np.uint8), chroma, np.zeros((9, 2), np.intp), 0.5)
    assert some.coarse == 0.5 and not some.blocks and some.pattern == 1.0 and some.colour is None
    few = traces(codes(noisy()), None, np.zeros((4, 2), np.intp), 0.5)
    assert few == Traces(0.5, None, 0.0, 1.0, few.blocks)


def test_chroma_may_be_smaller_by_an_odd_row_and_column():
    luma = codes(noisy((241, 321)))
    chroma = tuple(plane[:120, :160] for plane in of_colour(3.0))
    assert traces(luma, chroma, everywhere(luma), 0.6).colour == pytest.approx(2.0, rel=0.04)


def test_only_an_unknown_rendering_is_looked_at():
    luma = codes(noisy())
    for name, processing in PROCESSINGS.items():
        scratch = sharpness.Scratch(*luma.shape)
        sigma = photosite_sigma(IMX477, gain=4.0, binning=1)
        told = sharpness.measure_sharpness(luma, sigma, processing=processing, scratch=scratch, gain=4.0).traces
        assert (told is not None) == (name == "none")


def at_gains(floor, some):
    return [PLAIN.threshold_at(floor, gain, some) for gain in OWN_GAINS]


def test_the_threshold_follows_the_traces():
    nothing = replace(SHARP, colour=None)
    assert at_gains(2.0, nothing) == at_gains(2.0, None) == [PLAIN.threshold] * 3
    assert at_gains(2.0, SHARP) == pytest.approx([PLAIN.threshold - lower for lower in LOWER_AT_GAINS])
    assert at_gains(2.0, replace(SHARP, touched=1.8)) == [PLAIN.threshold] * 3
    assert at_gains(2.0, replace(SHARP, colour=4.5)) == [PLAIN.threshold] * 3
    assert at_gains(2.0, replace(SHARP, blocks=True)) == [PLAIN.threshold] * 3
    assert at_gains(1.3, MEANS) == pytest.approx([FILLED_WITH_MEANS - lower for lower in LOWER_AT_GAINS])
    assert at_gains(1.3, replace(MEANS, touched=1.5)) == pytest.approx([0.54 - lower for lower in LOWER_AT_GAINS])
    assert at_gains(1.3, MATRIX) == pytest.approx([FALSE_COLOUR] * 3)
    assert at_gains(1.3, replace(MATRIX, blocks=True)) == pytest.approx([FALSE_COLOUR] * 3)
    assert at_gains(0.8, replace(MATRIX, colour=4.5))[0] == pytest.approx(FILLED_WITH_MEANS)
    assert PLAIN.threshold_at(None, None, MATRIX) == PLAIN.threshold


def test_a_floor_that_no_demosaic_leaves_raises_the_threshold():
    usual = at_gains(2.0, SHARP)
    assert at_gains(4.0, SHARP) == pytest.approx([t + most for t, most in zip(usual, MOST_SHARPENED, strict=True)])
    assert at_gains(3.25, SHARP)[0] == pytest.approx(usual[0] + 0.2 * PER_FLOOR)
    assert at_gains(3.25, replace(SHARP, colour=0.9))[0] == pytest.approx(usual[0] + 0.4 * PER_FLOOR)
    assert at_gains(2.3, MEANS)[0] == pytest.approx(PLAIN.threshold + 0.2 * PER_FLOOR)


def test_noise_finer_than_any_demosaic_leaves_it_raises_the_threshold():
    """Sharpening of all colours does that; a JPEG's noise tells nothing of it."""
    usual = at_gains(2.0, replace(SHARP, touched=FINEST - SHARP.coarse))
    finer = replace(SHARP, touched=FINEST - SHARP.coarse - 0.05)
    assert at_gains(2.0, finer) == pytest.approx([t + 0.05 * PER_FINE for t in usual])
    finest = replace(SHARP, touched=FINEST - SHARP.coarse - 0.5)
    assert at_gains(2.0, finest) == pytest.approx([t + most for t, most in zip(usual, MOST_SHARPENED, strict=True)])
    assert at_gains(2.0, replace(finest, blocks=True)) == [PLAIN.threshold] * 3


def test_a_jpeg_needs_more_over_the_noise():
    for gain in (*OWN_GAINS, None):
        assert PLAIN.over_noise_at(gain, replace(SHARP, blocks=True)) == JPEG_OVER_NOISE
        assert PLAIN.over_noise_at(gain, SHARP) == PLAIN.over_noise_at(gain)
    own = PROCESSINGS["shot"]
    assert own.over_noise_at(1.0, replace(SHARP, blocks=True)) == own.over_noise_at(1.0)


def test_a_low_floor_of_a_soft_demosaic_was_not_denoised():
    low = (LOWEST_FLOOR + DENOISED) / 2
    assert PLAIN.least_noise(low, 1.0) == PLAIN.beside_structure
    assert PLAIN.least_noise(low, 1.0, MEANS) == PLAIN.lowest_noise
    assert PLAIN.least_noise(LOWEST_FLOOR - 0.01, 1.0, MEANS) == PLAIN.beside_structure
    for other in (replace(MEANS, touched=1.5), replace(MEANS, colour=4.5), replace(MEANS, blocks=True)):
        assert PLAIN.least_noise(low, 1.0, other) == PLAIN.beside_structure


def windows(fine, *, like_noise=True, place=7 * HUES**2 + GREY):
    count = len(fine)
    plane = (np.full(count, 0.5, np.float32), np.full(count, like_noise), np.full(count, place, np.intp))
    return Windows(np.asarray(fine, np.float32), *plane)


def test_more_noise_is_believed_where_it_looks_like_noise():
    """A picture that was sharpened has more than any demosaic leaves; so has one that is nothing but fine texture."""
    for like_noise, least in ((True, 5.0), (False, PLAIN.most_noise)):
        high = measure_noise(windows(np.full(99, 5.0), like_noise=like_noise), BARE, PLAIN, gain=4.0, traces=SHARP)
        assert high.least == pytest.approx(least, rel=0.1)
    known = PROCESSINGS["camera"]
    assert measure_noise(windows(np.full(99, 5.0)), BARE, known, gain=4.0).least == known.most_noise
