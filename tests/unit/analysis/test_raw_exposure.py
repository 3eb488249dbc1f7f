"""Exposure from raw samples: bins, room to the right, shadows, headroom; on scenes of known radiance."""

import math

import numpy as np
import pytest

from device.analysis import raw_exposure
from device.analysis.settings import AssistSettings
from device.bayer import CFA_ORDERS, offsets
from device.frame import Controls, RawFrame
from device.sensors.imx477 import IMX477

BLACK, CLIP = 256, 4057
SPAN = CLIP - BLACK
NOISE_DN = 0.82


def raw_of(samples, cfa="RGGB", bit_depth=12):
    scale = 2 ** (bit_depth - 12)
    return RawFrame(samples, cfa, bit_depth, (BLACK * scale,) * 4, round(4096 * scale) - 1)


def measure(raw, noise_dn=NOISE_DN, gains=None, **settings):
    return raw_exposure.measure_raw_exposure(raw, AssistSettings(**settings), noise_dn=noise_dn, colour_gains=gains)


def planes(raw):
    """Full-frame samples by colour."""
    found = {}
    for site, (row, column) in offsets(raw.cfa).items():
        found.setdefault(site[0], []).append(raw.samples[row::2, column::2].ravel())
    return {c: np.concatenate(parts).astype(float) for c, parts in found.items()}


@pytest.fixture(scope="module")
def frames():
    """The built-in scene at three exposures: (frame, raw copy)."""
    from device.drivers.simulated import SimulatedCamera

    camera, taken = SimulatedCamera(), []
    camera.open()
    mode = next(m for m in camera.info.modes if (m.width, m.height) == (2028, 1520))
    for exposure_us in (150, 500, 4000):
        camera.start(mode, Controls(exposure_us=exposure_us, gain=1.0))
        frame = camera.next_frame(5)
        raw = frame.raw
        taken.append((frame.meta, RawFrame(raw.samples.copy(), raw.cfa, raw.bit_depth, raw.black_dn, raw.white_dn)))
        frame.release()
        camera.stop()
    camera.close()
    return taken


@pytest.mark.parametrize("cfa", CFA_ORDERS)
@pytest.mark.parametrize("size", [(1520, 2028), (990, 1332), (7, 9), (2, 2)])
def test_the_histogram_counts_the_sampled_cells_exactly(cfa, size):
    raw = raw_of(np.random.default_rng(5).integers(200, 4096, size).astype(np.uint16), cfa)
    got = measure(raw)
    rows, columns = raw_exposure.steps_for((size[0] + 1) // 2, (size[1] + 1) // 2, raw_exposure.MAX_CELLS)
    expected = {c: np.zeros(raw_exposure.BINS + 1, int) for c in "RGB"}
    for site, (row, column) in offsets(cfa).items():
        values = raw.samples[row :: 2 * rows, column :: 2 * columns].ravel().astype(int)
        ev = np.log2(np.maximum(values - BLACK, 1e-6) / SPAN)
        bins = np.clip(np.floor((ev + raw_exposure.RANGE_EV) * raw_exposure.BINS_PER_EV + 1e-7), 0, raw_exposure.BINS)
        np.add.at(expected[site[0]], bins.astype(int), 1)
    for colour, counts in (("R", got.red), ("G", got.green), ("B", got.blue)):
        assert np.array_equal(counts, expected[colour])


def test_the_clip_level_is_in_the_last_bin_and_one_below_is_not():
    for value, last in ((CLIP - 1, 0), (CLIP, 4), (4095, 4)):
        assert measure(raw_of(np.full((4, 4), value, np.uint16))).red[-1] == last


def test_half_the_light_is_one_ev_down_and_one_ev_of_room():
    got = measure(raw_of(np.full((40, 40), BLACK + SPAN // 2, np.uint16)))
    assert got.green[raw_exposure.BINS - raw_exposure.BINS_PER_EV - 1] == 800
    assert got.ettr_ev == pytest.approx(1, abs=0.001)
    assert not got.over


def test_room_is_that_of_the_first_colour_to_clip():
    samples = np.full((8, 8), BLACK + SPAN // 8, np.uint16)
    samples[1::2, 1::2] = BLACK + SPAN // 2  # blue
    got = measure(raw_of(samples))
    assert (got.ettr_red_ev, got.ettr_blue_ev) == (pytest.approx(3, abs=0.01), pytest.approx(1, abs=0.01))
    assert got.ettr_ev == got.ettr_blue_ev


@pytest.mark.parametrize(("tolerance", "over"), [(0.0, True), (1.9, True), (2.0, False), (5.0, False)])
def test_so_much_may_clip_and_no_more(tolerance, over):
    samples = np.full((20, 20), BLACK + SPAN // 4, np.uint16)
    samples[0, 0] = samples[2, 2] = 4095  # 2 of 100 red samples
    got = measure(raw_of(samples), ettr_tolerance_percent=tolerance)
    assert got.over is over
    assert (got.ettr_red_ev is None) is over and (got.ettr_ev is None) is over
    assert got.ettr_green_ev == pytest.approx(2, abs=0.01)


@pytest.mark.parametrize(("value", "over"), [(0, False), (BLACK, False), (4095, True)])
def test_black_and_white_frames_give_no_room(value, over):
    got = measure(raw_of(np.full((64, 64), value, np.uint16)))
    assert got.ettr_ev is None and got.over is over
    assert got.shadow_percent == (0 if over else 100)
    assert got.red.sum() == 1024


def test_a_ten_bit_mode_has_the_same_ev():
    twelve = measure(raw_of(np.full((8, 8), BLACK + 800, np.uint16)))
    ten = measure(raw_of(np.full((8, 8), (BLACK + 800) // 4, np.uint16), bit_depth=10), NOISE_DN / 4)
    assert ten.ettr_ev == pytest.approx(twelve.ettr_ev, abs=0.01)
    assert ten.noise_floor_ev == pytest.approx(twelve.noise_floor_ev, abs=0.01)


def test_the_noise_floor_is_read_noise_and_rounding():
    raw = raw_of(np.full((8, 8), 300, np.uint16))
    read = math.sqrt(2.31 + 8.29) * 0.47 / 2  # binned 2 x 2
    assert raw_exposure.read_noise_dn(raw, IMX477, gain=1, binning=2) == pytest.approx(math.sqrt(read**2 + 1 / 12))


def test_headroom_is_what_white_balance_adds():
    red, green, blue = measure(raw_of(np.full((8, 8), 300, np.uint16)), gains=(3.152, 1.417)).headroom_ev
    margin = math.log2(SPAN / (4095 - BLACK))
    assert (red, green, blue) == pytest.approx((1.66 + margin, margin, 0.50 + margin), abs=0.01)


@pytest.mark.parametrize("index", [0, 1, 2])
def test_room_and_clipping_of_a_scene_agree_with_every_sample(frames, index):
    _, raw = frames[index]
    got = measure(raw)
    for colour, room, counts in zip(
        "RGB",
        (got.ettr_red_ev, got.ettr_green_ev, got.ettr_blue_ev),
        (got.red, got.green, got.blue),
        strict=True,
    ):
        every = np.sort(planes(raw)[colour])
        brightest = every[-1 - int(0.001 * every.size)]
        if brightest < CLIP:
            assert room == pytest.approx(math.log2(SPAN / (brightest + 1 - BLACK)), abs=0.05)
        assert 100 * counts[-1] / counts.sum() == pytest.approx(100 * (every >= CLIP).mean(), abs=0.05)


def test_exposing_by_the_room_brings_the_brightest_to_the_ceiling(frames):
    from device.drivers.simulated import SimulatedCamera

    meta, raw = frames[2]
    room = measure(raw, ettr_tolerance_percent=1.0).ettr_ev
    camera = SimulatedCamera()
    camera.open()
    mode = next(m for m in camera.info.modes if (m.width, m.height) == (2028, 1520))
    camera.start(mode, Controls(exposure_us=meta.exposure_us * 2**room, gain=1.0))
    frame = camera.next_frame(5)
    again = measure(frame.raw, ettr_tolerance_percent=1.0)
    clipped = max(counts[-1] / counts.sum() for counts in (again.red, again.green, again.blue))
    frame.release()
    camera.close()
    assert abs(again.ettr_ev) < 0.05 if again.ettr_ev is not None else 0.01 <= clipped < 0.012


def test_shadows_are_in_ev_above_the_noise_floor():
    raw = raw_of(np.full((8, 8), BLACK + 8, np.uint16))
    assert measure(raw, noise_dn=1.0).shadow_ev == pytest.approx(3)
    assert measure(raw, noise_dn=1.0, raw_shadow_ev=3.0).shadow_percent == 100
    assert measure(raw, noise_dn=1.0, raw_shadow_ev=2.9).shadow_percent == 0
