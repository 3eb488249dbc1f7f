"""Copies of a JPEG: what stays in them and what does not, read by Pillow and by a search for the bytes."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms

from device.errors import BadFile
from device.raw.copies import smaller, without_metadata
from device.raw.jpeg_header import picture_end
from device.raw.tiff_writer import Directory, Type, numbers, raw_bytes, text, write

SECRET = b"secret-"  # in every place that may tell something
ORIENTATION, PIXEL_X, PIXEL_Y, GPS, EXIF = 0x0112, 0xA002, 0xA003, 0x8825, 0x8769
PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def segment(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + (len(body) + 2).to_bytes(2, "big") + body


def picture(size: tuple[int, int] = (300, 200), mode: str = "RGB", **options: Any) -> bytes:
    """A JPEG with a secret in its Exif, GPS, XMP, IPTC, comment, an unknown segment and behind its end."""
    columns = np.linspace(0, 255, size[0], dtype=np.uint8)
    image = Image.fromarray(np.tile(columns, (size[1], 1))).convert(mode)
    root = Directory({ORIENTATION: numbers(Type.SHORT, 6), 0x010F: text("secret-maker")})
    dimensions = {PIXEL_X: numbers(Type.LONG, size[0]), PIXEL_Y: numbers(Type.SHORT, size[1])}
    root.below[EXIF] = Directory({**dimensions, 0x9286: raw_bytes(Type.UNDEFINED, b"secret-note")})
    root.below[GPS] = Directory({1: text("N"), 29: text("secret-day")})
    exif = b"Exif\0\0" + b"".join(write(root))
    written = io.BytesIO()
    image.save(written, "JPEG", exif=exif, icc_profile=PROFILE, quality=90, **options)
    told = [
        segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x>secret-xmp</x>"),
        segment(0xED, b"Photoshop 3.0\0secret-iptc"),
        segment(0xE2, b"FPXR\0secret-second"),
        segment(0xE7, b"secret-other"),
        segment(0xFE, b"secret-comment"),
    ]
    whole = written.getvalue()
    return whole[:2] + b"".join(told) + whole[2:] + SECRET * 10


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"mode": "L"}, {"restart_marker_blocks": 3}])
def test_a_copy_without_metadata_has_the_same_pixels_profile_and_orientation(options: dict[str, Any]) -> None:
    jpeg = picture(**options)
    assert jpeg.count(SECRET) == 18
    copy = without_metadata(jpeg, name="a.jpg")
    assert SECRET not in copy and copy.endswith(b"\xff\xd9")
    with Image.open(io.BytesIO(jpeg)) as before, Image.open(io.BytesIO(copy)) as after:
        assert np.array_equal(np.asarray(before), np.asarray(after))
        assert dict(after.getexif()) == {ORIENTATION: 6} and after.info["icc_profile"] == PROFILE
    assert without_metadata(copy, name="a.jpg") == copy


def test_a_smaller_copy_keeps_metadata_with_its_own_size_in_it() -> None:
    jpeg = picture((300, 200))
    with Image.open(io.BytesIO(smaller(jpeg, 100, name="a.jpg"))) as copy:
        copy.load()
        exif = copy.getexif()
        assert copy.size == (100, 67) and exif[ORIENTATION] == 6 and exif[0x010F] == "secret-maker"
        assert (exif.get_ifd(EXIF)[PIXEL_X], exif.get_ifd(EXIF)[PIXEL_Y]) == (100, 67)
        assert exif.get_ifd(GPS)[29] == "secret-day" and copy.info["icc_profile"] == PROFILE
        row = np.asarray(copy.convert("L"))[30].astype(float)
        assert np.all(np.abs(row - np.linspace(0, 255, 100)) < 6), "the same picture"
    assert SECRET not in without_metadata(smaller(jpeg, 100, name="a.jpg"), name="a.jpg")


def test_metadata_that_misleads_pillow_changes_nothing() -> None:
    jpeg = picture()
    misled = jpeg[:2] + segment(0xE2, b"MPF\0secret-second") + jpeg[2:]
    with Image.open(io.BytesIO(smaller(misled, 100, name="a.jpg"))) as copy:
        assert copy.size == (100, 67)
    assert without_metadata(misled, name="a.jpg") == without_metadata(jpeg, name="a.jpg")


def test_the_longer_side_counts_and_a_small_picture_is_left_alone() -> None:
    upright = picture((200, 300))
    with Image.open(io.BytesIO(smaller(upright, 150, name="a.jpg"))) as copy:
        assert copy.size == (100, 150)
    assert smaller(upright, 300, name="a.jpg") == upright


def test_inks_become_colours_without_the_profile_of_the_inks() -> None:
    with Image.open(io.BytesIO(smaller(picture(mode="CMYK"), 100, name="a.jpg"))) as copy:
        assert copy.mode == "RGB" and "icc_profile" not in copy.info and copy.getexif()[ORIENTATION] == 6


def test_a_picture_with_nothing_to_tell_stays_a_jpeg() -> None:
    written = io.BytesIO()
    Image.new("RGB", (90, 60)).save(written, "JPEG")
    assert without_metadata(written.getvalue(), name="a.jpg") == written.getvalue()
    with Image.open(io.BytesIO(smaller(written.getvalue(), 30, name="a.jpg"))) as copy:
        assert copy.size == (30, 20) and not copy.getexif()


@pytest.mark.parametrize("data", [b"", b"\xff\xd8", b"\xff\xd8\xff\xd9", b"no picture", picture()[:40]])
def test_what_is_no_picture_is_named(data: bytes) -> None:
    for make in (lambda: smaller(data, 100, name="a.jpg"), lambda: without_metadata(data, name="a.jpg")):
        with pytest.raises(BadFile, match=r"a\.jpg cannot be read"):
            make()


def test_a_torn_picture_is_named_and_a_huge_one_is_not_decoded() -> None:
    jpeg = picture((300, 200))
    with pytest.raises(BadFile, match="cannot be read"):
        smaller(jpeg[: len(jpeg) // 2], 100, name="a.jpg")
    huge = jpeg.replace((200).to_bytes(2, "big") + (300).to_bytes(2, "big"), b"\xff\xff\xff\xff")
    with pytest.raises(BadFile, match="megapixels"):
        smaller(huge, 100, name="a.jpg")
    with pytest.raises(BadFile, match="memory"):
        smaller(jpeg, 100, name="a.jpg", memory_bytes=1000)


def test_the_end_of_a_picture_is_found_behind_all_of_its_scans() -> None:
    jpeg = picture(progressive=True)
    assert jpeg[picture_end(jpeg) :] == SECRET * 10
    assert picture_end(jpeg[:-200]) <= len(jpeg) - 200 and picture_end(b"") == 0


def test_no_bytes_break_the_copies() -> None:
    jpeg, random = picture((40, 30)), np.random.default_rng(7)
    for _ in range(300):
        damaged = bytearray(jpeg)
        for place in random.integers(2, 1500, 3):
            damaged[place] = random.integers(0, 256)
        for make in (lambda data: smaller(data, 20, name="a"), lambda data: without_metadata(data, name="a")):
            try:
                make(bytes(damaged))
            except BadFile:
                continue
