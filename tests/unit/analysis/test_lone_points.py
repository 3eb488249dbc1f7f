"""Hot pixels in a black frame are neither lit nor scored; lines, discs and letters in it, and points elsewhere, are."""

import numpy as np
import pytest

from device.analysis.analyser import Analyser
from device.analysis.lone_points import MOST_SHARE, is_black, lone_points
from device.analysis.overlay import Flag
from device.analysis.settings import AssistSettings
from device.analysis.subject import Subject
from device.sensors.imx477 import IMX477

SIZE = (160, 200)
CROSS = np.array([[1, 2, 1], [2, 4, 2], [1, 2, 1]]) / 4
SETTINGS = AssistSettings(peaking=True, focus_size=1.0)


def black(*, level=4, spread=0.6):
    return np.clip(np.rint(np.random.default_rng(3).normal(level, spread, SIZE)), 0, 255).astype(np.uint8)


def totals(luma):
    return luma.reshape(SIZE[0] // 4, 4, SIZE[1] // 4, 4).sum((1, 3), dtype=np.int16)


def with_points(luma, points, *, peak=200, cross=True):
    spread = CROSS if cross else np.array([[0, 0, 0], [0, 1, 0], [0, 0, 0]])
    for y, x in points:
        part = luma[y - 1 : y + 2, x - 1 : x + 2]
        np.maximum(part, (peak * spread).astype(np.uint8), out=part)
    return luma


def found(luma, gain=1.0):
    subject = Subject(luma=luma, sensor=IMX477, gain=gain, binning=1, processing="none")
    analysis = Analyser().analyse(subject, SETTINGS)
    return analysis.overlay & Flag.PEAKING != 0, analysis.readings


POINTS = [(1, 1), (9, 60), (20, 101), (50, 12), (51, 15), (80, 80), (100, 83), (158, 198), (120, 150)]


@pytest.mark.parametrize("cross", [False, True])
@pytest.mark.parametrize("peak", [30, 80, 250])
@pytest.mark.parametrize("gain", [1.0, 4.0, 16.0])
def test_hot_pixels_in_a_black_frame_are_dark_and_score_nothing(gain, peak, cross):
    lit, readings = found(with_points(black(), POINTS, peak=peak, cross=cross), gain)
    assert not lit.any()
    assert (readings.focus_score, readings.focus_unclear) == (0, "dark")


def test_every_point_is_found_also_two_beside_each_other_and_at_the_edges():
    luma = with_points(black(), POINTS)
    blocks = set(zip(*(index.tolist() for index in lone_points(luma, totals(luma))), strict=True))
    assert {(y // 4, x // 4) for y, x in POINTS} <= blocks


@pytest.mark.parametrize("what", ["line", "disc", "letter"])
def test_what_is_no_point_is_lit_in_a_black_frame(what):
    luma = black()
    y, x = np.mgrid[: SIZE[0], : SIZE[1]]
    inside = {
        "line": (abs(x - 100) < 1),
        "disc": np.hypot(y - 80, x - 100) < 20,
        "letter": ((abs(x - 100) < 2) | (abs(y - 80) < 2)) & (abs(x - 100) < 12) & (abs(y - 80) < 12),
    }[what]
    luma[inside] = 120
    lit, _ = found(luma)
    assert lit[60:100].sum() > 60


def test_points_before_a_ground_that_is_not_black_stay():
    luma = with_points(black(level=60), POINTS)
    assert not is_black(totals(luma)) and lone_points(luma, totals(luma))[0].size == 0
    assert found(luma)[0].any()


def test_a_picture_of_few_codes_is_not_searched_for_points():
    luma = np.zeros(SIZE, np.uint8)
    luma[::4, ::4] = 200
    assert (luma > 0).mean() > MOST_SHARE and lone_points(luma, totals(luma))[0].size == 0


@pytest.mark.parametrize("shape", [(1, 1), (3, 9), (17, 2)])
def test_black_pictures_of_any_size_have_none(shape):
    lit, readings = found(np.zeros(shape, np.uint8))
    assert not lit.any() and readings.focus_score == 0
