"""Focus score: falls with blur, is free of noise, follows neither exposure nor size."""

import numpy as np
import pytest
from analysis_scenes import disc, leaves, render

from device.analysis import sharpness
from device.analysis.area import WHOLE, Area
from device.analysis.focus_score import COARSE_SHARE, focus_score
from device.analysis.noise import photosite_sigma
from device.analysis.processing import PROCESSINGS
from device.errors import BadInput
from device.sensors.imx477 import IMX477

SILENT = np.full(256, 1e-6)
CAMERA = PROCESSINGS["camera"]
SUBJECT = leaves((240, 320))


def of(luma, sigma=SILENT, area=WHOLE):
    sharp = sharpness.measure_sharpness(luma, sigma, processing=CAMERA, scratch=sharpness.Scratch(*luma.shape))
    return focus_score(sharp, CAMERA, area=area)


def score(scene, gain, area=WHOLE):
    return of(render(scene, gain=gain, binning=2), photosite_sigma(IMX477, gain=gain, binning=2), area)


def test_a_picture_by_hand():
    # Columns 100, 100, 120, 120...: every second difference is 20 along and 0 down, but 0 in the first and the last
    # column; in the picture of half the size every step is 20, but the last.
    luma = np.tile(np.array([100, 100, 120, 120], np.uint8), (16, 8))
    fine = (6 * 20**2 + 2 * 15**2) / 8
    coarse = (7 * 20**2 + 10**2) / 8
    expected = 1000 * (fine + COARSE_SHARE * coarse) / 110**2
    assert of(luma) == pytest.approx(expected)


@pytest.mark.parametrize("gain", [1.0, 4.0, 16.0])
def test_falls_with_every_step_of_blur_and_far(gain):
    scores = [score(SUBJECT, gain)] + [score(disc(SUBJECT, r), gain) for r in (1, 1.5, 2, 3, 4, 6, 8)]
    assert all(sharper > softer > 0 for sharper, softer in zip(scores, scores[1:], strict=False))
    assert scores[0] >= 1.4 * scores[1]
    assert scores[0] >= {1.0: 60, 4.0: 50, 16.0: 40}[gain] * scores[-1]


@pytest.mark.parametrize("level", [0.05, 0.18, 0.5])
def test_noise_alone_scores_next_to_nothing(level):
    sharp = score(SUBJECT, 16.0)
    assert score(np.full(SUBJECT.shape, level), 16.0) < 0.03 * sharp


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
