"""The JPEG and its Exif block, read by exiftool, Pillow and ourselves."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers import run
from PIL import Image
from PIL.ExifTags import Base

from device.errors import BadFile, BadInput
from device.frame import LensState, YuvPicture
from device.lenses.fitted import FittedLens
from device.raw.file_metadata import exposure_in
from device.raw.files import read_metadata, read_own_thumbnail
from device.raw.jpeg import encode_picture_jpeg, thumbnail, with_exif
from device.raw.jpeg_header import exif_of, segments, size_of

Make = Callable[..., Any]


def colour_picture(height: int = 96, width: int = 128) -> YuvPicture:
    rows, columns = np.mgrid[0:height, 0:width]
    y = ((rows + columns) % 256).astype(np.uint8)
    u = np.full((height // 2, width // 2), 90, np.uint8)
    v = np.full((height // 2, width // 2), 200, np.uint8)
    return YuvPicture(y, u, v)


SMALL = encode_picture_jpeg(colour_picture(24, 32), 80)


@pytest.fixture
def jpeg(make_facts: Make, make_meta: Make) -> bytes:
    meta = make_meta(simulated=True, lens=LensState(16.0, 1.4, float("inf")), ae_state="off")
    plain = encode_picture_jpeg(colour_picture(), 95)
    return with_exif(plain, make_facts(meta, awb="auto", orientation=6), thumbnail_jpeg=SMALL)


def test_the_planes_go_in_and_come_out_as_they_were() -> None:
    picture = colour_picture()
    with Image.open(io.BytesIO(encode_picture_jpeg(picture, 97))) as image:
        image.draft("YCbCr", image.size)
        y, u, v = (np.asarray(band, np.int16) for band in image.split())
    assert np.abs(y - picture.y.astype(np.int16)).mean() < 1
    assert np.abs(u - 90).max() <= 2 and np.abs(v - 200).max() <= 2


def test_rows_with_padding_are_encoded_too() -> None:
    padded = np.tile(colour_picture().y, (1, 2))
    halves = colour_picture()
    strided = YuvPicture(padded[:, :128], halves.u, halves.v)
    assert encode_picture_jpeg(strided, 90) == encode_picture_jpeg(halves, 90)


@pytest.mark.tools
def test_exiftool_finds_every_fact_and_no_fault(jpeg: bytes, tmp_path: Path, run_tool: Make) -> None:
    path = tmp_path / "shot.jpg"
    path.write_bytes(jpeg)
    assert run_tool("exiftool", "-validate", "-warning", "-error", "-a", path).split() == [b"Validate", b":", b"OK"]
    (found,) = json.loads(run_tool("exiftool", "-json", "-n", path))
    expected = {
        "Make": "Raspberry Pi", "Model": "Raspberry Pi HQ Camera IMX477", "Software": "hqcam test",
        "ImageDescription": "simulated by hqcam", "Orientation": 6, "ExposureTime": 0.008, "ISO": 200, "FNumber": 1.4,
        "FocalLength": 16, "FocalLengthIn35mmFormat": 88, "LensModel": "simulated lens", "WhiteBalance": 0,
        "ExposureMode": 1, "SubSecDateTimeOriginal": "2026:11:20 21:45:01.123+05:30", "ExifImageWidth": 128,
        "ExifImageHeight": 96, "SubjectDistance": 4294967295,
    }  # fmt: skip
    assert {name: found.get(name) for name in expected} == expected


@pytest.mark.tools
def test_the_fitted_lens_is_told(make_facts: Make, tmp_path: Path, run_tool: Make) -> None:
    path = tmp_path / "shot.jpg"
    lens = FittedLens("Leica", "Elmar-M 50mm f/2.8", 50.0, 2.8, 8.0)
    plain = encode_picture_jpeg(colour_picture(), 90)
    path.write_bytes(with_exif(plain, make_facts(lens=lens)))
    assert run_tool("exiftool", "-validate", "-warning", "-error", "-a", path).split() == [b"Validate", b":", b"OK"]
    (found,) = json.loads(run_tool("exiftool", "-json", "-n", path))
    expected = {
        "LensMake": "Leica", "LensModel": "Elmar-M 50mm f/2.8", "LensInfo": "50 50 2.8 2.8", "FocalLength": 50,
        "FNumber": 8, "FocalLengthIn35mmFormat": 275,
    }  # fmt: skip
    assert {name: found.get(name) for name in expected} == expected


@pytest.mark.tools
def test_the_thumbnail_comes_out_as_it_went_in(jpeg: bytes, tmp_path: Path, run_tool: Make) -> None:
    path = tmp_path / "shot.jpg"
    path.write_bytes(jpeg)
    assert run_tool("exiftool", "-b", "-ThumbnailImage", path) == SMALL


def test_a_thumbnail_too_large_for_exif_is_refused(make_facts: Make) -> None:
    plain = encode_picture_jpeg(colour_picture(), 90)
    with pytest.raises(BadInput, match="Exif block has 70"):
        with_exif(plain, make_facts(), thumbnail_jpeg=bytes(70_000))


def test_pillow_reads_the_same_facts_and_the_same_pixels(jpeg: bytes) -> None:
    with (
        Image.open(io.BytesIO(jpeg)) as image,
        Image.open(io.BytesIO(encode_picture_jpeg(colour_picture(), 95))) as one,
    ):
        main, exif = image.getexif(), image.getexif().get_ifd(0x8769)
        assert np.array_equal(np.asarray(image), np.asarray(one))
    assert main[271] == "Raspberry Pi" and main[270] == "simulated by hqcam"
    assert exif[33434] == pytest.approx(0.008) and exif[34855] == 200 and exif[36867] == "2026:11:20 21:45:01"


def test_the_exif_block_comes_first_and_only_once(jpeg: bytes, make_meta: Make, make_facts: Make) -> None:
    again = with_exif(jpeg, make_facts(make_meta(exposure_us=31.0), software="again"))
    for data in (jpeg, again):
        markers = [marker for marker, *_ in segments(data)]
        assert markers[0] == 0xE1 and markers.count(0xE1) == 1 and 0xE0 not in markers
    assert b"again" in (exif_of(again) or b"") and b"hqcam test" not in again


def test_unknown_exposure_is_left_out(make_meta: Make, make_facts: Make, tmp_path: Path) -> None:
    facts = make_facts(make_meta(exposure_known=False))
    shot = tmp_path / "shot.jpg"
    shot.write_bytes(with_exif(encode_picture_jpeg(colour_picture(), 90), facts))
    assert exposure_in(read_metadata(shot)) == {
        "taken_at": "2026-11-20T21:45:01.123000+05:30", "exposure_us": None, "iso": None, "simulated": False,
        "time_synchronised": True,
    }  # fmt: skip


def test_exposure_and_thumbnail_are_read_back(jpeg: bytes, tmp_path: Path) -> None:
    (shot := tmp_path / "shot.jpg").write_bytes(jpeg)
    found = exposure_in(read_metadata(shot))
    assert (found["exposure_us"], found["iso"], found["simulated"]) == (8000.0, 200, True)
    small = size_of(thumbnail(jpeg, 40, name="shot.jpg"))
    assert small is not None and 40 <= small[0] < 64 and small[1] * 4 == pytest.approx(small[0] * 3, abs=4)
    assert size_of(thumbnail(jpeg, 5000, name="shot.jpg")) == (128, 96)


@pytest.mark.parametrize("content", [b"", b"\xff", b"\xff\xd8", b"plain text", b"\xff\xd8\xff\xe1\xff\xff"])
def test_what_is_no_jpeg_is_refused_by_name(content: bytes, make_facts: Make) -> None:
    with pytest.raises(BadFile, match=r"shot\.jpg cannot be read as a JPEG"):
        thumbnail(content, 100, name="shot.jpg")
    with pytest.raises(BadInput, match="not a JPEG"):
        with_exif(content, make_facts())


def test_importing_the_room_loads_no_codec() -> None:
    script = (
        "import sys, device.raw.dng_writer, device.raw.jpeg, device.raw.decode;"
        "assert not {'PIL', 'simplejpeg'} & set(sys.modules), sorted(sys.modules)"
    )
    run([sys.executable, "-c", script], check=True, stderr=None)


def test_its_own_thumbnail_is_taken_from_the_head_and_turned_as_the_picture(jpeg: bytes, tmp_path: Path) -> None:
    path = tmp_path / "shot.jpg"
    path.write_bytes(jpeg)
    width, height = size_of(SMALL) or (0, 0)
    own = read_own_thumbnail(path, max(width, height))
    assert own is not None and size_of(own) == (width, height)
    with Image.open(io.BytesIO(own)) as picture:
        assert picture.getexif()[Base.Orientation] == 6
    assert read_own_thumbnail(path, max(width, height) + 1) is None, "too coarse"
    for content in (b"\xff\xd8\xff\xd9", b"II*\0" + bytes(40), jpeg[:600], jpeg.replace(SMALL, bytes(len(SMALL)))):
        path.write_bytes(content)
        assert read_own_thumbnail(path, 1) is None
