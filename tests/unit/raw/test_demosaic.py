"""The plain rendering of raw samples: a flat colour comes out as itself, in every order, and edges stay sharp."""

from __future__ import annotations

import numpy as np
import pytest

from device.bayer import CFA_ORDERS, CfaOrder, offsets
from device.frame import RawFrame
from device.pixels.bt601 import grey_picture, to_yuv
from device.raw.demosaic import (
    COLOUR_AT_OTHER,
    COLOUR_IN_COLUMN,
    COLOUR_IN_ROW,
    GREEN_AT_COLOUR,
    picture_of_raw,
)
from device.sensors.base import ToneCurve
from device.sensors.imx477 import IMX477

STRAIGHT = ToneCurve((0.0, 1.0), (0.0, 1.0))
BLACK = (256.0, 250.0, 260.0, 270.0)


def mosaic(rgb: np.ndarray, order: CfaOrder, gains: tuple[float, float] = (1.0, 1.0)) -> RawFrame:
    """Sample (H, W, 3) linear 0..1 through a Bayer pattern, 12 bits, each channel on its own black."""
    samples = np.empty(rgb.shape[:2], np.uint16)
    factor = {"R": gains[0], "G": 1.0, "B": gains[1]}
    for (channel, (row, column)), black in zip(offsets(order).items(), BLACK, strict=True):
        signal = rgb[row::2, column::2, "RGB".index(channel[0])] / factor[channel[0]]
        samples[row::2, column::2] = np.rint(black + signal * (4095 - black))
    return RawFrame(samples, order, 12, BLACK, 4095)


@pytest.mark.parametrize("kernel", [GREEN_AT_COLOUR, COLOUR_AT_OTHER, COLOUR_IN_ROW, COLOUR_IN_COLUMN])
def test_a_kernel_leaves_a_flat_field_flat(kernel: dict[tuple[int, int], float]) -> None:
    assert sum(kernel.values()) == 8


@pytest.mark.parametrize("shape", [(140, 38), (141, 39), (2, 2), (3, 2)])
@pytest.mark.parametrize("order", CFA_ORDERS)
def test_a_flat_colour_comes_out_as_itself(order: CfaOrder, shape: tuple[int, int]) -> None:
    colour = (0.8, 0.4, 0.2)
    raw = mosaic(np.broadcast_to(np.array(colour), (*shape, 3)), order, (2.0, 1.6))
    rendered = picture_of_raw(raw, gains=(2.0, 1.6), colour=None, tone=STRAIGHT)
    assert rendered.shape == (*shape, 3) and rendered.dtype == np.uint8
    np.testing.assert_allclose(rendered, np.broadcast_to(np.array(colour) * 255, rendered.shape), atol=1)


@pytest.mark.parametrize("order", CFA_ORDERS)
def test_a_ramp_of_grey_is_kept_in_both_directions(order: CfaOrder) -> None:
    # Linear kernels keep a linear ramp exactly, away from the mirrored border.
    rows, columns = np.mgrid[0:130, 0:96]
    grey = 0.1 + rows / 400 + columns / 400
    rendered = picture_of_raw(mosaic(np.stack([grey] * 3, -1), order), gains=(1.0, 1.0), colour=None, tone=STRAIGHT)
    np.testing.assert_allclose(rendered[3:-3, 3:-3], np.stack([grey * 255] * 3, -1)[3:-3, 3:-3], atol=1.01)


def test_a_grey_edge_stays_sharp_and_nearly_grey() -> None:
    grey = np.full((64, 64), 0.2)
    grey[:, 31:] = 0.6
    rendered = picture_of_raw(mosaic(np.stack([grey] * 3, -1), "RGGB"), gains=(1.0, 1.0), colour=None, tone=STRAIGHT)
    # One pixel beside the edge each channel is already within the kernels' overshoot, at most 1.5 / 8 of the step.
    np.testing.assert_allclose(rendered[20, 29], 51, atol=102 * 1.5 / 8 + 1)
    np.testing.assert_allclose(rendered[20, 32], 153, atol=102 * 1.5 / 8 + 1)


def test_colours_of_the_scene_return_through_balance_and_matrix() -> None:
    gains = IMX477.colour.gains_at(4559)
    scene = np.array([0.35, 0.2, 0.12])
    camera = np.linalg.inv(IMX477.colour.ccm_at(4559)) @ scene
    raw = mosaic(np.broadcast_to(camera, (16, 16, 3)), "BGGR", gains)
    rendered = picture_of_raw(raw, gains=gains, colour=IMX477.colour, tone=STRAIGHT)
    np.testing.assert_allclose(rendered[8, 8], scene * 255, atol=2)


def test_blown_highlights_are_white_and_black_is_black() -> None:
    raw = RawFrame(np.full((8, 8), 4095, np.uint16), "RGGB", 12, BLACK, 4095)
    for gains in ((2.0, 1.5), (0.8, 1.2)):
        assert (picture_of_raw(raw, gains=gains, colour=IMX477.colour, tone=IMX477.tone) == 255).all()
    dark = RawFrame(np.zeros((8, 8), np.uint16), "RGGB", 12, BLACK, 4095)
    assert not picture_of_raw(dark, gains=(2.0, 1.5), colour=IMX477.colour, tone=IMX477.tone).any()


@pytest.mark.parametrize(
    ("rgb", "yuv"),
    [  # JFIF 1.02
        ((0, 0, 0), (0, 128, 128)), ((255, 255, 255), (255, 128, 128)), ((255, 0, 0), (76, 85, 255)),
        ((0, 255, 0), (150, 44, 21)), ((0, 0, 255), (29, 255, 107)),
    ],
)  # fmt: skip
@pytest.mark.parametrize("shape", [(1, 1), (4, 4), (131, 3), (1, 9)])
def test_yuv_is_that_of_jpeg_at_any_size(rgb: tuple[int, ...], yuv: tuple[int, ...], shape: tuple[int, int]) -> None:
    picture = to_yuv(np.broadcast_to(np.array(rgb, np.uint8), (*shape, 3)))
    planes = (picture.y, picture.u, picture.v)
    chroma = ((shape[0] + 1) // 2, (shape[1] + 1) // 2)
    assert tuple(plane.shape for plane in planes) == (shape, chroma, chroma)
    assert all(set(plane.ravel().tolist()) == {value} for plane, value in zip(planes, yuv, strict=True))
    assert grey_picture(picture.y).u.shape == chroma


def test_chroma_is_the_mean_of_its_four_pixels() -> None:
    rgb = np.zeros((2, 2, 3), np.uint8)
    rgb[0, 0] = (255, 0, 0)
    assert int(to_yuv(rgb).v[0, 0]) == 160  # 128 + 127.5 / 4, rounded
