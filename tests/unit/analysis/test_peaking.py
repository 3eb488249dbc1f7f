"""Peaking: lit where it is sharp; dark on noise and on blur however strong; strokes, not specks."""

import numpy as np
import pytest
from analysis_scenes import component_sizes, disc, edge, gauss, leaves, render

from device.analysis import peaking, sharpness
from device.analysis.noise import photosite_sigma
from device.analysis.processing import PROCESSINGS
from device.sensors.imx477 import IMX477

SENSITIVITIES = ("low", "medium", "high")
ANGLES = [0.0, 0.3, np.pi / 4, np.pi / 2]
CONTRASTS = [(0.02, 0.7), (0.1, 0.3), (0.3, 0.7), (0.01, 0.1)]
TEXTURE = 0.05 + 0.3 * np.random.default_rng(4).random((160, 200))
"""Whiter than anything in nature: it looks sharp until a blur of more than two pixels."""


SUBJECT = leaves((160, 200))


def detect(luma, *, gain=1.0, binning=2, sensitivity="medium", noise=None):
    processing = PROCESSINGS["camera"]
    sigma = photosite_sigma(IMX477, gain=gain, binning=binning)
    scratch = sharpness.Scratch(*luma.shape)
    sharp = sharpness.measure_sharpness(luma, sigma, gain=gain, processing=processing, scratch=scratch, noise=noise)
    threshold = peaking.threshold_for(sharp, processing, sensitivity)
    return peaking.peaking_mask(luma, sharp, threshold=threshold, detail=scratch.detail)


def camera(scene, *, gain=1.0, binning=2):
    return detect(render(scene, gain=gain, binning=binning), gain=gain, binning=binning)


def test_a_pixel_is_lit_by_its_own_structure_and_its_neighbours():
    """The rule, one pixel after the other, on the measured sharpness."""
    luma = render(gauss(TEXTURE, 0.5), gain=4.0, binning=2)
    sigma = photosite_sigma(IMX477, gain=4.0, binning=2)
    scratch = sharpness.Scratch(*luma.shape)
    sharp = sharpness.measure_sharpness(luma, sigma, gain=4.0, processing=PROCESSINGS["camera"], scratch=scratch)
    found = peaking.peaking_mask(luma, sharp, threshold=0.6, detail=scratch.detail)
    codes = np.pad(luma.astype(int), 2, mode="edge")
    across = abs(codes[1:-1, :-2] - 2 * codes[1:-1, 1:-1] + codes[1:-1, 2:])
    structure = across + abs(codes[:-2, 1:-1] - 2 * codes[1:-1, 1:-1] + codes[2:, 1:-1])
    candidates = np.zeros((luma.shape[0] + 2, luma.shape[1] + 2), int)
    for y in range(luma.shape[0]):
        for x in range(luma.shape[1]):
            block = y // 4, x // 4
            takes_part = sharp.certain[block] and sharp.squared[block] > 0.36
            detail = structure[y : y + 3, x : x + 3].sum()
            candidates[y + 1, x + 1] = takes_part and detail >= sharp.window_fine[block] * 9 / 16
    for y in range(luma.shape[0]):
        for x in range(luma.shape[1]):
            around = candidates[y : y + 3, x : x + 3]
            assert found[y, x] == bool(candidates[y + 1, x + 1] and around.sum() >= 4), (y, x)


@pytest.mark.parametrize("binning", [1, 2])
@pytest.mark.parametrize("gain", [1.0, 4.0, 16.0, IMX477.gain_max])
def test_nothing_is_lit_on_noise_at_any_level(gain, binning):
    ramp = np.linspace(0, 1, 600)[None, :] ** 2 * np.ones((400, 1))
    luma = render(ramp, gain=gain, binning=binning)
    for sensitivity in (*SENSITIVITIES, "auto"):
        assert not detect(luma, gain=gain, binning=binning, sensitivity=sensitivity).any()


@pytest.mark.parametrize(("dark", "bright"), CONTRASTS)
@pytest.mark.parametrize("angle", ANGLES)
def test_a_sharp_edge_is_lit_over_its_length_with_a_thin_line(dark, bright, angle):
    for offset in (0.0, 0.5):
        scene = edge(96, dark=dark, bright=bright, angle=angle, offset=offset)
        lit = detect(render(scene, gain=1.0, binning=2), sensitivity="high")[24:72, 24:72]
        assert 48 <= lit.sum() <= 5 * 48 * np.sqrt(2)


@pytest.mark.parametrize(("dark", "bright"), [*CONTRASTS, (0.0, 1.0)])
@pytest.mark.parametrize("angle", ANGLES)
@pytest.mark.parametrize(("radius", "most"), [(3, 0.15), (4, 0.0), (6, 0.0), (10, 0.0)])
def test_blurred_edges_are_dark_however_strong(dark, bright, angle, radius, most):
    """At 3 pixels the end of a strong ramp, where the tone curve bends it, may leave a trace."""
    for offset in (0.0, 0.5):
        scene = disc(edge(96, dark=dark, bright=bright, angle=angle, offset=offset), radius)
        assert camera(scene)[16:80, 16:80].sum() <= most * 64


@pytest.mark.parametrize("gain", [1.0, 4.0, 16.0])
@pytest.mark.parametrize("radius", [3, 5, 8])
def test_a_strong_blurred_bright_rim_is_dark_where_the_sharp_one_is_lit(gain, radius):
    y, x = np.mgrid[:160, :160] - 80
    rim = np.where(np.abs(np.hypot(x, y) - 45) < 6, 0.6, 0.03)
    sharp = camera(gauss(rim, 0.4), gain=gain)
    blurred = camera(disc(rim, radius), gain=gain)
    outline = 2 * np.pi * (39 + 51)
    assert sharp.sum() >= outline
    assert blurred.sum() <= 0.01 * outline


@pytest.mark.parametrize("brightness", [2.0, 8.0, 40.0])
@pytest.mark.parametrize("radius", [3, 6])
def test_the_rim_of_a_blurred_light_that_clips_is_dark(brightness, radius):
    y, x = np.mgrid[:160, :160] - 80
    light = np.where(np.hypot(x, y) < 40, brightness, 0.05)
    # Where the disc begins on the dark ground, the tone curve's foot makes a corner: four pixels at most, of 250.
    assert camera(np.clip(disc(light, radius), 0, 1)).sum() <= (4 if (brightness, radius) == (2.0, 6) else 0)


@pytest.mark.parametrize(("gain", "share"), [(1.0, 0.25), (4.0, 0.25), (16.0, 0.15)])
def test_fine_texture_is_lit_and_blurred_texture_is_dark(gain, share):
    sharp = camera(SUBJECT, gain=gain).mean()
    assert sharp > share
    assert camera(disc(SUBJECT, 3), gain=gain).mean() < 0.003 * sharp


def test_sensitivities_can_be_told_apart():
    """Each lets go at another blur: low before one pixel, medium before two, high later."""
    amounts = {s: [] for s in SENSITIVITIES}
    for radius in (0.7, 1.2, 1.7, 2.2):
        luma = render(disc(TEXTURE, radius), gain=1.0, binning=2)
        for sensitivity in SENSITIVITIES:
            amounts[sensitivity].append(detect(luma, sensitivity=sensitivity).mean())
    for low, medium, high in zip(*(amounts[s] for s in SENSITIVITIES), strict=True):
        assert low <= medium <= high
    assert any(low < 0.5 * medium for low, medium in zip(amounts["low"], amounts["medium"], strict=True))
    assert any(medium < 0.5 * high for medium, high in zip(amounts["medium"], amounts["high"], strict=True))


def test_auto_keeps_the_ink_useful():
    sharp_all_over = render(gauss(TEXTURE, 0.4), gain=1.0, binning=2)
    assert detect(sharp_all_over).mean() > 0.25
    assert 0.005 < detect(sharp_all_over, sensitivity="auto").mean() < 0.06
    scene = np.full((320, 400), 0.2)
    scene[100:140, 100:150] = TEXTURE[:40, :50]
    one_subject = render(gauss(scene, 0.4), gain=1.0, binning=2)
    assert np.array_equal(detect(one_subject, sensitivity="auto"), detect(one_subject))


def test_ink_is_strokes_and_not_specks():
    lit = camera(gauss(TEXTURE, 0.4))
    sizes = component_sizes(lit)
    assert (sizes < 4).mean() <= 0.10


@pytest.mark.parametrize(("gain", "most"), [(1.0, 0.15), (4.0, 0.20), (16.0, 0.25)])
def test_a_still_scene_flickers_little(gain, most):
    scene, noise = leaves((320, 400), seed=5, count=5000), sharpness.NoiseFollower()
    one, other = (
        detect(render(scene, gain=gain, binning=1, seed=s, gains=(1.0, 1.0)), gain=gain, binning=1, noise=noise).copy()
        for s in (1, 2)
    )
    assert (one ^ other).sum() <= most * (one.sum() + other.sum())


@pytest.mark.parametrize("line", [np.s_[20, :], np.s_[:, 20]])
def test_a_one_pixel_line_is_lit_over_its_whole_length(line):
    luma = np.full((40, 40), 60, np.uint8)
    luma[line] = 200
    assert detect(luma)[line].all()
    assert detect(luma).sum() <= 5 * 40


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (9, 1), (2, 2), (5, 3), (7, 8)])
@pytest.mark.parametrize("code", [0, 128, 255])
def test_flat_pictures_of_any_size_are_dark(shape, code):
    lit = detect(np.full(shape, code, np.uint8))
    assert lit.shape == shape and not lit.any()
