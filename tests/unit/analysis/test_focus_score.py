"""Focus score: falls with blur, is free of noise, follows neither exposure nor size."""

import numpy as np
import pytest
from analysis_scenes import disc, leaves, render

from device.analysis import sharpness
from device.analysis.area import WHOLE, Area
from device.analysis.focus_score import COARSE_NOISE_SQUARED, COARSE_SHARE, NOISE_SQUARED, SCALE, focus_score
from device.analysis.noise import contrast_codes, photosite_sigma
from device.analysis.noise_floor import LEAST_CODES, USUAL_WHITENESS
from device.analysis.processing import PROCESSINGS
from device.errors import BadInput
from device.sensors.imx477 import IMX477

SILENT = np.full(256, 1e-6)
CAMERA = PROCESSINGS["camera"]
SUBJECT = leaves((240, 320))


CONTRAST = contrast_codes(IMX477)


def scored(luma, sigma=SILENT, area=WHOLE, gain=None, contrast=CONTRAST):
    scratch = sharpness.Scratch(*luma.shape)
    sharp = sharpness.measure_sharpness(luma, sigma, gain=gain, processing=CAMERA, scratch=scratch)
    return focus_score(sharp, contrast, area=area)


def of(luma, sigma=SILENT, area=WHOLE, gain=None):
    return scored(luma, sigma, area, gain).value


def score(scene, gain, area=WHOLE, **shown):
    luma = render(scene, gain=gain, binning=2, **shown)
    return of(luma, photosite_sigma(IMX477, gain=gain, binning=2), area, gain)


def test_a_picture_by_hand():
    # Columns 100, 100, 120, 120...: every second difference is 20 along and 0 down, but 0 in the first and the last
    # column; in the picture of half the size every step is 20, but the last.
    luma = np.tile(np.array([100, 100, 120, 120], np.uint8), (16, 8))
    fine = (6 * 20**2 + 2 * 15**2) / 8
    coarse = (7 * 20**2 + 10**2) / 8
    scratch = sharpness.Scratch(*luma.shape)
    sharp = sharpness.measure_sharpness(luma, SILENT, gain=1.0, processing=CAMERA, scratch=scratch)
    fine -= NOISE_SQUARED * LEAST_CODES**2  # what rounding may have
    coarse -= COARSE_NOISE_SQUARED * (LEAST_CODES * USUAL_WHITENESS) ** 2
    expected = SCALE * (fine + COARSE_SHARE * coarse) / (110 * 50)
    assert focus_score(sharp, np.full(256, 50.0), area=WHOLE).value == pytest.approx(expected)


def test_contrast_in_codes_is_what_a_little_more_light_makes():
    more, less = (
        255 * IMX477.tone.to_display(IMX477.tone.to_linear(np.array([0.37, 0.6])) * f) for f in (1.005, 0.995)
    )
    assert (more - less) / 0.01 == pytest.approx(CONTRAST[[94, 153]], rel=0.06)


@pytest.mark.parametrize("gain", [1.0, 4.0])
def test_more_or_less_light_leaves_the_score(gain):
    scores = [score(SUBJECT * f, gain) for f in (0.5, 0.7, 1.0, 1.3)]
    assert max(scores) <= 1.1 * min(scores)


def test_the_gain_leaves_the_score():
    scores = [score(SUBJECT, gain) for gain in (1.0, 2.0, 4.0, 8.0, 16.0)]
    assert max(scores) <= 1.1 * min(scores)


def test_white_balance_leaves_the_score():
    scores = [score(SUBJECT, 1.0, gains=IMX477.colour.gains_at(kelvin)) for kelvin in (2850, 4000, 5600, 7500)]
    assert max(scores) <= 1.1 * min(scores)


@pytest.mark.parametrize(("code", "why"), [(0, "dark"), (3, "dark"), (250, "bright"), (255, "bright"), (120, None)])
def test_an_area_that_cannot_be_told_scores_zero_and_says_why(code, why):
    found = scored(np.full((64, 64), code, np.uint8), gain=1.0)
    assert (found.value, found.unclear) == (0, why)


@pytest.mark.parametrize("gain", [1.0, 4.0, 16.0])
def test_falls_with_every_step_of_blur_and_far(gain):
    scores = [score(SUBJECT, gain)] + [score(disc(SUBJECT, r), gain) for r in (1, 1.5, 2, 3, 4, 6, 8)]
    assert all(sharper > softer > 0 for sharper, softer in zip(scores, scores[1:], strict=False))
    assert scores[0] >= 1.4 * scores[1]
    assert scores[0] >= {1.0: 60, 4.0: 50, 16.0: 40}[gain] * scores[-1]


@pytest.mark.parametrize("level", [0.05, 0.18, 0.5])
def test_noise_alone_scores_nothing(level):
    for gain in (1.0, 4.0, 16.0, IMX477.gain_max):
        assert score(np.full(SUBJECT.shape, level), gain) == 0


@pytest.mark.parametrize("shape", [(1, 1), (1, 8), (8, 1), (2, 2), (3, 5)])
def test_flat_pictures_of_any_size_score_zero(shape):
    for code in (0, 255):
        assert of(np.full(shape, code, np.uint8)) == 0


def test_looks_only_at_its_area():
    luma = np.full((80, 80), 100, np.uint8)
    luma[:16] = np.random.default_rng(2).integers(0, 200, (16, 80))
    assert of(luma, area=Area(0.25, 0.3, 0.5, 0.5)) == 0
    assert of(luma, area=Area(0, 0, 1, 0.2)) > 0


@pytest.mark.parametrize("sides", [(-0.1, 0, 0.5, 0.5), (0, 0, 0, 1), (0.6, 0, 0.5, 1), (0, 0, 1, 1.1)])
def test_an_area_outside_the_picture_is_refused(sides):
    with pytest.raises(BadInput):
        Area(*sides)
