"""Scenes and depths that people give: what is taken, what is refused, and how far things then are."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from bomb_files import flat_png, progressive_jpeg
from PIL import Image

from device.errors import BadScene
from device.sensors.imx477 import IMX477
from device.simulator.depth import Depth, parse_depth
from device.simulator.layers import CODES_PER_WHITE, FieldOfView
from device.simulator.lens import LensSetting, project
from device.simulator.photo import Photo
from device.simulator.scene import LIGHT_K, Scene, to_camera

MODE = IMX477.modes[2]
CAMERA = to_camera(IMX477.colour, LIGHT_K)


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A texture with every frequency."""
    path = tmp_path_factory.mktemp("scene") / "photo.png"
    pixels = np.random.default_rng(0).integers(60, 200, (760, 1014, 1), dtype=np.uint8).repeat(3, axis=2)
    Image.fromarray(pixels).save(path)
    return path


def test_depths_in_words() -> None:
    assert parse_depth(" 2.0 ") == Depth(2.0, 2.0)
    assert parse_depth("1:10") == Depth(1.0, 10.0)


@pytest.mark.parametrize(
    "text", ["0", "-1", "nan", "inf", "1e9", "1:0", "10:1", "1:2:3", "", "near", "no/such.png", ":"]
)
def test_a_bad_depth_says_what_was_expected(text: str) -> None:
    with pytest.raises(BadScene) as caught:
        parse_depth(text)
    assert caught.value.message and caught.value.expected


def test_a_depth_without_a_photograph_is_refused() -> None:
    with pytest.raises(BadScene):
        Scene(None, Depth(1, 1), IMX477)


BAD_KINDS = ("empty", "folder", "text", "small", "cut short", "missing", "pipe", "device", "claims", "scans")


def bad_file(folder: Path, kind: str) -> Path:
    path = folder / f"{kind}.jpg"
    if kind == "empty":
        path.touch()
    elif kind == "folder":
        path.mkdir()
    elif kind == "text":
        path.write_text("this is not a picture")
    elif kind == "small":
        Image.new("RGB", (319, 240)).save(path)
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "device":
        return Path("/dev/zero")
    elif kind == "claims":
        path.write_bytes(flat_png(9000, 9000))
    elif kind == "scans":
        path.write_bytes(progressive_jpeg(640, 480, extra_scans=100))
    elif kind == "cut short":
        Image.effect_noise((800, 600), 50).save(path)
        path.write_bytes(path.read_bytes()[:2000])
    return path


@pytest.mark.parametrize("kind", BAD_KINDS)
def test_a_bad_scene_says_what_was_expected(tmp_path: Path, kind: str) -> None:
    with pytest.raises(BadScene) as caught:
        Scene(bad_file(tmp_path, kind), None, IMX477).layers(16.0)
    assert caught.value.message and (kind in ("claims", "scans") or "photograph" in caught.value.expected)


@pytest.mark.parametrize("mode", ["L", "RGBA", "P", "1", "CMYK", "I;16", "LA"])
def test_pictures_of_every_kind_are_taken(tmp_path: Path, mode: str) -> None:
    path = tmp_path / "scene.tiff"
    if mode == "I;16":
        Image.fromarray(np.full((480, 640), 188 * 257, np.uint16)).save(path)
    elif mode == "CMYK":
        Image.new("RGB", (640, 480), (188, 188, 188)).convert("CMYK").save(path)
    elif mode == "1":
        Image.new("1", (640, 480), 1).save(path)
    else:
        Image.new("RGB", (640, 480), (188, 188, 188)).convert(mode).save(path)
    (layer,) = Photo(path, None).layers(FieldOfView(), CAMERA)
    # sRGB code 188 is linear 0.503; a dithered P or CMYK may be a code off.
    wanted = 1.0 if mode == "1" else 0.503
    assert layer.plate.levels[1][1].mean() / CODES_PER_WHITE == pytest.approx(wanted, rel=0.02)


def test_a_wide_photograph_loses_its_sides(tmp_path: Path) -> None:
    pixels = np.zeros((480, 1000, 3), np.uint8)
    pixels[:, 180:820] = 255  # 640 x 480: exactly 4:3 in the middle
    path = tmp_path / "wide.png"
    Image.fromarray(pixels).save(path)
    light = project(Scene(path, None, IMX477).layers(16.0), LensSetting(16, 2.8, 2.0), MODE, IMX477)
    assert light[:, 20:-20].min() > 0.2 * CODES_PER_WHITE


def test_in_focus_the_photograph_is_seen_as_it_is(tmp_path: Path) -> None:
    pixels = np.zeros((1520, 2028, 3), np.uint8)
    pixels[:, :1014] = (200, 100, 50)
    path = tmp_path / "halves.png"
    Image.fromarray(pixels).save(path)
    light = project(Scene(path, None, IMX477).layers(16.0), LensSetting(16, 2.8, 2.0), MODE, IMX477)
    linear = np.array([0.57758, 0.12744, 0.03190])  # 200, 100, 50 by IEC 61966-2-1
    red, green, blue = CAMERA @ linear * CODES_PER_WHITE
    patch = light[100:200, 100:200].astype(float)
    found = (patch[0::2, 0::2].mean(), patch[0::2, 1::2].mean(), patch[1::2, 1::2].mean())
    assert found == pytest.approx((red, green, blue), abs=1.0)  # in codes of 1/4096 of white
    assert light[100:200, 1100:].max() <= 1


def sharpness(light: np.ndarray, rows: slice) -> float:
    return float((np.diff(light[rows, 0::2][1::2].astype(float), axis=1) ** 2).mean())


def test_a_ramp_is_near_at_the_bottom_and_far_at_the_top(photo: Path) -> None:
    layers = Scene(photo, parse_depth("0.5:10"), IMX477).layers(16.0)
    near, far = (project(layers, LensSetting(16, 2.8, focus_m), MODE, IMX477) for focus_m in (0.55, 6.0))
    top, bottom = slice(0, 120), slice(1400, 1520)
    assert sharpness(near, bottom) > 5 * sharpness(near, top)
    assert sharpness(far, top) > 5 * sharpness(far, bottom)


def test_a_depth_picture_is_near_where_it_is_white(photo: Path, tmp_path: Path) -> None:
    grey = np.zeros((760, 1014), np.uint8)
    grey[:, 507:] = 255
    path = tmp_path / "depth.png"
    Image.fromarray(grey).save(path)
    layers = Scene(photo, parse_depth(str(path)), IMX477).layers(16.0)
    rows = slice(600, 800)
    near, far = (project(layers, LensSetting(16, 2.8, focus_m), MODE, IMX477) for focus_m in (0.53, 9.0))
    left, right = slice(0, 800), slice(1228, 2028)
    assert sharpness(near[:, right], rows) > 5 * sharpness(near[:, left], rows)
    assert sharpness(far[:, left], rows) > 5 * sharpness(far[:, right], rows)


def test_a_bad_depth_picture_is_named(photo: Path, tmp_path: Path) -> None:
    path = tmp_path / "depth.png"
    path.write_text("no picture")
    with pytest.raises(BadScene, match="depth picture"):
        Scene(photo, parse_depth(str(path)), IMX477).layers(16.0)


def test_a_longer_lens_sees_the_middle(photo: Path) -> None:
    scene = Scene(photo, None, IMX477)
    wide = scene.layers(16.0)[0].plate.levels[1][1].astype(float)
    long = scene.layers(32.0)[0].plate.levels[1][1].astype(float)
    assert wide.shape[0] == long.shape[0] == 1536
    cut = wide[380:1140, 507:1521].reshape(95, 8, -1).mean(axis=1)[:, :1008].reshape(95, 126, 8).mean(axis=2)
    grown = long[:1520, :2016].reshape(95, 16, 126, 16).mean(axis=(1, 3))
    assert np.corrcoef(cut.ravel(), grown.ravel())[0, 1] > 0.9
