"""The analyser: everything together, on any size, the same whatever the strips."""

from dataclasses import fields, replace

import numpy as np
import pytest
from analysis_scenes import gauss, leaves, render

from device import kernels
from device.analysis import analyser
from device.analysis.overlay import Flag, reduce_or
from device.analysis.passes.detail import reference as detail_reference
from device.analysis.passes.display import reference as display_reference
from device.analysis.passes.raw import reference as raw_reference
from device.analysis.settings import AssistSettings
from device.analysis.subject import Subject
from device.errors import BadInput
from device.frame import RawFrame
from device.pixels.yuv import halve_plane
from device.sensors.imx477 import IMX477

EVERYTHING = AssistSettings(
    zebra_band=True, zebra_low=True, raw_shadow=True, spot=True, waveform="parade", vectorscope=True
)
OFF = ("peaking", "zebra_high", "clipping", "raw_histogram", "histogram", "focus_score")
NOTHING = AssistSettings(**dict.fromkeys(OFF, False))
GRAPHS = ("histogram", "raw_exposure", "waveform", "vectorscope")
SIZES = [(1, 1), (1, 40), (40, 1), (2, 2), (33, 47), (64, 96), (45, 101)]


def ceil(size, factor):
    return tuple(-(-side // factor) for side in size)


def frame(size, seed=9):
    rng = np.random.default_rng(seed)
    luma = rng.integers(0, 256, size).astype(np.uint8)
    u, v = (rng.integers(60, 200, ceil(size, 2)).astype(np.uint8) for _ in "uv")
    raw = RawFrame(rng.integers(3900, 4096, size).astype(np.uint16), "GBRG", 12, (256.0,) * 4, 4095)
    return luma, u, v, raw


def subject_of(planes, overlay_size, gain=2.0):
    luma, u, v, raw = planes
    chroma = None if u is None else (u, v)
    return Subject(luma=luma, chroma=chroma, raw=raw, sensor=IMX477, gain=gain, binning=2, overlay_size=overlay_size)


def analyse(planes, factor, settings=EVERYTHING, using=None):
    return (using or analyser.Analyser()).analyse(subject_of(planes, ceil(planes[0].shape, factor)), settings)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("factor", [2, 3, 4])
def test_a_smaller_overlay_is_the_full_one_brought_down_by_or(size, factor):
    planes = frame(size)
    full, small = analyse(planes, 1), analyse(planes, factor)
    assert np.array_equal(small.overlay, reduce_or(full.overlay, factor))
    for field in fields(full.readings):
        if field.name not in GRAPHS:
            assert getattr(small.readings, field.name) == getattr(full.readings, field.name)


@pytest.mark.parametrize("factor", [1, 2, 3])
def test_strips_leave_no_seams(factor, monkeypatch):
    planes = frame((101, 66))
    whole = analyse(planes, factor)
    monkeypatch.setattr(kernels, "COMPILED", None)
    monkeypatch.setattr(display_reference, "STRIP_PIXELS", 700)
    monkeypatch.setattr(detail_reference, "STRIP_PIXELS", 700)
    monkeypatch.setattr(raw_reference, "STRIP_SAMPLES", 700)
    strips = analyse(planes, factor)
    assert np.array_equal(strips.overlay, whole.overlay)
    assert strips.readings.peaking_percent == whole.readings.peaking_percent > 0
    assert strips.readings.raw_clipping == whole.readings.raw_clipping


def test_percentages_are_shares_of_the_full_picture():
    luma = np.zeros((10, 20), np.uint8)
    luma[:3, :10] = 255  # 15 %
    luma[5, :] = 180  # 10 %: 70.6 IRE
    result = analyse((luma, None, None, None), 2, replace(EVERYTHING, peaking=False))
    assert result.readings.zebra_high_percent == pytest.approx(15)
    assert result.readings.zebra_band_percent == pytest.approx(10)
    assert result.readings.zebra_low_percent == pytest.approx(75)
    assert result.overlay.shape == (5, 10)
    assert (result.overlay[2] == Flag.ZEBRA_BAND | Flag.ZEBRA_LOW).all()


@pytest.mark.parametrize(("code", "sample"), [(0, 256), (255, 4095)])
@pytest.mark.parametrize("size", SIZES)
def test_black_and_white_pictures(size, code, sample):
    grey = np.full(ceil(size, 2), 128, np.uint8)
    raw = RawFrame(np.full(size, sample, np.uint16), "RGGB", 12, (256.0,) * 4, 4095)
    result = analyse((np.full(size, code, np.uint8), grey, grey, raw), 2)
    readings = result.readings
    assert readings.peaking_percent == readings.focus_score == readings.zebra_band_percent == 0
    assert readings.zebra_high_percent == (100 if code else 0)
    assert readings.zebra_low_percent == (0 if code else 100)
    assert readings.raw_clipping.red_percent == (100 if code else 0)
    assert readings.histogram.luma[code] == readings.histogram.sampled


def test_what_is_off_is_none_and_dark():
    result = analyse(frame((20, 30)), 2, NOTHING)
    assert not result.overlay.any()
    assert all(getattr(result.readings, field.name) is None for field in fields(result.readings))


def test_without_raw_there_is_no_word_of_clipping():
    luma, u, v, _ = frame((20, 30))
    result = analyse((luma, u, v, None), 2)
    assert result.readings.raw_clipping is None
    assert not (result.overlay & 0xF0).any()
    assert result.readings.raw_exposure is None and result.readings.spot.raw is None
    assert result.readings.spot.reflectance_from == "display"


def test_raw_of_another_size_gives_percentages_only():
    luma, u, v, _ = frame((20, 30))
    raw = RawFrame(np.full((40, 60), 4095, np.uint16), "RGGB", 12, (256.0,) * 4, 4095)
    result = analyse((luma, u, v, raw), 2)
    assert result.readings.raw_clipping.green_percent == 100
    assert not (result.overlay & 0x70).any()


def test_chroma_of_an_odd_size_may_be_rounded_down():
    luma, u, v, raw = frame((21, 31))
    result = analyse((luma, u[:10, :15], v[:10, :15], raw), 2)
    assert result.overlay.shape == (11, 16)


def test_planes_may_be_views_with_a_stride():
    planes = frame((40, 64))
    luma, u, v, raw = (np.zeros((p.shape[0], p.shape[1] + 8), p.dtype) for p in (*planes[:3], planes[3].samples))
    for wide, plane in zip((luma, u, v, raw), (*planes[:3], planes[3].samples), strict=True):
        wide[:, :-8] = plane
    views = (luma[:, :-8], u[:, :-8], v[:, :-8], replace(planes[3], samples=raw[:, :-8]))
    assert np.array_equal(analyse(views, 2).overlay, analyse(planes, 2).overlay)


def test_one_analyser_may_change_size_settings_and_gain():
    using = analyser.Analyser()
    for size, factor in (((64, 96), 2), ((33, 47), 1), ((64, 96), 2)):
        planes = frame(size)
        assert np.array_equal(analyse(planes, factor, using=using).overlay, analyse(planes, factor).overlay)


def test_results_do_not_change_when_the_next_frame_comes():
    using = analyser.Analyser()
    first = analyse(frame((40, 64)), 1, using=using)
    kept = first.overlay.copy()
    analyse(frame((40, 64), seed=10), 1, using=using)
    assert np.array_equal(first.overlay, kept)


def test_inputs_are_only_read():
    planes = frame((40, 64))
    for plane in (*planes[:3], planes[3].samples):
        plane.flags.writeable = False
    analyse(planes, 2)


def test_an_overlay_of_the_wrong_size_is_refused():
    with pytest.raises(BadInput):
        analyser.Analyser().analyse(subject_of(frame((40, 64)), (20, 31)), EVERYTHING)


def test_the_gate_follows_the_gain():
    scene = 0.05 + 0.1 * np.random.default_rng(4).random((64, 64))
    luma = render(gauss(scene, 0.6), gain=1.0, binning=2)
    using = analyser.Analyser()
    lit = [
        using.analyse(subject_of((luma, None, None, None), None, gain), EVERYTHING).readings.peaking_percent
        for gain in (1.0, 16.0)
    ]
    assert lit[0] > 2 * lit[1]


FULL = (2063, 3025)
"""Both sides odd, and one pixel more than two whole halves of a half."""


@pytest.fixture(scope="module")
def full_picture():
    """Leaves that are sharp at half the size of a picture with all pixels of a sensor."""
    half = render(leaves((256, 320), count=1500), gain=1.0, binning=2)
    tiled = np.tile(np.repeat(np.repeat(half, 2, axis=0), 2, axis=1), (5, 5))
    return np.ascontiguousarray(tiled[: FULL[0], : FULL[1]])


def focus_of(luma, *, binning=1, processing="none", chroma=None, **changes):
    using = analyser.Analyser()
    subject = Subject(luma=luma, chroma=chroma, sensor=IMX477, gain=1.0, binning=binning, processing=processing)
    found = using.analyse(subject, replace(NOTHING, focus_score=True, focus_size=1.0, **changes))
    return found.overlay & Flag.PEAKING != 0, found.readings.focus_score, using, subject


@pytest.mark.parametrize("coloured", [False, True])
def test_focus_of_a_picture_with_all_pixels_of_a_sensor_is_judged_at_half_its_size(full_picture, coloured):
    chroma = tuple(np.full(ceil(FULL, 2), 128, np.uint8) for _ in "uv") if coloured else None
    lit, score, using, subject = focus_of(full_picture, peaking=True, chroma=chroma)
    height, width = subject.focus_size
    assert (height, width) == (1030, 1512) and using.sharpness.fine.shape == ceil((height, width), 4)
    half = halve_plane(full_picture, (height, width))
    chroma = tuple(plane[: height // 2, : width // 2] for plane in chroma) if coloured else None
    small, small_score, *_ = focus_of(half, processing="halved", peaking=True, chroma=chroma)
    assert small.mean() > 0.02 and score == small_score
    assert np.array_equal(lit[: 2 * height, : 2 * width], np.repeat(np.repeat(small, 2, axis=0), 2, axis=1))
    assert not lit[2 * height :].any() and not lit[:, 2 * width :].any()


def test_the_focus_score_alone_is_judged_at_half_the_size_too(full_picture):
    _, with_mask, *_ = focus_of(full_picture, peaking=True)
    _, alone, *_ = focus_of(full_picture)
    assert alone == with_mask > 0


@pytest.mark.parametrize(
    ("size", "binning", "processing"),
    [
        ((1520, 2028), 1, "none"),  # a binned picture in a file
        ((2000, 3000), 1, "jpeg"),  # at the limit
        (FULL, 2, "camera"),
        (FULL, 1, "halved"),  # was halved before, and says so
        ((500, 20_000), 1, "none"),  # a panorama
    ],
)
def test_other_pictures_are_judged_at_their_own_size(size, binning, processing):
    subject = Subject(luma=np.zeros(size, np.uint8), sensor=IMX477, gain=1.0, binning=binning, processing=processing)
    assert subject.focus_size == size
