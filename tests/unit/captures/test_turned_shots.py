"""Shots of a camera on its side, upside down or before a mirror: each program shows the mark where it belongs."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rawpy
from PIL import Image, ImageOps
from simplejpeg import decode_jpeg

from device.captures.shot import Shot, save_still
from device.captures.storage import Storage
from device.frame import RawFrame, StillFrame, YuvPicture
from device.preferences.orientation import ROTATIONS_DEG, Orientation
from device.raw.files import read_picture
from device.raw.jpeg import thumbnail
from device.sensors.imx477 import IMX477

Make = Callable[..., Any]
ALL = [Orientation(rotation, mirrored) for mirrored in (False, True) for rotation in ROTATIONS_DEG]
SIZE = (384, 512)
BRIGHT, DARK = (slice(32, 128), slice(32, 128)), (slice(32, 128), slice(160, 224))


def scene() -> np.ndarray:
    """Grey with a white block near the upper left and a dark one to its right, (H, W) 0..1: no turn is like another."""
    light = np.full(SIZE, 0.25)
    light[BRIGHT], light[DARK] = 0.9, 0.02
    return light


def as_mounted(light: np.ndarray, orientation: Orientation) -> np.ndarray:
    """The scene as it is to be seen, by numpy's own turns."""
    return np.rot90(np.fliplr(light) if orientation.mirrored else light, -orientation.rotation_deg // 90)


def agrees(picture: np.ndarray, orientation: Orientation) -> bool:
    """Whether a picture of any size shows both marks where they belong."""
    grey = np.asarray(Image.fromarray(picture).convert("L"))
    wanted = as_mounted(scene(), orientation)
    small = Image.fromarray(wanted.astype(np.float32)).resize(grey.shape[::-1], Image.Resampling.BOX)
    if (grey.shape[0] > grey.shape[1]) != (wanted.shape[0] > wanted.shape[1]):
        return False
    light = np.asarray(small)
    inside = {"bright": light > 0.89, "dark": light < 0.03, "grey": abs(light - 0.25) < 0.005}
    means = {name: float(grey[mask].mean()) for name, mask in inside.items()}
    return means["bright"] > means["grey"] + 40 > means["dark"] + 60


@pytest.fixture
def shoot(tmp_path: Path, make_meta: Make) -> Callable[[Orientation], Shot]:
    storage = Storage(tmp_path / "captures")
    storage.prepare()
    black, white = 256, 4095
    grain = np.random.default_rng(3).normal(0, 3, SIZE)
    gains = IMX477.colour.gains_at(5000.0)
    filters = np.ones(SIZE)
    filters[0::2, 0::2], filters[1::2, 1::2] = 1 / gains[0], 1 / gains[1]
    samples = np.clip(black + scene() * filters * (white - black) + grain, 0, white).astype(np.uint16)
    chroma = np.full((SIZE[0] // 2, SIZE[1] // 2), 128, np.uint8)
    picture = YuvPicture((255 * scene() ** (1 / 2.2)).astype(np.uint8), chroma, chroma)
    raw = RawFrame(samples, "RGGB", 12, (black,) * 4, white)

    def take(orientation: Orientation) -> Shot:
        meta = make_meta(orientation=orientation.exif, colour_gains=gains)
        return save_still(StillFrame(meta, picture, raw), storage, sensor=IMX477, awb="auto")

    return take


@pytest.mark.tools
@pytest.mark.parametrize("orientation", ALL, ids=lambda o: f"{o.rotation_deg}{'m' * o.mirrored}")
def test_every_program_shows_a_shot_upright_in_all_eight_orientations(
    orientation: Orientation, shoot: Callable[[Orientation], Shot], run_tool: Make
) -> None:
    shot = shoot(orientation)
    assert shot.audit.verdict == "ok"
    dng, jpeg = shot.capture.file("dng").path, shot.capture.file("jpeg").path  # type: ignore[union-attr]
    with Image.open(jpeg) as image:
        assert agrees(np.asarray(ImageOps.exif_transpose(image)), orientation)
        assert (np.asarray(image.convert("L"))[BRIGHT] > 200).all(), "the pixels are as the sensor gave them"
    with rawpy.imread(str(dng)) as opened:
        assert agrees(opened.postprocess(use_camera_wb=True, no_auto_bright=True), orientation)
        assert (opened.raw_image[BRIGHT] > opened.raw_image[DARK].max()).all()
    developed = run_tool("dcraw", "-c", "-w", dng)
    with Image.open(io.BytesIO(developed)) as image:
        assert agrees(np.asarray(image), orientation)
    for path in (dng, jpeg):
        assert agrees(read_picture(path).yuv.y, orientation), "as replay, inspect and develop read it"
        told = run_tool("exiftool", "-n", "-s3", "-a", "-Orientation", path).split()
        assert {int(number) for number in told} == {orientation.exif}
    for tag, path in (
        ("-ThumbnailImage", jpeg),
        ("-PreviewImage", dng),
    ):  # stored as the sensor gave them, like the rest
        inner = decode_jpeg(run_tool("exiftool", "-b", tag, path), "GRAY")[..., 0]
        assert agrees(inner, Orientation())


def test_the_thumbnail_of_a_list_of_captures_is_shown_upright(shoot: Callable[[Orientation], Shot]) -> None:
    for orientation in ALL:
        jpeg = shoot(orientation).capture.file("jpeg").path  # type: ignore[union-attr]
        small = thumbnail(jpeg.read_bytes(), 160, name=jpeg.name)
        with Image.open(io.BytesIO(small)) as image:
            assert agrees(np.asarray(ImageOps.exif_transpose(image)), orientation)


def test_a_picture_shown_wrongly_would_be_seen_by_these_tests() -> None:
    seen = {
        (shown.exif, wanted.exif)
        for shown in ALL
        for wanted in ALL
        if agrees((255 * as_mounted(scene(), shown)).astype(np.uint8), wanted)
    }
    assert seen == {(n, n) for n in range(1, 9)}
