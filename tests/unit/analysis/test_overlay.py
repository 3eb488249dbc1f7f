"""The overlay plane: reduction by OR, packing into layers, painting."""

import numpy as np
import pytest

from device.analysis import palette
from device.analysis.overlay import Flag, factor_between, layers, reduce_or
from device.analysis.overlay_paint import paint
from device.errors import BadInput


def brute_reduce(plane, factor):
    height, width = plane.shape
    out = np.zeros((-(-height // factor), -(-width // factor)), np.uint8)
    for y in range(height):
        for x in range(width):
            out[y // factor, x // factor] |= plane[y, x]
    return out


@pytest.mark.parametrize("shape", [(1, 1), (1, 7), (7, 1), (4, 6), (5, 7), (12, 13)])
@pytest.mark.parametrize("factor", [1, 2, 3, 4, 5])
def test_reduction_never_loses_a_lit_pixel_and_never_adds_one(shape, factor):
    plane = np.random.default_rng(1).choice([0, 0, 0, 1, 2, 64, 127], shape).astype(np.uint8)
    assert np.array_equal(reduce_or(plane, factor), brute_reduce(plane, factor))


@pytest.mark.parametrize("factor", [2, 3, 4])
def test_a_one_pixel_line_survives_the_reduction_whole(factor):
    plane = np.zeros((24, 24), np.uint8)
    plane[:, 11] = Flag.PEAKING
    assert (reduce_or(plane, factor) != 0).sum() == 24 // factor


@pytest.mark.parametrize(
    ("size", "small", "factor"),
    [
        ((1520, 2028), (760, 1014), 2),
        ((1520, 2028), (1520, 2028), 1),
        ((1521, 2029), (761, 1015), 2),
        ((3040, 4056), (760, 1014), 4),
        ((9, 1), (3, 1), 3),
        ((1, 1), (1, 1), 1),
    ],
)
def test_factor_is_the_whole_number_that_divides_rounding_up(size, small, factor):
    assert factor_between(size, small) == factor


@pytest.mark.parametrize("small", [(760, 1000), (761, 1014), (0, 0), (3040, 4056), (760, 1520)])
def test_an_overlay_that_does_not_divide_the_picture_is_refused(small):
    with pytest.raises(BadInput):
        factor_between((1520, 2028), small)


def test_layers_hold_only_what_is_lit_with_the_left_pixel_in_the_high_bit():
    plane = np.zeros((2, 9), np.uint8)
    plane[0, 0] = Flag.PEAKING
    plane[1, 8] = Flag.PEAKING | Flag.RAW_CLIP_B
    assert [(name, bits.tolist()) for name, bits in layers(plane)] == [
        ("peaking", [[0x80, 0], [0, 0x80]]),
        ("raw_clip_b", [[0, 0], [0, 0x80]]),
    ]


def test_a_dark_overlay_has_no_layers():
    assert layers(np.zeros((3, 5), np.uint8)) == []


@pytest.mark.parametrize("flag", list(Flag))
def test_packed_bits_unpack_to_the_layer(flag):
    plane = np.random.default_rng(2).integers(0, 256, (5, 13)).astype(np.uint8)
    bits = dict(layers(plane))[flag.name.lower()]
    assert bits.shape == (5, 2)
    assert np.array_equal(np.unpackbits(bits, axis=1)[:, :13] != 0, (plane & flag) != 0)


def test_paint_colours_and_leaves_the_rest_and_the_input_alone():
    luma = np.full((4, 8), 100, np.uint8)
    plane = np.zeros((4, 8), np.uint8)
    plane[0, 0] = Flag.PEAKING
    plane[1, 1] = Flag.RAW_CLIP_R | Flag.RAW_CLIP_G
    plane[3] = Flag.ZEBRA_HIGH
    painted = paint(luma, plane)
    assert tuple(painted[0, 0]) == palette.PEAKING
    assert tuple(painted[1, 1]) == (255, 255, 0)
    assert tuple(painted[2, 2]) == (100, 100, 100)
    assert {tuple(p) for p in painted[3]} == {palette.ZEBRA_HIGH, (100, 100, 100)}
    assert (luma == 100).all()


def test_paint_spreads_a_smaller_overlay_over_rgb():
    rgb = np.zeros((3, 5, 3), np.uint8)
    painted = paint(rgb, np.array([[0, 0, 1], [1, 0, 0]], np.uint8))
    assert np.argwhere(painted[..., 0]).tolist() == [[0, 4], [1, 4], [2, 0], [2, 1]]
