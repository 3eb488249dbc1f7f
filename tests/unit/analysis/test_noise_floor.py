"""The noise floor: found in flat, blurred and sharp subjects, by level and colour, with and without the gain."""

from dataclasses import replace

import numpy as np
import pytest
from analysis_scenes import disc, leaves, render

from device.analysis import sharpness
from device.analysis.noise import photosite_sigma
from device.analysis.noise_floor import (
    CHANNEL_END,
    FARTHEST,
    LEAST_CODES,
    OF_BESIDE,
    PER_HUE,
    UNMEASURED_END,
    Windows,
    bare_noise,
    first_guess,
    measure_noise,
)
from device.analysis.passes.detail.contract import BLOCK, CLASSES, HUES, LEVELS
from device.analysis.processing import DENOISED, JPEG_OVER_NOISE, LEAST_OVER_NOISE, OWN_GAINS, PROCESSINGS, SOFT
from device.sensors.imx477 import IMX477

PLAIN = PROCESSINGS["none"]
GREY = HUES // 2 * HUES + HUES // 2


def measure(luma, *, gain, known=True, chroma=None, **kept):
    sigma = photosite_sigma(IMX477, gain=gain if known else 1.0, binning=1)
    scratch = sharpness.Scratch(*luma.shape)
    return sharpness.measure_sharpness(
        luma, sigma, gain=gain if known else None, processing=PLAIN, scratch=scratch, chroma=chroma, **kept
    )


def noise_at(luma, *, gain, part=np.s_[:, :], **more):
    """The noise that is found, over what it is in a flat of the same light."""
    found = measure(luma, gain=gain, **more)
    return float(np.median(np.sqrt(found.noise[part])))


def of_flat(level, gain):
    flat = measure(render(np.full((160, 160), level), gain=gain, binning=1, seed=9), gain=gain)
    return float(flat.window_fine[4:-4, 4:-4].mean())


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("gain", [1.0, 4.0, 16.0])
def test_of_flat_greys_it_is_found_at_each_level(gain, known):
    for level in (0.03, 0.18, 0.5):
        luma = render(np.full((160, 200), level), gain=gain, binning=1)
        assert noise_at(luma, gain=gain, known=known) == pytest.approx(of_flat(level, gain), rel=0.07)


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("gain", [1.0, 4.0, 16.0])
def test_a_blurred_subject_does_not_hide_it(gain, known):
    luma = render(disc(leaves((320, 400)), 6), gain=gain, binning=1)
    found = measure(luma, gain=gain, known=known)
    expected = [of_flat(float(IMX477.tone.to_linear(np.array(code / 255))), gain) for code in (70, 130)]
    for code, true in zip((70, 130), expected, strict=True):
        near = abs((found.total >> 4).astype(int) - code) < 8
        assert np.median(np.sqrt(found.noise[near])) == pytest.approx(true, rel=0.25)


def test_a_flat_part_tells_it_beside_a_sharp_subject():
    scene = leaves((320, 400))
    scene[:, 200:] = 0.18
    luma = render(scene, gain=4.0, binning=1)
    assert noise_at(luma, gain=4.0, part=np.s_[:, 55:95]) == pytest.approx(of_flat(0.18, 4.0), rel=0.07)
    assert noise_at(luma, gain=4.0, part=np.s_[:, 5:45]) < 1.6 * of_flat(0.18, 4.0)


def test_each_colour_has_its_own():
    """Two colours of one luma, of which one is three times as noisy: neither is lit."""
    rng = np.random.default_rng(3)
    luma, u, v = np.full((160, 320), 120.0), np.full((80, 160), 128, np.uint8), np.full((80, 160), 128, np.uint8)
    luma += rng.standard_normal(luma.shape)
    luma[:, 160:] += 2.8 * rng.standard_normal((160, 160))
    u[:, 80:] = 180
    found = measure(np.rint(luma).astype(np.uint8), gain=1.0, chroma=(u, v))
    noise = np.sqrt(found.noise)
    assert np.median(noise[:, 50:70]) > 2.5 * np.median(noise[:, 5:30])
    assert not found.certain[:, 5:30].any() and not found.certain[:, 50:].any()


def windows(fine, *, whiteness=0.6, like_noise=True, place=7 * HUES**2 + GREY):
    count = len(fine)
    return Windows(
        np.asarray(fine, np.float32),
        np.full(count, whiteness, np.float32),
        np.full(count, like_noise),
        np.full(count, place, np.intp),
    )


BARE = bare_noise(photosite_sigma(IMX477, gain=1.0, binning=1))


def test_without_windows_it_is_the_usual_noise_more_in_colours():
    found = measure_noise(windows([]), BARE, PLAIN, gain=1.0)
    assert found.least is None
    assert found.table.factor[GREY] == pytest.approx(PLAIN.usual_noise)
    assert found.table.factor.max() > 2 * PLAIN.usual_noise
    assert np.array_equal(found.table.factor, first_guess(BARE, PLAIN).table.factor)


def test_a_class_in_focus_takes_the_least_floor_of_the_picture():
    rng = np.random.default_rng(1)
    flat, busy = 2.0 * (1 + 0.05 * rng.standard_normal(300)), 8 + 12 * rng.random(300)
    both = [
        windows(flat, place=7 * HUES**2 + GREY),
        windows(busy, whiteness=1.0, like_noise=False, place=3 * HUES**2 + GREY),
    ]
    factor = measure_noise(together(*both), BARE, PLAIN, gain=1.0).table.factor
    assert factor[7 * HUES**2 + GREY] == pytest.approx(2.0, rel=0.03)
    assert 1.8 < factor[3 * HUES**2 + GREY] < 2.6


def together(*parts):
    return Windows(
        *(np.concatenate([getattr(w, f) for w in parts]) for f in ("fine", "whiteness", "like_noise", "classes"))
    )


def test_most_windows_of_a_flat_need_to_look_like_noise_not_nearly_all():
    """Of a saturated flat 60 to 80 % do; beside it there are sharp edges to the next colour."""
    rng = np.random.default_rng(1)
    noise = 2.4 * (1 + 0.05 * rng.standard_normal(100))
    place = 7 * HUES**2 + 6 * HUES + 10
    flat = [windows(noise[:70], place=place), windows(noise[70:], like_noise=False, place=place)]
    edges = windows(8 + 12 * rng.random(50), whiteness=1.0, like_noise=False, place=place)
    grey = windows(1.9 * (1 + 0.05 * rng.standard_normal(300)))
    factor = measure_noise(together(grey, *flat, edges), BARE, PLAIN, gain=1.0).table.factor
    assert factor[place] == pytest.approx(2.4, rel=0.05)


@pytest.mark.parametrize("gain", [1.0, None])
def test_a_colour_may_be_farther_above_the_least_noise_than_a_grey(gain):
    """The tone curve of sRGB is steep where a saturated colour has little of a channel."""
    grey_place, blue_place = 2 * HUES**2 + GREY, 2 * HUES**2 + 14 * HUES + 8
    noise = 1.15 * 1.2 * FARTHEST * np.ones(60)
    edges = [windows(40 * np.ones(40), whiteness=1.0, like_noise=False, place=p) for p in (grey_place, blue_place)]
    given = together(
        windows(1.15 * np.ones(300)), windows(noise, place=grey_place), windows(noise, place=blue_place), *edges
    )
    factor = measure_noise(given, BARE, PLAIN, gain=gain).table.factor
    assert factor[blue_place] >= noise[0]
    assert factor[grey_place] < noise[0] / 2


def test_noise_that_differs_from_place_to_place_is_told_from_a_faint_texture():
    """Edge-directed demosaics leave less of it in some windows; a texture has more in some."""
    place = 7 * HUES**2 + 6 * HUES + 10
    grey, edges = windows(1.9 * np.ones(300)), windows(20 * np.ones(60), like_noise=False, place=place)
    low, rng = np.linspace(1.6, 1.9, 15), np.random.default_rng(1)
    noise = np.concatenate([low, 2.4 * (1 + 0.03 * rng.standard_normal(75))])
    texture = np.concatenate([low, 2.4 * (1 + 0.3 * rng.random(75))])
    uneven, busy = (
        measure_noise(together(grey, windows(fine, place=place), edges), BARE, PLAIN, gain=1.0).table.factor[place]
        for fine in (noise, texture)
    )
    assert uneven == pytest.approx(np.median(noise), rel=0.02)
    assert busy < 0.9 * np.median(texture)


def test_a_small_flat_is_found_though_edges_beside_it_hide_what_it_is():
    place = 7 * HUES**2 + 6 * HUES + 10
    grey, edges = windows(1.3 * np.ones(300)), windows(20 * np.ones(10), like_noise=False, place=place)
    for level, found in ((4.0, True), (2.0, False)):
        flat = [windows(level * np.ones(18), place=place), windows(level * np.ones(18), like_noise=False, place=place)]
        factor = measure_noise(together(grey, *flat, edges), BARE, PLAIN, gain=1.0).table.factor[place]
        assert (factor == pytest.approx(level, rel=0.02)) == found


def test_a_class_of_few_windows_takes_the_noise_of_a_flat_beside_it():
    place = 7 * HUES**2 + 6 * HUES + 10
    given = together(windows(1.3 * np.ones(300)), windows(4.0 * np.ones(60), place=place))
    factor = measure_noise(given, BARE, PLAIN, gain=1.0).table.factor
    beside = [place + step for step in (1, -1, HUES, -HUES, HUES**2, -(HUES**2), HUES**2 - HUES - 1)]
    assert factor[beside] == pytest.approx(OF_BESIDE * 4.0)
    assert factor[[place + 2, place + 2 * HUES, place + 2 * HUES**2]].max() < 2


def test_of_a_colour_at_the_end_of_a_channel_less_is_asked_for():
    blue, other = 2 * HUES**2 + 16 * HUES + 7, 7 * HUES**2 + 6 * HUES + 10
    parts = [windows(1.3 * np.ones(300))]
    for place in (blue, other):
        flat = windows(6.0 * np.ones(18), place=place), windows(6.0 * np.ones(20), like_noise=False, place=place)
        parts += [*flat, windows(60 * np.ones(50), like_noise=False, place=place)]
    factor = measure_noise(together(*parts), BARE, PLAIN, gain=1.0).table.factor
    assert factor[blue] == pytest.approx(CHANNEL_END * 6.0)
    assert factor[other] < 2
    nothing = measure_noise(windows(1.3 * np.ones(300)), BARE, PLAIN, gain=1.0).table.factor
    assert nothing[blue] == pytest.approx(UNMEASURED_END * CHANNEL_END * nothing[GREY] * (1 + 128 * PER_HUE), rel=0.2)


def test_what_is_even_all_over_and_looks_like_noise_is_noise_however_high():
    place = 9 * HUES**2 + GREY
    edges = windows(60 * np.ones(20), like_noise=False, place=6 * HUES**2 + GREY)
    for some, found in ((0, True), (20, False)):
        even, busy = windows(6.0 * np.ones(60), place=place), windows(20 * np.ones(some), place=place)
        given = together(windows(1.3 * np.ones(300)), even, busy, edges)
        factor = measure_noise(given, BARE, PLAIN, gain=1.0).table.factor[place]
        assert (factor == pytest.approx(6.0, rel=0.02)) == found


def test_with_a_known_gain_a_black_corner_does_not_make_all_other_noise_too_much():
    """A JPEG has taken everything from it."""
    place = 6 * HUES**2 + 10 * HUES + 8
    busy = windows(20 * np.ones(40), whiteness=1.0, like_noise=False, place=place)
    given = together(windows(0.05 * np.ones(300)), windows(2.5 * np.ones(100), place=place), busy)
    assert measure_noise(given, BARE, PLAIN, gain=1.0).table.factor[place] == pytest.approx(2.5, rel=0.05)


def test_noise_under_half_a_code_is_not_less_than_rounding_may_be():
    """Flats between two codes flicker; others are still, and are not to set the noise of all."""
    bare = BARE / 4
    table = measure_noise(windows(0.3 * np.ones(300)), bare, PLAIN, gain=1.0).table
    middle = bare[256 // LEVELS // 2 :: 256 // LEVELS]
    assert (np.repeat(middle, HUES**2) * table.factor).min() >= 0.999 * BLOCK**2 * LEAST_CODES


def test_a_known_gain_bounds_what_is_believed():
    low, high = windows(np.full(99, 0.5)), windows(np.full(99, 9.0), whiteness=1.0, like_noise=False)
    assert measure_noise(low, BARE, PLAIN, gain=1.0).table.factor[GREY] >= PLAIN.beside_structure - 1e-6
    assert measure_noise(low, BARE, PLAIN, gain=None).table.factor[7 * HUES**2 + GREY] == pytest.approx(0.5, rel=0.01)
    assert measure_noise(high, BARE, PLAIN, gain=1.0).least == PLAIN.most_noise
    assert measure_noise(high, BARE, PLAIN, gain=None).least is None


def test_denoised_flats_tell_nothing_of_the_noise_beside_structure():
    assert PLAIN.least_noise(DENOISED, 1.0) == PLAIN.lowest_noise
    gains = (1.0, 4.0, 8.0, 16.0, 22.0)
    least = [PLAIN.least_noise(0.5, gain) for gain in gains]
    middle = (PLAIN.beside_structure + PLAIN.lowest_noise) / 2
    assert least == pytest.approx([1.9, 1.9, middle, PLAIN.lowest_noise, PLAIN.lowest_noise])


def test_a_soft_demosaic_has_a_lower_threshold():
    assert PLAIN.soft_threshold is not None
    assert PLAIN.threshold_at(None) == PLAIN.threshold_at(SOFT[1]) == PLAIN.threshold
    assert PLAIN.threshold_at(SOFT[0]) == PLAIN.soft_threshold
    assert replace(PLAIN, soft_threshold=None).threshold_at(1.0) == PLAIN.threshold


def test_a_stream_is_measured_in_every_fourth_picture_and_blended():
    follower, gain = sharpness.NoiseFollower(), 4.0
    due = [follower.due("a") for _ in range(1)]
    follower.follow(measure_noise(windows(np.full(99, 2.0)), BARE, PLAIN, gain=gain))
    due += [follower.due("a") for _ in range(8)]
    assert due == [True, False, False, True, False, False, False, True, False]
    follower.follow(measure_noise(windows(np.full(99, 3.0)), BARE, PLAIN, gain=gain))
    assert follower.floor.table.factor[7 * HUES**2 + GREY] == pytest.approx(2.6, rel=0.01)
    assert follower.due("b")


def test_the_table_has_a_place_for_every_class():
    found = measure(render(np.full((64, 64), 0.2), gain=1.0, binning=1), gain=1.0)
    assert found.least is not None
    table = first_guess(BARE, PLAIN).table
    assert table.factor.shape == table.coarse.shape == (CLASSES,) and table.factor.dtype == np.float32


def test_own_pictures_have_a_threshold_and_a_gate_by_gain():
    own = PROCESSINGS["shot"]
    assert own.own_thresholds is not None and own.own_over_noise is not None
    for gain, threshold, gate in zip(OWN_GAINS, own.own_thresholds, own.own_over_noise, strict=True):
        assert (own.threshold_at(None, gain), own.over_noise_at(gain)) == pytest.approx((threshold, gate))
    assert own.threshold_at(1.4, 2.0) == pytest.approx((own.own_thresholds[0] + own.own_thresholds[1]) / 2)
    assert own.threshold_at(None, 22.0) == own.own_thresholds[-1]
    assert (own.threshold_at(None, None), own.over_noise_at(None)) == (own.threshold, JPEG_OVER_NOISE)
    for gain in (*OWN_GAINS, None):
        others = PROCESSINGS["jpeg"]
        assert (others.threshold_at(None, gain), others.over_noise_at(gain)) == (others.threshold, JPEG_OVER_NOISE)
        assert PLAIN.over_noise_at(gain) == LEAST_OVER_NOISE
