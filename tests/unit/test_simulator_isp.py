"""The ISP: known light in, known codes out."""

from __future__ import annotations

import numpy as np
import pytest

from device.frame import YuvPicture
from device.sensors.imx477 import IMX477
from device.simulator.chart import PATCHES_SRGB, patches_linear
from device.simulator.isp import Isp, empty_picture, half_size
from device.simulator.scene import to_camera

SIDE = 72  # more than one strip of rows, and not a whole number of strips
LIGHT_K = 5000.0
GAINS, CCM = IMX477.colour.gains_at(LIGHT_K), IMX477.colour.ccm_at(LIGHT_K)


def mosaic_of(camera_rgb: np.ndarray) -> np.ndarray:
    """Noiseless raw of camera RGB planes (3, h, w) or one colour (3,)."""
    planes = np.broadcast_to(camera_rgb.reshape(3, *camera_rgb.shape[1:] or (1, 1)), (3, SIDE, SIDE))
    raw = planes[1].copy()
    raw[0::2, 0::2], raw[1::2, 1::2] = planes[0, 0::2, 0::2], planes[2, 1::2, 1::2]
    return np.clip(np.round(256 + raw * 3839), 0, 4095).astype(np.uint16)


def develop(raw: np.ndarray) -> tuple[YuvPicture, YuvPicture]:
    main, small = empty_picture(SIDE, SIDE), empty_picture(*half_size(SIDE, SIDE))
    isp = Isp(SIDE, SIDE, IMX477.tone)
    isp.develop(raw, black_dn=256, white_dn=4095, colour_gains=GAINS, ccm=CCM, main=main, small=small)
    return main, small


def rgb_of(y: np.ndarray, u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Mean R, G, B codes by ITU-T T.871."""
    y, u, v = (float(p.mean()) for p in (y, u, v))
    return np.array([y + 1.402 * (v - 128), y - 0.344136 * (u - 128) - 0.714136 * (v - 128), y + 1.772 * (u - 128)])


@pytest.mark.parametrize("index", range(len(PATCHES_SRGB)))
def test_a_chart_patch_comes_out_as_its_own_colour(index: int) -> None:
    patch = patches_linear()[index] * np.float32(0.8)
    main, small = develop(mosaic_of(to_camera(IMX477.colour, LIGHT_K) @ patch))
    wanted = 255 * IMX477.tone.to_display(np.clip(patch, 0, 1).astype(float))
    # Raw, luma, U and V are rounded to whole codes; 1.772 x half a code in U alone is 0.9 in blue, and the matrix
    # multiplies the raw's rounding (about 3 x 2 x half a DN, tone slope 0.3 code per DN) in the dark.
    for picture in (main, small):
        assert rgb_of(picture.y, picture.u, picture.v) == pytest.approx(wanted, abs=2.0)


def test_a_flat_field_is_flat_to_the_very_edges() -> None:
    main, small = develop(mosaic_of(to_camera(IMX477.colour, LIGHT_K) @ patches_linear()[7]))
    for plane in (main.y, main.u, main.v, small.y, small.u, small.v):
        assert int(plane.max()) - int(plane.min()) <= 1


def test_clipped_light_is_white_not_pink() -> None:
    main, _ = develop(np.full((SIDE, SIDE), 4095, np.uint16))
    assert main.y.min() == 255
    assert set(np.unique(main.u)) | set(np.unique(main.v)) <= {127, 128}


def test_the_mosaic_leaves_no_maze_in_a_coloured_field() -> None:
    main, _ = develop(mosaic_of(to_camera(IMX477.colour, LIGHT_K) @ patches_linear()[14]))
    assert main.y.astype(float).std() < 0.5


def test_luma_keeps_detail_at_the_photosites_own_scale() -> None:
    """The filter keeps (10 + 0 + 2) / 16 = 75 % of a sine of 4 pixels' period; the cells' own colour adds to that."""
    wave = 0.3 + 0.03 * np.sin(np.arange(SIDE) * np.pi / 2 + np.pi / 4)
    grey = np.broadcast_to(wave, (SIDE, SIDE))
    camera = np.stack([grey / GAINS[0], grey, grey / GAINS[1]])
    main, _ = develop(mosaic_of(camera))
    linear = IMX477.tone.to_linear(main.y[8:-8, 8:-8] / 255)
    height = np.sqrt(2) * linear.std()
    assert 0.75 * 0.03 < height < 1.02 * 0.03


def test_small_is_the_luma_of_mains_cells() -> None:
    rng = np.random.default_rng(3)
    fields = np.kron(rng.uniform(0.1, 0.6, (3, 9, 9)), np.ones((8, 8)))
    camera = (to_camera(IMX477.colour, LIGHT_K) @ fields.reshape(3, -1)).reshape(3, SIDE, SIDE)
    main, small = develop(mosaic_of(camera))
    cells = main.y.astype(float).reshape(SIDE // 2, 2, SIDE // 2, 2).mean(axis=(1, 3))
    # Where two fields meet, the four lumas of a cell bend in the tone curve: only half of all cells are inside.
    assert np.quantile(np.abs(cells - small.y), 0.4) <= 1.0


def test_half_sizes_are_even() -> None:
    assert half_size(2028, 1520) == (1014, 760)
    assert half_size(1332, 990) == (666, 494)
