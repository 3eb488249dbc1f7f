"""Waveform, vectorscope, spot, false colour, IRE: figures that can be checked by hand."""

import math

import numpy as np
import pytest

from device.analysis import false_colour, ire, scopes
from device.analysis.histogram import take_sample
from device.analysis.overlay import coarsen, encode
from device.analysis.settings import AssistSettings
from device.analysis.spot_meter import read_spot
from device.analysis.subject import Subject
from device.frame import Controls, RawFrame
from device.pixels.orientation import turned
from device.sensors.imx477 import IMX477
from device.simulator.chart import patches_linear
from device.simulator.sensor import white_dn_per_us
from device.view import graphs

# IRE: full 8, limited 8, full 10, limited 10, linear sRGB, linear through the IMX477's tone curve.
IRE_TABLE = {
    40: (102, 104, 409, 414, 0.133, 0.128),
    50: (128, 126, 512, 502, 0.214, 0.178),
    70: (179, 169, 716, 677, 0.448, 0.315),
    90: (230, 213, 921, 852, 0.787, 0.641),
    95: (242, 224, 972, 896, 0.890, 0.807),
    100: (255, 235, 1023, 940, 1.0, 1.0),
}


@pytest.mark.parametrize("level", IRE_TABLE)
def test_the_table_of_ire(level):
    got = [ire.code_of(level, bits=b, signal_range=r) for b in (8, 10) for r in ("full", "limited")]
    assert tuple(got) == IRE_TABLE[level][:4]
    light = ire.linear_of_srgb(level), ire.linear_of(level, IMX477.tone)
    assert light == pytest.approx(IRE_TABLE[level][4:], abs=0.0006)  # three decimals


def test_over_white_is_109_ire_of_the_limited_range():
    assert [ire.code_of(109, bits=b, signal_range="limited") for b in (8, 10)] == [255, 1019]


def colour(shape, y, u=128, v=128):
    half = -(-shape[0] // 2), -(-shape[1] // 2)
    return np.full(shape, y, np.uint8), np.full(half, u, np.uint8), np.full(half, v, np.uint8)


def sample_of(*picture):
    luma, u, v = colour(*picture)
    return take_sample(luma, (u, v))


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("parade", [False, True])
def test_the_columns_of_a_waveform_are_those_of_the_picture_as_it_is_seen(orientation, parade):
    planes = [np.random.default_rng(n).integers(0, 256, (60, 90), np.uint8) for n in range(4)]
    seen = [turned(plane, orientation) for plane in planes]
    wave, wanted = (
        scopes.waveform(take_sample(luma, None), tuple(rgb) if parade else None, orientation=way)
        for (luma, *rgb), way in ((planes, orientation), (seen, 1))
    )
    assert np.array_equal(wave.counts, wanted.counts) and wave.most == wanted.most


def test_a_ramp_is_a_diagonal_in_the_waveform():
    luma = np.repeat(np.arange(256, dtype=np.uint8)[None], 40, axis=0)
    wave = scopes.waveform(take_sample(luma, None))
    assert wave.counts.shape == (1, 64, 128) and wave.counts.sum() == luma.size
    assert wave.most == 80  # 40 rows of two columns
    for column in range(128):
        assert wave.counts[0, :, column].nonzero()[0].tolist() == [63 - column // 2]


def test_the_parade_has_each_channel_in_its_own_place():
    sample = sample_of((64, 96), 100, 148, 108)  # R 72, G 107, B 135
    parade = scopes.waveform(sample, sample.rgb())
    lit = [set(np.nonzero(channel)[0]) for channel in parade.counts]
    assert lit == [{63 - 72 // 4}, {63 - 107 // 4}, {63 - 135 // 4}]
    assert (parade.counts.sum(axis=(1, 2)) == sample.size).all()


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (301, 7), (990, 1332), (1520, 2028)])
def test_every_sampled_pixel_is_in_each_scope(shape):
    rng = np.random.default_rng(2)
    luma, u, v = (rng.integers(0, 256, plane.shape).astype(np.uint8) for plane in colour(shape, 0))
    sample = take_sample(luma, (u, v))
    wave, vector = scopes.waveform(sample), scopes.vectorscope(sample)
    assert wave.counts.sum() == vector.counts.sum() == sample.size
    assert wave.counts.shape[2] <= scopes.COLUMNS and wave.counts.max() <= wave.most
    assert np.array_equal(
        wave.counts[0].sum(axis=1)[::-1], np.bincount(sample.luma.ravel(), minlength=256).reshape(64, 4).sum(axis=1)
    )


def test_the_vectorscope_has_grey_in_the_middle_and_colours_where_they_belong():
    assert scopes.vectorscope(sample_of((8, 8), 90)).counts[32, 32] == 64
    assert scopes.vectorscope(sample_of((8, 8), 90, 85, 255)).counts[63, 21] == 64
    assert scopes.vectorscope(take_sample(colour((8, 8), 90)[0], None)).counts[32, 32] == 64


def test_brightness_shows_one_pixel_and_all_of_them():
    counts = np.array([[0, 1, 5, 380, 380]])
    packed = graphs.nibbles(counts, 380)
    assert packed.shape == (1, 3)
    values = np.stack([packed >> 4, packed & 15], axis=-1).reshape(-1)[:5]
    assert values.tolist() == [0, 2, 5, 15, 15]


def test_a_coarse_layer_is_in_blocks_lit_by_two_of_four():
    bits = np.random.default_rng(4).integers(0, 2, (9, 16)).astype(np.uint8)
    got = np.unpackbits(coarsen(np.packbits(bits, axis=1)), axis=1)
    padded = np.concatenate([bits, bits[-1:]])
    blocks = padded.reshape(5, 2, 8, 2).sum(axis=(1, 3)) >= 2
    assert np.array_equal(got, np.repeat(np.repeat(blocks, 2, 0), 2, 1)[:9])


def test_an_overlay_survives_its_packing():
    import zlib

    bits = np.random.default_rng(4).integers(0, 256, (2, 7, 3)).astype(np.uint8)
    stream = encode([("peaking", bits[0]), ("zebra_high", bits[1])])
    back = np.bitwise_xor.accumulate(np.frombuffer(zlib.decompress(stream), np.uint8).reshape(bits.shape), axis=1)
    assert np.array_equal(back, bits)
    assert encode([]) == b""


def spot_of(y, u=128, v=128, samples=None, gains=(2.0, 1.5), colour_temperature_k=None, **settings):
    raw = None if samples is None else RawFrame(samples, "RGGB", 12, (256.0,) * 4, 4095)
    luma, *chroma = colour((60, 80), y, u, v)
    light = {"colour_gains": gains, "colour_temperature_k": colour_temperature_k}
    subject = Subject(luma=luma, chroma=tuple(chroma), raw=raw, sensor=IMX477, gain=1.0, binning=2, **light)
    return read_spot(subject, AssistSettings(**settings))


def mosaic(red, green, blue, shape=(60, 80)):
    samples = np.full(shape, green, np.uint16)
    samples[0::2, 0::2], samples[1::2, 1::2] = red, blue
    return samples


def test_the_spot_reads_raw_ev_by_colour_ire_and_rgb():
    span = 4057 - 256
    spot = spot_of(100, 148, 108, mosaic(256 + span // 4, 256 + span // 2, 256 + span // 8))
    assert (spot.raw.red_ev, spot.raw.green_ev, spot.raw.blue_ev) == pytest.approx((-2, -1, -3), abs=0.01)
    assert spot.ire == pytest.approx(100 * 100 / 255)
    assert (round(spot.red), round(spot.green), round(spot.blue)) == (72, 107, 135)


def test_reflectance_is_of_display_white_and_eighteen_percent_is_middle_grey():
    grey = 0.18 * (4095 - 256)
    spot = spot_of(129, samples=mosaic(256 + grey / 2, 256 + grey, 256 + grey / 1.5))
    assert spot.reflectance_percent == pytest.approx(18, abs=0.05)
    assert spot.from_grey_ev == pytest.approx(0, abs=0.01) and spot.reflectance_from == "raw"
    display = spot_of(129)
    assert display.reflectance_percent == pytest.approx(18, abs=0.2) and display.reflectance_from == "display"
    assert display.raw is None


@pytest.mark.parametrize("kelvin", [2850, 3600, 4500, 5000, 6504, 7500])
def test_the_reflectance_of_colours_is_their_luminance_in_every_light(kelvin):
    """Of the patches of the chart, from raw and from the display: both stand beside the same IRE."""
    gains, ccm = IMX477.colour.gains_at(kelvin), IMX477.colour.ccm_at(kelvin)
    for patch in patches_linear().astype(float):
        wanted = 100 * float(np.dot((0.2126, 0.7152, 0.0722), patch))
        camera = np.linalg.inv(ccm) @ patch / (gains[0], 1, gains[1])
        codes = np.round(256 + 3839 * camera).astype(int)
        red, green, blue = 255 * IMX477.tone.to_display(patch)
        y = 0.299 * red + 0.587 * green + 0.114 * blue
        display = round(y), round(128 + 0.564 * (blue - y)), round(128 + 0.713 * (red - y))
        raw = spot_of(*display, samples=mosaic(*codes), gains=gains, colour_temperature_k=kelvin)
        unknown = spot_of(*display, samples=mosaic(*codes), gains=gains)
        shown = spot_of(*display)
        assert (raw.reflectance_from, shown.reflectance_from) == ("raw", "display")
        for spot in (raw, unknown, shown):
            assert math.log2(spot.reflectance_percent / wanted) == pytest.approx(0, abs=0.1)


@pytest.mark.parametrize(("x", "y"), [(0, 0), (1, 1), (0, 1), (0.5, 0.02)])
def test_a_spot_at_the_edge_is_pushed_in(x, y):
    assert spot_of(50, spot_x=x, spot_y=y, spot_size=0.2).ire == pytest.approx(100 * 50 / 255)


@pytest.mark.parametrize(("sample", "y"), [(0, 0), (256, 0), (4095, 255)])
def test_the_spot_on_black_and_white(sample, y):
    spot = spot_of(y, samples=np.full((60, 80), sample, np.uint16))
    assert (spot.raw.green_ev is None) is (y == 0) and (spot.from_grey_ev is None) is (y == 0)
    assert spot.raw.clipped_percent == (100 if y else 0) and spot.ire == (100 if y else 0)


def test_the_spot_reads_a_known_radiance():
    """A grey card of known reflectance in the simulated camera's light, exposed by known amounts."""
    from device.simulator.layers import CODES_PER_WHITE
    from device.simulator.sensor import RawMaker

    mode = next(m for m in IMX477.modes if (m.width, m.height) == (2028, 1520))
    maker = RawMaker(IMX477, mode, np.random.default_rng(1))
    light = np.full((mode.height, mode.width), round(0.18 * CODES_PER_WHITE), np.uint16)
    for exposure_us, gain in ((1000, 1.0), (8000, 2.0), (500, 8.0)):
        samples = maker.expose(
            light, exposure_us=exposure_us, gain=gain, f_number=2.8, out=np.empty(light.shape, np.uint16)
        )
        spot = spot_of(100, samples=samples)
        signal = 0.18 * white_dn_per_us(IMX477, 2.8) * exposure_us * gain
        assert spot.raw.green_ev == pytest.approx(math.log2(signal / (4057 - 256)), abs=0.05)


@pytest.mark.parametrize("scale", ["ire", "stops"])
def test_false_colours_hold_every_code_once_and_say_where_they_begin(scale):
    bands = false_colour.bands(scale, IMX477.tone)
    assert [b.first_code for b in bands[1:]] == [b.last_code + 1 for b in bands[:-1]]
    assert bands[0].first_code == 0 and (bands[-1].first_code, bands[-1].last_code) == (255, 255)
    assert all(b.first_code <= b.last_code for b in bands) and len({b.rgb for b in bands}) == len(bands)
    table = false_colour.lookup(scale, IMX477.tone)
    assert all((table[b.first_code] == b.rgb).all() and (table[b.last_code] == b.rgb).all() for b in bands)


def test_middle_grey_is_green_and_a_stop_above_is_skin():
    table = {b.name: b for b in false_colour.bands("ire", IMX477.tone)}
    grey, skin = (round(255 * float(IMX477.tone.to_display(np.array(light)))) for light in (0.18, 0.36))
    assert table["18 % grey"].first_code <= grey <= table["18 % grey"].last_code
    assert table["light skin"].first_code <= skin <= table["light skin"].last_code
    for band in false_colour.bands("stops", IMX477.tone)[1:-1]:
        wanted = dict((name, ev) for name, ev, _ in false_colour.STOP_BANDS)[band.name]
        assert band.from_ev >= wanted - 1e-6  # its first code is the first at or above


def test_the_simulated_camera_fills_every_graph():
    from device.drivers.simulated import SimulatedCamera
    from device.view.frame_copy import copy_frame
    from device.view.view import ViewMaker

    camera = SimulatedCamera()
    camera.open()
    camera.start(next(m for m in camera.info.modes if (m.width, m.height) == (2028, 1520)), Controls())
    frame = camera.next_frame(5)
    settings = AssistSettings(waveform="parade", vectorscope=True, spot=True)
    view = ViewMaker(IMX477).make(copy_frame(frame, with_raw=settings.reads_raw), settings)
    frame.release()
    camera.close()
    assert [part.name for part in view.findings.graphs] == ["histogram", "raw_histogram", "waveform", "vectorscope"]
    assert view.findings.readings.raw_exposure.headroom_ev[0] > 1
