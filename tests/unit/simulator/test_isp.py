"""The ISP: known light in, known codes out."""

from __future__ import annotations

import numpy as np
import pytest

from device.frame import NoiseReduction, YuvPicture
from device.sensors.imx477 import IMX477
from device.simulator.chart import PATCHES_SRGB, patches_linear
from device.simulator.denoise_sharpen import denoise_and_sharpen
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


def look(raw: np.ndarray, contrast: float, saturation: float) -> YuvPicture:
    isp, main = Isp(SIDE, SIDE, IMX477.tone), empty_picture(SIDE, SIDE)
    isp.set_picture_style(contrast, saturation)
    isp.develop(raw, black_dn=256, white_dn=4095, colour_gains=GAINS, ccm=CCM, main=main, small=None)
    return main


@pytest.mark.parametrize("contrast", [0.5, 1.0, 1.5, 3.0])
@pytest.mark.parametrize("level", [0.05, 0.18, 0.6])
def test_contrast_stretches_the_display_about_its_middle(contrast: float, level: float) -> None:
    grey = np.full(3, level, np.float32)
    shown = float(IMX477.tone.to_display(np.array(level)))
    wanted = 255 * min(max(0.5 + contrast * (shown - 0.5), 0), 1)
    picture = look(mosaic_of(to_camera(IMX477.colour, LIGHT_K) @ grey), contrast, 1.0)
    assert float(picture.y.mean()) == pytest.approx(wanted, abs=1.0 + 0.5 * contrast)


@pytest.mark.parametrize("contrast", [0.25, 0.7, 1.0, 1.3, 4.0])
def test_a_bent_curve_goes_backwards_where_it_is_neither_black_nor_white(contrast: float) -> None:
    tone = IMX477.tone.with_contrast(contrast)
    codes = np.linspace(tone.display[0], tone.display[-1], 97)
    assert tone.to_display(tone.to_linear(codes)) == pytest.approx(codes, abs=1e-6)
    assert all(b > a for a, b in zip(tone.linear, tone.linear[1:], strict=False))
    expected = np.clip(0.5 + contrast * (IMX477.tone.to_display(np.linspace(0, 1, 301)) - 0.5), 0, 1)
    assert tone.to_display(np.linspace(0, 1, 301)) == pytest.approx(expected, abs=1e-6)


def test_saturation_scales_the_colour_and_leaves_the_luma() -> None:
    raw = mosaic_of(to_camera(IMX477.colour, LIGHT_K) @ (patches_linear()[14] * np.float32(0.8)))  # red
    grey, tuned, rich = (look(raw, 1.0, saturation) for saturation in (0.0, 1.0, 1.4))
    assert np.unique(grey.u).tolist() == np.unique(grey.v).tolist() == [128]
    assert float(rich.v.mean()) - 128 == pytest.approx(1.4 * (float(tuned.v.mean()) - 128), abs=1.0)
    assert np.array_equal(grey.y, tuned.y) and np.array_equal(rich.y, tuned.y)


def test_a_still_is_finished_only_where_there_is_detail() -> None:
    flat = np.full((130, 40), 90, np.uint8)
    denoise_and_sharpen(flat, sharpness=8, noise_reduction="best", gain=1)
    assert np.unique(flat).tolist() == [90]
    edge = np.repeat(np.array([[60] * 20 + [180] * 20], np.uint8), 130, axis=0)
    plain, sharp, untouched = edge.copy(), edge.copy(), edge.copy()
    denoise_and_sharpen(plain, sharpness=0, noise_reduction="best", gain=1)
    denoise_and_sharpen(sharp, sharpness=2, noise_reduction="off", gain=1)
    denoise_and_sharpen(untouched, sharpness=0, noise_reduction="off", gain=1)
    assert np.array_equal(untouched, edge)
    # Its blur takes a quarter of the step, 30 codes, from each side; two units of sharpness give it twice.
    assert (sharp[:, 19] == 60 - 30).all() and (sharp[:, 20] == 180 + 30).all()
    assert (np.abs(plain.astype(int) - edge) <= 3).all()


@pytest.mark.parametrize(("kind", "least"), [("fast", 0.3), ("best", 0.5)])
def test_noise_reduction_takes_noise_and_more_of_it_at_high_gain(kind: NoiseReduction, least: float) -> None:
    noisy = np.clip(np.random.default_rng(3).normal(120, 1.2, (200, 200)).round(), 0, 255).astype(np.uint8)
    cleaned = noisy.copy()
    denoise_and_sharpen(cleaned, sharpness=0, noise_reduction=kind, gain=1)
    assert cleaned.std() < (1 - least) * noisy.std()
    noisier = np.clip(np.random.default_rng(3).normal(120, 4.8, (200, 200)).round(), 0, 255).astype(np.uint8)
    cleaned = noisier.copy()
    denoise_and_sharpen(cleaned, sharpness=0, noise_reduction=kind, gain=16)
    assert cleaned.std() < (1 - least) * noisier.std()
