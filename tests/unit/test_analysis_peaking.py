"""Peaking: lit where it is sharp; dark on noise and on blur however strong; equal to its definition pixel by pixel."""

import numpy as np
import pytest
from analysis_scenes import disc, edge, gauss, render

from device.analysis import peaking
from device.analysis.noise import display_sigma
from device.sensors.imx477 import IMX477

SENSITIVITIES = ("low", "medium", "high")
ANGLES = [0.0, 0.3, np.pi / 4, np.pi / 2]
CONTRASTS = [(0.0, 1.0), (0.02, 0.9), (0.1, 0.3), (0.3, 0.7), (0.0, 0.1)]


def detect(luma, *, gain=1.0, binning=2, sensitivity="medium"):
    gate = peaking.gate_for(display_sigma(IMX477, gain=gain, binning=binning), sensitivity)
    height, width = luma.shape
    even = height + height % 2
    margin = peaking.MARGIN
    strip = np.pad(luma, ((margin, margin + even - height), (margin, margin)), mode="edge")
    out = np.zeros(luma.shape, bool)
    peaking.detect(strip, gate=gate, scratch=peaking.Scratch(even, width + 2 * margin), out=out)
    return out


def by_definition(luma, gate):
    """The same decision, one pixel after the other."""
    height, width = luma.shape
    padded = np.pad(luma.astype(int), 4, mode="edge")

    def ranges(y, x):
        y, x = y + 4, x + 4
        row, column = padded[y, x - 1 : x + 2], padded[y - 1 : y + 2, x]
        return np.ptp(row), np.ptp(column)

    def passes(y, x, axis):
        level = padded[y + 4, x + 4]
        return ranges(y, x)[axis] >= max(gate.floor, gate.top - (level >> gate.shift))

    out = np.zeros(luma.shape, bool)
    for y in range(height):
        for x in range(width):
            edges = (passes(y, x, 0) and passes(y + 1, x, 0)) or (passes(y, x, 1) and passes(y, x + 1, 1))
            top = y // 2 * 2 + 4
            coarse = np.ptp(padded[top - 2 : top + 4, x + 1 : x + 8])
            larger, smaller = sorted(ranges(y, x), reverse=True)
            fine = larger + min(smaller >> 1, coarse - larger)
            out[y, x] = edges and coarse - fine <= min(fine >> 1, gate.level.rest_codes)
    return out


@pytest.mark.parametrize("sensitivity", SENSITIVITIES)
@pytest.mark.parametrize("gain", [1.0, 16.0])
def test_the_fast_way_agrees_with_the_definition(sensitivity, gain):
    rng = np.random.default_rng(8)
    luma = gauss(rng.integers(0, 256, (24, 31)).astype(float), 0.6).clip(0, 255).astype(np.uint8)
    gate = peaking.gate_for(display_sigma(IMX477, gain=gain, binning=2), sensitivity)
    expected = by_definition(luma, gate)
    assert 0 < expected.mean() < 1
    assert np.array_equal(detect(luma, gain=gain, sensitivity=sensitivity), expected)


@pytest.mark.parametrize("binning", [1, 2])
@pytest.mark.parametrize("gain", [1.0, 4.0, 16.0, IMX477.gain_max])
def test_no_ink_on_noise_at_any_level(gain, binning):
    ramp = np.linspace(0, 1, 600)[None, :] ** 2 * np.ones((400, 1))
    luma = render(ramp, gain=gain, binning=binning)
    for sensitivity in SENSITIVITIES:
        assert not detect(luma, gain=gain, binning=binning, sensitivity=sensitivity).any()


@pytest.mark.parametrize(("dark", "bright"), CONTRASTS)
@pytest.mark.parametrize("angle", ANGLES)
@pytest.mark.parametrize("blur", [0.5, 0.7])
def test_sharp_edges_are_lit_with_thin_ink(dark, bright, angle, blur):
    for offset in (0.0, 0.5):
        scene = gauss(edge(80, dark=dark, bright=bright, angle=angle, offset=offset), blur)
        lit = detect(render(scene, gain=1.0, binning=2), sensitivity="high")[20:60, 20:60]
        assert 0.05 * 40 <= lit.sum() <= 3 * 40 * np.sqrt(2)


@pytest.mark.parametrize(("dark", "bright"), CONTRASTS)
@pytest.mark.parametrize("angle", ANGLES)
@pytest.mark.parametrize("radius", [3, 4, 6, 10])
def test_blurred_edges_are_dark_however_strong(dark, bright, angle, radius):
    for offset in (0.0, 0.5):
        scene = disc(edge(80, dark=dark, bright=bright, angle=angle, offset=offset), radius)
        for sensitivity in SENSITIVITIES:
            assert not detect(render(scene, gain=1.0, binning=2), sensitivity=sensitivity)[15:65, 15:65].any()


@pytest.mark.parametrize("gain", [1.0, 4.0, 16.0])
@pytest.mark.parametrize("radius", [3, 5, 8])
def test_a_strong_blurred_bright_rim_is_dark_where_the_sharp_one_is_lit(gain, radius):
    y, x = np.mgrid[:160, :160] - 80
    rim = np.where(np.abs(np.hypot(x, y) - 45) < 6, 0.9, 0.01)
    sharp = detect(render(gauss(rim, 0.6), gain=gain, binning=2), gain=gain)
    blurred = detect(render(disc(rim, radius), gain=gain, binning=2), gain=gain)
    assert sharp.sum() > 300
    assert blurred.sum() <= 0.01 * sharp.sum()


@pytest.mark.parametrize(("gain", "share"), [(1.0, 0.05), (4.0, 0.03)])
def test_fine_texture_is_lit_and_blurred_texture_is_dark(gain, share):
    texture = 0.03 + 0.3 * np.random.default_rng(4).random((120, 120))
    sharp = detect(render(gauss(texture, 0.6), gain=gain, binning=2), gain=gain).mean()
    assert sharp > share
    assert detect(render(disc(texture, 4), gain=gain, binning=2), gain=gain).mean() < 0.01 * sharp


def test_sensitivities_differ():
    texture = 0.05 + 0.2 * np.random.default_rng(4).random((120, 120))
    luma = render(gauss(texture, 0.6), gain=2.0, binning=2)
    low, medium, high = (detect(luma, gain=2.0, sensitivity=s).sum() for s in SENSITIVITIES)
    assert 0 < 1.3 * low < medium
    assert 1.05 * medium < high


@pytest.mark.parametrize("line", [np.s_[20, :], np.s_[:, 20]])
def test_a_one_pixel_line_is_lit_over_its_whole_length(line):
    luma = np.full((40, 40), 60, np.uint8)
    luma[line] = 200
    assert detect(luma)[line].all()
    assert detect(luma).sum() <= 3 * 40


def test_a_single_pixel_is_noise():
    luma = np.full((20, 20), 60, np.uint8)
    luma[10, 10] = 255
    assert not detect(luma).any()


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (9, 1), (2, 2), (5, 3), (7, 8)])
@pytest.mark.parametrize("code", [0, 128, 255])
def test_flat_pictures_of_any_size_are_dark(shape, code):
    assert not detect(np.full(shape, code, np.uint8)).any()


@pytest.mark.parametrize("sensitivity", SENSITIVITIES)
@pytest.mark.parametrize("gain", [1.0, 2.0, 7.0, 16.0, IMX477.gain_max, 60.0])
def test_the_gate_is_never_below_the_noise_it_is_for(gain, sensitivity):
    sigma = display_sigma(IMX477, gain=gain, binning=1)
    gate = peaking.gate_for(sigma, sensitivity)
    codes = np.arange(256)
    height = np.maximum(gate.floor, gate.top - (codes >> gate.shift))
    wanted = np.minimum(gate.level.sigmas * np.sqrt(2) * sigma, 254)
    assert (height >= wanted).all()
    assert gate.top >= 255 >> gate.shift
    assert height.min() >= gate.level.floor_codes


def test_noise_rises_with_gain_and_falls_with_binning():
    one, sixteen = (display_sigma(IMX477, gain=g, binning=2) for g in (1.0, 16.0))
    full = display_sigma(IMX477, gain=1.0, binning=1)
    assert (sixteen > 3 * one).all()
    assert full == pytest.approx(2 * one)


@pytest.mark.parametrize("gain", [1.0, 16.0])
@pytest.mark.parametrize("level", [0.02, 0.18, 0.6])
def test_the_noise_estimate_is_above_the_rendered_noise_and_not_far(gain, level):
    luma = render(np.full((200, 200), level), gain=gain, binning=2)
    estimate = display_sigma(IMX477, gain=gain, binning=2)[round(float(luma.mean()))]
    assert luma.std() <= np.hypot(estimate, 0.3)  # rounding to codes adds 0.29
    assert luma.std() >= 0.4 * estimate
