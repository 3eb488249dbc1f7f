"""Focus score: falls with blur, is free of noise, follows neither exposure nor size."""

import numpy as np
import pytest
from analysis_scenes import disc, gauss, render

from device.analysis.focus_score import Area, focus_score
from device.analysis.noise import display_sigma
from device.errors import BadInput
from device.sensors.imx477 import IMX477

SILENT = np.zeros(256)
TEXTURE = 0.05 + 0.3 * np.random.default_rng(6).random((240, 320))


def score(scene, gain):
    return focus_score(render(scene, gain=gain, binning=2), display_sigma(IMX477, gain=gain, binning=2))


def test_a_picture_by_hand():
    # Columns 100, 110, 100, 110...: squared differences 100 along, 0 down, mean 50, level 105.
    luma = np.tile(np.array([100, 110], np.uint8), (16, 8))
    along, down = 4 * 15, 4 * 16
    expected = 1000 * (100 * along / (along + down)) / 105**2
    assert focus_score(luma, SILENT, area=Area(0, 0, 1, 1)) == pytest.approx(expected)


@pytest.mark.parametrize("gain", [1.0, 4.0, 16.0])
def test_falls_steadily_with_blur(gain):
    scores = [score(gauss(TEXTURE, 0.5), gain)] + [score(disc(TEXTURE, r), gain) for r in (1, 1.5, 2, 3, 4.5)]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] > 2 * scores[2]


@pytest.mark.parametrize("level", [0.05, 0.18, 0.5])
def test_noise_alone_scores_next_to_nothing(level):
    sharp = score(gauss(TEXTURE, 0.5), 16.0)
    assert score(np.full(TEXTURE.shape, level), 16.0) < 0.03 * sharp


@pytest.mark.parametrize("shape", [(1, 1), (1, 8), (8, 1), (2, 2), (3, 5)])
def test_flat_pictures_of_any_size_score_zero(shape):
    for code in (0, 255):
        assert focus_score(np.full(shape, code, np.uint8), SILENT) == 0


def test_looks_only_at_its_area():
    luma = np.full((40, 40), 100, np.uint8)
    luma[:10] = np.random.default_rng(2).integers(0, 256, (10, 40))
    assert focus_score(luma, SILENT) == 0
    assert focus_score(luma, SILENT, area=Area(0, 0, 1, 0.25)) > 0


@pytest.mark.parametrize("sides", [(-0.1, 0, 0.5, 0.5), (0, 0, 0, 1), (0.6, 0, 0.5, 1), (0, 0, 1, 1.1)])
def test_an_area_outside_the_picture_is_refused(sides):
    with pytest.raises(BadInput):
        Area(*sides)
