"""Sharpness: equal to its definition, free of contrast, above the noise, and the same whatever the strips."""

from dataclasses import replace

import numpy as np
import pytest
from analysis_scenes import disc, gauss, render

from device.analysis import sharpness
from device.analysis.noise import photosite_sigma
from device.analysis.noise_floor import SLACK
from device.analysis.passes.detail.reference_blocks import doubled
from device.analysis.processing import PROCESSINGS
from device.sensors.imx477 import IMX477
from device.simulator.isp import Isp, empty_picture

CAMERA = PROCESSINGS["camera"]
TEXTURE = 0.05 + 0.3 * np.random.default_rng(6).random((240, 320))


def measure(luma, *, gain=1.0, binning=2, processing=CAMERA):
    sigma = photosite_sigma(IMX477, gain=gain, binning=binning)
    scratch = sharpness.Scratch(*luma.shape)
    return sharpness.measure_sharpness(luma, sigma, gain=gain, processing=processing, scratch=scratch)


def test_noise_is_averaged_over_the_blocks_around_every_other_one():
    wide = doubled(np.array([[4.0], [8.0], [0.0]], np.float32))
    assert wide.ravel().tolist() == [5.0, 6.0, 5.0, 4.0, 2.0, 0.0]
    assert np.array_equal(doubled(np.asfortranarray(np.eye(5, 3, dtype=np.float32)))[2:4, 1], [0.5, 0.5])


@pytest.mark.parametrize("size", [(40, 60), (33, 47), (4, 4), (1, 1)])
def test_noise_follows_the_level(size):
    """A picture without any noise tells nothing of it: it is what flats beside structure must have, at each level."""
    luma = np.full(size, 60, np.uint8)
    luma[:, size[1] // 2 :] = 160
    found = measure(luma, processing=replace(CAMERA, most_noise=2.0, lowest_noise=2.0, usual_noise=2.0))
    slack = SLACK if size[1] >= 40 else 1.0  # without any window it is the usual noise itself
    bare = 2.0 * slack * 16 * 2 / np.sqrt(np.pi) * photosite_sigma(IMX477, gain=1.0, binning=2)
    noise = np.sqrt(found.noise)
    assert noise.shape == found.total.shape
    columns = found.total.shape[1]
    assert noise[:, -1] == pytest.approx(bare[found.total[0, -1 - (columns - 1) % 2] >> 4], rel=1e-5)
    if size[1] >= 40:
        assert noise[:, 0] == pytest.approx(bare[60], rel=1e-5)


@pytest.mark.parametrize(("gain", "contrasts"), [(1.0, (0.25, 0.5, 1.0)), (4.0, (0.6, 1.0))])
def test_contrast_cancels(gain, contrasts):
    """A blurred picture of four times the contrast scores no higher; a sharp one scores high at any.

    The texture is as white as noise: a wall beside it, of the same level, tells the noise.
    """
    unit = (TEXTURE - 0.05) / 0.3
    blurred = measure(render(disc(0.2 * (0.5 + unit), 3), gain=gain, binning=2), gain=gain)
    assert (blurred.certain & (blurred.squared > CAMERA.threshold**2)).mean() < 0.01
    unit[:, 240:] = 0.5
    for contrast in contrasts:
        scene = 0.2 * (1 + contrast * (unit - 0.5))
        found = measure(render(gauss(scene, 0.4), gain=gain, binning=2), gain=gain)
        assert np.median(found.squared[:, :56]) > CAMERA.threshold**2 and found.certain[:, :56].mean() > 0.9
        assert not found.certain[:, 64:].any()


@pytest.mark.parametrize("binning", [1, 2])
@pytest.mark.parametrize("gain", [1.0, 4.0, 16.0, IMX477.gain_max])
def test_noise_is_never_certain(gain, binning):
    ramp = np.linspace(0, 1, 600)[None, :] ** 2 * np.ones((400, 1))
    assert not measure(render(ramp, gain=gain, binning=binning), gain=gain, binning=binning).certain.any()


def test_noise_above_the_processings_own_is_read_off_the_frame():
    """A frame whose flat parts are noisier than assumed, as after an edge-directed demosaic, stays dark."""
    plain = PROCESSINGS["none"]
    rng = np.random.default_rng(5)
    sigma = photosite_sigma(IMX477, gain=4.0, binning=1)[120]
    # Bare photosites give L = 2 / sqrt(pi) sigma, white noise 2 sqrt(2 / pi) sqrt(6) sigma [calc]: 2.1 times as much.
    white = 2.1 * sigma / np.sqrt(12)
    luma = np.clip(np.rint(120 + white * rng.standard_normal((200, 300))), 0, 255).astype(np.uint8)
    assert not measure(luma, gain=4.0, binning=1, processing=plain).certain.any()


def test_rounding_adds_to_the_noise_that_is_left():
    luma = np.full((64, 64), 120, np.uint8)
    bare = photosite_sigma(IMX477, gain=1.0, binning=1)[120] * 16 * 2 / np.sqrt(np.pi)
    left = measure(luma, binning=1, processing=PROCESSINGS["denoise"]).noise
    assert np.sqrt(left) == pytest.approx(np.hypot(2.0 * bare, 16 * 1.0), rel=1e-5)


@pytest.mark.parametrize("name", ["denoise", "jpeg", "sharp"])
@pytest.mark.parametrize("sigma", [0.5, 0.65, 0.8, 1.0])
def test_a_smooth_sky_whose_noise_was_blurred_away_is_dark(name, sigma):
    """At gain 1 little but rounding is left: irregular steps of one code, as sharp as any edge."""
    sky = np.linspace(0.25, 0.6, 320)[:, None] * np.ones((1, 480))
    luma = np.rint(gauss(render(sky, gain=1.0, binning=1, gains=(1.0, 1.0)).astype(float), sigma)).astype(np.uint8)
    assert not measure(luma, binning=1, processing=PROCESSINGS[name]).certain.any()


def test_what_touches_the_clip_level_has_no_fine_structure():
    luma = np.full((64, 64), 90, np.uint8)
    luma[:, 32:] = 255
    assert not measure(luma).certain.any()
    luma[:, 32:] = 200
    assert measure(luma).certain.any()


@pytest.mark.parametrize("code", [0, 128, 255])
@pytest.mark.parametrize("size", [(1, 1), (2, 9), (64, 64)])
def test_flat_pictures_have_no_structure_and_no_nan(code, size):
    found = measure(np.full(size, code, np.uint8))
    assert not found.certain.any() and np.isfinite(found.squared).all() and (found.squared <= 0).all()


def test_the_noise_model_rises_with_gain_and_falls_with_binning():
    one, sixteen = (photosite_sigma(IMX477, gain=g, binning=2) for g in (1.0, 16.0))
    full = photosite_sigma(IMX477, gain=1.0, binning=1)
    assert (sixteen > 2.5 * one).all()
    assert full**2 - 1 / 12 == pytest.approx(4 * (one**2 - 1 / 12))


@pytest.mark.parametrize("gain", [1.0, 16.0])
@pytest.mark.parametrize("level", [0.02, 0.18, 0.6])
def test_the_noise_of_a_flat_picture_is_found(gain, level):
    found = measure(render(np.full((200, 200), level), gain=gain, binning=2), gain=gain)
    assert 0.85 < np.median(found.window_fine / np.sqrt(found.noise)) < 1.08


@pytest.mark.parametrize("gain", [1.2, 4.0, 16.0])
@pytest.mark.parametrize("rgb", [(0.04, 0.047, 0.30), (0.43, 0.037, 0.045), (0.08, 0.10, 0.38), (0.002, 0.23, 0.36)])
def test_noise_of_strong_colours_is_not_certain_either(gain, rgb):
    """Flat patches behind the simulated ISP, colour matrix and all."""
    colour, binning = IMX477.colour, 2
    red, blue = colour.gains_at(5260)
    camera = np.clip(np.linalg.inv(colour.ccm_at(5260)) @ rgb, 0, 1) / (red, 1, blue)
    signal = np.empty((256, 256))
    signal[0::2, 0::2], signal[1::2, 1::2] = camera[0], camera[2]
    signal[0::2, 1::2] = signal[1::2, 0::2] = camera[1]
    span = IMX477.white_dn - IMX477.black_dn
    slope, constant = IMX477.noise.variance_dn(gain, binning)
    noise = np.random.default_rng(7).standard_normal(signal.shape) * np.sqrt(slope * signal * span + constant)
    raw = np.clip(np.rint(signal * span + noise + IMX477.black_dn), 0, IMX477.white_dn).astype(np.uint16)
    picture = empty_picture(256, 256)
    Isp(256, 256, IMX477.tone).develop(
        raw,
        black_dn=IMX477.black_dn,
        white_dn=IMX477.white_dn,
        colour_gains=(red, blue),
        ccm=colour.ccm_at(5260),
        main=picture,
        small=None,
    )
    sigma = photosite_sigma(IMX477, gain=gain, binning=binning)
    scratch = sharpness.Scratch(256, 256)
    planes = picture.u, picture.v
    found = sharpness.measure_sharpness(picture.y, sigma, gain=gain, processing=CAMERA, scratch=scratch, chroma=planes)
    assert not found.certain[2:-2, 2:-2].any()


@pytest.mark.parametrize("size", [(33, 47), (1, 1), (7, 90), (16, 24)])
def test_chroma_of_any_rounding_covers_the_blocks(size):
    luma = np.random.default_rng(3).integers(20, 230, size).astype(np.uint8)
    for round_up in (0, 1):
        plane = np.full([max(1, (n + round_up) // 2) for n in size], 200, np.uint8)
        sigma = photosite_sigma(IMX477, gain=1.0, binning=2)
        scratch = sharpness.Scratch(*size)
        found = sharpness.measure_sharpness(
            luma, sigma, gain=1.0, processing=CAMERA, scratch=scratch, chroma=(plane, plane)
        )
        assert np.isfinite(found.squared).all() and (found.noise > 0).all()
