"""Turned files: picture, samples and colour filters come out the right way up, in all eight ways."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image, ImageOps
from plain_dng import plain_dng

from device.bayer import CFA_ORDERS, CfaOrder, offsets
from device.cli.inspect import inspect
from device.drivers.replay import ReplayCamera
from device.errors import BadFile
from device.frame import RawFrame
from device.pixels.orientation import turned, turned_raw
from device.raw.demosaic import picture_of_raw
from device.raw.dng_reader import raw_size, read_raw
from device.raw.files import read_picture, read_size
from device.raw.tiff_reader import read_tiff
from device.raw.tiff_writer import Type, numbers
from device.sensors.base import ToneCurve

Make = Callable[..., Any]
WAYS = range(1, 9)
LINEAR = numbers(Type.SHORT, 34892)
STRAIGHT = ToneCurve((0.0, 1.0), (0.0, 1.0))


def picture(height: int = 48, width: int = 64) -> np.ndarray:
    """Grey with a white block near the upper left and a darker one beside it: no turn of it is like another."""
    pixels = np.full((height, width), 90, np.uint8)
    pixels[4:16, 4:16] = 240
    pixels[4:16, 20:28] = 40
    return pixels


def by_pillow(pixels: np.ndarray, orientation: int) -> np.ndarray:
    """The same pixels as another program turns them."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG", exif=exif)
    with Image.open(buffer) as image:
        return np.asarray(ImageOps.exif_transpose(image))


def samples_of(pixels: np.ndarray) -> np.ndarray:
    return (256 + pixels.astype(np.uint16) * 15).astype(np.uint16)


def dng(orientation: int, *, grey: bool = False, **changes: Any) -> bytes:
    fields = changes | {"ORIENTATION": numbers(Type.SHORT, orientation), "AS_SHOT_NEUTRAL": None}
    if grey:
        fields["PHOTOMETRIC_INTERPRETATION"] = LINEAR
    black = numbers(Type.SHORT, 256, 256, 256, 256)
    return plain_dng(samples_of(picture()), 12, BLACK_LEVEL=black, **fields)


@pytest.mark.parametrize("orientation", WAYS)
def test_pixels_are_turned_as_other_programs_turn_them(orientation: int) -> None:
    assert np.array_equal(turned(picture(), orientation), by_pillow(picture(), orientation))


def behind(channel: str, raw: RawFrame) -> np.ndarray:
    """The samples behind the filters of one colour."""
    row, column = offsets(raw.cfa)[channel]
    return raw.samples[row::2, column::2]


@pytest.mark.parametrize("shape", [(24, 32), (25, 33), (24, 33), (25, 32)])
@pytest.mark.parametrize("order", CFA_ORDERS)
def test_turned_samples_make_the_turned_picture(order: CfaOrder, shape: tuple[int, int]) -> None:
    samples = np.random.default_rng(4).integers(300, 4000, shape).astype(np.uint16)
    raw = RawFrame(samples, order, 12, (256.0, 300.0, 200.0, 280.0), 4095, levels_assumed=True)
    plain = picture_of_raw(raw, gains=(2.0, 1.5), colour=None, tone=STRAIGHT)
    for orientation in WAYS:
        again = turned_raw(raw, orientation)
        assert again.levels_assumed and again.samples.flags.c_contiguous
        rendered = picture_of_raw(again, gains=(2.0, 1.5), colour=None, tone=STRAIGHT)
        np.testing.assert_allclose(rendered.astype(int), turned(plain, orientation).astype(int), atol=1)
        for channel in "RB":
            behind = [
                r.samples[tuple(slice(start, None, 2) for start in offsets(r.cfa)[channel])] for r in (raw, again)
            ]
            assert np.array_equal(turned(behind[0], orientation), behind[1])


@pytest.mark.parametrize("orientation", WAYS)
@pytest.mark.parametrize("kind", ["dng", "grey dng", "jpeg", "png"])
def test_a_file_is_read_the_right_way_up_and_tells_that_size_before(
    kind: str, orientation: int, tmp_path: Path
) -> None:
    path = tmp_path / "picture"
    if "dng" in kind:
        path.write_bytes(dng(orientation, grey=kind == "grey dng"))
    else:
        exif = Image.Exif()
        exif[0x0112] = orientation
        Image.fromarray(picture()).save(path, kind.upper(), exif=exif, **({"quality": 100} if kind == "jpeg" else {}))
    wanted = by_pillow(picture(), orientation)
    read = read_picture(path)
    assert read.metadata.orientation == orientation and read_size(path) == wanted.shape[::-1]
    assert read.luma.shape == wanted.shape and read.rgb().shape == (*wanted.shape, 3)
    assert (read.decoded_rgb is None) == (kind != "dng") and (read.raw is not None) == (kind == "dng")
    for shown in (read.luma, read.rgb()[..., 1], *([] if read.raw is None else [read.raw.samples])):
        high, low = shown > np.median(shown), shown < np.median(shown)
        assert (high & (wanted == 240)).sum() >= 100 and (low & (wanted == 40)).sum() >= 60
        assert not (high & (wanted == 40)).any() and not (low & (wanted == 240)).any()


def test_a_grey_sensor_has_levels_and_no_bayer_samples() -> None:
    tiff = read_tiff(dng(1, grey=True))
    assert raw_size(tiff) == (64, 48)
    with pytest.raises(BadFile, match="no Bayer samples"):
        read_raw(tiff)


def test_black_of_a_grey_sensor_may_differ_by_place(tmp_path: Path) -> None:
    samples = np.full((48, 64), 1000, np.uint16)
    for place, black in zip(np.ndindex(2, 2), (100, 200, 300, 400), strict=True):
        samples[place[0] :: 2, place[1] :: 2] = black + (4095 - black) // 4
    path = tmp_path / "picture"
    blacks = numbers(Type.SHORT, 100, 200, 300, 400)
    path.write_bytes(plain_dng(samples, 12, BLACK_LEVEL=blacks, PHOTOMETRIC_INTERPRETATION=LINEAR))
    assert np.ptp(read_picture(path).luma) <= 1


@pytest.mark.parametrize("orientation", WAYS)
@pytest.mark.parametrize("grey", [False, True])
def test_inspect_writes_masks_and_overlays_upright(grey: bool, orientation: int, tmp_path: Path) -> None:
    path, mask, overlay = tmp_path / "a.dng", tmp_path / "mask.png", tmp_path / "overlay.png"
    path.write_bytes(dng(orientation, grey=grey))
    done = CliRunner().invoke(
        inspect, [str(path), "--peaking", str(mask), "--overlay", str(overlay), "--zebra-high", "90", "--json"]
    )
    assert done.exit_code == 0, done.output
    report = json.loads(done.output)
    wanted = by_pillow(picture(), orientation)
    assert (report["height"], report["width"]) == wanted.shape
    assert report["grey"] == grey and report["audit"]["verdict"] == "ok"
    painted = np.asarray(Image.open(overlay).convert("RGB"))
    assert painted.shape[:2] == wanted.shape == np.asarray(Image.open(mask)).shape
    marked = (painted != read_picture(path).rgb()).any(axis=2)
    assert marked[wanted == 240].mean() > 0.2
    assert marked[wanted != 240].mean() < 0.1  # what peaking marks at the edges


@pytest.mark.parametrize("orientation", WAYS)
@pytest.mark.parametrize("grey", [False, True])
def test_a_replay_plays_it_upright(grey: bool, orientation: int, tmp_path: Path) -> None:
    (tmp_path / "a.dng").write_bytes(dng(orientation, grey=grey))
    camera = ReplayCamera(tmp_path, pace=False)
    camera.open()
    try:
        wanted = by_pillow(picture(), orientation)
        (mode,) = camera.info.modes
        assert (mode.height, mode.width) == wanted.shape and camera.info.capabilities.raw_live is not grey
        frame, still = camera.next_frame(5), camera.capture_still(5)
        for shown in (frame.main.y, still.picture.y):
            assert shown[wanted == 240].mean() > shown[wanted == 90].mean() > shown[wanted == 40].mean()
    finally:
        camera.close()
