"""The plane in which focus is judged: green samples by hand, at both sizes, and what a raw gives that luma does not."""

from dataclasses import replace

import numpy as np
import pytest
from analysis_scenes import disc, leaves

from device.analysis.analyser import Analyser
from device.analysis.area import CENTRE, WHOLE
from device.analysis.focus_plane import filled_green, focus_plane, half_green
from device.analysis.overlay import Flag
from device.analysis.processing import HALF_GREEN, PROCESSINGS
from device.analysis.settings import AssistSettings
from device.analysis.subject import Subject
from device.bayer import CFA_ORDERS, offsets
from device.frame import RawFrame
from device.sensors.base import ToneCurve
from device.sensors.imx477 import IMX477

STRAIGHT = ToneCurve((0.0, 1.0), (0.0, 1.0))
FOCUS = AssistSettings(zebra_high=False, clipping=False, raw_histogram=False, histogram=False, focus_size=1.0)


def mosaic(cfa, *, gr, gb, size=(4, 6)):
    """Red and blue at white, which must not show."""
    samples = np.full(size, 355, np.uint16)
    for site, value in (("Gr", gr), ("Gb", gb)):
        row, column = offsets(cfa)[site]
        samples[row::2, column::2] = value
    return RawFrame(samples, cfa, 12, (0.0, 100.0, 100.0, 0.0), 355)


@pytest.mark.parametrize("cfa", CFA_ORDERS)
def test_half_green_is_the_mean_of_both_samples_above_black(cfa):
    assert half_green(mosaic(cfa, gr=150, gb=170), STRAIGHT).tolist() == [[60] * 3] * 2
    odd = mosaic(cfa, gr=150, gb=170, size=(5, 7))
    assert half_green(odd, STRAIGHT).tolist() == [[60] * 3] * 2


@pytest.mark.parametrize("cfa", CFA_ORDERS)
@pytest.mark.parametrize("size", [(2, 2), (4, 6), (5, 7)])
def test_filled_green_keeps_the_samples_and_means_their_neighbours(cfa, size):
    green = filled_green(mosaic(cfa, gr=150, gb=170, size=size), STRAIGHT)
    assert green.shape == size
    for site, value in (("Gr", 50), ("Gb", 70), ("R", 60), ("B", 60)):
        row, column = offsets(cfa)[site]
        assert (green[row::2, column::2] == value).all(), site


def test_codes_end_at_black_and_at_white():
    dark, bright = (half_green(mosaic("RGGB", gr=v, gb=v), STRAIGHT) for v in (40, 4095))
    assert (dark == 0).all() and (bright == 255).all()


def shot(scene, gain, seed=1):
    """Grey light on a sensor without colours."""
    rng = np.random.default_rng(seed)
    slope, constant = IMX477.noise.variance_dn(gain, 1)
    signal = scene * (IMX477.white_dn - IMX477.black_dn)
    noisy = signal + rng.standard_normal(signal.shape) * np.sqrt(slope * signal + constant)
    samples = np.clip(np.rint(noisy + IMX477.black_dn), 0, IMX477.white_dn).astype(np.uint16)
    return RawFrame(samples, IMX477.cfa, 12, (float(IMX477.black_dn),) * 4, IMX477.white_dn)


def subject_of(raw, gain, processing="raw"):
    luma = filled_green(raw, IMX477.tone)
    return Subject(luma=luma, raw=raw, sensor=IMX477, gain=gain, binning=1, processing=processing)


def lit(subject):
    return Analyser().analyse(subject, FOCUS).overlay & Flag.PEAKING != 0


@pytest.mark.parametrize("gain", [1.0, 4.0, 16.0])
def test_green_tells_a_sharp_frame_without_a_flat_place_from_a_blurred_one_and_from_noise(gain):
    scene = leaves((256, 320), count=2500)
    sharp, blurred, flat = (lit(subject_of(shot(s, gain), gain)) for s in (scene, disc(scene, 2), scene * 0 + 0.18))
    assert sharp.mean() > 0.04 and blurred.mean() < 0.0005 and not flat.any()
    assert sharp.sum() > lit(subject_of(shot(scene, gain), gain, "none")).sum()  # the same plane, its noise not known


@pytest.mark.parametrize("gain", [1.0, 16.0])
def test_half_green_is_dark_on_noise_of_every_level(gain):
    levels = np.repeat(np.repeat(np.linspace(0, 1, 48).reshape(6, 8), 420, 0), 420, 1)
    found = lit(subject_of(shot(levels, gain), gain)).reshape(6, 420, 8, 420)
    assert not found[:, 40:-40, :, 40:-40].any()  # the edges between the patches are sharp


def test_the_plane_follows_size_area_and_what_is_there():
    subject = subject_of(shot(np.full((64, 96), 0.2), 1.0), 1.0)
    assert focus_plane(subject, WHOLE).processing is PROCESSINGS["raw"]
    assert np.array_equal(focus_plane(subject, CENTRE).luma, filled_green(subject.raw, IMX477.tone)[16:48, 24:72])
    without = focus_plane(replace(subject, raw=None), WHOLE)
    assert without.processing is PROCESSINGS["none"] and np.array_equal(without.luma, subject.luma)
    full = subject_of(shot(np.full((2063, 3025), 0.2), 1.0), 1.0)
    plane = focus_plane(full, WHOLE)
    assert plane.processing is HALF_GREEN and plane.luma.shape == full.focus_size and plane.halved


@pytest.mark.parametrize(("size", "name"), [((2064, 3024), "shot"), ((64, 96), "jpeg")])
def test_only_a_shots_jpeg_with_all_pixels_is_judged_as_one(size, name):
    subject = Subject(luma=np.zeros(size, np.uint8), sensor=IMX477, gain=1.0, binning=1, processing="shot")
    assert focus_plane(subject, WHOLE).processing is PROCESSINGS[name]
